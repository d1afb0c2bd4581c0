"""An engine that notes what it is asked and lets another answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entrepot.search.engine import Found, ListedHit, SearchEngine, Suggested
from entrepot.search.query import AnalysedQuery, Prefix


class CountingEngine:
    """`calls` holds the name of each question asked, in order."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self.calls: list[str] = []

    async def search(self, query: AnalysedQuery, *, offset: int, limit: int, facets: bool) -> Found:
        """As the engine."""
        self.calls.append(f"search {offset} {limit} {facets}")
        return await self._engine.search(query, offset=offset, limit=limit, facets=facets)

    async def listed(self, query: AnalysedQuery, *, limit: int) -> Sequence[ListedHit]:
        """As the engine."""
        self.calls.append(f"listed {limit}")
        return await self._engine.listed(query, limit=limit)

    async def suggest(self, prefix: Prefix, *, limit: int) -> Suggested:
        """As the engine."""
        self.calls.append(f"suggest {limit}")
        return await self._engine.suggest(prefix, limit=limit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)
