"""What one way of searching found for every question, and ours."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.relevance_catalogue import Article
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.document import to_document
from entrepot.search.query import SearchQuery, analyse

#: Ranks asked for: the condensed measures look below the unjudged ones.
DEPTH_ASKED = 1_000
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Run:
    """Ranked documents by question, and what a question cost, in ms of CPU at the mean."""

    name: str
    ranked: dict[str, list[str]]
    cpu_ms: float


async def ours(articles: Sequence[Article], queries: Sequence[str]) -> Run:
    """Index the articles as offers that everybody sees and search them as buyers do."""
    ids = {article.row.offer_id: article.external_id for article in articles}
    with tempfile.TemporaryDirectory(prefix="entrepot-relevance-") as folder:
        engine = TantivyEngine(Path(folder))
        try:
            async with engine.rebuild() as fresh:
                for start in range(0, len(articles), _BATCH):
                    batch = articles[start : start + _BATCH]
                    await fresh.add([to_document(article.row) for article in batch])
                await fresh.publish()
            ranked: dict[str, list[str]] = {}
            started = time.process_time()
            for query in queries:
                found = await engine.search(
                    analyse(SearchQuery(query)), offset=0, limit=DEPTH_ASKED, facets=False
                )
                ranked[query] = [ids[hit.offer_id] for hit in found.hits]
            cpu = (time.process_time() - started) / max(len(queries), 1) * 1_000
        finally:
            await engine.close()
    return Run("Entrepôt", ranked, cpu)
