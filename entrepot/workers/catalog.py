"""The long part of catalogue imports: reading into a preview, taking the good lines over."""

from __future__ import annotations

from entrepot.interchange.catalog_import import commit_import, read_import
from entrepot.platform.catalog.import_events import CatalogImportConfirmed, CatalogImportStarted
from entrepot.workers.consumers import Delivery, consumer
from entrepot.workers.resources import WorkerResources


@consumer(
    "import_read", on=[CatalogImportStarted], queue="imports", transactional=False, seconds=3_600
)
async def read_catalog(
    event: CatalogImportStarted, _delivery: Delivery, resources: WorkerResources
) -> None:
    """Read a file into its preview; a repeated call goes on where the last one stopped."""
    await read_import(event.import_id, resources.blobs)


@consumer(
    "import_commit",
    on=[CatalogImportConfirmed],
    queue="imports",
    transactional=False,
    seconds=3_600,
)
async def commit_catalog(
    event: CatalogImportConfirmed, _delivery: Delivery, _resources: WorkerResources
) -> None:
    """Take the good lines over; a repeated call goes on after the last batch."""
    await commit_import(event.import_id)
