"""The company that runs the marketplace: founded once, from the shell of the server."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from entrepot.platform import database, outbox
from entrepot.platform.errors import DomainError
from entrepot.platform.identity import rules
from entrepot.platform.identity.companies import LegalEntityDraft, insert_legal_entity
from entrepot.platform.identity.errors import LegalEntityTaken
from entrepot.platform.identity.events import PasswordResetRequested
from entrepot.platform.identity.permissions import Role
from entrepot.platform.identity.registration import insert_membership, insert_person
from entrepot.platform.ids import new_id

ROLES = [Role.OPERATOR.value, Role.ADMINISTRATOR.value]
NO_PASSWORD = "!"  # no hash: nothing opens the account until the letter's link has set one


class OperatorExists(DomainError):
    """The marketplace has its operator already."""

    code = "OPERATOR_EXISTS"
    en = "{name} operates this marketplace already. Its administrator invites further people."
    ru = "Оператор площадки уже есть: {name}. Сотрудников приглашает его администратор."
    name: str


async def found_operator(
    email: str, person_name: str, draft: LegalEntityDraft, locale: str, now: datetime
) -> UUID:
    """Write down the operating company with its administrator, and return the company's id.

    Whoever has no account under the e-mail gets one without a password, and a letter with a link
    to set it. Asks no permission: whoever calls has the server. Raises `InvalidInput`,
    `LegalEntityTaken`, `OperatorExists`. Emits `PasswordResetRequested` for a new account. Locks
    other calls out until it ends.
    """
    address, language = rules.check_email(email), rules.check_locale(locale)
    name, entity = rules.check_text(person_name, "name", 200), draft.checked()
    company_id = new_id()
    async with database.transaction():
        await database.execute("SELECT pg_advisory_xact_lock(hashtext('entrepot operator'))")
        present = await database.fetch_value("SELECT name FROM company WHERE is_operator LIMIT 1")
        if present is not None:
            raise OperatorExists(present)
        await database.execute(
            "INSERT INTO company (id, name, is_buyer, is_seller, is_operator, active, created_at)"
            " VALUES ($1, $2, false, false, true, true, $3)",
            company_id,
            entity.name,
            now,
        )
        if await insert_legal_entity(company_id, entity, now) is None:
            raise LegalEntityTaken(entity.tax_id).at("taxId")
        user_id = await insert_person(address, name, NO_PASSWORD, language, now, confirmed_at=now)
        if user_id is not None:
            await outbox.record(PasswordResetRequested(address, new_id()))
        else:
            user_id = await database.fetch_value(
                "SELECT id FROM user_account WHERE email = $1", address
            )
        await insert_membership(user_id, company_id, ROLES, now)
    return company_id
