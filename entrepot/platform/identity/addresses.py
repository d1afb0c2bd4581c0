"""Delivery addresses of legal entities: kept by those who buy and by administrators.

Whoever of the company buys or administers sees and uses the addresses of all its legal entities.
Orders keep an address as it was; a retired one takes part in nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TypedDict
from uuid import UUID

from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.database import execute, fetch, fetch_one, fetch_value, transaction
from entrepot.platform.errors import NotFound
from entrepot.platform.identity import rules
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.countries import check_country
from entrepot.platform.identity.errors import AddressInUse, AddressNameTaken
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

SYSTEM_CLOCK = SystemClock()
COLUMNS = """
SELECT a.id, a.legal_entity_id, a.name, a.country, a.postal_code, a.city, a.street, a.recipient,
       a.phone, a.is_default, a.active
  FROM delivery_address a JOIN legal_entity e ON e.id = a.legal_entity_id
"""
LOCK = "SELECT id FROM legal_entity WHERE id = $1 AND company_id = $2 AND active FOR NO KEY UPDATE"
INSERT = """
INSERT INTO delivery_address
       (id, legal_entity_id, name, country, postal_code, city, street, recipient, phone,
        is_default, active, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, true, $11)
"""
UPDATE = """
UPDATE delivery_address
   SET name = $2, country = $3, postal_code = $4, city = $5, street = $6, recipient = $7,
       phone = $8, is_default = $9
 WHERE id = $1
"""
USES = """
SELECT (SELECT count(DISTINCT c.id) FROM cart c
          LEFT JOIN cart_line l ON l.cart_id = c.id
          LEFT JOIN cart_line_delivery d ON d.line_id = l.id
         WHERE c.legal_entity_id = ANY(ARRAY(
                 SELECT e.id FROM legal_entity e WHERE e.company_id = $2))
           AND c.status IN ('open','submitted') AND $1 IN (c.delivery_address_id, d.address_id))
     + (SELECT count(*) FROM standing_order s
         WHERE s.delivery_address_id = $1 AND s.status IN ('active','paused'))
"""


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A delivery address; `country` is an ISO 3166-1 code."""

    id: UUID
    legal_entity_id: UUID
    name: str
    country: str
    postal_code: str
    city: str
    street: str
    recipient: str
    phone: str
    is_default: bool
    active: bool


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """What is told of an address; `name` is what colleagues call it."""

    name: str
    country: str
    city: str
    street: str
    postal_code: str = ""
    recipient: str = ""
    phone: str = ""
    is_default: bool = False

    def checked(self) -> AddressDraft:
        """Return it in its stored spelling. Raises `InvalidInput`."""
        return replace(
            self,
            name=rules.check_text(self.name, "name", 100),
            country=check_country(self.country),
            city=rules.check_text(self.city, "city", 100),
            street=rules.check_text(self.street, "street", 300),
            postal_code=rules.check_text(self.postal_code, "postalCode", 20, required=False),
            recipient=rules.check_text(self.recipient, "recipient", 200, required=False),
            phone=rules.check_text(self.phone, "phone", 50, required=False),
        )


class AddressTerms(TypedDict, total=False):
    """What may be changed of an address; what is left out stays as it is."""

    name: str
    country: str
    city: str
    street: str
    postal_code: str
    recipient: str
    phone: str
    is_default: bool


def _require(actor: Actor) -> None:
    if not actor.may(Permission.COMPANY_MANAGE):
        actor.require(Permission.CART_MANAGE)


