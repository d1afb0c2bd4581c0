"""Registering a company with its first person, and confirming the e-mail.

The answer to a registration is the same whether or not the e-mail or the company is here already:
whoever owns the e-mail learns it by letter. Both ways hash the password once and write about as
many rows.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from entrepot.platform import database, idempotency, outbox
from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity import links, rules
from entrepot.platform.identity.companies import LegalEntityDraft, insert_legal_entity
from entrepot.platform.identity.events import (
    CompanyAlreadyRegistered,
    EmailAlreadyRegistered,
    EmailConfirmed,
    PersonRegistered,
)
from entrepot.platform.identity.permissions import Role
from entrepot.platform.identity.resources import Identity
from entrepot.platform.ids import new_id

FIRST_ROLES = {
    "buyer": [Role.BUYER.value, Role.ADMINISTRATOR.value],
    "seller": [Role.SELLER_MANAGER.value, Role.ADMINISTRATOR.value],
}


@dataclass(frozen=True, slots=True)
class Registration:
    """What a newcomer tells. `kind` is `buyer` or `seller`.

    A `one_off` buyer has no contract with the marketplace and pays in advance.
    """

    email: str
    password: str
    name: str
    company_name: str
    kind: str
    legal_entity: LegalEntityDraft
    locale: str = "en"
    one_off: bool = False

    def checked(self) -> Registration:
        """Return it in its stored spelling. Raises `InvalidInput` naming the field."""
        if self.kind not in FIRST_ROLES:
            raise InvalidInput("kind", "buyer or seller", "buyer или seller")
        if self.one_off and self.kind != "buyer":
            raise InvalidInput(
                "oneOff", "only for a company that buys", "только для компании-покупателя"
            )
        email = rules.check_email(self.email)
        return replace(
            self,
            email=email,
            password=rules.check_password(self.password, email),
            name=rules.check_text(self.name, "name", 200),
            company_name=rules.check_text(self.company_name, "companyName", 200),
            legal_entity=self.legal_entity.checked("legalEntity"),
            locale=rules.check_locale(self.locale),
        )

    async def done_before(self, key: str | None) -> bool:
        """Say whether this was done under the key, and note the key; call in the transaction.

        The password is left out of what is compared: no fast digest of it is stored.
        """
        if key is None:
            return False
        checked = idempotency.check_key(key)
        scope = f"registerCompany:{sha256(self.email.encode()).hexdigest()[:40]}"
        digest = idempotency.request_hash(asdict(replace(self, password="")))
        if await idempotency.earlier_result(scope, checked, digest) is not None:
            return True
        await idempotency.remember(scope, checked, digest, {})
        return False


class _CompanyTaken(Exception):
    """Rolls the new rows back: the legal entity is registered."""


class _EmailTaken(Exception):
    """Rolls the new rows back: the e-mail has an account."""


async def register_company(
    identity: Identity,
    registration: Registration,
    address: str,
    idempotency_key: str | None = None,
) -> None:
    """Register a company, its legal entity and its first person, who must confirm the e-mail.

    `address` is the caller's network address. The same `idempotency_key` again does nothing more.
    Raises `InvalidInput`, `TooManyAttempts` and `IdempotencyConflict`; returns alike in all other
    cases. Emits `PersonRegistered`, or `EmailAlreadyRegistered` or
    `CompanyAlreadyRegistered`, for which nothing else is written.
    """
    wanted = registration.checked()
    await identity.throttles.registration(wanted.email, address)
    password_hash = await identity.passwords.hash(wanted.password)
    now = identity.clock.now()
    async with database.transaction():
        if await wanted.done_before(idempotency_key):
            return
        try:
            async with database.transaction():
                await _create(identity, wanted, password_hash, now)
        except _EmailTaken:
            await _tell_owner(identity, wanted.email, now)
        except _CompanyTaken:
            await outbox.record(
                CompanyAlreadyRegistered(
                    wanted.email, wanted.name, wanted.legal_entity.name, wanted.locale
                )
            )


async def _create(
    identity: Identity, wanted: Registration, password_hash: str, now: datetime
) -> None:
    user_id = await insert_person(
        wanted.email, wanted.name, password_hash, wanted.locale, now, confirmed_at=None
    )
    company_id = new_id()
    await database.execute(
        "INSERT INTO company (id, name, is_buyer, is_seller, is_operator, active, created_at,"
        " pays_in_advance) VALUES ($1, $2, $3, $4, false, true, $5, $6)",
        company_id,
        wanted.company_name,
        wanted.kind == "buyer",
        wanted.kind == "seller",
        now,
        wanted.one_off,
    )
    entity_id = await insert_legal_entity(company_id, wanted.legal_entity, now)
    if user_id is None:
        raise _EmailTaken
    if entity_id is None:
        raise _CompanyTaken
    await insert_membership(user_id, company_id, FIRST_ROLES[wanted.kind], now)
    token_id = await links.issue(
        identity.secret_key, "confirm_email", user_id, now, rules.CONFIRM_WITHIN
    )
    await outbox.record(
        PersonRegistered(user_id, company_id, token_id, wanted.email, wanted.locale)
    )


async def _tell_owner(identity: Identity, email: str, now: datetime) -> None:
    owner = await database.fetch_one("SELECT id, locale FROM user_account WHERE email = $1", email)
    if owner is None:  # deleted in this very moment
        return
    token_id = await links.issue(
        identity.secret_key, "reset_password", owner["id"], now, rules.RESET_WITHIN
    )
    await outbox.record(EmailAlreadyRegistered(owner["id"], token_id, email, owner["locale"]))


async def insert_person(
    email: str,
    name: str,
    password_hash: str,
    locale: str,
    now: datetime,
    confirmed_at: datetime | None,
) -> UUID | None:
    """Write a person down and return their id; `None` where the e-mail has an account."""
    user_id: UUID | None = await database.fetch_value(
        "INSERT INTO user_account"
        " (id, email, name, password_hash, locale, created_at, email_confirmed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email) DO NOTHING RETURNING id",
        new_id(),
        email,
        name,
        password_hash,
        locale,
        now,
        confirmed_at,
    )
    return user_id


async def insert_membership(
    user_id: UUID, company_id: UUID, roles: list[str], now: datetime
) -> bool:
    """Make a person a member; `False` where they are one already."""
    return bool(
        await database.execute(
            "INSERT INTO membership (id, user_id, company_id, roles, created_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, company_id) DO NOTHING",
            new_id(),
            user_id,
            company_id,
            roles,
            now,
        )
    )


async def confirm_email(identity: Identity, token: str) -> str:
    """Confirm the e-mail that a link was sent to, and return it.

    Raises `InvalidToken` for used, expired and unknown links alike. Emits `EmailConfirmed`.
    """
    now = identity.clock.now()
    async with database.transaction():
        user_id = await links.use("confirm_email", token, now)
        email: str = await database.fetch_value(
            "UPDATE user_account SET email_confirmed_at = coalesce(email_confirmed_at, $2)"
            " WHERE id = $1 RETURNING email",
            user_id,
            now,
        )
        await outbox.record(EmailConfirmed(user_id))
    return email
