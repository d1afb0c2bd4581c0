"""Pricing's daily work: customer groups follow what their companies bought and paid."""

from __future__ import annotations

from datetime import datetime

import structlog

from entrepot.platform.pricing.groups.recompute import recompute, sellers_with_rules
from entrepot.workers.resources import WorkerResources
from entrepot.workers.schedule import job

log = structlog.get_logger("entrepot.pricing")


@job("customer groups", cron="40 1 * * *")
async def recompute_groups(due_at: datetime, resources: WorkerResources) -> None:
    """Make the members of every seller's rule groups right, one transaction a seller.

    As of now rather than of `due_at`: a run that comes late must not undo what a seller's own
    recomputing found meanwhile. Done twice, or by two workers at once, it changes nothing more.
    """
    sellers = await sellers_with_rules()
    moved = 0
    for seller_id in sellers:
        moved += await recompute(seller_id, resources.clock.now())
    log.info("customer groups recomputed", sellers=len(sellers), moved=moved)
