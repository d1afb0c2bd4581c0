"""Settings of an index as the real server checks them when they are sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.search.meilisearch_loopback_filters import Json, Refusal

_RULES = {"words", "typo", "proximity", "attribute", "sort", "exactness"}
_RULE = re.compile(r"[\w.-]+:(asc|desc)")


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _count(value: Any, most: int = 2**64 - 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _filterable(value: Any) -> bool:
    def is_rule(one: Any) -> bool:
        if isinstance(one, str):
            return True
        if not isinstance(one, dict) or set(one) != {"attributePatterns", "features"}:
            return False
        features = one["features"]
        return (
            _strings(one["attributePatterns"])
            and set(features) <= {"facetSearch", "filter"}
            and set(features.get("filter", {})) <= {"equality", "comparison"}
        )

    return isinstance(value, list) and all(map(is_rule, value))


def _ranking(value: Any) -> bool:
    return _strings(value) and all(one in _RULES or _RULE.fullmatch(one) for one in value)


def _typos(value: Any) -> bool:
    known = {
        "enabled", "minWordSizeForTypos", "disableOnWords", "disableOnAttributes",
        "disableOnNumbers",
    }  # fmt: skip
    if not isinstance(value, dict) or set(value) - known:
        return False
    sizes = value.get("minWordSizeForTypos") or {}
    one, two = sizes.get("oneTypo", 5), sizes.get("twoTypos", 9)
    return not set(sizes) - {"oneTypo", "twoTypos"} and _count(one, 255) and one <= two <= 255


def _faceting(value: Any) -> bool:
    known = {"maxValuesPerFacet", "sortFacetValuesBy"}
    return (
        isinstance(value, dict)
        and not set(value) - known
        and _count(value.get("maxValuesPerFacet", 100))
        and all(one in ("alpha", "count") for one in value.get("sortFacetValuesBy", {}).values())
    )


def _pagination(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) <= {"maxTotalHits"}
        and all(map(_count, value.values()))
    )


_CHECKS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "searchableAttributes": ("searchable_attributes", _strings),
    "displayedAttributes": ("displayed_attributes", _strings),
    "filterableAttributes": ("filterable_attributes", _filterable),
    "sortableAttributes": ("sortable_attributes", _strings),
    "rankingRules": ("ranking_rules", _ranking),
    "typoTolerance": ("typo_tolerance", _typos),
    "proximityPrecision": (
        "proximity_precision",
        lambda value: value in ("byWord", "byAttribute"),
    ),
    "prefixSearch": ("prefix_search", lambda value: value in ("indexingTime", "disabled")),
    "facetSearch": ("facet_search", lambda value: isinstance(value, bool)),
    "faceting": ("faceting", _faceting),
    "pagination": ("pagination", _pagination),
}


def checked_settings(body: Any) -> Json:
    """The settings; refuses names and values that the real server refuses at once."""
    if not isinstance(body, dict):
        raise Refusal(400, "bad_request", "Invalid value type: expected an object")
    for name, value in body.items():
        if name not in _CHECKS:
            raise Refusal(400, "bad_request", f"Unknown field `{name}`: expected one of …")
        code, check = _CHECKS[name]
        if value is not None and not check(value):
            raise Refusal(400, f"invalid_settings_{code}", f"Invalid value at `.{name}`")
    return body
