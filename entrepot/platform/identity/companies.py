"""Legal entities: the checked draft of one, and adding one to a company."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from entrepot.platform import database, idempotency, outbox
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.identity import rules
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import LegalEntityTaken
from entrepot.platform.identity.events import LegalEntityAdded
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.identity.tax_ids import check_tax_numbers
from entrepot.platform.ids import new_id

SYSTEM_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class LegalEntityDraft:
    """What is told of a legal entity; `registration_reason_code` is the KPP."""

    name: str
    country: str
    tax_id: str
    currency: str
    registration_reason_code: str = ""
    address: str = ""
    time_zone: str = "UTC"

    def checked(self, path: str = "") -> LegalEntityDraft:
        """Return it in its stored spelling. Raises `InvalidInput` naming the field at `path`."""
        prefix = f"{path}." if path else ""
        numbers = check_tax_numbers(
            self.country, self.tax_id, self.registration_reason_code, path=path
        )
        return replace(
            self,
            name=rules.check_text(self.name, f"{prefix}name", 300),
            country=numbers.country,
            tax_id=numbers.tax_id,
            registration_reason_code=numbers.registration_reason_code,
            currency=rules.check_currency(self.currency, f"{prefix}currency"),
            address=rules.check_text(self.address, f"{prefix}address", 1000, required=False),
            time_zone=rules.check_time_zone(self.time_zone, f"{prefix}timeZone"),
        )


async def insert_legal_entity(
    company_id: UUID, draft: LegalEntityDraft, now: datetime
) -> UUID | None:
    """Write a checked draft down and return its id; `None` where its tax numbers are taken."""
    entity_id: UUID | None = await database.fetch_value(
        "INSERT INTO legal_entity (id, company_id, name, country, tax_id,"
        " registration_reason_code, address, time_zone, currency, active, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, true, $10)"
        " ON CONFLICT (country, tax_id, registration_reason_code) DO NOTHING RETURNING id",
        new_id(),
        company_id,
        draft.name,
        draft.country,
        draft.tax_id,
        draft.registration_reason_code,
        draft.address,
        draft.time_zone,
        draft.currency,
        now,
    )
    return entity_id


async def add_legal_entity(
    actor: Actor,
    draft: LegalEntityDraft,
    clock: Clock = SYSTEM_CLOCK,
    idempotency_key: str | None = None,
) -> UUID:
    """Give the actor's company one more legal entity and return its id.

    The same `idempotency_key` again returns the same id. Needs COMPANY_MANAGE. Raises
    `InvalidInput`, `LegalEntityTaken`, `IdempotencyConflict`. Emits `LegalEntityAdded`.
    """
    actor.require(Permission.COMPANY_MANAGE)
    checked = draft.checked()
    scope = f"addLegalEntity:{actor.company_id}"
    digest = idempotency.request_hash(asdict(checked))
    key = None if idempotency_key is None else idempotency.check_key(idempotency_key)
    async with database.transaction():
        if key is not None:
            earlier = await idempotency.earlier_result(scope, key, digest)
            if earlier is not None:
                return UUID(earlier["legal_entity_id"])
        entity_id = await insert_legal_entity(actor.company_id, checked, clock.now())
        if entity_id is None:
            raise LegalEntityTaken(checked.tax_id).at("taxId")
        await outbox.record(LegalEntityAdded(entity_id, actor.company_id, actor.user_id))
        if key is not None:
            await idempotency.remember(scope, key, digest, {"legal_entity_id": str(entity_id)})
    return entity_id
