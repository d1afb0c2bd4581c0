"""What can be bought for the wanted products, by whom, at this buyer's prices: a few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from entrepot.platform.carts.sourcing.model import Choice, PriceFrom, Problem, Terms
from entrepot.platform.catalog.rules import check_quantity
from entrepot.platform.catalog.visibility import visible_condition
from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.money import round_minor
from entrepot.platform.pricing.queries import PriceSheet, price_sheets
from entrepot.platform.pricing.terms import terms_of

MAX_OFFERS_A_PRODUCT = 100

_OFFERS = f"""
SELECT * FROM (
  SELECT o.id, o.product_id, o.seller_id, s.name AS seller_name, o.currency, o.tax_included,
         o.tax_rate, o.pack_quantity, o.min_order_quantity, o.order_step, o.max_order_quantity,
         o.lead_time_days,
         (SELECT coalesce(sum(i.on_hand - i.reserved), 0) FROM stock_item i
           WHERE i.offer_id = o.id) AS available,
         row_number() OVER (PARTITION BY o.product_id ORDER BY o.list_price, o.id) AS place
    FROM offer o JOIN company s ON s.id = o.seller_id
   WHERE o.product_id = ANY($1::uuid[]) AND o.active AND s.active AND s.is_seller
     AND EXISTS (SELECT 1 FROM legal_entity e WHERE e.company_id = s.id AND e.active)
     AND {visible_condition("o", "$2", "s")}) offered
 WHERE place <= {MAX_OFFERS_A_PRODUCT}
 ORDER BY product_id, seller_id, id
"""

Lack = Literal["NOT_OFFERED", "OTHER_CURRENCY", "TOO_LATE", "OUT_OF_STOCK", "SELLER_TERMS"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much of a product is wanted, in its unit."""

    product_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Market:
    """A problem with the names of its sellers, and why lines have fewer offers than there are."""

    problem: Problem
    sellers: Mapping[UUID, str]
    lacks: tuple[Lack, ...]
    """For each line, what explains best that it cannot be had in full."""


async def market(
    actor: Actor,
    legal_entity_id: UUID,
    wanted: Sequence[Wanted],
    now: datetime,
    *,
    currency: str,
    max_sellers: int | None,
    within_days: int | None,
) -> Market:
    """Read every offer that the actor may see and the legal entity could buy in this currency."""
    rows = await fetch(_OFFERS, [one.product_id for one in wanted], actor.company_id)
    lines = {one.product_id: index for index, one in enumerate(wanted)}
    usable = [row for row in rows if _exclusion(row, currency, within_days) is None]
    sheets = await price_sheets(legal_entity_id, (row["id"] for row in usable))
    terms = await terms_of(row["seller_id"] for row in usable)
    choices = tuple(_choice(row, lines[row["product_id"]], sheets, now) for row in usable)
    problem = Problem(
        currency,
        tuple(one.quantity for one in wanted),
        choices,
        {
            seller_id: Terms(
                found.min_order_value,
                round_minor(found.delivery_charge, currency),
                found.free_delivery_from,
            )
            for (seller_id, of_currency), found in terms.items()
            if of_currency == currency
        },
        max_sellers,
    )
    names = {row["seller_id"]: row["seller_name"] for row in rows}
    return Market(problem, names, _lacks(problem, rows, lines, currency, within_days))


def _exclusion(row: Row, currency: str, within_days: int | None) -> Lack | None:
    if row["currency"] != currency:
        return "OTHER_CURRENCY"
    if within_days is not None and row["lead_time_days"] > within_days:
        return "TOO_LATE"
    return None


def _choice(row: Row, line: int, sheets: Mapping[UUID, PriceSheet], now: datetime) -> Choice:
    sold = check_quantity(
        row["min_order_quantity"], row["pack_quantity"], row["min_order_quantity"],
        row["order_step"],
    )  # fmt: skip
    steps = sheets[row["id"]].steps(now)
    return Choice(
        offer_id=row["id"],
        seller_id=row["seller_id"],
        line=line,
        prices=tuple(PriceFrom(step.min_quantity, step.price.unit_price) for step in steps),
        sold_by=sold.sold_by,
        smallest=sold.smallest,
        available=max(row["available"], Decimal(0)),
        largest=row["max_order_quantity"],
        lead_time_days=row["lead_time_days"],
        tax_included=row["tax_included"],
        tax_rate=row["tax_rate"],
    )


def _lacks(
    problem: Problem,
    rows: Sequence[Row],
    lines: Mapping[UUID, int],
    currency: str,
    within_days: int | None,
) -> tuple[Lack, ...]:
    reasons: list[set[Lack | None]] = [set() for _ in problem.wanted]
    for row in rows:
        reasons[lines[row["product_id"]]].add(_exclusion(row, currency, within_days))
    held = [Decimal(0)] * len(problem.wanted)
    for index, choice in enumerate(problem.choices):
        held[choice.line] += problem.most(index)
    return tuple(
        _lack(found, have >= wanted)
        for found, have, wanted in zip(reasons, held, problem.wanted, strict=True)
    )


def _lack(found: set[Lack | None], enough: bool) -> Lack:
    if not found:
        return "NOT_OFFERED"
    if enough:
        return "SELLER_TERMS"
    if None in found:
        return "OUT_OF_STOCK"
    return "TOO_LATE" if "TOO_LATE" in found else "OTHER_CURRENCY"