async def create_address(
    actor: Actor,
    draft: AddressDraft,
    *,
    legal_entity_id: UUID | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> UUID:
    """Give a legal entity of the actor's company (the one acted for, unless named) an address.

    Returns its id. A default one takes the place of the default before. Needs `cart.manage` or
    `company.manage`. Locks the legal entity. Raises `InvalidInput`, `NotFound`,
    `AddressNameTaken`.
    """
    _require(actor)
    checked = draft.checked()
    async with transaction():
        entity_id = await _lock_entity(actor, legal_entity_id or actor.legal_entity_id)
        address_id = new_id()
        if checked.is_default:
            await _undo_default(entity_id)
        await _ensure_name_free(entity_id, checked.name, address_id)
        values = (checked.name, checked.country, checked.postal_code, checked.city)
        more = (checked.street, checked.recipient, checked.phone, checked.is_default)
        await execute(INSERT, address_id, entity_id, *values, *more, clock.now())
    return address_id


async def update_address(actor: Actor, address_id: UUID, terms: AddressTerms) -> None:
    """Change an address; orders placed before keep it as it was.

    Needs `cart.manage` or `company.manage`. Locks the legal entity. Raises `InvalidInput`,
    `NotFound`, `AddressNameTaken`.
    """
    _require(actor)
    async with transaction():
        row = await _locked(actor, address_id)
        known = {name: value for name, value in asdict(row).items() if name in _DRAFT_FIELDS}
        draft = AddressDraft(**{**known, **terms}).checked()
        if draft.is_default and not row.is_default:
            await _undo_default(row.legal_entity_id)
        await _ensure_name_free(row.legal_entity_id, draft.name, address_id)
        values = (draft.name, draft.country, draft.postal_code, draft.city, draft.street)
        await execute(UPDATE, address_id, *values, draft.recipient, draft.phone, draft.is_default)


async def retire_address(actor: Actor, address_id: UUID) -> None:
    """Take an address out of use; retiring it again changes nothing.

    Needs `cart.manage` or `company.manage`. Locks the legal entity and the address. Raises
    `NotFound`, and `AddressInUse` while an open cart or a standing order delivers there.
    """
    _require(actor)
    async with transaction():
        row = await _find(actor, address_id)
        if not row.active:
            return
        await _locked(actor, address_id)
        await fetch_one("SELECT id FROM delivery_address WHERE id = $1 FOR UPDATE", address_id)
        uses: int = await fetch_value(USES, address_id, actor.company_id)
        if uses:
            raise AddressInUse(uses)
        await execute(
            "UPDATE delivery_address SET active = false, is_default = false WHERE id = $1",
            address_id,
        )


async def addresses_of(actor: Actor, legal_entity_id: UUID | None = None) -> list[AddressRow]:
    """Return the addresses in use: of one legal entity of the actor's company, or of all.

    By name. Needs `cart.manage` or `company.manage`.
    """
    _require(actor)
    rows = await fetch(
        f"{COLUMNS} WHERE e.company_id = $1 AND ($2::uuid IS NULL OR e.id = $2) AND a.active"
        " ORDER BY a.name, a.id",
        actor.company_id,
        legal_entity_id,
    )
    return [AddressRow(**row) for row in rows]


async def addresses_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, AddressRow]:
    """Return those of the addresses, retired ones too, that are the actor's company's."""
    rows = await fetch(
        f"{COLUMNS} WHERE e.company_id = $1 AND a.id = ANY($2::uuid[])", actor.company_id, list(ids)
    )
    return {row["id"]: AddressRow(**row) for row in rows}


async def usable_addresses(actor: Actor, ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the addresses that are in use and the actor's company's.

    They stay in use until the transaction ends.
    """
    rows = await fetch(
        f"{COLUMNS} WHERE e.company_id = $1 AND a.id = ANY($2::uuid[]) AND a.active"
        " ORDER BY a.id FOR SHARE OF a",
        actor.company_id,
        list(ids),
    )
    return {row["id"] for row in rows}


_DRAFT_FIELDS = frozenset(AddressTerms.__annotations__)


async def _find(actor: Actor, address_id: UUID) -> AddressRow:
    row = (await addresses_by_ids(actor, [address_id])).get(address_id)
    if row is None:
        raise NotFound("delivery address").at("addressId")
    return row


async def _locked(actor: Actor, address_id: UUID) -> AddressRow:
    """Return an address in use, its legal entity locked."""
    await _lock_entity(actor, (await _find(actor, address_id)).legal_entity_id)
    row = await _find(actor, address_id)
    if not row.active:
        raise NotFound("delivery address").at("addressId")
    return row


async def _lock_entity(actor: Actor, legal_entity_id: UUID) -> UUID:
    found: UUID | None = await fetch_value(LOCK, legal_entity_id, actor.company_id)
    if found is None:
        raise NotFound("legal entity").at("legalEntityId")
    return found


async def _undo_default(entity_id: UUID) -> None:
    await execute(
        "UPDATE delivery_address SET is_default = false WHERE legal_entity_id = $1 AND is_default",
        entity_id,
    )


async def _ensure_name_free(entity_id: UUID, name: str, address_id: UUID) -> None:
    taken = await fetch_value(
        "SELECT true FROM delivery_address WHERE legal_entity_id = $1 AND name = $2 AND active"
        " AND id <> $3",
        entity_id,
        name,
        address_id,
    )
    if taken:
        raise AddressNameTaken(name).at("name")
