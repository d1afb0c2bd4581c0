"""What `entrepot worker` runs: every actor module, each event it listens to, documented queues."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from entrepot.platform.config import InvalidSettings, Settings
from entrepot.workers import main
from entrepot.workers.consumers import Consumer, Consumers, registry
from entrepot.workers.main import MODULES, run

WORKERS = Path(main.__file__).parent
DECORATORS = ("@consumer(", "@job(")


def test_every_module_with_actors_is_run() -> None:
    with_actors = {
        f"entrepot.workers.{path.stem}"
        for path in WORKERS.glob("*.py")
        if any(line.startswith(DECORATORS) for line in path.read_text("utf-8").splitlines())
    }
    assert with_actors - {"entrepot.workers.schedule"} == set(MODULES)


def test_every_consumer_listens_to_events_that_exist() -> None:
    for module in MODULES:
        import_module(module)
    registry.check()


async def nothing(*_: object) -> None:
    raise AssertionError("nothing is delivered here")


def consumer_of(kind: str, name: str = "one") -> Consumer:
    return Consumer(name, (kind,), "queue", nothing, None, True, 1.0, 1.0)


def test_a_consumer_of_an_unknown_event_is_refused() -> None:
    consumers = Consumers()
    consumers.add(consumer_of("NobodySaysThis"))
    with pytest.raises(ValueError, match="NobodySaysThis, which is no registered event"):
        consumers.check()


def test_two_consumers_of_one_name_are_refused() -> None:
    consumers = Consumers()
    consumers.add(consumer_of("JobDue"))
    with pytest.raises(ValueError, match="two consumers are called one"):
        consumers.add(consumer_of("JobDue"))
    with pytest.raises(ValueError, match="more than 60 characters"):
        consumers.add(consumer_of("JobDue", "n" * 61))


def test_a_worker_without_addresses_says_which_are_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="ENTREPOT_DATABASE_URL and ENTREPOT_REDIS_URL"):
        run(Settings(home=tmp_path, database_url=None, redis_url="redis://127.0.0.1:1/0"))
