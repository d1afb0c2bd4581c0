"""One scheduler in a process of its own: `python -m tests.orders.run_standing_orders URL MOMENT`.

It says "ready", waits for a line on its input, runs what is due and says how much that was. With
`--hang` it stops inside the transaction, after everything has been written, for its killer.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

from entrepot.platform.clock import FixedClock
from entrepot.platform.database import fetch, open_database, transaction
from entrepot.platform.orders.standing.running import due_ids, run_due, run_one


async def main(url: str, moment: str, *, hang: bool) -> None:
    """Run once."""
    database = await open_database(url, pool_size=3)
    await fetch("SELECT 1")
    now = datetime.fromisoformat(moment)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    if hang:
        async with transaction():
            for standing_order_id in await due_ids(now):
                await run_one(standing_order_id, now)
            sys.stdout.write("written\n")
            sys.stdout.flush()
            await asyncio.sleep(60)
    sys.stdout.write(f"{await run_due(FixedClock(now))}\n")
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], hang="--hang" in sys.argv))
