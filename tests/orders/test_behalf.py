"""Ordering for a buyer: mandates, the buyer's own prices and rules, both names, and no peeking."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.carts import service as carts
from entrepot.platform.carts.approvals.models import ApprovalRule, ApprovalRuleStep
from entrepot.platform.carts.budgets.models import Budget
from entrepot.platform.catalog.models import Offer
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, fetch, fetch_one, fetch_value
from entrepot.platform.errors import DomainError, Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity, User
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.inventory.errors import OutOfStock
from entrepot.platform.notifications.queries import letters_of_filled_cart, letters_of_order
from entrepot.platform.orders import queries
from entrepot.platform.orders import service as orders
from entrepot.platform.orders.behalf import mandates
from entrepot.platform.orders.behalf.errors import BuyerRefuses, MandateRequired
from entrepot.platform.orders.behalf.service import BehalfLine, order_on_behalf, outcome
from tests.factories import (
    Seller,
    make_actor,
    make_buyer,
    make_company,
    make_offer,
    make_price_list,
    make_seller,
)
from tests.graphql_client import GraphQLClient

CLOCK = FixedClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
KEY = b"k" * 32
TRACES = ("purchase_order", "cart", "cart_line", "reservation", "ledger_posting", "outbox_event",
          "approval", "number_sequence", "budget_entry")  # fmt: skip


@dataclass(frozen=True)
class Market:
    """A seller with a representative; a buyer with an administrator and a person who buys."""

    seller: Seller
    representative: Actor
    boss: Actor
    person: Actor
    offer: Offer


async def market() -> Market:
    seller = await make_seller("Nord")
    representative = await make_actor(seller.company, seller.entity, Role.SALES_REPRESENTATIVE)
    await User.filter(id=representative.user_id).update(name="Rita Rep")
    company, entity = await make_company("Kauf", buyer=True)
    boss = await make_actor(company, entity, Role.ADMINISTRATOR)
    person = await make_actor(company, entity, Role.BUYER, locale="ru")
    await User.filter(id=person.user_id).update(name="Bob Buyer")
    offer = await make_offer(seller, price="100", stock="50")
    return Market(seller, representative, boss, person, offer)


async def order(m: Market, actor: Actor, offer: Offer, quantity: str = "2", **more: Any) -> UUID:
    return await order_on_behalf(
        KEY,
        actor,
        m.person.legal_entity_id,
        more.pop("person_id", m.person.user_id),
        [BehalfLine(offer.id, Decimal(quantity))],
        clock=CLOCK,
        **more,
    )


async def traces() -> dict[str, int]:
    return {table: await fetch_value(f"SELECT count(*) FROM {table}") for table in TRACES}


async def refuse(
    error: type[DomainError], m: Market, actor: Actor, offer: Offer, *given: str, **more: Any
) -> DomainError:
    before = await traces()
    with pytest.raises(error) as refused:
        await order(m, actor, offer, *given, **more)
    assert await traces() == before
    assert await fetch_value("SELECT coalesce(sum(reserved), 0) FROM stock_item") == 0
    return refused.value


async def test_both_names_stay_and_the_buyers_price_holds(database: Database) -> None:
    m = await market()
    await make_price_list(m.seller, m.person.company_id, {m.offer.id: {"1": "90"}})
    await mandates.grant(m.boss, m.seller.id, clock=CLOCK)
    cart_id = await order(m, m.representative, m.offer, po_number="4711", note="as we spoke")

    found = await outcome(m.representative, cart_id)
    (part,) = found.seller_orders
    assert (part.net, part.gross, part.placed_by, part.on_behalf_of) == (
        180, 216, "Rita Rep", "Bob Buyer"
    )  # fmt: skip
    row = await fetch_one("SELECT * FROM purchase_order")
    assert row is not None
    assert (row["placed_by_id"], row["on_behalf_of_id"], row["buyer_id"]) == (
        m.representative.user_id, m.person.user_id, m.person.company_id
    )  # fmt: skip
    (shown,) = (await queries.orders_by_ids(m.person, [row["id"]])).values()
    assert (shown.placed_by, shown.on_behalf_of, shown.po_number, shown.note) == (
        "Rita Rep", "Bob Buyer", "4711", "as we spoke"
    )  # fmt: skip
    event = await fetch_one("SELECT payload FROM outbox_event WHERE kind = 'OrderPlaced'")
    assert event is not None
    told = orjson.loads(event["payload"])
    assert (told["placed_by"], told["on_behalf_of"]) == (
        str(m.representative.user_id), str(m.person.user_id)
    )  # fmt: skip
    letters = await letters_of_order(row["id"])
    email = await fetch_value("SELECT email FROM user_account WHERE id = $1", m.person.user_id)
    assert [(one.kind, one.recipient == email, one.locale) for one in letters] == [
        ("order_placed_for_you", True, "ru"), ("order_received", False, "en")
    ]  # fmt: skip
    assert (letters[0].values["by"], letters[0].values["by_company"]) == ("Rita Rep", "Nord")


async def test_without_a_live_mandate_nothing_happens(database: Database) -> None:
    m = await market()
    await refuse(MandateRequired, m, m.representative, m.offer)
    mandate_id = await mandates.grant(m.boss, m.seller.id, clock=CLOCK)
    assert await mandates.grant(m.boss, m.seller.id, clock=CLOCK) == mandate_id
    await mandates.revoke(m.boss, mandate_id, clock=CLOCK)
    await mandates.revoke(m.boss, mandate_id, clock=CLOCK)
    await refuse(MandateRequired, m, m.representative, m.offer)
    kinds = await fetch("SELECT kind FROM outbox_event ORDER BY id")
    assert [row["kind"] for row in kinds] == ["BuyingMandateGranted", "BuyingMandateRevoked"]
    again = await mandates.grant(m.boss, m.seller.id, clock=CLOCK)
    assert again != mandate_id
    await order(m, m.representative, m.offer)
    # a mandate for one legal entity is none for another
    other = await LegalEntity.create(
        company_id=m.person.company_id, name="Second", country="RU", tax_id="7", currency="RUB"
    )
    with pytest.raises(MandateRequired):
        await order_on_behalf(
            KEY, m.representative, other.id, m.person.user_id,
            [BehalfLine(m.offer.id, Decimal(1))], clock=CLOCK,
        )  # fmt: skip


async def test_only_own_offers_for_people_who_may_buy(database: Database) -> None:
    m = await market()
    await mandates.grant(m.boss, m.seller.id, clock=CLOCK)
    foreign = await make_offer(await make_seller("Rival"))
    error = await refuse(NotFound, m, m.representative, foreign)
    assert (error.path, error.line_index) == (("lines", "0", "offerId"), 0)
    await refuse(NotFound, m, m.representative, m.offer, person_id=m.boss.user_id)
    await refuse(NotFound, m, m.representative, m.offer, person_id=(await make_buyer()).user_id)
    await refuse(Forbidden, m, m.seller.actor, m.offer)
    await refuse(Forbidden, m, m.person, m.offer)
    await refuse(InvalidInput, m, m.representative, m.offer, po_number="x" * 51)
    short = await refuse(OutOfStock, m, m.representative, m.offer, "51")
    assert short.line_index == 0
    await User.filter(id=m.person.user_id).update(disabled_at=CLOCK.now())
    await refuse(NotFound, m, m.representative, m.offer)
    with pytest.raises(InvalidInput):
        await order_on_behalf(
            KEY, m.representative, m.person.legal_entity_id, m.person.user_id, [], clock=CLOCK
        )


async def test_the_operator_needs_no_mandate_and_orders_from_all(database: Database) -> None:
    m = await market()
    company, entity = await make_company("Market", operator=True)
    operator = await make_actor(company, entity, Role.OPERATOR)
    rival = await make_offer(await make_seller("Rival"), price="10")
    cart_id = await order_on_behalf(
        KEY,
        operator,
        m.person.legal_entity_id,
        m.person.user_id,
        [BehalfLine(m.offer.id, Decimal(1)), BehalfLine(rival.id, Decimal(1))],
        clock=CLOCK,
    )
    found = await outcome(operator, cart_id)
    assert sorted(part.seller_name for part in found.seller_orders) == ["Nord", "Rival"]
    assert {part.placed_by for part in found.seller_orders} != {"Bob Buyer"}


async def rule_above(m: Market, amount: str) -> Actor:
    """A rule that asks an approver above an amount."""
    company = await Company.get(id=m.person.company_id)
    entity = await LegalEntity.get(id=m.person.legal_entity_id)
    approver = await make_actor(company, entity, Role.APPROVER)
    rule = await ApprovalRule.create(
        company=company, name="limit", above_amount=Decimal(amount), currency="RUB"
    )
    await ApprovalRuleStep.create(rule=rule, step=1, approver_ids=[approver.user_id])
    return approver


async def test_what_needs_approval_waits_in_the_buyers_company(database: Database) -> None:
    m = await market()
    await rule_above(m, "150")
    await mandates.grant(m.boss, m.seller.id, clock=CLOCK)
    cart_id = await order(m, m.representative, m.offer, "2", po_number="7", note="please")
    found = await outcome(m.representative, cart_id)
    assert (found.seller_orders, found.waits_for_approval) == ((), True)
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 0
    assert await fetch_value("SELECT reserved FROM stock_item") == 0
    cart = await fetch_one("SELECT * FROM cart WHERE id = $1", cart_id)
    assert cart is not None
    assert (cart["status"], cart["created_by_id"], cart["po_number"], cart["name"]) == (
        "submitted", m.person.user_id, "7", "Rita Rep, Nord"
    )  # fmt: skip
    approval = await fetch_one("SELECT requested_by_id, status, cart_id FROM approval")
    assert approval is not None
    assert tuple(approval.values()) == (m.person.user_id, "pending", cart_id)
    (letter,) = await letters_of_filled_cart(cart_id, m.representative.user_id, m.person.user_id)
    assert (letter.kind, letter.locale) == ("approval_asked_for_you", "ru")
    events = await fetch("SELECT kind FROM outbox_event WHERE kind = 'CartFilledOnBehalf'")
    assert len(events) == 1
    small = await order(m, m.representative, m.offer, "1")  # below the limit: ordered at once
    assert not (await outcome(m.representative, small)).waits_for_approval


async def test_the_buyers_budget_blocks_and_stays_secret(database: Database) -> None:
    m = await market()
    await mandates.grant(m.boss, m.seller.id, clock=CLOCK)
    await Budget.create(
        legal_entity_id=m.person.legal_entity_id, name="SECRET plan", currency="RUB",
        amount=Decimal(150), period="month", starts_on=CLOCK.now().date(), mode="block",
    )  # fmt: skip
    error = await refuse(BuyerRefuses, m, m.representative, m.offer)
    assert str(error) == "The rules of the buyer do not let this order pass. Talk to Bob Buyer."
    await order(m, m.representative, m.offer, "1")
    assert await fetch_value("SELECT spent FROM budget_period") == 100


async def test_revoking_while_orders_run(database: Database) -> None:
    m = await market()
    mandate_id = await mandates.grant(m.boss, m.seller.id, clock=CLOCK)
    answers = await asyncio.gather(
        *(order(m, m.representative, m.offer, "1") for _ in range(6)),
        mandates.revoke(m.boss, mandate_id, clock=CLOCK),
        return_exceptions=True,
    )
    refused = [one for one in answers if isinstance(one, BaseException)]
    assert all(isinstance(one, MandateRequired) for one in refused), refused
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 6 - len(refused)
    assert await fetch_value("SELECT reserved FROM stock_item") == 6 - len(refused)
    await refuse_after(m)


async def refuse_after(m: Market) -> None:
    with pytest.raises(MandateRequired):
        await order(m, m.representative, m.offer, "1")


GRANT = """
mutation G($input: GrantBuyingMandateInput!) { grantBuyingMandate(input: $input) { __typename
  ... on BuyingMandatePayload { mandate { id companyName legalEntityName people { name } } }
  ... on UserError { code } } }
