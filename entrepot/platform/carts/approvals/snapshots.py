"""What was handed in for agreement, as the approval keeps it: lines, their prices, delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from entrepot.platform.carts.approvals.rules import AgreedLine, Reason, RequestedCart


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """A line as it was agreed on or is to be; `net` is after the discount."""

    line_id: UUID
    offer_id: UUID
    article_number: str
    title_en: str
    title_ru: str
    unit: str
    seller_name: str
    cost_center: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    net: Decimal
    currency: str

    def title(self, locale: str) -> str:
        """Return what the article is called."""
        return (self.title_ru if locale == "ru" else self.title_en) or self.title_en


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All lines of a cart and the net of its delivery by currency."""

    cart_name: str
    lines: tuple[SnapshotLine, ...]
    delivery: Mapping[str, Decimal] = field(default_factory=dict)

    def goods(self) -> dict[str, Decimal]:
        """Return the net of the lines by currency."""
        sums: dict[str, Decimal] = {}
        for line in self.lines:
            sums[line.currency] = sums.get(line.currency, Decimal(0)) + line.net
        return sums

    def totals(self) -> dict[str, Decimal]:
        """Return the net of lines and delivery by currency."""
        sums = self.goods()
        for currency, net in self.delivery.items():
            sums[currency] = sums.get(currency, Decimal(0)) + net
        return sums

    def agreed(self) -> list[AgreedLine]:
        """Return the lines as `rules.same_lines` compares them."""
        return [
            AgreedLine(line.offer_id, line.cost_center, line.quantity, line.net, line.currency)
            for line in self.lines
        ]


@dataclass(frozen=True, slots=True)
class Article:
    """How a line's article is named."""

    article_number: str
    title_en: str
    title_ru: str
    unit: str
    seller_name: str


def snapshot_of(cart: RequestedCart, cart_name: str, articles: Mapping[UUID, Article]) -> Snapshot:
    """Return the snapshot of a cart at the prices it was requested with; articles by offer."""
    lines = tuple(
        SnapshotLine(
            line_id=line.line_id,
            offer_id=line.offer_id,
            cost_center=line.cost_center,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount=line.discount,
            net=line.net,
            currency=line.currency,
            **asdict(articles[line.offer_id]),
        )
        for line in cart.lines
    )
    return Snapshot(cart_name, lines, dict(cart.delivery_net_by_currency))


def _plain(value: object) -> str:
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def dumped(value: object) -> str:
    """Return a value as the JSON of a column: decimals and ids as text."""
    return orjson.dumps(value, default=_plain).decode()


def dump_snapshot(snapshot: Snapshot) -> str:
    """Return the snapshot as JSON."""
    return dumped(
        {
            "cart_name": snapshot.cart_name,
            "lines": [asdict(line) for line in snapshot.lines],
            "delivery": dict(snapshot.delivery),
        }
    )


_IDS = ("line_id", "offer_id")
_NUMBERS = ("quantity", "unit_price", "discount", "net")


def load_snapshot(stored: str) -> Snapshot:
    """Return the snapshot that `dump_snapshot` wrote."""
    values: dict[str, Any] = orjson.loads(stored)
    return Snapshot(
        values["cart_name"],
        tuple(map(_line, values["lines"])),
        {currency: Decimal(net) for currency, net in values["delivery"].items()},
    )


def _line(values: dict[str, Any]) -> SnapshotLine:
    read = dict(values)
    read |= {name: UUID(values[name]) for name in _IDS}
    read |= {name: Decimal(values[name]) for name in _NUMBERS}
    return SnapshotLine(**read)


def dump_steps(steps: Iterable[Iterable[UUID]]) -> str:
    """Return the approvers step by step as JSON."""
    return dumped([[str(person) for person in step] for step in steps])


def load_steps(stored: str) -> tuple[tuple[UUID, ...], ...]:
    """Return the approvers that `dump_steps` wrote."""
    return tuple(tuple(UUID(person) for person in step) for step in orjson.loads(stored))


def load_reasons(stored: str) -> tuple[Reason, ...]:
    """Return the reasons, written by `dumped` as a list of their fields."""
    return tuple(Reason(**values) for values in orjson.loads(stored))
