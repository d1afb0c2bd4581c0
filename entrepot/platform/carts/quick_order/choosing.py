"""Which seller's offer is proposed for a product, and how much of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any
from uuid import UUID

from entrepot.platform.carts.quick_order.finding import FoundOffer
from entrepot.platform.carts.quick_order.outcomes import MAX_CANDIDATES, Outcome
from entrepot.platform.catalog.errors import UnitNotSold
from entrepot.platform.catalog.rules import QuantityProposal, check_quantity
from entrepot.platform.catalog.units import in_product_unit
from entrepot.platform.quantities import plain

Wanted = tuple[Decimal, str | None]
"""A quantity and its unit; no unit is the product's."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How an offer would serve what is wanted: `total` in the product's unit."""

    offer: FoundOffer
    total: Decimal
    proposal: QuantityProposal

    @property
    def short(self) -> bool:
        """Whether less is available than would be ordered."""
        return self.offer.available < self.proposal.proposed


def fit(offer: FoundOffer, wanted: Sequence[Wanted]) -> Fit | None:
    """Return how the offer would serve the sum of what is wanted, None where a unit is not sold."""
    try:
        total = sum(
            (in_product_unit(one, unit, offer.product_unit, offer.units) for one, unit in wanted),
            Decimal(0),
        )
    except UnitNotSold:
        return None
    proposal = check_quantity(total, offer.pack, offer.minimum, offer.step, offer.maximum)
    return Fit(offer, total, proposal)


def choose(
    fits: Sequence[Fit], preferred: Collection[UUID], prices: Mapping[UUID, Decimal]
) -> list[Fit]:
    """Return the fits, the one to propose first.

    What the buyer named or chose last comes first whatever its price and stock; then offers that
    have enough, those in the buyer's currency, the cheapest (`prices`: of one unit, without tax,
    at that quantity), those that leave the quantity as it is.
    """

    def rank(one: Fit) -> tuple[object, ...]:
        return (
            one.offer.id not in preferred,
            one.short,
            not one.offer.home_currency,
            prices.get(one.offer.id, Decimal(0)),
            one.proposal.problem is not None,
            one.offer.id,
        )

    return sorted(fits, key=rank)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is proposed: `outcome` only where the quantity is not simply taken as it is."""

    offer_id: UUID
    quantity: Decimal | None
    outcome: Outcome | None
    details: dict[str, Any]


def proposed(fits: Sequence[Fit]) -> Proposed:
    """Return the proposal that the first of the fits makes, the others being alternatives.

    Of an offer that is short, as much is proposed as can be ordered of what is there; nothing
    where that is below the least quantity.
    """
    first, *others = fits
    proposal, offer = first.proposal, first.offer
    details: dict[str, Any] = {"wanted": plain(first.total), "product_unit": offer.product_unit}
    if others:
        details["alternatives"] = [str(one.offer.id) for one in others[:MAX_CANDIDATES]]
    if proposal.problem is not None:
        details["check"] = {
            "problem": proposal.problem,
            "proposed": plain(proposal.proposed),
            "sold_by": plain(proposal.sold_by),
            "smallest": plain(proposal.smallest),
            "largest": None if proposal.largest is None else plain(proposal.largest),
        }
    if not first.short:
        outcome = None if proposal.problem is None else Outcome(proposal.problem)
        return Proposed(offer.id, proposal.proposed, outcome, details)
    details["available"] = plain(max(offer.available, Decimal(0)))
    packs = (offer.available / proposal.sold_by).to_integral_value(rounding=ROUND_FLOOR)
    there = packs * proposal.sold_by
    enough = there >= proposal.smallest
    return Proposed(offer.id, there if enough else None, Outcome.SHORT, details)
