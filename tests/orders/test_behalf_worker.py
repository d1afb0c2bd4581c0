"""The letter to a person for whom a representative filled a cart, as a worker writes it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from entrepot.platform.config import Settings
from entrepot.platform.database import Database, fetch_one
from entrepot.platform.identity.models import User
from entrepot.platform.orders.behalf import mandates
from entrepot.platform.outbox import load
from entrepot.workers import notifications
from entrepot.workers.consumers import Delivery, registry
from entrepot.workers.resources import WorkerResources, open_resources
from tests.orders.test_behalf import CLOCK, market, order, rule_above
from tests.orders.test_paid_first_workers import letters


@pytest.fixture
async def worker(settings: Settings, database: Database) -> AsyncIterator[WorkerResources]:
    """What a worker opens."""
    async with open_resources(settings) as opened:
        yield opened


async def test_the_person_is_told_of_the_cart_that_waits(worker: WorkerResources) -> None:
    assert notifications.write_behalf_letters is registry["behalf_letters"].handle
    m = await market()
    await rule_above(m, "150")
    await mandates.grant(m.boss, m.seller.id, clock=CLOCK)
    await order(m, m.representative, m.offer, "2")
    row = await fetch_one("SELECT * FROM outbox_event WHERE kind = 'CartFilledOnBehalf'")
    assert row is not None
    listening = [one for one in registry if row["kind"] in one.kinds]
    assert [one.name for one in listening] == ["behalf_letters"]
    delivery = Delivery(1, row["id"], "behalf_letters", 1, None, CLOCK.now())
    assert listening[0].handle is not None
    await listening[0].handle(load(row["kind"], row["payload"]), delivery, worker)
    (letter,) = letters(worker)
    person = await User.get(id=m.person.user_id)
    assert person.email in str(letter["To"])
    assert letter["Subject"] == "Rita Rep собрал для вас корзину"
