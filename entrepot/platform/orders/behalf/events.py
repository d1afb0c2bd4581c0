"""What happens with mandates and orders on behalf of a buyer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class BuyingMandateGranted(Event):
    """A company's representatives may order for a legal entity of another company."""

    mandate_id: UUID
    legal_entity_id: UUID
    company_id: UUID
    granted_by: UUID


@event
@dataclass(frozen=True)
class BuyingMandateRevoked(Event):
    """They may no longer."""

    mandate_id: UUID
    legal_entity_id: UUID
    company_id: UUID
    revoked_by: UUID


@event
@dataclass(frozen=True)
class CartFilledOnBehalf(Event):
    """What was to be ordered for a person waits for an approval in the buyer's company."""

    cart_id: UUID
    approval_id: UUID
    placed_by: UUID
    on_behalf_of: UUID
