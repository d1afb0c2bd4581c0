"""What orders say of an offer and of a seller: two figures, as pure functions.

Both are of many companies or of none: with fewer than `COMPANIES_MIN` buying companies there is no
figure, and each company counts little more for many orders than for one. Neither depends on other
offers or sellers: a figure relative to the best of the marketplace would tell of offers that the
asker may not see, and would change for all of them when one is ordered.

`service` computes what a company adds and what an order is worth in statements over all orders;
`company_strength` and `confirmation_worth` say the same of one, for whoever checks them.

Sources. Fading by half-lives: exponential smoothing of event counts. Logarithms of counts, so that
each doubling is worth the same: as term frequencies are damped in retrieval (Manning, Raghavan,
Schütze, Introduction to Information Retrieval, 6.4.1). Drawing few observations towards a prior
mean: the posterior mean of a Beta-binomial model (Gelman et al., Bayesian Data Analysis, 2.4).
A least number of people behind a figure: k-anonymity (Sweeney 2002).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Final

#: With fewer buying companies than this nothing is said, so that nobody's orders can be read.
COMPANIES_MIN: Final = 5
#: Older orders do not count.
WINDOW: Final = timedelta(days=180)
#: An order so old counts half of one of today.
HALF_LIFE: Final = timedelta(days=45)
#: The most that one company adds to an offer: as three orders of today. A thousand add no more.
COMPANY_MAX: Final = 2.0
#: The strength that is popularity 100; each halving takes some 12 points off.
STRENGTH_FULL: Final = 255.0
#: Popularity is told in such steps, and a step is left only by so much more than half of it.
STEP: Final = 5
RATING_STEP: Final = 0.5
STAY: Final = 0.75

#: What a seller is taken for before anybody ordered, and for how many companies that speaks.
RATING_PRIOR: Final = 4.0
PRIOR_COMPANIES: Final = 5.0
#: Confirmed within the first is full marks; from the second on, or still waiting then, late.
PROMPT: Final = timedelta(days=1)
LATE: Final = timedelta(days=7)
#: What a late confirmation is worth beside a prompt one (1) and a cancellation (0).
LATE_WORTH: Final = 0.6
#: Taken on, but kept before confirmations had a time.
UNTIMED_WORTH: Final = 0.8


def faded(age: timedelta) -> float:
    """Return what an order counts after a time: 1 at once, ½ after `HALF_LIFE`, 0 past `WINDOW`."""
    if age > WINDOW:
        return 0.0
    return float(0.5 ** (max(age, timedelta(0)) / HALF_LIFE))


def company_strength(ages: Iterable[timedelta]) -> float:
    """Return what one company's orders of an offer add: log2(1 + sum), at most `COMPANY_MAX`."""
    return min(math.log2(1 + sum(map(faded, ages))), COMPANY_MAX)


def popularity(strength: float) -> float:
    """Return 0 to 100 for the strengths of all companies together: logarithmic, unrounded."""
    return min(100.0, 100.0 * math.log2(1 + max(strength, 0.0)) / math.log2(1 + STRENGTH_FULL))


def settled_popularity(value: float, kept: int | None) -> int:
    """Return the step to keep: the present one while the value is near it, else the nearest.

    Without the margin, offers at the border of two steps would be indexed anew every night.
    """
    return int(_settled(value, None if kept is None else float(kept), STEP))


def confirmation_worth(waited: timedelta) -> float:
    """Return the worth of an order confirmed after a time: 1 when prompt, falling to late."""
    lateness = (waited - PROMPT) / (LATE - PROMPT)
    return 1.0 - (1.0 - LATE_WORTH) * min(max(lateness, 0.0), 1.0)


def rating(worths: Iterable[tuple[float, int]]) -> float:
    """Return 0 to 5 from each company's (mean worth of its orders, how many), unrounded.

    A company weighs log2(1 + orders), at most `COMPANY_MAX`; the prior weighs as
    `PRIOR_COMPANIES` companies of one order.
    """
    total, weight = RATING_PRIOR / 5 * PRIOR_COMPANIES, PRIOR_COMPANIES
    for worth, orders in worths:
        one = min(math.log2(1 + orders), COMPANY_MAX)
        total += one * min(max(worth, 0.0), 1.0)
        weight += one
    return 5 * total / weight


def settled_rating(value: float, kept: Decimal | None) -> Decimal:
    """Return the step of half a point to keep; a change indexes all offers of the seller anew."""
    step = _settled(value, None if kept is None else float(kept), RATING_STEP)
    return Decimal(str(step)).quantize(Decimal("0.01"))


def _settled(value: float, kept: float | None, step: float) -> float:
    if kept is not None and abs(value - kept) <= step * STAY:
        return kept
    return math.floor(value / step + 0.5) * step
