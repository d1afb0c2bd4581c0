"""The schedule's job and the letters of standing orders, as a worker runs them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from email import message_from_bytes, policy

import pytest

from entrepot.platform.config import Settings
from entrepot.platform.database import Database, fetch_value
from entrepot.platform.identity.models import Company, LegalEntity
from entrepot.platform.identity.permissions import Role
from entrepot.platform.orders.standing.events import StandingOrderAsks, StandingOrderHeld
from entrepot.workers.consumers import Delivery
from entrepot.workers.resources import WorkerResources, open_resources
from entrepot.workers.schedule import registered_jobs
from entrepot.workers.standing_orders import ask_for_agreement, run_standing_orders, tell_held
from tests.factories import make_actor, make_buyer, make_offer, make_seller
from tests.orders.standing_orders import Run, at, in_moscow, make_standing, runs, terms

NOW = datetime(2026, 1, 31, 5, tzinfo=UTC)


@pytest.fixture
async def resources(settings: Settings, database: Database) -> AsyncIterator[WorkerResources]:
    """A worker's resources on 31 January 2026."""
    async with open_resources(settings) as opened:
        yield replace(opened, clock=at("2026-01-31"))


def letters(resources: WorkerResources) -> list[str]:
    """Return the subjects and plain texts of all letters."""
    found = []
    for path in sorted((resources.settings.home / "mail").iterdir()):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        found.append(f"{message['subject']}\n{body.get_content()}")
    return found


async def test_the_job_orders_what_is_due_and_bears_repetition(
    resources: WorkerResources,
) -> None:
    buyer = await in_moscow(await make_buyer())
    offer = await make_offer(await make_seller(), stock="1000")
    key = await make_standing(buyer, terms(offer))
    assert "standing orders" in {job.name for job in registered_jobs()}
    for _ in range(3):
        await run_standing_orders(NOW, resources)
    assert await runs(key) == [Run("2026-01-31", "placed", None)]
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 1


async def test_what_is_held_and_what_asks_is_told(resources: WorkerResources) -> None:
    buyer = await in_moscow(await make_buyer(locale="ru"))
    company = await Company.get(id=buyer.company_id)
    entity = await LegalEntity.get(id=buyer.legal_entity_id)
    await make_actor(company, entity, Role.APPROVER)
    offer = await make_offer(await make_seller(), price="100", stock="1000")
    given = terms(offer, line_max_unit_price=Decimal(99))
    key = await make_standing(buyer, given)
    await run_standing_orders(NOW, resources)
    run = await fetch_value("SELECT id FROM standing_order_run")

    await tell_held(StandingOrderHeld(run), Delivery(1, 1, "held", 1, None, NOW), resources)
    await ask_for_agreement(StandingOrderAsks(key), Delivery(2, 2, "asks", 1, None, NOW), resources)

    held, asks = sorted(letters(resources), key=lambda text: "agree" in text)
    assert held.startswith("Paper: 31.01.2026 заказ не оформлен\n")
    assert "стоит 100 RUB, согласовано не более 99." in " ".join(held.split())
    assert "«Paper 2026-01-31»" in held
    assert asks.startswith("Please agree to the standing order Paper\n")
