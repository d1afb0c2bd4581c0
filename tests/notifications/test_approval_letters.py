"""Letters about approvals: who gets which, with which link, and when no longer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest

from entrepot.platform.carts.approvals import queries
from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, execute, fetch
from entrepot.platform.identity.models import User
from entrepot.platform.identity.resources import secret_key_of
from entrepot.platform.outbox import load
from entrepot.workers.carts import (
    look_after_approvals,
    write_decision_letters,
    write_expiry_letters,
    write_request_letters,
)
from entrepot.workers.consumers import Delivery
from entrepot.workers.resources import WorkerResources, open_resources
from tests.carts.approval_world import NOW, World, cart_status, make_world
from tests.notifications.test_letters import plain, read

HANDLERS = {
    "ApprovalRequested": write_request_letters,
    "ApprovalDecided": write_decision_letters,
    "ApprovalExpired": write_expiry_letters,
}


@pytest.fixture
async def resources(settings: Settings, database: Database) -> AsyncIterator[WorkerResources]:
    """What a worker opens, at the world's time."""
    async with open_resources(settings) as opened:
        yield replace(opened, clock=FixedClock(NOW))


@pytest.fixture
async def world(resources: WorkerResources) -> World:
    """The company; links are derived from the settings' key."""
    made = await make_world()
    made.key = secret_key_of(resources.settings)
    await User.filter(id=made.buyer.user_id).update(name="Anna", locale="ru")
    await User.filter(id=made.first.user_id).update(name="Boris")
    return made


def taken_out(folder: Path) -> list[EmailMessage]:
    """The letters in the folder, which is empty then."""
    found = []
    for file in sorted(folder.glob("*")):
        found.append(read(file.read_bytes()))
        file.unlink()
    return found


async def deliver(resources: WorkerResources) -> dict[str, EmailMessage]:
    """Hand every event to its consumer twice; return the letters by recipient."""
    rows = await fetch("SELECT id, kind, payload FROM outbox_event ORDER BY id")
    for row in rows:
        if row["kind"] in HANDLERS:
            delivery = Delivery(row["id"], row["id"], "letters", 1, None, NOW)
            for _ in range(2):
                await HANDLERS[row["kind"]](load(row["kind"], row["payload"]), delivery, resources)  # type: ignore[arg-type]
    await execute("DELETE FROM outbox_event")
    found = taken_out(resources.settings.home / "mail")
    letters = {str(one["To"]): one for one in found}
    assert len(letters) == len(found)  # nobody got two
    return letters


async def mail(user_id: UUID) -> str:
    """Somebody's address."""
    return (await User.get(id=user_id)).email


async def test_those_asked_get_a_link_each(resources: WorkerResources, world: World) -> None:
    await world.above("100", [world.first, world.second], [world.boss])
    await world.fill("2")
    approval = await world.submit(note="Soon, please")
    letters = await deliver(resources)
    first, second = await mail(world.first.user_id), await mail(world.second.user_id)
    assert set(letters) == {first, second}
    text = plain(letters[first])
    assert letters[first]["Subject"] == "Anna asks you to approve 200.00 RUB"
    assert "— Rule “Limit”: 200 RUB is above 100 RUB." in text
    assert "Anna says: Soon, please" in text
    assert "Hex bolt: 2 × 100 = 200.00 RUB" in text
    token = text.split("/approve#token=")[1].split()[0]
    assert token not in plain(letters[second])
    view = await queries.by_link(token, NOW)
    assert view.id == approval

    await world.approve(world.first, approval)
    assert set(await deliver(resources)) == {await mail(world.boss.user_id)}
    await world.approve(world.boss, approval)
    letters = await deliver(resources)
    [told] = letters.values()
    assert (told["To"], told["Subject"]) == (
        await mail(world.buyer.user_id),
        "Согласовано: 200.00 RUB",
    )


async def test_a_refusal_and_changes_are_told(resources: WorkerResources, world: World) -> None:
    await world.rule()
    cart = await world.fill("4")
    approval = await world.submit()
    await deliver(resources)
    await world.refuse(world.first, approval, "Не сейчас")
    [told] = (await deliver(resources)).values()
    assert told["Subject"] == "Не согласовано: 400.00 RUB"
    assert "Причина: Не сейчас" in plain(told)
    assert "Boris" in plain(told)
    approval = await world.submit(cart_id=cart)
    await deliver(resources)
    line = (await world.view(approval)).snapshot.lines[0]
    await world.approve(world.first, approval, changes={line.line_id: "3"})
    [told] = (await deliver(resources)).values()
    assert f"{line.article_number}: 4 → 3" in plain(told)


async def test_a_letter_that_comes_too_late_is_not_written(
    resources: WorkerResources, world: World
) -> None:
    await world.rule()
    await world.fill()
    approval = await world.submit()
    await world.approve(world.first, approval)
    letters = await deliver(resources)
    assert set(letters) == {await mail(world.buyer.user_id)}


async def test_the_job_ends_what_is_over_and_asks_alternates(
    resources: WorkerResources, world: World
) -> None:
    await world.rule([world.first], expires_after_hours=2)
    cart = await world.fill()
    await world.submit()
    await deliver(resources)
    await world.away(world.first, world.second)
    for _ in range(2):
        await look_after_approvals(NOW, resources)
    assert set(await deliver(resources)) == {await mail(world.second.user_id)}
    for _ in range(2):
        await look_after_approvals(NOW + timedelta(hours=2), resources)
    assert await cart_status(cart) == "open"
    [told] = (await deliver(resources)).values()
    assert told["Subject"] == "Срок согласования истёк: 200.00 RUB"
    assert await deliver(resources) == {}
