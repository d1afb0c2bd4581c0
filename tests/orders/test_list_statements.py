"""Lists of mandates and open orders cost the same statements for one row and for many."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from entrepot.platform.carts import service as carts
from entrepot.platform.clock import FixedClock
from entrepot.platform.identity.permissions import Role
from entrepot.platform.orders import service as orders
from entrepot.platform.orders.behalf import mandates
from tests.factories import make_actor, make_buyer, make_company, make_offer, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

CLOCK = FixedClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
MANDATES = "edges { node { legalEntityName companyName grantedBy people { name } } }"


async def test_mandates(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    representative = await make_actor(seller.company, seller.entity, Role.SALES_REPRESENTATIVE)
    boss = await make_buyer(Role.ADMINISTRATOR)
    counts: list[tuple[int, int, int, int]] = []
    for _ in range(3):
        another = await make_buyer(Role.ADMINISTRATOR, Role.BUYER)
        await mandates.grant(another, seller.id, clock=CLOCK)
        await mandates.grant(boss, (await make_seller()).id, clock=CLOCK)
        async with counted_sql() as held:
            mine = await graphql.run(
                f"{{ heldBuyingMandates {{ {MANDATES} }} }}", actor=representative
            )
        async with counted_sql() as given:
            theirs = await graphql.run(f"{{ buyingMandates {{ {MANDATES} }} }}", actor=boss)
        counts.append(
            (
                len(mine.data["heldBuyingMandates"]["edges"]),
                len(theirs.data["buyingMandates"]["edges"]),
                len(held),
                len(given),
            )
        )
    assert [rows[:2] for rows in counts] == [(1, 1), (2, 2), (3, 3)]
    assert len({rows[2:] for rows in counts}) == 1
    pages = []
    after = None
    for _ in range(3):
        reply = await graphql.run(
            """query Q($after: String) { heldBuyingMandates(first: 1, after: $after) {
                 edges { cursor node { buyerName } } } }""",
            actor=representative,
            after=after,
        )
        (edge,) = reply.data["heldBuyingMandates"]["edges"]
        pages.append(edge["node"]["buyerName"])
        after = edge["cursor"]
    assert len(set(pages)) == 3


async def test_open_orders(graphql: GraphQLClient) -> None:
    company, entity = await make_company(operator=True)
    operator = await make_actor(company, entity, Role.OPERATOR)
    buyer, offer = await make_buyer(), await make_offer(await make_seller(), stock="10")
    counts = []
    for _ in range(3):
        await carts.add(buyer, offer.id, Decimal(1), clock=CLOCK)
        await orders.place(buyer, clock=CLOCK)
        async with counted_sql() as statements:
            reply = await graphql.run(
                """{ openSellerOrders { edges { node { number sellerName buyerName
                     gross { amount } paid { amount } open { amount } } } } }""",
                actor=operator,
            )
        counts.append((len(reply.data["openSellerOrders"]["edges"]), len(statements)))
    assert [rows for rows, _ in counts] == [1, 2, 3]
    assert len({statements for _, statements in counts}) == 1
    first = await graphql.run(
        "{ openSellerOrders(first: 2) { edges { cursor node { number } } } }", actor=operator
    )
    edges = first.data["openSellerOrders"]["edges"]
    rest = await graphql.run(
        "query Q($a: String) { openSellerOrders(after: $a) { edges { node { number } } } }",
        actor=operator,
        a=edges[-1]["cursor"],
    )
    numbers = [edge["node"]["number"] for edge in edges + rest.data["openSellerOrders"]["edges"]]
    assert numbers == ["SO-2026-000001", "SO-2026-000002", "SO-2026-000003"]
