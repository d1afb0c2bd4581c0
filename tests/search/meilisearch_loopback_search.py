"""Searches, facet searches and fetches on one index of the loopback server."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cmp_to_key
from typing import Any

from tests.search.meilisearch_loopback_filters import (
    Json,
    Refusal,
    normal,
    parse_filter,
    rule_of,
    values_of,
)

_SEARCH = {
    "indexUid", "q", "offset", "limit", "filter", "facets", "attributesToRetrieve",
    "attributesToCrop", "cropLength", "attributesToHighlight", "sort", "showMatchesPosition",
    "highlightPreTag", "highlightPostTag", "cropMarker", "matchingStrategy", "hitsPerPage", "page",
    "attributesToSearchOn", "distinct", "showRankingScore", "showRankingScoreDetails",
    "rankingScoreThreshold", "vector", "hybrid", "locales", "retrieveVectors", "federationOptions",
}  # fmt: skip
_FACET_SEARCH = {
    "facetName", "facetQuery", "filter", "q", "matchingStrategy", "attributesToSearchOn",
    "rankingScoreThreshold", "vector", "hybrid", "locales", "exhaustiveFacetCount",
}  # fmt: skip
_FETCH = {"offset", "limit", "fields", "filter", "ids", "retrieveVectors", "sort"}
_SNAKES = {
    "attributesToRetrieve": "attributes_to_retrieve",
    "attributesToSearchOn": "attributes_to_search_on",
    "facetQuery": "facet_query",
    "facetName": "facet_name",
}


def prefix_edits(typed: str, value: str, most: int) -> int:
    """The least edits from what was typed to any beginning of the value; swaps count one."""
    before: list[int] = []
    row = list(range(len(typed) + 1))
    best = row[-1]
    for j, b in enumerate(value, 1):
        last, before, row = before, row, [j]
        for i, a in enumerate(typed, 1):
            cost = min(before[i] + 1, row[i - 1] + 1, before[i - 1] + (a != b))
            if i > 1 and j > 1 and a == value[j - 2] and typed[i - 2] == b:
                cost = min(cost, last[i - 2] + 1)
            row.append(cost)
        best = min(best, row[-1])
        if min(row) > most:
            break
    return best


def _begins(typed: str, value: str, edits: int) -> bool:
    """Whether a value begins as typed, but for so many edits."""
    if value.startswith(typed):
        return True
    return bool(edits) and prefix_edits(typed, value, edits) <= edits


def lossy(value: str) -> str:
    """How facet search compares: as filters do, and without marks over letters."""
    return "".join(char for char in normal(value) if not unicodedata.combining(char))


def checked(body: Any, known: set[str], kind: str) -> Json:
    """The parameters of a request, each of its type."""
    if not isinstance(body, dict):
        raise Refusal(400, "bad_request", "Invalid value type: expected an object")
    for name, value in body.items():
        if name not in known:
            raise Refusal(400, "bad_request", f"Unknown field `{name}`: expected one of …")
        if value is None or name == "filter":
            continue
        code = f"invalid_{kind}_{_SNAKES.get(name, name)}"
        if name in ("q", "facetName", "facetQuery"):
            fits = isinstance(value, str)
        elif name in ("offset", "limit"):
            fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        elif name in ("facets", "sort", "attributesToRetrieve", "fields", "ids"):
            fits = isinstance(value, list)
        else:
            fits = True
        if not fits:
            raise Refusal(400, code, f"Invalid value type at `.{name}`: `{value}`")
    return body


@dataclass
class Index:
    """One index: its primary key, settings and documents by id."""

    uid: str
    primary_key: str | None
    settings: Json = field(default_factory=dict)
    documents: dict[str, Json] = field(default_factory=dict)
    made: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def info(self) -> Json:
        return {
            "uid": self.uid,
            "primaryKey": self.primary_key,
            "createdAt": self.made,
            "updatedAt": self.made,
        }

    def _rules(self) -> list[Any]:
        return list(self.settings.get("filterableAttributes") or [])

    def _passing(self, given: Any) -> list[Json]:
        check = parse_filter(self.uid, given, self._rules())
        return [document for document in self.documents.values() if check(document)]

    def search(self, body: Json) -> Json:
        """Answer one search of a multi-search; ours never have words."""
        query = checked(body, _SEARCH, "search")
        if (query.get("q") or "").strip():
            raise Refusal(501, "not_spoken", "The loopback server does not search by words.")
        found = self._passing(query.get("filter"))
        searchable = self.settings.get("searchableAttributes") or ["*"]
        for name in query.get("attributesToSearchOn") or []:
            if "*" not in searchable and name not in searchable:
                raise Refusal(
                    400,
                    "invalid_search_attributes_to_search_on",
                    f"Attribute `{name}` is not searchable.",
                )
        self._order(found, query.get("sort") or [])
        offset, limit = query.get("offset", 0), query.get("limit", 20)
        most = (self.settings.get("pagination") or {}).get("maxTotalHits", 1000)
        shown = query.get("attributesToRetrieve") or ["*"]
        answer: Json = {
            "indexUid": self.uid,
            "hits": [_shown(each, shown) for each in found[:most][offset : offset + limit]],
            "offset": offset,
            "limit": limit,
            "estimatedTotalHits": min(len(found), most),
            "processingTimeMs": 0,
            "query": query.get("q") or "",
        }
        return answer | self._facets(found, query.get("facets"))

    def _order(self, found: list[Json], sort: list[str]) -> None:
        sortable = self.settings.get("sortableAttributes") or []
        rules: list[str] = []
        for rule in self.settings.get("rankingRules") or ["sort"]:
            if rule == "sort":
                rules += sort
            elif ":" in rule:
                rules.append(rule)
        for rule in sort:
            name, _, direction = rule.partition(":")
            if direction not in ("asc", "desc"):
                raise Refusal(400, "invalid_search_sort", f"Invalid syntax for sort: `{rule}`")
            if name not in sortable:
                raise Refusal(400, "invalid_search_sort", f"Attribute `{name}` is not sortable.")
        for rule in reversed(rules):
            name, _, direction = rule.partition(":")
            found.sort(key=cmp_to_key(_comparing(name, -1 if direction == "desc" else 1)))

    def _facets(self, found: list[Json], names: list[str] | None) -> Json:
        if not names:
            return {}
        faceting = self.settings.get("faceting") or {}
        most = faceting.get("maxValuesPerFacet", 100)
        by_count = (faceting.get("sortFacetValuesBy") or {}).get("*") == "count"
        counts: Json = {}
        stats: Json = {}
        for name in names:
            if rule_of(name, self._rules()) is None:
                message = f"Attribute `{name}` is not filterable."
                raise Refusal(400, "invalid_search_facets", message)
            counter: Counter[str] = Counter()
            shown: dict[str, str] = {}
            numbers: list[float] = []
            for document in found:
                values = values_of(document, name)
                numbers += [one for one in values if type(one) in (int, float)]
                for folded, value in {normal(one): one for one in values}.items():
                    counter[folded] += 1
                    shown.setdefault(folded, folded if isinstance(value, bool) else str(value))
            order = sorted(counter, key=lambda each: (-counter[each] if by_count else 0, each))
            if counter:
                counts[name] = {shown[folded]: counter[folded] for folded in order[:most]}
            if numbers:
                stats[name] = {"min": min(numbers), "max": max(numbers)}
        return {"facetDistribution": counts, "facetStats": stats}

    def facet_search(self, body: Json) -> Json:
        """Values of a facet that begin as asked, with the typos that the settings allow."""
        query = checked(body, _FACET_SEARCH, "facet_search")
        name = query.get("facetName")
        if name is None:
            raise Refusal(400, "missing_facet_search_facet_name", "Missing field `facetName`")
        if self.settings.get("facetSearch") is False:
            message = "The facet search is disabled for this index"
            raise Refusal(400, "facet_search_disabled", message)
        rule = rule_of(name, self._rules())
        if rule is None or not rule["facetSearch"]:
            message = f"Attribute `{name}` is not facet-searchable."
            raise Refusal(400, "invalid_facet_search_facet_name", message)
        typed = lossy(query.get("facetQuery") or "")
        allowed = self._typos(name, typed)
        counter = Counter(
            value
            for document in self._passing(query.get("filter"))
            for value in dict.fromkeys(map(str, values_of(document, name)))
        )
        hits = [
            {"value": value, "count": count}
            for value, count in sorted(counter.items(), key=lambda each: (-each[1], each[0]))
            if _begins(typed, lossy(value), allowed)
        ]
        most = (self.settings.get("faceting") or {}).get("maxValuesPerFacet", 100)
        return {
            "facetHits": hits[:most],
            "facetQuery": query.get("facetQuery"),
            "processingTimeMs": 0,
        }

    def _typos(self, name: str, typed: str) -> int:
        tolerance = self.settings.get("typoTolerance") or {}
        if tolerance.get("enabled") is False or name in tolerance.get("disableOnAttributes", []):
            return 0
        sizes = tolerance.get("minWordSizeForTypos") or {}
        length = len(typed.encode())  # the real one measures bytes too
        return (length >= sizes.get("oneTypo", 5)) + (length >= sizes.get("twoTypos", 9))

    def fetch(self, body: Json) -> Json:
        """Documents as stored, in the order of their arrival."""
        query = checked(body, _FETCH, "document")
        found = self._passing(query.get("filter"))
        if query.get("ids") is not None:
            wanted = set(map(str, query["ids"]))
            found = [each for each in found if str(each[self.primary_key or "id"]) in wanted]
        offset, limit = query.get("offset", 0), query.get("limit", 20)
        return {
            "results": [
                _shown(each, query.get("fields") or ["*"])
                for each in found[offset : offset + limit]
            ],
            "offset": offset,
            "limit": limit,
            "total": len(found),
        }


def _shown(document: Json, names: list[str]) -> Json:
    if "*" in names:
        return document
    return {name: document[name] for name in names if name in document}


def _comparing(name: str, sign: int) -> Any:
    """Orders documents by a field: numbers before strings, those without it last."""

    def key(document: Json) -> tuple[int, Any]:
        values = values_of(document, name)
        if not values:
            return 2, 0
        one = (min if sign > 0 else max)(values)
        return (1, normal(one)) if isinstance(one, str) else (0, one)

    def compare(left: Json, right: Json) -> int:
        one, other = key(left), key(right)
        if one[0] != other[0]:
            return one[0] - other[0]
        return sign * ((one[1] > other[1]) - (one[1] < other[1]))

    return compare
