"""Which engine an instance uses; the composition roots open one and pass it down."""

from __future__ import annotations

from entrepot.platform.config import Settings
from entrepot.search.engine import SearchEngine


def open_engine(settings: Settings) -> SearchEngine:
    """Return the Meilisearch engine where an address is set, else tantivy in the data folder.

    Nothing is connected or created yet; close it with `close`.
    """
    if settings.meili_url:
        # Imported here: an instance without a server does not load an HTTP client for it.
        from entrepot.search.backends.meilisearch import MeilisearchEngine

        key = settings.meili_key.get_secret_value() if settings.meili_key else None
        return MeilisearchEngine(settings.meili_url, key)
    from entrepot.search.backends.tantivy import TantivyEngine

    return TantivyEngine(settings.home / "search")
