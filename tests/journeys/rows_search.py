"""Calls of suggestions and recent searches."""

from __future__ import annotations

from tests.journeys.rows import MEMBERS, Row

ROWS = {
    "searchSuggestions": Row({"query": "secret", "first": 20}, may=MEMBERS),
    "clearRecentSearches": Row(may=MEMBERS),
}
VALID = {"searchSuggestions": {"query": "bolt", "first": 5}}