"""
PLACE = """
mutation P($input: PlaceOrderOnBehalfInput!) { placeOrderOnBehalf(input: $input) { __typename
  ... on PlaceOrderOnBehalfPayload { waitsForApproval sellerOrders {
      number sellerName placedBy onBehalfOf lines { unitPrice { amount } } invoice { number } } }
  ... on UserError { code path message } } }
"""


async def test_through_the_api(graphql: GraphQLClient) -> None:
    m = await market()
    nord = {"companyId": encode_id("Company", m.seller.id)}
    refused = await graphql.run(GRANT, actor=m.person, input=nord)
    assert refused.data["grantBuyingMandate"]["code"] == "FORBIDDEN"
    granted = (await graphql.run(GRANT, actor=m.boss, input=nord)).data["grantBuyingMandate"]
    assert granted["mandate"]["companyName"] == "Nord"
    assert granted["mandate"]["people"] == [{"name": "Bob Buyer"}]
    mine = await graphql.run(
        """{ heldBuyingMandates { edges { node { id buyerName legalEntityId
             people { id name } } } } }""",
        actor=m.representative,
    )
    (edge,) = mine.data["heldBuyingMandates"]["edges"]
    wanted = {
        "legalEntityId": edge["node"]["legalEntityId"],
        "personId": edge["node"]["people"][0]["id"],
        "lines": [{"offerId": encode_id("Offer", m.offer.id), "quantity": "2"}],
    }
    for _ in range(2):  # the same key: the same order
        reply = await graphql.run(
            PLACE, actor=m.representative, idempotency_key="once", input=wanted
        )
        assert reply.data["placeOrderOnBehalf"]["sellerOrders"] == [
            {
                "number": "SO-2026-000001", "sellerName": "Nord", "placedBy": "Rita Rep",
                "onBehalfOf": "Bob Buyer", "lines": [{"unitPrice": {"amount": "100"}}],
                "invoice": None,
            }
        ]  # fmt: skip
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 1
    # nothing else of the buyer is open to the representative
    for query in (
        "{ orders { edges { cursor } } }",
        "{ cart { id } }",
        "{ accountBalances { account } }",
    ):
        assert (await graphql.run(query, actor=m.representative)).codes == ["FORBIDDEN"]
    rival = await make_seller("Rival")
    stranger = await make_actor(rival.company, rival.entity, Role.SALES_REPRESENTATIVE)
    assert (await graphql.run(PLACE, actor=stranger, input=wanted)).data["placeOrderOnBehalf"][
        "code"
    ] == "MANDATE_REQUIRED"
    node = "query N($id: ID!) { node(id: $id) { ... on BuyingMandate { companyName } } }"
    for actor, seen in ((m.boss, True), (m.representative, True), (stranger, False),
                        (m.person, False)):  # fmt: skip
        found = await graphql.run(node, actor=actor, id=granted["mandate"]["id"])
        assert (found.data["node"] is not None) is seen
    revoke = """mutation R($input: RevokeBuyingMandateInput!) { revokeBuyingMandate(input: $input) {
        ... on BuyingMandatePayload { mandate { revokedAt } } ... on UserError { code } } }"""
    mandate = {"mandateId": granted["mandate"]["id"]}
    other_boss = await make_buyer(Role.ADMINISTRATOR)
    hidden = await graphql.run(revoke, actor=other_boss, input=mandate)
    assert hidden.data["revokeBuyingMandate"]["code"] == "NOT_FOUND"
    done = await graphql.run(revoke, actor=m.boss, input=mandate)
    assert done.data["revokeBuyingMandate"]["mandate"]["revokedAt"] is not None
    after = await graphql.run(PLACE, actor=m.representative, input=wanted)
    assert after.data["placeOrderOnBehalf"]["code"] == "MANDATE_REQUIRED"
    unknown = await graphql.run(
        GRANT, actor=m.boss, input={"companyId": encode_id("Company", new_id())}
    )
    assert unknown.data["grantBuyingMandate"]["code"] == "NOT_FOUND"


async def test_the_representatives_order_leaves_the_persons_cart_alone(database: Database) -> None:
    m = await market()
    await carts.add(m.person, m.offer.id, Decimal(7), clock=CLOCK)
    await mandates.grant(m.boss, m.seller.id, clock=CLOCK)
    await order(m, m.representative, m.offer, "1")
    assert await fetch_value("SELECT quantity FROM order_line") == 1
    assert (
        await fetch_value(
            "SELECT l.quantity FROM cart_line l JOIN cart c ON c.id = l.cart_id WHERE c.is_default"
        )
        == 7
    )
    (order_id,) = await orders.place(m.person, clock=CLOCK)
    assert (await queries.orders_by_ids(m.person, [order_id]))[order_id].on_behalf_of is None
