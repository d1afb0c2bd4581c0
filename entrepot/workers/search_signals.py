"""What orders tell the ranking of search: each buyer's purchases at once, the rest every night."""

from __future__ import annotations

from datetime import datetime

import structlog

from entrepot.platform.orders.events import OrderCancelled, OrderPlaced
from entrepot.platform.orders.signals import purchases, service
from entrepot.workers.consumers import Delivery, consumer
from entrepot.workers.resources import WorkerResources
from entrepot.workers.schedule import job

log = structlog.get_logger("entrepot.schedule")


@consumer("company_purchases", on=[OrderPlaced, OrderCancelled], queue="search")
async def count_purchases(
    event: OrderPlaced | OrderCancelled, _delivery: Delivery, _resources: WorkerResources
) -> None:
    """Count anew what the order's buyer has bought of its products."""
    if isinstance(event, OrderPlaced):
        await purchases.count_purchases(event.seller_order_ids)
    else:
        await purchases.count_purchases([event.seller_order_id])


@job("search signals", cron="40 2 * * *")
async def recompute_signals(due_at: datetime, _resources: WorkerResources) -> None:
    """Compute popularity and ratings; a second run changes nothing.

    By night: a day is little of 180, indexing is done while nobody buys, and figures that moved
    within the hour of an order would tell of that order.
    """
    done = await service.recompute(due_at)
    log.info(
        "recomputed search signals",
        offers=done.offers,
        sellers=done.sellers,
        offers_to_index=done.to_index,
    )
