"""A standing order through a year of simulated months, day by day, two schedulers each day.

Monthly on the 31st for a Russian legal entity in Moscow, moved before public holidays, in 2027.
The 31st of January and the 28th of February are Sundays and stay; in April the date is skipped; in
May its quantity is changed; in June the price is above what was agreed; from 15 July to 10
September it is paused; the 31st of December is a day off, so that the 30th is due.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.models import Offer
from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import LegalEntity
from entrepot.platform.identity.permissions import Role
from entrepot.platform.notifications.standing_letters import letters_of_held_run
from entrepot.platform.orders.standing.service import run_due
from tests.factories import make_actor, make_company, make_offer, make_seller
from tests.graphql_client import GraphQLClient

MOSCOW = ZoneInfo("Europe/Moscow")
YEAR = 2027

CREATE = """
mutation Create($terms: StandingTermsInput!) {
  createStandingOrder(input: {terms: $terms}) {
    ... on StandingOrderPayload {
      standingOrder { id status nextDates(count: 12) { dueOn plannedOn } }
    }
    ... on UserError { code message }
  }
}
"""
SKIP = """
mutation Skip($id: ID!, $day: Date!) {
  skipStandingOrderDate(input: {standingOrderId: $id, dueOn: $day}) {
    ... on StandingOrderPayload { standingOrder { nextDates(count: 2) { dueOn skipped } } }
    ... on UserError { code }
  }
}
"""
CHANGE = """
mutation Change($id: ID!, $day: Date!, $offer: ID!, $quantity: Quantity!) {
  changeStandingOrderDate(
    input: {standingOrderId: $id, dueOn: $day, quantities: [{offerId: $offer, quantity: $quantity}]}
  ) {
    ... on StandingOrderPayload { standingOrder { id } }
    ... on AboveEnvelope { code limit }
    ... on UserError { code }
  }
}
"""
PAUSE = """
mutation Pause($id: ID!) {
  pauseStandingOrder(input: {standingOrderId: $id}) {
    ... on StandingOrderPayload { standingOrder { status } }
  }
}
"""
RESUME = """
mutation Resume($id: ID!) {
  resumeStandingOrder(input: {standingOrderId: $id}) {
    ... on StandingOrderPayload { standingOrder { status nextDates(count: 1) { dueOn } } }
  }
}
"""
RUNS = """
query Runs($id: ID!) {
  standingOrderRuns(standingOrderId: $id, first: 50) {
    edges { node { dueOn outcome code reason cartId order { number poNumber } } }
  }
}
"""


PLACE = """
mutation Place($cart: ID!) {
  placeOrder(input: {cartIds: [$cart]}) {
    ... on PlaceOrderPayload { orders { number } }
    ... on UserError { code message }
  }
}
"""


def morning(day: date) -> datetime:
    """Return six in the morning of the day, in Moscow."""
    return datetime.combine(day, time(6), MOSCOW)


@dataclass
class Story:
    """The year as it goes."""

    api: GraphQLClient
    clock: FixedClock
    buyer: Actor
    offer: Offer
    id: str = ""

    async def until(self, month: int, day: int) -> None:
        """Let the days before this one pass, each with two schedulers at the same moment."""
        today = self.clock.moment.date()
        while today < date(YEAR, month, day):
            await asyncio.gather(run_due(self.clock), run_due(self.clock))
            today += timedelta(days=1)
            self.clock.moment = morning(today)

    async def run(self, operation: str, **variables: object) -> Any:
        """Send an operation as the buyer; return the value of its field."""
        reply = await self.api.run(operation, actor=self.buyer, locale="ru", **variables)
        (result,) = reply.data.values()
        return result

    async def reserved(self) -> Decimal:
        """Return how much of the offer is reserved."""
        found: Decimal = await fetch_value("SELECT reserved FROM stock_item")
        return found


@pytest.fixture
async def story(settings: Settings, database: Database, redis: Redis) -> AsyncIterator[Story]:
    """A buyer in Moscow, and a seller with 500 in stock at 80, sold by 5."""
    company, entity = await make_company("Завод", buyer=True)
    await LegalEntity.filter(id=entity.id).update(time_zone="Europe/Moscow")
    buyer = await make_actor(company, entity, Role.BUYER, locale="ru")
    offer = await make_offer(await make_seller("Склад"), price="80", stock="500", pack="5")
    clock = FixedClock(morning(date(YEAR, 1, 1)))
    api = GraphQLClient(settings, database, redis, clock)
    yield Story(api, clock, buyer, offer)
    await api.close()


async def create(story: Story) -> None:
    """On 1 January: 25 on each date, up to 50 and up to 90 each, up to 4,000 in all."""
    made = await story.run(
        CREATE,
        terms={
            "name": "Болты",
            "calendar": {
                "frequency": "MONTHLY_BY_DATE",
                "startsOn": f"{YEAR}-01-01",
                "dayOfMonth": 31,
                "holidayCountry": "RU",
                "onHoliday": "BEFORE",
            },
            "lines": [
                {
                    "offerId": encode_id("Offer", story.offer.id),
                    "quantity": "25",
                    "maxQuantity": "50",
                    "maxUnitPrice": "90",
                }
            ],
            "maxTotal": "4000",
            "poNumber": "27-B",
        },
    )
    story.id = made["standingOrder"]["id"]
    dates = made["standingOrder"]["nextDates"]
    assert [one["dueOn"][5:] for one in dates] == [
        "01-31", "02-28", "03-31", "04-30", "05-31", "06-30",
        "07-31", "08-31", "09-30", "10-31", "11-30", "12-30",
    ]  # fmt: skip
    assert dates[-1]["plannedOn"] == [f"{YEAR}-12-31"]


async def spring(story: Story) -> None:
    """Three dates are ordered, April's is skipped, May's is forty."""
    await story.until(4, 1)
    assert await story.reserved() == 75
    skipped = await story.run(SKIP, id=story.id, day=f"{YEAR}-04-30")
    assert skipped["standingOrder"]["nextDates"] == [
        {"dueOn": f"{YEAR}-04-30", "skipped": True},
        {"dueOn": f"{YEAR}-05-31", "skipped": False},
    ]
    change = {"id": story.id, "day": f"{YEAR}-05-31", "offer": encode_id("Offer", story.offer.id)}
    too_much = await story.run(CHANGE, **change, quantity="55")
    assert too_much == {"code": "ABOVE_ENVELOPE", "limit": "50"}
    assert "standingOrder" in await story.run(CHANGE, **change, quantity="40")
    await story.until(6, 1)
    assert await story.reserved() == 115


async def dear_june(story: Story) -> str:
    """At 95 the date is held and told; returns the cart's global id."""
    await execute("UPDATE offer SET list_price = 95")
    await story.until(7, 1)
    assert await story.reserved() == 115
    (held,) = await fetch("SELECT id, cart_id FROM standing_order_run WHERE outcome = 'held'")
    (letter,) = await letters_of_held_run(held["id"])
    assert letter.values["cart"] == f"Болты {YEAR}-06-30"
    assert letter.values["reason"].endswith("стоит 95 RUB, согласовано не более 90.")
    return encode_id("Cart", held["cart_id"])


