"""What happens to documents."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class InvoiceIssued(Event):
    """An invoice has its number and is printed in both languages."""

    invoice_id: UUID
    seller_order_id: UUID


@event
@dataclass(frozen=True)
class ProFormaIssued(Event):
    """A pro forma is printed in both languages: the buyer can be asked to pay."""

    pro_forma_id: UUID
    seller_order_id: UUID
