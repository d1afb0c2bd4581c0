"""Giving price lists to buyers: to a company, to one of its legal entities, or to a group."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.list_changes import (
    lock_own,
    priced_offers,
    record_prices_changed,
)

_KNOWN = {
    "company_id": "SELECT true FROM company WHERE id = $1 AND is_buyer AND active",
    "legal_entity_id": (
        "SELECT true FROM legal_entity e JOIN company c ON c.id = e.company_id"
        " WHERE e.id = $1 AND e.active AND c.is_buyer AND c.active"
    ),
    "group_id": "SELECT true FROM customer_group WHERE id = $1 AND seller_id = $2",
}
_NAMES = {
    "company_id": ("company", "companyId"),
    "legal_entity_id": ("legal entity", "legalEntityId"),
    "group_id": ("customer group", "customerGroupId"),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a list is given: exactly one of the three."""

    company_id: UUID | None = None
    legal_entity_id: UUID | None = None
    group_id: UUID | None = None

    def column(self) -> tuple[str, UUID]:
        """Return the one that is named. Raises `InvalidInput` unless it is exactly one."""
        named = [(name, key) for name in _NAMES if (key := getattr(self, name)) is not None]
        if len(named) != 1:
            raise InvalidInput(
                "companyId",
                "name exactly one of companyId, legalEntityId and customerGroupId",
                "укажите ровно одно из companyId, legalEntityId и customerGroupId",
            )
        return named[0]


async def assign_price_list(actor: Actor, price_list_id: UUID, recipient: Recipient) -> None:
    """Give the list to a buyer; giving it again changes nothing.

    Locks the list. Records `PricesChanged` for every offer in it. Raises `Forbidden`, `NotFound`
    (a list or group of another seller, a company that is not an active buyer),
    `InvalidInput`.
    """
    actor.require(Permission.PRICES_MANAGE)
    column, key = recipient.column()
    async with transaction():
        await lock_own(actor, price_list_id)
        whose = (actor.company_id,) if recipient.group_id else ()
        if not await fetch_value(_KNOWN[column], key, *whose):
            what, field = _NAMES[column]
            raise NotFound(what).at(field)
        touched = await execute(
            f"INSERT INTO price_list_assignment (id, price_list_id, {column})"
            f" VALUES ($1, $2, $3) ON CONFLICT (price_list_id, {column}) DO NOTHING",
            new_id(),
            price_list_id,
            key,
        )
        if touched:
            await record_prices_changed(actor.company_id, await priced_offers(price_list_id))


async def withdraw_price_list(actor: Actor, price_list_id: UUID, recipient: Recipient) -> None:
    """Take the list away from a buyer; where it has none, nothing changes.

    Locks the list. Records `PricesChanged`. Raises `Forbidden`, `NotFound`, `InvalidInput`.
    """
    actor.require(Permission.PRICES_MANAGE)
    column, key = recipient.column()
    async with transaction():
        await lock_own(actor, price_list_id)
        before = await priced_offers(price_list_id)
        touched = await execute(
            f"DELETE FROM price_list_assignment WHERE price_list_id = $1 AND {column} = $2",
            price_list_id,
            key,
        )
        if touched:
            await record_prices_changed(actor.company_id, before)
