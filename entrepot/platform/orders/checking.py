"""What of a cart may be ordered now, and at which price: reads and refusals, no writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.ordering import LockedCart, LockedLine
from entrepot.platform.carts.rules import ensure_orderable
from entrepot.platform.catalog.visibility import visible_condition
from entrepot.platform.database import Row, fetch
from entrepot.platform.errors import DomainError
from entrepot.platform.ids import new_id
from entrepot.platform.orders.errors import (
    BelowMinimumOrderValue,
    CartEmpty,
    OfferUnavailable,
    PriceChanged,
)
from entrepot.platform.pricing.order_pricing import (
    LinePrice,
    OrderPrices,
    PlacedAlong,
    SellerPart,
    WantedLine,
    price_order,
)
from entrepot.platform.quantities import trimmed

OFFERS = f"""
SELECT o.id, o.article_number, o.seller_id, s.name AS seller_name, o.currency, o.pack_quantity,
       o.min_order_quantity, o.order_step, o.max_order_quantity, p.title_en, p.title_ru, p.unit,
       e.id AS seller_entity_id, e.time_zone AS seller_zone,
       (o.active AND s.active AND e.id IS NOT NULL
        AND {visible_condition("o", "$2", "s")}) AS available
  FROM offer o
  JOIN product p ON p.id = o.product_id
  JOIN company s ON s.id = o.seller_id
  LEFT JOIN LATERAL (
       SELECT id, time_zone FROM legal_entity
        WHERE company_id = o.seller_id AND active
        ORDER BY created_at, id LIMIT 1
  ) e ON true
 WHERE o.id = ANY($1::uuid[])
"""


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Where a line stands in what the caller named: for the paths of refusals."""

    path: tuple[str, ...]
    line_index: int

    def tell(self, error: DomainError, *more: str) -> DomainError:
        """Return the refusal, naming the cart and line."""
        return error.at(*self.path, *more, line_index=self.line_index)


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line that may be ordered, with what the order must remember of it."""

    id: UUID
    place: LinePlace
    cart: LockedCart
    line: LockedLine
    offer: Row
    price: LinePrice


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """What becomes one seller order."""

    id: UUID
    terms: SellerPart
    lines: tuple[CheckedLine, ...]

    @property
    def offer(self) -> Row:
        """Any of its offers: they share seller, legal entity and currency."""
        return self.lines[0].offer


@dataclass(frozen=True, slots=True)
class CheckedOrder:
    """The carts of one legal entity: what becomes one order."""

    id: UUID
    legal_entity_id: UUID
    company_id: UUID
    carts: tuple[LockedCart, ...]
    parts: tuple[CheckedPart, ...]
    totals: dict[str, Decimal] = field(default_factory=dict)
    """Gross by currency."""

    @property
    def lines(self) -> list[CheckedLine]:
        """The lines of all parts."""
        return [line for part in self.parts for line in part.lines]


async def check_order(
    carts: Sequence[tuple[tuple[str, ...], LockedCart]],
    now: datetime,
    *,
    accept_price_changes: bool,
    along: PlacedAlong,
) -> CheckedOrder:
    """Price the lines of one legal entity's carts anew and refuse what cannot be ordered.

    Each cart comes with the path under which the caller named it; `along` are the orders of the
    same placing before it. Raises `CartEmpty`, `OfferUnavailable`, `QuantityNotOrderable`,
    `PriceChanged` or `BelowMinimumOrderValue`, each
    naming cart and line. A fixed number of statements.
    """
    for path, cart in carts:
        if not cart.lines:
            raise CartEmpty().at(*path)
    places = {
        line.id: LinePlace((*path, "lines", str(index)), index)
        for path, cart in carts
        for index, line in enumerate(cart.lines)
    }
    own = carts[0][1].cart
    lines = [(cart, line) for _, cart in carts for line in cart.lines]
    offers = await _offers(own.company_id, lines, places)
    _check_quantities(lines, offers, places)
    wanted = [WantedLine(line.id, line.offer_id, line.quantity) for _, line in lines]
    prices = await price_order(own.legal_entity_id, wanted, now, along=along)
    if not accept_price_changes:
        for _, line in lines:
            _check_price(line, offers[line.offer_id], prices.lines[line.id], places[line.id])
    checked = [
        CheckedLine(
            new_id(), places[line.id], cart, line, offers[line.offer_id], prices.lines[line.id]
        )
        for cart, line in lines
    ]
    parts = _parts(checked, prices)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        totals[part.terms.currency] += part.terms.goods.gross + part.terms.delivery.gross
    return CheckedOrder(
        new_id(),
        own.legal_entity_id,
        own.company_id,
        tuple(cart for _, cart in carts),
        parts,
        dict(totals),
    )


async def _offers(
    company_id: UUID,
    lines: Sequence[tuple[LockedCart, LockedLine]],
    places: Mapping[UUID, LinePlace],
) -> dict[UUID, Row]:
    rows = await fetch(OFFERS, list({line.offer_id for _, line in lines}), company_id)
    offers = {row["id"]: row for row in rows}
    for _, line in lines:
        offer = offers[line.offer_id]
        if not offer["available"]:
            raise places[line.id].tell(OfferUnavailable(line.offer_id, offer["article_number"]))
    return offers


def _check_quantities(
    lines: Sequence[tuple[LockedCart, LockedLine]],
    offers: Mapping[UUID, Row],
    places: Mapping[UUID, LinePlace],
) -> None:
    """Pack, minimum and maximum are of an offer's total; its first line is named."""
    totals: dict[UUID, Decimal] = defaultdict(Decimal)
    for _, line in lines:
        totals[line.offer_id] += line.quantity
    for _, line in lines:
        offer, total = offers[line.offer_id], totals.pop(line.offer_id, None)
        if total is None:
            continue
        try:
            ensure_orderable(
                line.offer_id,
                total,
                pack=offer["pack_quantity"],
                minimum=offer["min_order_quantity"],
                step=offer["order_step"],
                maximum=offer["max_order_quantity"],
            )
        except DomainError as error:
            raise places[line.id].tell(error, "quantity") from None


def _check_price(line: LockedLine, offer: Row, price: LinePrice, place: LinePlace) -> None:
    unit_price = price.price.unit_price
    seen = line.quantity * line.seen_unit_price - line.seen_discount
    if line.quantity * unit_price - price.discount > seen:
        raise place.tell(
            PriceChanged(
                line.offer_id,
                offer["article_number"],
                line.seen_unit_price,
                unit_price,
                trimmed(line.seen_discount),
                trimmed(price.discount),
            )
        )


def _parts(lines: Sequence[CheckedLine], prices: OrderPrices) -> tuple[CheckedPart, ...]:
    held: dict[tuple[UUID, str], list[CheckedLine]] = defaultdict(list)
    for line in lines:
        held[line.price.seller_id, line.price.currency].append(line)
    parts = []
    for terms in prices.parts:
        own = held[terms.seller_id, terms.currency]
        if terms.missing_to_minimum > 0:
            raise own[0].place.tell(
                BelowMinimumOrderValue(
                    own[0].offer["seller_name"],
                    terms.currency,
                    trimmed(terms.min_order_value - terms.missing_to_minimum),
                    trimmed(terms.min_order_value),
                )
            )
        parts.append(CheckedPart(new_id(), terms, tuple(own)))
    return tuple(parts)
