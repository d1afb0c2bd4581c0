"""Counts over what is found, from Meilisearch's facets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from entrepot.search.backends.meilisearch_document import named, read_plain, read_spelt
from entrepot.search.backends.meilisearch_server import Server, asked
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

_FACETS: Final = ("brand", "category", "seller", "in_stock")


async def count_facets(server: Server, index: str, conditions: Sequence[str], total: int) -> Facets:
    """Count what passes the conditions, which is `total` offers."""
    if not total:
        return Facets()
    detailed = total <= ATTRIBUTES_OF_MAX
    names = (*_FACETS, "attribute") if detailed else _FACETS
    (answer,) = await server.search(index, [asked(conditions, facets=names)])
    counts = answer.counts
    held = {read_plain(code): count for code, count in counts.get("attribute", {}).items()}
    codes = most_frequent(held, ATTRIBUTES_MAX)
    return Facets(
        brands=_spelt(counts.get("brand", {}), BRANDS_MAX),
        categories=most_frequent(counts.get("category", {}), CATEGORIES_MAX),
        sellers=most_frequent(counts.get("seller", {}), SELLERS_MAX),
        in_stock=counts.get("in_stock", {}).get("true", 0),
        attributes=await _attributes(server, index, conditions, codes),
    )


async def _attributes(
    server: Server, index: str, conditions: Sequence[str], codes: Sequence[FacetCount]
) -> tuple[AttributeFacet, ...]:
    """The values of the attributes."""
    if not codes:
        return ()
    names = [f"{kind}.{named(code.value)}" for code in codes for kind in ("text", "measure")]
    (answer,) = await server.search(index, [asked(conditions, facets=names)])
    found = []
    for code in codes:
        name = named(code.value)
        span = answer.stats.get(f"measure.{name}", {})
        values = _spelt(answer.counts.get(f"text.{name}", {}), VALUES_MAX)
        found.append(
            AttributeFacet(code.value, code.count, values, span.get("min"), span.get("max"))
        )
    return tuple(found)


def _spelt(counts: Mapping[str, int], most: int) -> tuple[FacetCount, ...]:
    return most_frequent({read_spelt(value): count for value, count in counts.items()}, most)


def most_frequent(counts: Mapping[str, int], most: int) -> tuple[FacetCount, ...]:
    """The most frequent values first, then by value."""
    found = [FacetCount(value, count) for value, count in counts.items() if count]
    return tuple(sorted(found, key=lambda facet: (-facet.count, facet.value))[:most])
