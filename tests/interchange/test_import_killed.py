"""An import whose process is killed with SIGKILL, again and again, at whatever it is doing."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.catalog import import_queries, import_service
from entrepot.platform.catalog.import_queries import ImportRow
from entrepot.platform.catalog.models import Offer, Product
from entrepot.platform.database import Database, fetch_value
from tests.factories import make_seller

LINES = 6_500
SCRIPT = Path(__file__).with_name("run_import.py")


async def test_killed_midway_no_line_is_lost_or_doubled(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    seller = await make_seller()
    rows = [f"K{n};A-{n};Brand {n % 7};Title {n};{n % 900 + 1}.50;3" for n in range(LINES)]
    text = "\n".join(["id;article;brand;title;price;quantity", *rows, ""])
    blobs = FolderBlobs(tmp_path)
    key = blobs.put([text.encode()])
    import_id = await import_service.start_import(seller.actor, "price.csv", key, {})
    random = Random(7)

    async def state() -> ImportRow:
        return await import_queries.import_of(seller.actor, import_id)

    async def run(kill_when: Callable[[], Awaitable[bool]] | None) -> None:
        command = (sys.executable, str(SCRIPT), database_url, str(tmp_path), str(import_id))
        process = await asyncio.create_subprocess_exec(*command)
        if kill_when is not None:
            while process.returncode is None and not await kill_when():  # noqa: ASYNC110 – its doings set no event of ours
                await asyncio.sleep(0.01)
            await asyncio.sleep(random.uniform(0, 0.05))
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
        code = await process.wait()
        assert code == 0 if kill_when is None else code in (0, -signal.SIGKILL)

    async def read_some() -> bool:
        return (await state()).lines_read >= 2_000

    await run(read_some)
    await run(None)
    assert (await state()).counts == {"CREATED": LINES}
    await import_service.confirm_import(seller.actor, import_id)

    async def committed_some() -> bool:
        return (await state()).lines_committed >= 2_000

    await run(committed_some)
    await run(None)

    stored = await state()
    assert (stored.status, stored.counts) == ("COMMITTED", {"CREATED": LINES})
    assert await Offer.all().count() == await Product.all().count() == LINES
    assert await fetch_value("SELECT count(*) FROM stock_item WHERE on_hand = 3") == LINES
    announced = await fetch_value(
        "SELECT array_agg(id ORDER BY id) FROM (SELECT jsonb_array_elements_text("
        " payload -> 'offer_ids') AS id FROM outbox_event WHERE kind = 'OffersChanged') events"
    )
    assert announced == sorted(str(offer.id) for offer in await Offer.all())
