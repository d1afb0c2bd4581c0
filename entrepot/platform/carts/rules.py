"""What may stand in a cart."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.errors import CartTooLarge, QuantityNotOrderable
from entrepot.platform.catalog.rules import check_quantity
from entrepot.platform.quantities import trimmed

MAX_LINES = 1000
MAX_LINE_QUANTITY = Decimal(10**9)
MAX_NAME = 100
MAX_COST_CENTER = 50
MAX_PO_NUMBER = 50
MAX_NOTE = 1000
MAX_LINE_NOTE = 500


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
    """Return the different notes that say something, in order, as one; cut where too long."""
    text = "; ".join(dict.fromkeys(note for note in notes if note))
    return text if len(text) <= longest else text[: longest - 1] + "…"
