"""What becomes of orders by itself."""

from __future__ import annotations

from datetime import datetime

import structlog

from entrepot.platform.orders.paying import cancel_unpaid
from entrepot.workers.resources import WorkerResources
from entrepot.workers.schedule import job

log = structlog.get_logger("entrepot.schedule")


@job("cancel unpaid orders", cron="25 * * * *")
async def cancel_unpaid_orders(due_at: datetime, _resources: WorkerResources) -> None:
    """Cancel orders whose payment in advance did not come; a second run finds none."""
    log.info("cancelled unpaid orders", orders=await cancel_unpaid(due_at))
