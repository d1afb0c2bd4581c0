"""The search index follows the outbox: what changed is indexed as the database has it now."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.platform.outbox import Event
from entrepot.search.changes import CONSUMER, EVENTS, changed_offers
from entrepot.search.engine import EngineUnavailable, IndexBusy
from entrepot.search.reindex import update_offers
from entrepot.workers.consumers import Postpone, consumer
from entrepot.workers.resources import WorkerResources

_OFFERS_PER_COMMIT = 1_000
_BUSY_SECONDS = 2.0
_UNAVAILABLE_SECONDS = 10.0


@consumer(
    CONSUMER,
    on=EVENTS,
    queue="search",
    batch=True,
    transactional=False,
    seconds=1_800,
)
async def index_changes(events: Sequence[Event], resources: WorkerResources) -> None:
    """Bring the documents of changed offers up to date, 1,000 a commit.

    Not transactional: a killed worker leaves whole commits, and the batch is done again. Waits
    while a rebuild or another writer has the index, and while the engine does not answer.
    """
    offers = await changed_offers(events)
    try:
        for start in range(0, len(offers), _OFFERS_PER_COMMIT):
            await update_offers(resources.search, offers[start : start + _OFFERS_PER_COMMIT])
    except IndexBusy as reason:
        raise Postpone(str(reason), _BUSY_SECONDS) from reason
    except EngineUnavailable as reason:
        raise Postpone(str(reason), _UNAVAILABLE_SECONDS) from reason
