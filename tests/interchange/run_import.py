"""A process that works at an import until it is done or killed: `URL FOLDER IMPORT_ID`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from uuid import UUID

from entrepot.interchange.catalog_import import commit_import, read_import
from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.database import open_database


async def work(url: str, folder: str, import_id: str) -> None:
    """Do whichever half of the import is due."""
    database = await open_database(url, pool_size=2)
    await read_import(UUID(import_id), FolderBlobs(Path(folder)))
    await commit_import(UUID(import_id))
    await database.close()


asyncio.run(work(*sys.argv[1:]))
