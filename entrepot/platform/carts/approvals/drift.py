"""What a cart that waits costs now, beside what it cost when it was handed in; other quantities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from entrepot.platform.carts.approvals.requests import OfferFacts, offer_facts, priced_cart
from entrepot.platform.carts.approvals.rules import RequestedCart
from entrepot.platform.carts.approvals.snapshots import Snapshot, SnapshotLine
from entrepot.platform.carts.errors import DeliveriesExceedLine
from entrepot.platform.database import execute, fetch
from entrepot.platform.errors import DomainError, InvalidInput, NotFound
from entrepot.platform.quantities import trimmed

DELIVERED = """
SELECT line_id, sum(quantity) AS assigned FROM cart_line_delivery
 WHERE line_id = ANY($1::uuid[]) GROUP BY line_id
"""
SET_QUANTITIES = """
UPDATE cart_line l SET quantity = wanted.quantity
  FROM unnest($1::uuid[], $2::numeric[]) AS wanted(id, quantity)
 WHERE l.id = wanted.id
"""


class Subject(Protocol):
    """An approval, locked or read: whose cart it is about."""

    @property
    def cart_id(self) -> UUID:
        """The cart."""
        ...

    @property
    def company_id(self) -> UUID:
        """The buying company."""
        ...

    @property
    def legal_entity_id(self) -> UUID:
        """Its legal entity."""
        ...


@dataclass(frozen=True, slots=True)
class QuantityChange:
    """Another quantity of a line, as an approver wants it."""

    line_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """What an approver made of a line."""

    line_id: UUID
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Changes:
    """The lines that an approver changed, and the whole cart after it."""

    lines: tuple[ChangedLine, ...]
    snapshot: Snapshot


async def _present(
    subject: Subject, then: Snapshot, now: datetime
) -> tuple[RequestedCart, dict[UUID, OfferFacts]]:
    facts = await offer_facts(subject.company_id, (line.offer_id for line in then.lines))
    lines = {
        line.line_id: line
        for line in then.lines
        if (fact := facts.get(line.offer_id)) is not None and fact.offered
    }
    cart = await priced_cart(
        subject.cart_id, subject.company_id, subject.legal_entity_id, lines, now
    )
    return cart, facts


async def present_lines(
    subject: Subject, then: Snapshot, now: datetime
) -> tuple[dict[UUID, SnapshotLine], dict[str, Decimal]]:
    """Return the lines that can still be bought at the prices of `now`, and delivery by currency.

    A fixed number of statements.
    """
    cart, _ = await _present(subject, then, now)
    priced = {line.line_id: line for line in cart.lines}
    lines = {
        line.line_id: replace(
            line, unit_price=found.unit_price, discount=found.discount, net=found.net
        )
        for line in then.lines
        if (found := priced.get(line.line_id)) is not None
    }
    return lines, dict(cart.delivery_net_by_currency)


async def present_snapshot(subject: Subject, then: Snapshot, now: datetime) -> Snapshot:
    """Return the snapshot at the prices of `now`; lines nobody sells any more keep theirs."""
    lines, delivery = await present_lines(subject, then, now)
    return replace(
        then, lines=tuple(lines.get(one.line_id, one) for one in then.lines), delivery=delivery
    )


async def with_changes(
    subject: Subject, then: Snapshot, wanted: Sequence[QuantityChange], now: datetime
) -> Changes | None:
    """Change quantities in the locked cart; return them with the cart's new prices.

    `None` where nothing changes. Raises `NotFound`, `InvalidInput`, `QuantityNotOrderable`,
    `CartTooLarge`, `DeliveriesExceedLine`, each with the line's index among `wanted`.
    """
    lines = {line.line_id: line for line in then.lines}
    _check_named(wanted, lines)
    changed = [one for one in wanted if one.quantity != lines[one.line_id].quantity]
    if not changed:
        return None
    rows = await fetch(DELIVERED, [one.line_id for one in changed])
    assigned = {row["line_id"]: row["assigned"] for row in rows}
    await _check_quantities(subject, then, wanted)
    for index, one in enumerate(wanted):
        if one.quantity < assigned.get(one.line_id, 0):
            raise DeliveriesExceedLine(trimmed(assigned[one.line_id]), trimmed(one.quantity)).at(
                "changes", str(index), "quantity", line_index=index
            )
    await execute(
        SET_QUANTITIES, [one.line_id for one in changed], [one.quantity for one in changed]
    )
    quantities = {one.line_id: one.quantity for one in changed}
    after = replace(
        then,
        lines=tuple(
            replace(line, quantity=quantities.get(line.line_id, line.quantity))
            for line in then.lines
        ),
    )
    return Changes(
        tuple(
            ChangedLine(one.line_id, lines[one.line_id].quantity, one.quantity) for one in changed
        ),
        await present_snapshot(subject, after, now),
    )


async def _check_quantities(
    subject: Subject, then: Snapshot, wanted: Sequence[QuantityChange]
) -> None:
    """Pack, minimum and maximum are of an offer's total over its lines, as when it is ordered."""
    lines = {line.line_id: line for line in then.lines}
    facts = await offer_facts(subject.company_id, (line.offer_id for line in then.lines))
    quantities = {one.line_id: one.quantity for one in wanted}
    totals: dict[UUID, Decimal] = {}
    for line in then.lines:
        quantity = quantities.get(line.line_id, line.quantity)
        totals[line.offer_id] = totals.get(line.offer_id, Decimal(0)) + quantity
    for index, one in enumerate(wanted):
        offer_id = lines[one.line_id].offer_id
        try:
            facts[offer_id].ensure_orderable(offer_id, totals[offer_id])
        except DomainError as error:
            raise error.at("changes", str(index), "quantity", line_index=index) from None


def _check_named(wanted: Sequence[QuantityChange], lines: dict[UUID, SnapshotLine]) -> None:
    named: set[UUID] = set()
    for index, one in enumerate(wanted):
        if one.line_id not in lines:
            raise NotFound("cart line").at("changes", str(index), "lineId", line_index=index)
        if one.line_id in named:
            raise InvalidInput(
                f"changes.{index}.lineId", "name each line once", "каждую строку указывайте раз"
            )
        named.add(one.line_id)
