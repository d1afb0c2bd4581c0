"""Standing orders over GraphQL: lists, logs, who agrees, and the letters that follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity, User
from entrepot.platform.identity.permissions import Permission, Role
from entrepot.platform.notifications.standing_letters import letters_asking, letters_of_held_run
from entrepot.platform.orders.standing import service
from tests.factories import make_actor, make_buyer, make_offer, make_seller
from tests.graphql_client import GraphQLClient
from tests.orders.standing_orders import at, in_moscow, make_standing, terms
from tests.sql_counter import counted_sql

LIST = """
query List($first: Int!) {
  standingOrders(first: $first) {
    edges {
      node {
        id name status madeBy approvedBy frequency dayOfMonth maxTotal { amount currency }
        deliveryAddress { name }
        lines { offerId quantity maxQuantity maxUnitPrice { amount } offer { articleNumber } }
        nextDates(count: 3) { dueOn plannedOn skipped quantities { offerId quantity } }
        latestRuns { dueOn outcome code reason cartId order { number } }
      }
    }
    pageInfo { hasNextPage }
  }
}
"""
APPROVE = """
mutation Approve($id: ID!, $version: String) {
  approveStandingOrder(input: {standingOrderId: $id, termsVersion: $version}) {
    ... on StandingOrderPayload { standingOrder { approvedBy approvedAt termsVersion } }
    ... on UserError { code }
  }
}
"""
NODE = "query Node($id: ID!) { node(id: $id) { ... on StandingOrder { name } } }"
RUNS = """
query Runs($id: ID!, $first: Int!, $after: String) {
  standingOrderRuns(standingOrderId: $id, first: $first, after: $after) {
    edges { node { dueOn outcome } }
    pageInfo { hasNextPage endCursor }
  }
}
"""


@pytest.fixture
async def buyer(graphql: GraphQLClient) -> Actor:
    """A buyer in Moscow."""
    return await in_moscow(await make_buyer())


async def colleague(actor: Actor, *roles: Role, locale: str = "en") -> Actor:
    """Somebody else of the actor's company."""
    company = await Company.get(id=actor.company_id)
    entity = await LegalEntity.get(id=actor.legal_entity_id)
    return await make_actor(company, entity, *roles, locale=locale)


async def test_a_standing_order_as_its_people_see_it(graphql: GraphQLClient, buyer: Actor) -> None:
    offer = await make_offer(await make_seller(), stock="1000")
    key = await make_standing(
        buyer, terms(offer, line_max_unit_price=Decimal(110), max_total=Decimal(2000)), "2026-01-05"
    )
    await service.run_due(at("2026-01-31"))
    await execute("UPDATE offer SET list_price = 111")
    await service.run_due(at("2026-02-28"))
    await service.skip(buyer, key, date(2026, 3, 31), clock=at("2026-03-01"))
    await service.change(
        buyer, key, date(2026, 4, 30), {offer.id: Decimal(5)}, clock=at("2026-03-01")
    )
    approver = await colleague(buyer, Role.APPROVER)

    node_id = encode_id("StandingOrder", key)
    refused = await graphql.run(APPROVE, actor=approver, id=node_id, version="another")
    assert refused.data["approveStandingOrder"] == {"code": "STANDING_ORDER_CHANGED"}
    agreed = await graphql.run(APPROVE, actor=approver, id=node_id)
    shown = agreed.data["approveStandingOrder"]["standingOrder"]["termsVersion"]
    agreed = await graphql.run(APPROVE, actor=approver, id=node_id, version=shown)
    name = (await User.get(id=approver.user_id)).name
    assert agreed.data["approveStandingOrder"]["standingOrder"]["approvedBy"] == name
    reply = await graphql.run(LIST, actor=buyer, first=10)
    (edge,) = reply.data["standingOrders"]["edges"]
    node: dict[str, Any] = edge["node"]
    assert (node["status"], node["frequency"], node["dayOfMonth"]) == (
        "ACTIVE", "MONTHLY_BY_DATE", 31,
    )  # fmt: skip
    assert node["maxTotal"] == {"amount": "2000", "currency": "RUB"}
    assert [one["skipped"] for one in node["nextDates"]] == [True, False, False]
    assert node["nextDates"][1]["quantities"] == [
        {"offerId": encode_id("Offer", offer.id), "quantity": "5"}
    ]
    latest = node["latestRuns"]
    assert [(one["dueOn"], one["outcome"], one["code"]) for one in latest] == [
        ("2026-02-28", "HELD", "OUTSIDE_ENVELOPE"),
        ("2026-01-31", "PLACED", None),
    ]
    assert latest[0]["reason"].endswith("costs 111 RUB and at most 110 was agreed.")
    assert latest[1]["order"]["number"].startswith("PO-2026-")
    cart = await fetch_value("SELECT cart_id FROM standing_order_run WHERE outcome = 'held'")
    assert latest[0]["cartId"] == encode_id("Cart", cart)


