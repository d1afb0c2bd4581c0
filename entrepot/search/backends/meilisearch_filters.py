"""Filter expressions of Meilisearch: conditions, and the filters of a question."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from entrepot.search.backends.meilisearch_document import named, plain, spelt
from entrepot.search.document import TEXT_VALUE_MAX
from entrepot.search.query import PRICE_MAX, AnalysedQuery, AttributeFilter

#: A condition that no offer passes: no offer has this id.
NEVER: Final = 'offer = "-"'
_DAYS_MAX: Final = 2**31
#: A longer code is no attribute's.
_CODE_MAX: Final = 100


def among(field: str, values: Iterable[str]) -> str:
    """Offers with any of the values in a field."""
    quoted = ", ".join(f'"{plain(value)}"' for value in values)
    return f"{field} IN [{quoted}]" if quoted else NEVER


def all_of(conditions: Sequence[str]) -> str:
    """Offers that pass every condition; there is at least one."""
    return conditions[0] if len(conditions) == 1 else f"({' AND '.join(conditions)})"


def any_of(conditions: Sequence[str]) -> str:
    """Offers that pass any condition; none without one."""
    if not conditions:
        return NEVER
    return conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})"


def but_not(condition: str, excluded: Sequence[str]) -> str:
    """Offers that pass a condition and none of the excluded ones."""
    return all_of([condition, f"NOT {any_of(excluded)}"]) if excluded else condition


def at_least(conditions: Sequence[str], number: int) -> str:
    """Offers that pass so many of the conditions.

    Halved again and again: the expression for 16 conditions has some hundred parts, where all
    combinations would be 12,870.
    """
    if number <= 0 or number > len(conditions):
        return NEVER
    if number == 1:
        return any_of(conditions)
    if number == len(conditions):
        return all_of(conditions)
    middle = len(conditions) // 2
    left, right = conditions[:middle], conditions[middle:]
    ways: list[str] = []
    for share in range(max(number - len(right), 0), min(number, len(left)) + 1):
        parts = []
        if share:
            parts.append(at_least(left, share))
        if number > share:
            parts.append(at_least(right, number - share))
        ways.append(all_of(parts))
    return any_of(ways)


def visible(tokens: Sequence[str]) -> str:
    """Offers that the actor may see."""
    return among("visible_to", tokens)


def narrowed(query: AnalysedQuery) -> list[str]:
    """The filters of a question and what its actor may see."""
    filters = query.filters
    found = [visible(query.visible_to)]
    if filters.category_id is not None:
        found.append(among("category", [str(filters.category_id)]))
    if filters.brands:
        found.append(among("brand", map(spelt, filters.brands)))
    if filters.seller_ids:
        found.append(among("seller", map(str, filters.seller_ids)))
    if filters.in_stock:
        found.append("in_stock = true")
    if filters.lead_days_max is not None:
        found.append(f"lead_time <= {min(max(filters.lead_days_max, -1), _DAYS_MAX)}")
    if filters.currency is not None:
        found.append(among("currency", [filters.currency]))
    found += [_attribute(one) for one in filters.attributes]
    return found + _price(query)


def _attribute(wanted: AttributeFilter) -> str:
    """Any of the values, and a measure in range; with neither, offers that have the attribute."""
    if not 0 < len(wanted.code) <= _CODE_MAX:
        return NEVER
    conditions = []
    if wanted.values:
        values = [spelt(value[:TEXT_VALUE_MAX]) for value in wanted.values]
        conditions.append(among(f"text.{named(wanted.code)}", values))
    if wanted.low is not None or wanted.high is not None:
        conditions.append(_measure(f"measure.{named(wanted.code)}", wanted.low, wanted.high))
    return all_of(conditions) if conditions else among("attribute", [wanted.code])


def _measure(field: str, low: float | None, high: float | None) -> str:
    """A measure between bounds; both at once, since an offer may have several values."""
    first = -math.inf if low is None else low
    last = math.inf if high is None else high
    if not first <= last or first == math.inf or last == -math.inf:
        return NEVER
    # Quoted, as the exponent of a float may have a sign.
    if last == math.inf:
        return f"{field} EXISTS" if first == -math.inf else f'{field} >= "{first!r}"'
    if first == -math.inf:
        return f'{field} <= "{last!r}"'
    return f'{field} "{first!r}" TO "{last!r}"'


def _price(query: AnalysedQuery) -> list[str]:
    """The list price in range, except where the actor's own price decides."""
    if query.price_range is None or query.filters.currency is None:
        return []
    low, high = query.price_range
    if (low, high) == (0, PRICE_MAX):
        return []
    listed = f"list_price {low} TO {high}"
    own = query.own_prices
    if own is None:
        return [listed]
    if own.replaced:
        listed = but_not(listed, [among("offer", map(str, own.replaced))])
    if own.within:
        listed = any_of([listed, among("offer", map(str, own.within))])
    return [listed]
