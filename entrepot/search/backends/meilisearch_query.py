"""Offers and analysed queries in Meilisearch's terms.

Meilisearch has no boosts by field, so each reason is a search of its own, told apart by
filters: an offer found for a better reason is excluded from the worse ones. All matching of
numbers is by equality with forms that our analysis has put into the document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from meilisearch_python_sdk.models.settings import (
    Faceting,
    MeilisearchSettings,
    MinWordSizeForTypos,
    Pagination,
    ProximityPrecision,
    TypoTolerance,
)

from entrepot.search.article_numbers import deletions
from entrepot.search.document import OfferDocument
from entrepot.search.engine import CATEGORIES_MAX, DEPTH_MAX
from entrepot.search.query import AnalysedQuery, MatchReason

#: A filter: all must hold, and within an inner list any.
Condition = list[str | list[str]]

_FILTERABLE = [
    "number",
    "number_key",
    "sloppy_key",
    "cross_key",
    "gtin",
    "seller",
    "brand",
    "category",
    "list_price",
    "currency",
    "in_stock",
    "visible_to",
]


def index_settings() -> MeilisearchSettings:
    """Settings under which Meilisearch only matches: the analysis is ours."""
    return MeilisearchSettings(
        searchable_attributes=["title", "other"],
        displayed_attributes=["offer"],
        filterable_attributes=list(_FILTERABLE),
        typo_tolerance=TypoTolerance(
            min_word_size_for_typos=MinWordSizeForTypos(one_typo=4, two_typos=8)
        ),
        proximity_precision=ProximityPrecision.BY_ATTRIBUTE,
        prefix_search="disabled",
        facet_search=False,
        faceting=Faceting(max_values_per_facet=CATEGORIES_MAX),
        pagination=Pagination(max_total_hits=DEPTH_MAX),
    )


def to_meilisearch(document: OfferDocument) -> dict[str, Any]:
    """The document as JSON; `offer` is the primary key."""
    return {
        "offer": str(document.offer_id),
        "seller": str(document.seller_id),
        "number": list(document.numbers),
        "number_key": list(document.number_keys),
        "sloppy_key": list(document.sloppy_keys()),
        "cross_key": list(document.cross_keys),
        "gtin": list(document.gtins),
        "brand": document.brand,
        "category": [str(category_id) for category_id in document.category_ids],
        "title": " ".join(document.title_terms),
        "other": " ".join(document.other_terms),
        "list_price": document.list_price,
        "currency": document.currency,
        "in_stock": document.in_stock,
        "visible_to": list(document.visible_to),
    }


def _quoted(values: Iterable[str]) -> str:
    escaped = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return ", ".join(f'"{value}"' for value in escaped)


def _among(field: str, values: Iterable[str], *, inverted: bool = False) -> str:
    return f"{field} {'NOT IN' if inverted else 'IN'} [{_quoted(values)}]"


def conditions(query: AnalysedQuery) -> Condition:
    """The filters of a query and what its actor may see."""
    filters = query.filters
    found: Condition = [_among("visible_to", query.visible_to)]
    if filters.category_id is not None:
        found.append(_among("category", [str(filters.category_id)]))
    if filters.brands:
        found.append(_among("brand", filters.brands))
    if filters.seller_id is not None:
        found.append(_among("seller", [str(filters.seller_id)]))
    if filters.in_stock:
        found.append("in_stock = true")
    if query.price_range is not None and filters.currency is not None:
        low, high = query.price_range
        found += [_among("currency", [filters.currency])]
        found += [f"list_price >= {low}", f"list_price <= {high}"]
    return found


@dataclass(frozen=True, slots=True)
class NumberSearch:
    """A search for one reason by filters alone."""

    reason: MatchReason
    condition: Condition


def number_searches(query: AnalysedQuery) -> tuple[list[NumberSearch], Condition]:
    """The searches by number in order of rank, and the condition left for the words."""
    sloppy = sorted({form for key in query.sloppy_keys for form in deletions(key)})
    alternatives = (
        (MatchReason.EXACT, (("number", query.numbers), ("gtin", query.gtins))),
        (MatchReason.NORMALIZED, (("number_key", query.keys),)),
        (MatchReason.CROSS_REFERENCE, (("cross_key", query.keys),)),
        (MatchReason.FUZZY, (("sloppy_key", tuple(sloppy)),)),
    )
    searches: list[NumberSearch] = []
    left = conditions(query)
    for reason, fields in alternatives:
        given = [(field, values) for field, values in fields if values]
        if given:
            wanted = [_among(field, values) for field, values in given]
            searches.append(NumberSearch(reason, [*left, wanted]))
            left = [*left, *(_among(field, values, inverted=True) for field, values in given)]
    return searches, left
