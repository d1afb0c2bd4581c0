"""What `doctor` asks about search: whether the index holds what it should, and how far behind."""

from __future__ import annotations

from datetime import timedelta

from entrepot.platform.diagnostics import (
    WAITING_FAIL,
    WAITING_WARN,
    Check,
    Level,
    Words,
    graded,
)
from entrepot.platform.outbox_backlog import Backlog
from entrepot.search.changes import waiting_changes
from entrepot.search.engine import EngineUnavailable, SearchEngine
from entrepot.search.reindex import Drift, drift

_REBUILD = Words("Run `entrepot search rebuild`.", "Выполните `entrepot search rebuild`.")
_REPAIR = Words(
    "Run `entrepot search verify --repair`.", "Выполните `entrepot search verify --repair`."
)
_SERVER = Words(
    "Start Meilisearch, or correct ENTREPOT_MEILI_URL and ENTREPOT_MEILI_KEY.",
    "Запустите Meilisearch или исправьте ENTREPOT_MEILI_URL и ENTREPOT_MEILI_KEY.",
)
_WORKER = Words(
    "Start a worker (`entrepot worker`); see logs/worker.log.",
    "Запустите обработчик (`entrepot worker`); смотрите logs/worker.log.",
)
_RETRY = Words(
    "Mend the cause, then `entrepot doctor --retry-dead` and `entrepot search verify --repair`.",
    "Устраните причину, затем `entrepot doctor --retry-dead` и `entrepot search verify --repair`.",
)


async def check_search(engine: SearchEngine, *, server: bool) -> list[Check]:
    """Ask the engine and the outbox; the database is open. `server`: the engine is Meilisearch.

    Equal counts do not prove equal documents: that is for `search verify`, which takes minutes.
    """
    waiting = await waiting_changes()
    try:
        counted = _index(await drift(engine), waiting)
    except EngineUnavailable as error:
        reason = Words(str(error), str(error))
        counted = Check("search.index", Level.FAIL, reason, _SERVER if server else _REBUILD)
    return [counted, _changes(waiting)]


def _index(found: Drift, waiting: Backlog) -> Check:
    words = Words(
        f"{found.indexed} of {found.listed} offers indexed",
        f"в индексе {found.indexed} из {found.listed} предложений",
    )
    if found.indexed == 0 and found.listed > 0:
        return Check("search.index", Level.FAIL, words, _REBUILD)
    if found.difference == 0 or waiting.waiting > 0:  # what waits may well be the difference
        return Check("search.index", Level.OK, words)
    return Check("search.index", Level.WARN, words, _REPAIR)


def _changes(waiting: Backlog) -> Check:
    seconds = int(waiting.oldest_seconds)
    words = Words(
        f"{waiting.waiting} waiting, oldest {seconds} s; given up {waiting.dead}",
        f"ждут {waiting.waiting}, самое давнее {seconds} с; отброшено {waiting.dead}",
    )
    level = graded(timedelta(seconds=waiting.oldest_seconds), WAITING_WARN, WAITING_FAIL)
    if level is not Level.OK:
        return Check("search.changes", level, words, _WORKER)
    if waiting.dead:
        return Check("search.changes", Level.WARN, words, _RETRY)
    return Check("search.changes", Level.OK, words)
