"""Standing orders: their dates are ordered, and people told what waits for them."""

from __future__ import annotations

from datetime import datetime

import structlog

from entrepot.platform.notifications.standing_letters import letters_asking, letters_of_held_run
from entrepot.platform.orders.standing.events import StandingOrderAsks, StandingOrderHeld
from entrepot.platform.orders.standing.service import run_due
from entrepot.workers.consumers import Delivery, consumer
from entrepot.workers.notifications import send_all
from entrepot.workers.resources import WorkerResources
from entrepot.workers.schedule import job

log = structlog.get_logger("entrepot.schedule")


@job("standing orders", cron="*/10 * * * *")
async def run_standing_orders(due_at: datetime, resources: WorkerResources) -> None:
    """Order the dates that have come in their legal entities' time zones; bears repetition."""
    ran = await run_due(resources.clock)
    if ran:
        log.info("ran standing orders", count=ran)


@consumer(
    "standing_order_held", on=[StandingOrderHeld], queue="mail", transactional=False, seconds=120
)
async def tell_held(
    event: StandingOrderHeld, delivery: Delivery, resources: WorkerResources
) -> None:
    """Tell the maker, or their colleagues, that a cart waits."""
    await send_all(await letters_of_held_run(event.run_id), delivery, resources)


@consumer(
    "standing_order_asks", on=[StandingOrderAsks], queue="mail", transactional=False, seconds=120
)
async def ask_for_agreement(
    event: StandingOrderAsks, delivery: Delivery, resources: WorkerResources
) -> None:
    """Ask those who may agree."""
    letters = await letters_asking(event.standing_order_id, resources.clock.now())
    await send_all(letters, delivery, resources)
