"""`entrepot worker` with the consumer of the search index alone; settings by the environment."""

from __future__ import annotations

from entrepot.platform.config import load_settings
from entrepot.workers.main import run

if __name__ == "__main__":
    run(load_settings(), ["entrepot.workers.search_index"])
