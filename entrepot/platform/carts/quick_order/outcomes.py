"""What became of a line of a quick order: values that matching makes and queries give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from entrepot.platform.carts.quick_order.parsing import LineProblem, Reading


class Outcome(StrEnum):
    """Of all that can be said of a line, the most serious; from fine to impossible."""

    EXACT = "EXACT"
    NORMALIZED = "NORMALIZED"
    BUYER_ALIAS = "BUYER_ALIAS"
    CROSS_REFERENCE = "CROSS_REFERENCE"
    PACK_ROUNDED = "PACK_ROUNDED"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    ABOVE_MAXIMUM = "ABOVE_MAXIMUM"
    SHORT = "SHORT"
    AMBIGUOUS = "AMBIGUOUS"
    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"


class MatchedBy(StrEnum):
    """How the article was found."""

    EXACT = "EXACT"
    NORMALIZED = "NORMALIZED"
    BUYER_ALIAS = "BUYER_ALIAS"
    CROSS_REFERENCE = "CROSS_REFERENCE"


GOOD: Final = frozenset({Outcome.EXACT, Outcome.NORMALIZED, Outcome.BUYER_ALIAS})
"""Taken as they are."""
PROPOSED: Final = frozenset(
    {
        Outcome.CROSS_REFERENCE,
        Outcome.PACK_ROUNDED,
        Outcome.BELOW_MINIMUM,
        Outcome.ABOVE_MAXIMUM,
        Outcome.SHORT,
    }
)
"""Taken where the buyer accepts proposals; the others only with a choice of their own."""
MAX_CANDIDATES: Final = 10
MAX_SUGGESTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class WantedArticle:
    """A line to be matched: by what is written, or by an offer that was chosen before.

    With `offer_id` the first reading's amount counts, in the product's unit unless it names one.
    """

    line_number: int
    text: str
    readings: tuple[Reading, ...] = ()
    problem: LineProblem | None = None
    offer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """A line with what was found for it and what is proposed.

    `quantity` is as written, in `unit`; `proposed_quantity` in the product's unit, for this line
    and those merged into it. `details` holds, where they apply: `problem`, `given`, `meant` and
    `meant_unit` of an amount that cannot be taken; `wanted` (in the product's unit) and
    `product_unit`; `check` (`sold_by`, `smallest`, `largest`); `available`; `stands_in` (the
    maker's number that was asked for); `other_seller`; `replaces`; `candidates`, `alternatives`
    and `suggestions` (offer ids); `merged` and `merged_into` (line numbers).
    """

    line_number: int
    text: str
    number: str
    quantity: Decimal | None
    unit: str | None
    outcome: Outcome
    matched_by: MatchedBy | None = None
    offer_id: UUID | None = None
    proposed_quantity: Decimal | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def merged_into(self) -> int | None:
        """The line that this one's quantity was added to; it takes no part of its own then."""
        found: int | None = self.details.get("merged_into")
        return found

    @property
    def takeable(self) -> bool:
        """Whether there is a proposal that could go into a cart."""
        return self.offer_id is not None and self.proposed_quantity is not None

    def ids(self, name: str) -> list[UUID]:
        """Return the offers named in `details` as `candidates`, `alternatives`, `suggestions`."""
        return [UUID(one) for one in self.details.get(name, ())]
