"""Who is asked at a step: approvers, alternates of those away, and who is left when they left.

Pure functions over the people of a company.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Staff:
    """The people of a company who may decide, and who stands in for whom at this moment."""

    approvers: frozenset[UUID]
    """Members with ORDER_APPROVE whose account is not disabled."""
    managers: frozenset[UUID]
    """Members with APPROVAL_MANAGE: the last resort."""
    alternates: Mapping[UUID, UUID] = field(default_factory=dict)
    """Of those who are away now."""
    names: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who may decide now; `stands_in_for` is the approver who is away or left."""

    user_id: UUID
    stands_in_for: UUID | None = None


def stand_in(approver: UUID, staff: Staff, requester: UUID) -> UUID | None:
    """Return who decides for an approver: themselves, or the first of their alternates who can.

    Absences are followed while the alternate is away too. Where the chain ends at nobody who may
    decide, or runs in a circle, an approver who is away is asked all the same.
    """
    seen = {approver}
    person = approver
    while person in staff.alternates:
        person = staff.alternates[person]
        if person in seen:  # a circle: everybody in it is away
            break
        seen.add(person)
    else:
        if _may(person, staff, requester):
            return person
    return approver if _may(approver, staff, requester) else None


def _may(person: UUID, staff: Staff, requester: UUID) -> bool:
    return person in staff.approvers and person != requester


def asked_now(step: Sequence[UUID], staff: Staff, requester: UUID) -> list[Asked]:
    """Return whom a step asks: its approvers or their alternates, else those who manage approvals.

    The requester is never asked. Empty where nobody is left.
    """
    found: dict[UUID, Asked] = {}
    for approver in step:
        person = stand_in(approver, staff, requester)
        if person == approver:
            found[approver] = Asked(approver)
        elif person is not None:
            found.setdefault(person, Asked(person, approver))
    if not found:
        for person in sorted(staff.managers - {requester}):
            found[person] = Asked(person, step[0] if step else None)
    return list(found.values())


def who_may_decide(step: Sequence[UUID], staff: Staff, requester: UUID) -> dict[UUID, Asked]:
    """Return everybody whose decision counts now: those asked, and approvers back early."""
    found = {one.user_id: one for one in asked_now(step, staff, requester)}
    for approver in step:
        if _may(approver, staff, requester):
            found[approver] = Asked(approver)
    return found


def step_without_anybody(
    steps: Iterable[Sequence[UUID]], staff: Staff, requester: UUID
) -> int | None:
    """Return the number of the first step that nobody could decide, `None` where all can be."""
    for number, step in enumerate(steps, start=1):
        if not asked_now(step, staff, requester):
            return number
    return None
