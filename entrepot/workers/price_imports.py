"""The long part of price imports: reading into a preview, taking the good lines over."""

from __future__ import annotations

from entrepot.interchange.price_import import commit_prices, preview_prices
from entrepot.platform.pricing.price_imports.events import PriceImportConfirmed, PriceImportStarted
from entrepot.workers.consumers import Delivery, consumer
from entrepot.workers.resources import WorkerResources


@consumer(
    "prices_read", on=[PriceImportStarted], queue="imports", transactional=False, seconds=3_600
)
async def read_prices(
    event: PriceImportStarted, _delivery: Delivery, resources: WorkerResources
) -> None:
    """Read a file into its preview; a repeated call changes nothing."""
    await preview_prices(event.import_id, resources.blobs)


@consumer(
    "prices_commit", on=[PriceImportConfirmed], queue="imports", transactional=False, seconds=3_600
)
async def take_prices(
    event: PriceImportConfirmed, _delivery: Delivery, resources: WorkerResources
) -> None:
    """Take the good lines over, all at once; a repeated call changes nothing."""
    await commit_prices(event.import_id, resources.blobs)
