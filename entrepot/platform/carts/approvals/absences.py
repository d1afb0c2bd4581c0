"""Who stands in for an approver who is away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from entrepot.platform.carts.approvals.errors import NotAnApprover
from entrepot.platform.carts.approvals.facts import staff_of
from entrepot.platform.clock import Clock
from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

DROP_OVERLAPPING = """
DELETE FROM approver_absence
 WHERE company_id = $1 AND user_id = $2 AND starts_at < $4 AND ends_at > $3
"""


async def set_absence(
    actor: Actor,
    user_id: UUID | None,
    starts_at: datetime,
    ends_at: datetime,
    alternate_id: UUID,
    *,
    clock: Clock,
) -> UUID:
    """Say that an approver is away from `starts_at` until before `ends_at`, and who stands in.

    `None`: the actor, who needs `order.approve`; others need `approval.manage`. Absences of the
    same person that overlap are replaced. Who waits for them already is asked anew by the
    schedule. Raises `Forbidden`, `NotFound`, `NotAnApprover`, `InvalidInput`.
    """
    absent = user_id or actor.user_id
    managing = actor.may(Permission.APPROVAL_MANAGE)
    if not managing:
        actor.require(Permission.ORDER_APPROVE)
        if absent != actor.user_id:
            raise Forbidden(Permission.APPROVAL_MANAGE.name, by_key=actor.via == "api_key")
    if not starts_at < ends_at:
        raise InvalidInput("endsAt", "must be later than startsAt", "должно быть позже startsAt")
    now = clock.now()
    if ends_at <= now:
        raise InvalidInput("endsAt", "is over already", "уже прошло")
    if alternate_id == absent:
        raise InvalidInput("alternateId", "name somebody else", "укажите другого человека")
    async with transaction():
        staff = await staff_of(actor.company_id, now)
        if absent not in staff.names:
            raise NotFound("User").at("userId")
        if alternate_id not in staff.names:
            raise NotFound("User").at("alternateId")
        if alternate_id not in staff.approvers:
            raise NotAnApprover(alternate_id).at("alternateId")
        await execute(DROP_OVERLAPPING, actor.company_id, absent, starts_at, ends_at)
        absence_id = new_id()
        await execute(
            "INSERT INTO approver_absence"
            " (id, company_id, user_id, alternate_id, starts_at, ends_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            absence_id,
            actor.company_id,
            absent,
            alternate_id,
            starts_at,
            ends_at,
        )
    return absence_id


async def cancel_absence(actor: Actor, absence_id: UUID) -> None:
    """Take an absence back: one's own, or with `approval.manage` anybody's of the company.

    Raises `NotFound`.
    """
    managing = actor.may(Permission.APPROVAL_MANAGE)
    if not managing:
        actor.require(Permission.ORDER_APPROVE)
    found = await fetch_value(
        "DELETE FROM approver_absence WHERE id = $1 AND company_id = $2 AND (user_id = $3 OR $4)"
        " RETURNING id",
        absence_id,
        actor.company_id,
        actor.user_id,
        managing,
    )
    if found is None:
        raise NotFound("approver absence").at("absenceId")
