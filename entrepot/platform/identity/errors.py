"""Refusals of the identity slice. None tells whether an e-mail has an account."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.errors import DomainError


class InvalidCredentials(DomainError):
    """The e-mail or the password is wrong; which of them is never said."""

    code = "INVALID_CREDENTIALS"
    en = "The e-mail or the password is wrong. Try again, or reset the password."
    ru = "Неверный адрес или пароль. Попробуйте ещё раз или сбросьте пароль."


class EmailNotConfirmed(DomainError):
    """The password is right, but nobody has followed the link in the letter yet."""

    code = "EMAIL_NOT_CONFIRMED"
    en = "Confirm your e-mail first: follow the link in our letter, or reset the password."
    ru = "Сначала подтвердите адрес: перейдите по ссылке из письма или сбросьте пароль."


class NoCompany(DomainError):
    """The person is a member of no active company, so there is nobody to act for."""

    code = "NO_COMPANY"
    en = "You belong to no active company. Ask a company's administrator for an invitation."
    ru = "Вы не состоите ни в одной действующей компании. Попросите администратора о приглашении."


class InvalidToken(DomainError):
    """The link was used, has expired, was replaced, or never was."""

    code = "INVALID_TOKEN"
    en = "This link is no longer valid: it was used or has expired. Ask for a new one."
    ru = "Ссылка больше не действует: она использована или устарела. Запросите новую."


class SessionRequired(DomainError):
    """Only a signed-in person can do this, not an API key."""

    code = "SESSION_REQUIRED"
    en = "An API key cannot do this. Sign in with e-mail and password."
    ru = "С ключом API это недоступно. Войдите по адресу и паролю."


class LegalEntityTaken(DomainError):
    """A legal entity with this tax id is registered already."""

    code = "LEGAL_ENTITY_TAKEN"
    en = "A legal entity with the tax id {tax_id} is registered already. Ask the operator for help."
    ru = "Юридическое лицо с номером {tax_id} уже зарегистрировано. Обратитесь к оператору."
    tax_id: str


class RoleNotAllowed(DomainError):
    """The role does not fit what the company does on this marketplace."""

    code = "ROLE_NOT_ALLOWED"
    en = "The role {role} is not for this company: only {needed} companies have it."
    ru = "Роль {role} недоступна этой компании: она есть только у компаний вида {needed}."
    role: str
    needed: str


class LastAdministrator(DomainError):
    """The company would be left without an administrator."""

    code = "LAST_ADMINISTRATOR"
    en = "This is the company's last administrator. Make another member one first."
    ru = "Это последний администратор компании. Сначала назначьте другого."
    user_id: UUID


class AlreadyMember(DomainError):
    """The e-mail belongs to a member of this company."""

    code = "ALREADY_MEMBER"
    en = "{email} is a member already. Change the member's roles instead."
    ru = "{email} уже состоит в компании. Измените роли участника."
    email: str


class ScopeNotAllowed(DomainError):
    """An API key cannot be given a permission that its maker, a person or a key, lacks.

    `scope` is the name in the API's enum (`ORDER_VIEW`); `by_key` says that a key asked.
    """

    code = "SCOPE_NOT_ALLOWED"
    en = "You cannot give the permission {scope}: you do not have it yourself."
    ru = "Нельзя передать право {scope}: у вас самих его нет."
    scope: str
    by_key: bool = False

    def message(self, locale: str) -> str:
        """Return the sentence about the person, or about the key where one asked."""
        if not self.by_key:
            return super().message(locale)
        if locale == "ru":
            return f"Нельзя передать право {self.scope}: у этого ключа API его нет."
        return f"The permission {self.scope} cannot be given: the scopes of this API key lack it."


class ApiKeyAlreadyMade(DomainError):
    """The request was carried out before; its secret is not kept and cannot be shown again."""

    code = "API_KEY_ALREADY_MADE"
    en = "This request made the key {prefix} before. Revoke that one and make another."
    ru = "По этому запросу уже создан ключ {prefix}. Отзовите его и создайте другой."
    api_key_id: UUID
    prefix: str


class TooManyApiKeys(DomainError):
    """The person has as many live API keys as are allowed."""

    code = "TOO_MANY_API_KEYS"
    en = "You have {limit} API keys, which is the limit. Revoke one that is not used."
    ru = "У вас уже {limit} ключей API, это предел. Отзовите неиспользуемый."
    limit: int


class AddressNameTaken(DomainError):
    """The legal entity has a delivery address of that name already."""

    code = "ADDRESS_NAME_TAKEN"
    en = 'There is a delivery address "{name}" already. Choose another name.'
    ru = "Адрес доставки «{name}» уже есть. Выберите другое название."
    name: str


class AddressInUse(DomainError):
    """Something that is yet to be ordered goes to the address."""

    code = "ADDRESS_IN_USE"
    en = "Carts or standing orders still deliver there: {uses}. Give them another address first."
    ru = "Туда ещё доставляют корзины или регулярные заказы: {uses}. Сначала смените в них адрес."
    uses: int
