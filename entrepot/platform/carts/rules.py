"""What may stand in a cart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.errors import CartTooLarge, QuantityNotOrderable
from entrepot.platform.catalog.rules import check_quantity
from entrepot.platform.errors import InvalidInput
from entrepot.platform.quantities import trimmed

MAX_LINES = 1000
MAX_LINE_QUANTITY = Decimal(10**9)
MAX_NAME = 100
MAX_COST_CENTER = 50
MAX_PO_NUMBER = 50
MAX_NOTE = 1000
MAX_LINE_NOTE = 500
MAX_DELIVERIES = 50
MAX_MERGED = 20
MAX_SHARES = 200


@dataclass(frozen=True, slots=True)
class LineDelivery:
    """How much of a line goes to an address."""

    address_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A line of a cart; `seen_discount` is off the whole line.

    What `deliveries` leave over goes to the cart's address.
    """

    id: UUID
    offer_id: UUID
    cost_center: str
    quantity: Decimal
    seen_unit_price: Decimal = Decimal(0)
    seen_discount: Decimal = Decimal(0)
    note: str = ""
    wanted_on: date | None = None
    deliveries: tuple[LineDelivery, ...] = ()

    @property
    def place(self) -> tuple[UUID, str]:
        """Offer and cost centre: a cart holds one line of each."""
        return (self.offer_id, self.cost_center)


def ensure_orderable(
    offer_id: UUID,
    quantity: Decimal,
    *,
    pack: Decimal,
    minimum: Decimal,
    step: Decimal,
    maximum: Decimal | None = None,
) -> None:
    """Raise `QuantityNotOrderable` (with a proposal) or `CartTooLarge` unless it is fine."""
    if quantity > MAX_LINE_QUANTITY:
        raise CartTooLarge(trimmed(quantity), MAX_LINE_QUANTITY)
    found = check_quantity(quantity, pack, minimum, step, maximum)
    if found.problem is not None:
        raise QuantityNotOrderable(
            offer_id=offer_id,
            requested=trimmed(found.requested),
            proposed=trimmed(found.proposed),
            outcome=found.problem,
            reason=found.reason("en"),
            reason_ru=found.reason("ru"),
        )


def joined_notes(notes: Iterable[str], longest: int = MAX_LINE_NOTE) -> str:
    """Return what the notes say, in order and each thing once, as one note; cut if too long."""
    said = dict.fromkeys(part for note in notes for part in note.split("; ") if part)
    text = "; ".join(said)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def check_wanted_on(wanted_on: date | None, now: datetime) -> None:
    """Raise `InvalidInput` for a date that is past everywhere on earth."""
    if wanted_on is not None and wanted_on < (now - timedelta(days=1)).date():
        raise InvalidInput("wantedOn", "must not be past", "дата уже прошла")


def added_up(line: HeldLine, other: HeldLine) -> HeldLine:
    """Return two lines of an offer as one, under the first one's id: nothing of them is lost.

    Quantities and deliveries add, notes are joined, of two dates the earlier counts.
    """
    parts: dict[UUID, Decimal] = {}
    for part in (*line.deliveries, *other.deliveries):
        parts[part.address_id] = parts.get(part.address_id, Decimal(0)) + part.quantity
    return replace(
        line,
        quantity=line.quantity + other.quantity,
        seen_discount=line.seen_discount + other.seen_discount,
        note=joined_notes((line.note, other.note)),
        wanted_on=min(filter(None, (line.wanted_on, other.wanted_on)), default=None),
        deliveries=tuple(LineDelivery(*part) for part in parts.items()),
    )
