"""How the fields of unmet demand are called; nobody but operators may."""

from __future__ import annotations

from datetime import UTC, datetime

from entrepot.platform.catalog.unmet_demand.service import keep
from entrepot.platform.clock import FixedClock
from tests.journeys.rows import Row, Victims, row

ROWS = {
    "unmetDemand": Row({"first": 50}),
    "dismissUnmetDemand": row(query="SECRET-UNMET-1", verdict="DONE"),
}
VALID = {"dismissUnmetDemand": {"input": {"query": "SECRET-UNMET-1", "verdict": "SPAM"}}}


async def build(victims: Victims) -> dict[str, str]:
    """What the buyer looked for in vain."""
    await keep(victims.buyer, "SECRET-UNMET-1", clock=FixedClock(datetime.now(UTC)))
    return {}
