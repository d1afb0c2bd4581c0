"""What letters about papers say: whom they go to, which files come with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import fetch_one

_COLUMNS = """
SELECT {number} AS number, s.number AS order_number, c.name AS seller_name, s.gross, s.currency,
       s.payment_due_on AS due_on, u.email AS recipient, u.name AS recipient_name, u.locale,
       p.blob_key_en, p.blob_key_ru
  FROM {table} p
  JOIN seller_order s ON s.id = p.seller_order_id
  JOIN purchase_order o ON o.id = s.order_id
  JOIN company c ON c.id = s.seller_id
  JOIN user_account u ON u.id = coalesce(o.on_behalf_of_id, o.placed_by_id)
 WHERE p.id = $1 AND u.disabled_at IS NULL AND p.blob_key_en IS NOT NULL
"""
_INVOICE = _COLUMNS.format(table="invoice", number="p.number") + " AND s.status <> 'cancelled'"
_PRO_FORMA = (
    _COLUMNS.format(table="pro_forma", number="s.number") + " AND s.status = 'awaiting_payment'"
)


@dataclass(frozen=True, slots=True)
class PaperLetter:
    """A letter with a paper for the buyer's person: who ordered, or for whom it was ordered."""

    number: str
    order_number: str
    seller_name: str
    gross: Decimal
    currency: str
    due_on: date | None
    recipient: str
    recipient_name: str
    locale: str
    blob_key_en: str
    blob_key_ru: str

    @property
    def blob_key(self) -> str:
        """The PDF in the recipient's language."""
        return self.blob_key_ru if self.locale == "ru" else self.blob_key_en


async def invoice_letter(invoice_id: UUID) -> PaperLetter | None:
    """Return the letter with an invoice; None where there is none to write.

    None as well for an order that was cancelled in the meantime.
    """
    row = await fetch_one(_INVOICE, invoice_id)
    return PaperLetter(**row) if row else None


async def pro_forma_letter(pro_forma_id: UUID) -> PaperLetter | None:
    """Return the letter with a pro forma; None once its order is paid or cancelled."""
    row = await fetch_one(_PRO_FORMA, pro_forma_id)
    return PaperLetter(**row) if row else None
