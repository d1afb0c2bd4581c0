"""What becomes of carts that wait for agreement: letters, expiry, absences that begin."""

from __future__ import annotations

from datetime import datetime

import structlog

from entrepot.platform.carts.approvals import service as approvals
from entrepot.platform.carts.approvals.events import (
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
)
from entrepot.platform.identity.resources import secret_key_of
from entrepot.platform.notifications.approval_letters import (
    letters_of_decision,
    letters_of_expiry,
    letters_of_request,
)
from entrepot.workers.consumers import Delivery, consumer
from entrepot.workers.notifications import send_all
from entrepot.workers.resources import WorkerResources
from entrepot.workers.schedule import job

log = structlog.get_logger("entrepot.schedule")


@consumer(
    "approval_request_letters",
    on=[ApprovalRequested],
    queue="mail",
    transactional=False,
    seconds=300,
)
async def write_request_letters(
    event: ApprovalRequested, delivery: Delivery, resources: WorkerResources
) -> None:
    """Ask those who are to decide, each with a link of their own."""
    letters = await letters_of_request(event, resources.settings, resources.clock.now())
    await send_all(letters, delivery, resources)


@consumer(
    "approval_decision_letters",
    on=[ApprovalDecided],
    queue="mail",
    transactional=False,
    seconds=120,
)
async def write_decision_letters(
    event: ApprovalDecided, delivery: Delivery, resources: WorkerResources
) -> None:
    """Tell who asked what was decided."""
    letters = await letters_of_decision(event.approval_id, resources.clock.now())
    await send_all(letters, delivery, resources)


@consumer(
    "approval_expiry_letters",
    on=[ApprovalExpired],
    queue="mail",
    transactional=False,
    seconds=120,
)
async def write_expiry_letters(
    event: ApprovalExpired, delivery: Delivery, resources: WorkerResources
) -> None:
    """Tell who asked that nobody decided in time."""
    letters = await letters_of_expiry(event.approval_id, resources.clock.now())
    await send_all(letters, delivery, resources)


@job("approvals", cron="*/5 * * * *")
async def look_after_approvals(due_at: datetime, resources: WorkerResources) -> None:
    """End approvals whose time is over; ask alternates of approvers who went away or left.

    A second run finds nothing to do.
    """
    expired = await approvals.expire_due(due_at)
    await approvals.ask_anew(secret_key_of(resources.settings), due_at)
    log.info("looked after approvals", expired=expired)
