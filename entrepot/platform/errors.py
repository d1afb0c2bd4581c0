"""The root of all typed errors, and those that every slice shares.

An error is a frozen record of facts plus one sentence in each language. The GraphQL layer turns
each class into a member of a result union; the CLI prints `message`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, dataclass_transform


@dataclass_transform(eq_default=False)
@dataclass(eq=False)
class DomainError(Exception):
    """A refusal that the caller can understand and mend.

    Subclasses declare typed fields and three class variables: `code` (stable, UPPER_SNAKE),
    `en` and `ru` (templates over the fields). Where the error concerns one input, pass it through
    `at()` to say which.
    """

    code: ClassVar[str] = "DOMAIN_ERROR"
    en: ClassVar[str] = "The request was refused."
    ru: ClassVar[str] = "Запрос отклонён."

    def __init_subclass__(cls) -> None:
        dataclass(eq=False)(cls)

    def __post_init__(self) -> None:
        self.path: tuple[str, ...] = ()
        self.line_index: int | None = None
        Exception.__init__(self, self.message("en"))

    def at(self, *path: str, line_index: int | None = None) -> DomainError:
        """Name the input (`"lines", "0", "quantity"`) that the error is about; returns itself."""
        self.path = path
        self.line_index = line_index
        return self

    def message(self, locale: str) -> str:
        """Return the sentence for the user in `locale` (`ru`; anything else is English)."""
        template = self.ru if locale == "ru" else self.en
        return template.format(**{field.name: getattr(self, field.name) for field in fields(self)})

    def __str__(self) -> str:
        return self.message("en")


class InvalidInput(DomainError):
    """A value is not acceptable; `reason` says what would be."""

    code = "INVALID_INPUT"
    en = "{field}: {reason}"
    ru = "{field}: {reason_ru}"
    field: str
    reason: str
    reason_ru: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self.path = tuple(self.field.split("."))


class NotFound(DomainError):
    """Nothing of that kind and id is visible to the actor (hidden and absent look the same)."""

    code = "NOT_FOUND"
    en = "There is no {what} with this id."
    ru = "Нет объекта «{what}» с таким идентификатором."
    what: str

    def message(self, locale: str) -> str:
        """Return the sentence with the thing named in that language."""
        english, russian = _THINGS.get(self.what, (self.what, self.what))
        template, thing = (self.ru, russian) if locale == "ru" else (self.en, english)
        return template.format(what=thing)


_THINGS = {
    "ApiKey": ("API key", "ключ API"),
    "Company": ("company", "компания"),
    "Invitation": ("invitation", "приглашение"),
    "LegalEntity": ("legal entity", "юридическое лицо"),
    "User": ("user", "пользователь"),
    "assortment": ("assortment", "ассортимент"),
    "buyer alias": ("number of your own", "ваш артикул"),
    "approval": ("approval", "согласование"),
    "approval rule": ("approval rule", "правило согласования"),
    "approver absence": ("absence", "отсутствие"),
    "budget": ("budget", "бюджет"),
    "cart": ("cart", "корзина"),
    "cart line": ("cart line", "строка корзины"),
    "category": ("category", "категория"),
    "company": ("company", "компания"),
    "customer group": ("customer group", "группа покупателей"),
    "delivery address": ("delivery address", "адрес доставки"),
    "file": ("file", "файл"),
    "import": ("import", "загрузка каталога"),
    "legal entity": ("legal entity", "юридическое лицо"),
    "mandate": ("buying mandate", "доверенность на закупку"),
    "offer": ("offer", "предложение"),
    "order": ("order", "заказ"),
    "price list": ("price list", "прайс-лист"),
    "product": ("product", "товар"),
    "quick order": ("quick order", "быстрый заказ"),
    "promotion": ("promotion", "акция"),
    "search word": ("search word", "поисковое слово"),
    "seller": ("seller", "продавец"),
    "seller order": ("seller order", "заказ продавцу"),
    "shopping list": ("shopping list", "список покупок"),
    "shopping list line": ("line of a shopping list", "строка списка покупок"),
    "standing order": ("standing order", "регулярный заказ"),
    "upload": ("upload", "загрузка файла"),
    "warehouse": ("warehouse", "склад"),
}


class Unauthenticated(DomainError):
    """No valid session or API key came with the request."""

    code = "UNAUTHENTICATED"
    en = "Sign in, or send an API key, to do this."
    ru = "Войдите в систему или передайте ключ API."


class Forbidden(DomainError):
    """The actor's roles do not include the permission, or the API key's scopes do not.

    `permission` is the name in the API's enum (`ORDER_VIEW`); `by_key` says that a key was used.
    """

    code = "FORBIDDEN"
    en = "Your role lacks the permission {permission}. Ask an administrator of your company."
    ru = "У вашей роли нет права {permission}. Обратитесь к администратору компании."
    permission: str
    by_key: bool = False

    def message(self, locale: str) -> str:
        """Return the sentence about the role, or about the key where one was used."""
        if not self.by_key:
            return super().message(locale)
        if locale == "ru":
            return f"У этого ключа API нет права {self.permission}. Возьмите ключ с этим правом."
        return f"The scopes of this API key lack {self.permission}. Use a key that has it."


class TooManyAttempts(DomainError):
    """The caller must wait; nothing was checked or done."""

    code = "TOO_MANY_ATTEMPTS"
    en = "Too many attempts. Try again in {retry_after_seconds} s."
    ru = "Слишком много попыток. Повторите через {retry_after_seconds} с."
    retry_after_seconds: int


class IdempotencyConflict(DomainError):
    """The same idempotency key came with another request, or the first one still runs."""

    code = "IDEMPOTENCY_CONFLICT"
    en = "The key {key} was used for a different request. Send a new key."
    ru = "Ключ {key} уже использован для другого запроса. Передайте новый ключ."
    key: str


SHARED_ERRORS: Sequence[type[DomainError]] = (
    InvalidInput,
    NotFound,
    Unauthenticated,
    Forbidden,
    TooManyAttempts,
    IdempotencyConflict,
)
