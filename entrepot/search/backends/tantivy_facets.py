"""Counts over what is found: brands, categories, sellers, stock and attributes."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final
from uuid import UUID

import tantivy
from tantivy import Query

from entrepot.search.backends.tantivy_schema import CATEGORY_PATH, PATH_SEPARATOR
from entrepot.search.engine import (
    ATTRIBUTES_MAX,
    ATTRIBUTES_OF_MAX,
    BRANDS_MAX,
    CATEGORIES_MAX,
    SELLERS_MAX,
    VALUES_MAX,
    AttributeFacet,
    FacetCount,
    Facets,
)

#: Values of each segment that are added up: with fewer, tantivy's default of ten times the size,
#: a value that is rare in one segment would be counted without it.
_OF_SEGMENT: Final = 1_000_000


def _terms(field: str, size: int) -> dict[str, Any]:
    return {"terms": {"field": field, "size": size, "segment_size": _OF_SEGMENT}}


_FACETS: Final[dict[str, Any]] = {
    "brands": _terms("brand", BRANDS_MAX),
    "categories": _terms(CATEGORY_PATH, _OF_SEGMENT),
    "sellers": _terms("seller", SELLERS_MAX),
    "in_stock": {"terms": {"field": "in_stock"}},
}
_CODES: Final[dict[str, Any]] = {"codes": _terms("attribute", ATTRIBUTES_MAX)}


def count_facets(searcher: tantivy.Searcher, query: Query, total: int) -> Facets:
    """Count what a query finds, which is `total` offers."""
    if not total:
        return Facets()
    counted = searcher.aggregate(query, _FACETS)
    stocked = {bool(each["key"]): each["doc_count"] for each in counted["in_stock"]["buckets"]}
    return Facets(
        brands=_counts(counted["brands"]),
        categories=_categories(counted["categories"])[:CATEGORIES_MAX],
        sellers=_identified(counted["sellers"]),
        in_stock=stocked.get(True, 0),
        attributes=_attributes(searcher, query) if total <= ATTRIBUTES_OF_MAX else (),
    )


def _attributes(searcher: tantivy.Searcher, query: Query) -> tuple[AttributeFacet, ...]:
    """The most frequent attributes: which there are first, then the values of these."""
    codes = _counts(searcher.aggregate(query, _CODES)["codes"])
    if not codes:
        return ()
    wanted: dict[str, Any] = {}
    for place, code in enumerate(codes):
        path = code.value.replace(".", "\\.")
        wanted[f"t{place}"] = _terms(f"texts.{path}", VALUES_MAX)
        wanted[f"m{place}"] = {"stats": {"field": f"measures.{path}"}}
    counted = searcher.aggregate(query, wanted)
    return tuple(
        AttributeFacet(
            code.value,
            code.count,
            _counts(counted[f"t{place}"]),
            counted[f"m{place}"]["min"],
            counted[f"m{place}"]["max"],
        )
        for place, code in enumerate(codes)
    )


def count_categories(searcher: tantivy.Searcher, query: Query) -> tuple[FacetCount, ...]:
    """How many of the offers that a query finds are in each category or below it."""
    wanted = {"categories": _FACETS["categories"]}
    return _categories(searcher.aggregate(query, wanted)["categories"])


def _categories(aggregation: dict[str, Any]) -> tuple[FacetCount, ...]:
    """Counts of paths as counts of every category on them."""
    counts: Counter[str] = Counter()
    for bucket in aggregation["buckets"]:
        for category in bucket["key"].split(PATH_SEPARATOR):
            counts[category] += bucket["doc_count"]
    found = (FacetCount(str(UUID(hex=one)), count) for one, count in counts.items())
    return tuple(sorted(found, key=lambda facet: (-facet.count, facet.value)))


def _identified(aggregation: dict[str, Any]) -> tuple[FacetCount, ...]:
    return tuple(
        FacetCount(str(UUID(hex=facet.value)), facet.count) for facet in _counts(aggregation)
    )


def _counts(aggregation: dict[str, Any]) -> tuple[FacetCount, ...]:
    counts = [FacetCount(each["key"], each["doc_count"]) for each in aggregation["buckets"]]
    return tuple(sorted(counts, key=lambda facet: (-facet.count, facet.value)))
