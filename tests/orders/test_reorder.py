"""Ordering again: today's prices, other sellers, replacements, and what stands in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.carts import service as carts
from entrepot.platform.catalog.article_numbers import brand_key, number_key
from entrepot.platform.catalog.models import CrossReference, Offer, Product
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.errors import DomainError, Forbidden, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity
from entrepot.platform.identity.permissions import Permission, Role
from entrepot.platform.orders import service as orders
from entrepot.platform.orders.reorder import reorder
from tests.factories import make_actor, make_buyer, make_offer, make_product, make_seller
from tests.graphql_client import GraphQLClient

CLOCK = FixedClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
NOW = CLOCK.now()
D = Decimal

REORDER = """
mutation Again($order: ID!) {
  reorder(input: {orderId: $order}) {
    ... on QuickOrderPayload { quickOrder { id source } }
    ... on UserError { code }
  }
}
"""
CONFIRM = """
mutation Confirm($id: ID!) {
  confirmQuickOrder(input: {quickOrderId: $id, acceptProposals: true}) {
    ... on ConfirmQuickOrderPayload { cart { lines { quantity unitPrice { amount } } } }
    ... on UserError { code }
  }
}
"""


async def ordered(actor: Actor, *wanted: tuple[Offer, str]) -> Any:
    """Place an order and return its id."""
    for offer, quantity in wanted:
        await carts.add(actor, offer.id, D(quantity), clock=CLOCK)
    (order_id,) = await orders.place(actor, clock=CLOCK)
    return order_id


async def outcomes(quick_order_id: object) -> list[tuple[str, object, Decimal | None]]:
    """Return outcome, offer and proposed quantity of each line."""
    rows = await fetch(
        "SELECT outcome, offer_id, proposed_quantity FROM quick_order_line"
        " WHERE quick_order_id = $1 ORDER BY line_number",
        quick_order_id,
    )
    return [(row["outcome"], row["offer_id"], row["proposed_quantity"]) for row in rows]


async def test_every_way_an_article_can_have_changed(database: Database) -> None:
    """Still there, short, gone to another seller, replaced, stood in for, gone for good."""
    buyer, seller, rival = await make_buyer(), await make_seller(), await make_seller()
    names = ("there", "short", "elsewhere", "replaced", "stood in", "gone")
    offers = {name: await make_offer(seller, stock="10") for name in names}
    order_id = await ordered(buyer, *((offer, "4") for offer in offers.values()))
    product = {name: await Product.get(id=offer.product_id) for name, offer in offers.items()}  # type: ignore[attr-defined]

    await execute("UPDATE stock_item SET on_hand = 6 WHERE offer_id = $1", offers["short"].id)
    for name in ("elsewhere", "replaced", "stood in", "gone"):
        await Offer.filter(id=offers[name].id).update(active=False)
    other = await make_offer(rival, product["elsewhere"], stock="10")
    newer = await make_offer(rival, stock="10")
    await Product.filter(id=product["replaced"].id).update(
        discontinued=True,
        replaced_by_id=newer.product_id,  # type: ignore[attr-defined]
    )
    analog = await make_offer(rival, await make_product(brand="Makita"), stock="10")
    await CrossReference.create(
        product_id=analog.product_id,  # type: ignore[attr-defined]
        brand="Bosch",
        number=product["stood in"].manufacturer_number,
        brand_key=brand_key("Bosch"),
        number_key=number_key(product["stood in"].manufacturer_number),
    )

    found = await outcomes(await reorder(buyer, order_id, now=NOW))

    assert found == [
        ("EXACT", offers["there"].id, D(4)),
        ("SHORT", offers["short"].id, D(2)),
        ("CROSS_REFERENCE", other.id, D(4)),
        ("CROSS_REFERENCE", newer.id, D(4)),
        ("CROSS_REFERENCE", analog.id, D(4)),
        ("NOT_FOUND", None, None),
    ]
    assert await fetch_value("SELECT source FROM quick_order") == "reorder"


async def test_it_is_confirmed_at_todays_price(graphql: GraphQLClient) -> None:
    buyer = await make_buyer()
    offer = await make_offer(await make_seller(), price="100", stock="50")
    order_id = await ordered(buyer, (offer, "4"))
    await Offer.filter(id=offer.id).update(list_price=D(120))

    again = await graphql.run(REORDER, actor=buyer, order=encode_id("Order", order_id))
    quick_order = again.data["reorder"]["quickOrder"]
    confirmed = await graphql.run(CONFIRM, actor=buyer, id=quick_order["id"])

    assert quick_order["source"] == "REORDER"
    assert confirmed.data["confirmQuickOrder"]["cart"]["lines"] == [
        {"quantity": "4", "unitPrice": {"amount": "120"}}
    ]


async def test_whose_orders_and_for_which_cart(database: Database) -> None:
    """A colleague may; others, and people who may not buy, may not."""
    buyer = await make_buyer()
    offer = await make_offer(await make_seller(), stock="50")
    order_id = await ordered(buyer, (offer, "4"))
    company = await Company.get(id=buyer.company_id)
    entity = await LegalEntity.get(id=buyer.legal_entity_id)
    second = await LegalEntity.create(
        company=company, name="Second", country="RU", tax_id="7", currency="RUB"
    )
    colleague = await make_actor(company, second, Role.BUYER)
    accountant = await make_actor(company, entity, Role.ACCOUNTANT)
    blind = replace(buyer, permissions=buyer.permissions - {Permission.ORDER_VIEW})

    await reorder(colleague, order_id, now=NOW)
    cart_id = await carts.create(colleague, "Second's", clock=CLOCK)
    await reorder(colleague, order_id, now=NOW, cart_id=cart_id)
    entities = await fetch("SELECT legal_entity_id AS id FROM quick_order ORDER BY id")
    assert [row["id"] for row in entities] == [entity.id, second.id]
    for actor in (accountant, blind):
        with pytest.raises(Forbidden):
            await reorder(actor, order_id, now=NOW)
    with pytest.raises(NotFound):
        await reorder(await make_buyer(), order_id, now=NOW)
    await execute("UPDATE cart SET status = 'submitted' WHERE id = $1", cart_id)
    with pytest.raises(DomainError) as submitted:
        await reorder(colleague, order_id, now=NOW, cart_id=cart_id)
    assert submitted.value.code == "CART_SUBMITTED"
    assert await fetch_value("SELECT count(*) FROM quick_order") == 2