async def test_others_see_nothing(graphql: GraphQLClient, buyer: Actor) -> None:
    offer = await make_offer(await make_seller())
    key = encode_id("StandingOrder", await make_standing(buyer, terms(offer)))
    stranger = await make_buyer(Role.BUYER, Role.APPROVER)
    blind = replace(buyer, permissions=buyer.permissions - {Permission.ORDER_VIEW})
    assert (await graphql.run(NODE, actor=buyer, id=key)).data["node"] == {"name": "Paper"}
    for actor in (stranger, blind, None):
        assert (await graphql.run(NODE, actor=actor, id=key)).data["node"] is None
    listed = await graphql.run(LIST, actor=stranger, first=10)
    assert listed.data["standingOrders"]["edges"] == []
    assert (await graphql.run(LIST, actor=blind, first=10)).codes == ["FORBIDDEN"]
    assert (await graphql.run(RUNS, actor=stranger, id=key, first=5)).codes == ["NOT_FOUND"]
    refused = await graphql.run(APPROVE, actor=stranger, id=key)
    assert refused.data["approveStandingOrder"] == {"code": "NOT_FOUND"}


async def test_lists_do_not_ask_more_for_more_rows(graphql: GraphQLClient, buyer: Actor) -> None:
    offer = await make_offer(await make_seller(), stock="1000")
    for _ in range(4):
        await make_standing(buyer, terms(offer, max_total=Decimal(2000)))
    await service.run_due(at("2026-01-31"))
    await graphql.run(LIST, actor=buyer, first=1)
    async with counted_sql() as one:
        reply = await graphql.run(LIST, actor=buyer, first=1)
    assert reply.data["standingOrders"]["pageInfo"] == {"hasNextPage": True}
    async with counted_sql() as four:
        reply = await graphql.run(LIST, actor=buyer, first=4)
    assert len(reply.data["standingOrders"]["edges"]) == 4
    assert len(one) == len(four)


async def test_the_log_is_paged(graphql: GraphQLClient, buyer: Actor) -> None:
    offer = await make_offer(await make_seller(), stock="1000")
    key = await make_standing(buyer, terms(offer))
    await service.run_due(at("2026-04-01"))
    found: list[str] = []
    after = None
    for _ in range(3):
        reply = await graphql.run(
            RUNS, actor=buyer, id=encode_id("StandingOrder", key), first=1, after=after
        )
        page = reply.data["standingOrderRuns"]
        found += [edge["node"]["dueOn"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert found == ["2026-03-31", "2026-02-28", "2026-01-31"]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_letters_go_to_whom_they_concern(graphql: GraphQLClient, buyer: Actor) -> None:
    """Held: to the maker in their language; after they left, to all who may order."""
    offer = await make_offer(await make_seller(), stock="1")
    russian = await colleague(buyer, Role.BUYER, locale="ru")
    approver = await colleague(buyer, Role.APPROVER)
    key = await make_standing(buyer, terms(offer))
    await service.run_due(at("2026-01-31"))
    run = await fetch_value("SELECT id FROM standing_order_run")
    emails = {
        actor.user_id: (await User.get(id=actor.user_id)).email
        for actor in (buyer, russian, approver)
    }

    (letter,) = await letters_of_held_run(run)
    assert (letter.recipient, letter.locale) == (emails[buyer.user_id], "en")
    await execute("DELETE FROM membership WHERE user_id = $1", buyer.user_id)
    (letter,) = await letters_of_held_run(run)
    assert (letter.recipient, letter.locale) == (emails[russian.user_id], "ru")
    (asking,) = await letters_asking(key, at("2026-01-31").now())
    assert asking.recipient == emails[approver.user_id]
    await execute("UPDATE cart SET status = 'deleted'")
    assert await letters_of_held_run(run) == []
    await service.end(russian, key)
    assert await letters_asking(key, at("2026-01-31").now()) == []
