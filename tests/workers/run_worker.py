"""`entrepot worker` with the consumers of these tests; settings come by the environment."""

from __future__ import annotations

from entrepot.platform.config import load_settings
from entrepot.workers.main import run

if __name__ == "__main__":
    run(load_settings(), ["tests.workers.effects", "entrepot.workers.schedule"])
