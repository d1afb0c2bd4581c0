"""Other units that offers are ordered in, and what their sellers paid for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.events import OffersChanged
from entrepot.platform.catalog.rules import check_unit
from entrepot.platform.database import execute, execute_many, fetch, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import record

MAX_UNITS = 20
MAX_HELD = Decimal(10**9)
SMALLEST_HELD = Decimal("0.000001")
SEES_COSTS = frozenset({Permission.CATALOG_MANAGE, Permission.PRICES_MANAGE})


@dataclass(frozen=True, slots=True)
class OfferUnitRow:
    """One `unit` (UN/ECE Rec 20) holds `quantity` of the product's own unit."""

    offer_id: UUID
    unit: str
    quantity: Decimal


async def set_offer_units(
    actor: Actor, offer_id: UUID, units: Sequence[tuple[str, Decimal]]
) -> None:
    """Say in which other units an own offer can be ordered; replaces what was said before.

    `units` holds (code, how much of the product's unit one holds, up to 6 places). Needs
    `catalog.manage`. Locks the offer. Records `OffersChanged`. Raises `InvalidInput`, `NotFound`
    (another seller's offer looks absent).
    """
    actor.require(Permission.CATALOG_MANAGE)
    if len(units) > MAX_UNITS:
        raise InvalidInput("units", f"at most {MAX_UNITS}", f"не более {MAX_UNITS}")
    codes = [check_unit(f"units.{index}.unit", unit) for index, (unit, _) in enumerate(units)]
    for index, (_, quantity) in enumerate(units):
        _check_held(f"units.{index}.quantity", quantity)
    async with transaction():
        own: str | None = await fetch_value(
            "SELECT p.unit FROM offer o JOIN product p ON p.id = o.product_id"
            " WHERE o.id = $1 AND o.seller_id = $2 FOR UPDATE OF o",
            offer_id,
            actor.company_id,
        )
        if own is None:
            raise NotFound("offer").at("offerId")
        for index, code in enumerate(codes):
            if code == own or code in codes[:index]:
                raise InvalidInput(
                    f"units.{index}.unit",
                    "is the product's own unit or named twice",
                    "это единица самого товара, или она названа дважды",
                )
        await execute("DELETE FROM offer_unit WHERE offer_id = $1", offer_id)
        await execute_many(
            "INSERT INTO offer_unit (id, offer_id, unit, quantity) VALUES ($1, $2, $3, $4)",
            [(new_id(), offer_id, unit, quantity) for unit, quantity in units],
        )
        await record(OffersChanged((offer_id,)))


def _check_held(field: str, quantity: Decimal) -> None:
    fine = quantity.is_finite() and SMALLEST_HELD <= quantity <= MAX_HELD
    if not fine or quantity != round(quantity, 6):
        raise InvalidInput(
            field,
            f"must be from 0.000001 to {MAX_HELD} with at most 6 decimal places",
            f"от 0,000001 до {MAX_HELD}, не более 6 знаков после запятой",
        )


async def units_by_offer_ids(offer_ids: Iterable[UUID]) -> dict[UUID, list[OfferUnitRow]]:
    """Return the other units of each offer, the smallest first; ask for visible offers only."""
    found: dict[UUID, list[OfferUnitRow]] = {offer_id: [] for offer_id in offer_ids}
    rows = await fetch(
        "SELECT offer_id, unit, quantity FROM offer_unit WHERE offer_id = ANY($1::uuid[])"
        " ORDER BY quantity, unit",
        list(found),
    )
    for row in rows:
        found[row["offer_id"]].append(OfferUnitRow(**row))
    return found


async def cost_prices(actor: Actor, offer_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """Return what the actor's company paid for its own offers, where it has said so.

    Only for its people with `catalog.manage` or `prices.manage`; nothing for anybody else.
    """
    if not actor.permissions & SEES_COSTS:
        return {}
    rows = await fetch(
        "SELECT id, cost_price FROM offer"
        " WHERE id = ANY($1::uuid[]) AND seller_id = $2 AND cost_price IS NOT NULL",
        list(offer_ids),
        actor.company_id,
    )
    return {row["id"]: row["cost_price"] for row in rows}