async def pause(story: Story) -> None:
    """July and August are left out, and not made up for in September."""
    await story.until(7, 15)
    paused = await story.run(PAUSE, id=story.id)
    assert paused == {"standingOrder": {"status": "PAUSED"}}
    await execute("UPDATE offer SET list_price = 80")
    await story.until(9, 10)
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 5
    resumed = await story.run(RESUME, id=story.id)
    assert resumed == {
        "standingOrder": {"status": "ACTIVE", "nextDates": [{"dueOn": f"{YEAR}-09-30"}]}
    }


async def test_a_standing_order_through_a_year(story: Story) -> None:
    """Eight dates ordered by themselves, one by hand, one skipped, two paused: 240 pieces."""
    await create(story)
    await spring(story)
    cart = await dear_june(story)
    by_hand = await story.run(PLACE, cart=cart)
    assert len(by_hand["orders"]) == 1
    await pause(story)
    await story.until(12, 31)

    log = await story.run(RUNS, id=story.id)
    found = [edge["node"] for edge in reversed(log["edges"])]
    assert [(one["dueOn"][5:], one["outcome"], one["code"]) for one in found] == [
        ("01-31", "PLACED", None),
        ("02-28", "PLACED", None),
        ("03-31", "PLACED", None),
        ("04-30", "SKIPPED", "DATE_SKIPPED"),
        ("05-31", "PLACED", None),
        ("06-30", "HELD", "OUTSIDE_ENVELOPE"),
        ("07-31", "SKIPPED", "DATE_PAUSED"),
        ("08-31", "SKIPPED", "DATE_PAUSED"),
        ("09-30", "PLACED", None),
        ("10-31", "PLACED", None),
        ("11-30", "PLACED", None),
        ("12-30", "PLACED", None),
    ]
    numbers = [one["order"]["number"] for one in found if one["order"]]
    assert len(set(numbers)) == 8
    assert {one["order"]["poNumber"] for one in found if one["order"]} == {"27-B"}
    lines = await fetch(
        "SELECT o.placed_at::date AS day, l.quantity, l.unit_price FROM order_line l"
        "  JOIN seller_order s ON s.id = l.seller_order_id"
        "  JOIN purchase_order o ON o.id = s.order_id ORDER BY o.placed_at"
    )
    assert [(f"{row['day']:%m-%d}", row["quantity"], row["unit_price"]) for row in lines] == [
        ("01-31", 25, 80),
        ("02-28", 25, 80),
        ("03-31", 25, 80),
        ("05-31", 40, 80),
        ("07-01", 25, 95),
        ("09-30", 25, 80),
        ("10-31", 25, 80),
        ("11-30", 25, 80),
        ("12-30", 25, 80),
    ]
    assert await story.reserved() == 240
    assert await fetch_value("SELECT count(*) FROM cart WHERE status = 'open'") == 0
