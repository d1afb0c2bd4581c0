"""Explained prices through the public API: what the buyer learns, and what the seller does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.assortments import service as assortments
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import LegalEntity
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.pricing import service
from entrepot.platform.pricing.groups.models import CustomerGroup, CustomerGroupMember
from entrepot.platform.pricing.models import PriceList
from entrepot.platform.pricing.order_pricing import WantedLine, price_order
from entrepot.platform.pricing.promotions.models import Promotion, PromotionCompanyUse
from entrepot.platform.pricing.service import ListRule, NewPriceList, Recipient
from tests.factories import (
    make_actor,
    make_buyer,
    make_company,
    make_offer,
    make_price_list,
    make_seller,
)
from tests.graphql_client import GraphQLClient, Reply
from tests.pricing.promotion_makers import make_promotion
from tests.sql_counter import counted_sql

D = Decimal
EXPLAIN = """query ($offer: ID!, $quantity: Quantity!, $entity: ID) {
  explainPrice(offerId: $offer, quantity: $quantity, legalEntityId: $entity) {
    quantity price { unitPrice { amount } source reason tierMinimum }
    candidates { source outcome reason unitPrice { amount currency } tierMinimum priority
      minOrderValue priceList { name } steps { priceListName rule price { amount } } }
    promotions { name applies amount { amount } reason }
    discount { amount } effectiveUnitPrice { amount } } }"""


async def ask(
    graphql: GraphQLClient, actor: Actor | None, offer: Any, quantity: str, entity: Any = None
) -> Reply:
    key = None if entity is None else encode_id("LegalEntity", entity)
    return await graphql.run(
        EXPLAIN, actor=actor, offer=encode_id("Offer", offer), quantity=quantity, entity=key
    )


def shown(reply: Reply) -> dict[str, Any]:
    found: dict[str, Any] = reply.data["explainPrice"]
    return found


def by_outcome(found: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [
        (one["source"], one["outcome"], one["unitPrice"] and one["unitPrice"]["amount"])
        for one in found["candidates"]
    ]


async def test_the_seller_sees_every_list_of_its_customer_and_the_buyer_no_names(
    graphql: GraphQLClient,
) -> None:
    seller, buyer, other = await make_seller(), await make_buyer(), await make_buyer()
    bolt, nut = await make_offer(seller, price="100"), await make_offer(seller)
    base = await make_price_list(seller, other.company_id, {bolt.id: {"1": "70", "10": "60"}})
    group = await CustomerGroup.create(seller=seller.company, name="Gold")
    await CustomerGroupMember.create(
        group=group, company_id=buyer.company_id, since=datetime.now(UTC)
    )

    async def computed(name: str, rule: ListRule, recipient: Recipient, **terms: Any) -> None:
        new = NewPriceList(name, "RUB", rule=rule, **terms)
        list_id = await service.create_price_list(seller.actor, new)
        await service.assign_price_list(seller.actor, list_id, recipient)

    entity, company = (
        Recipient(legal_entity_id=buyer.legal_entity_id), Recipient(buyer.company_id),
    )  # fmt: skip
    yesterday = datetime.now(UTC) - timedelta(days=1)
    await computed("Off", ListRule(None, D(-20), rounding="to_99"), entity)
    await computed("Chained", ListRule(base.id, D(5)), company, priority=-1)
    await computed("Groups", ListRule(None, D(-50)), Recipient(group_id=group.id), priority=5)
    await computed("Past", ListRule(None, D(-60)), company, valid_until=yesterday)
    await computed("Far", ListRule(None, D(-70)), company, regions=("DE",))
    await computed("Large", ListRule(None, D(-80)), company, min_order_value=D(10**6))
    await make_price_list(seller, buyer.company_id, {nut.id: {"1": "1"}})  # about another offer
    draft = await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "1"}}, priority=9)
    await PriceList.filter(id=draft.id).update(active=False)
    late = await make_price_list(seller, buyer.company_id, {bolt.id: {"50": "55"}})
    await make_price_list(seller, other.company_id, {bolt.id: {"1": "2"}}, priority=99)

    common = [
        ("COMPANY_LIST", "WINS", "79.99"),
        ("COMPANY_LIST", "OTHER_REGION", "30"),
        ("COMPANY_LIST", "EXPIRED", "40"),
        ("COMPANY_LIST", "BELOW_TIER", "55"),
        ("COMPANY_LIST", "BELOW_ORDER_VALUE", "20"),
        ("GROUP_LIST", "LOWER_LEVEL", "50"),
        ("LIST", "LOWER_LEVEL", "100"),
        ("COMPANY_LIST", "LOWER_PRIORITY", "63"),
    ]
    async with counted_sql() as statements:
        reply = await ask(graphql, buyer, bolt.id, "10")
    found = shown(reply)
    assert len(statements) <= 11, statements
    assert by_outcome(found) == common
    assert found["price"] == {
        "unitPrice": {"amount": "79.99"}, "source": "COMPANY_LIST", "tierMinimum": None,
        "reason": "Your company's price with this seller.",
    }  # fmt: skip
    winner, *_, chained = found["candidates"]
    assert winner["steps"] == [
        {"priceListName": None, "rule": "", "price": {"amount": "100"}},
        {"priceListName": None, "rule": "-20 %, rounded to .99", "price": {"amount": "79.99"}},
    ]
    assert chained["steps"] == []  # its base was not given to them
    assert {one["priceList"] for one in found["candidates"]} == {None}
    assert {one["priority"] for one in found["candidates"]} == {None}
    for secret in (base.name, "Off", "Chained", "Groups", "Gold", "Large", late.name, '"60"'):
        assert secret not in str(reply.body), secret
    (below,) = (one for one in found["candidates"] if one["outcome"] == "BELOW_TIER")
    assert below["reason"] == "Its prices begin at a quantity of 50; you asked about 10."

    found = shown(await ask(graphql, seller.actor, bolt.id, "10", buyer.legal_entity_id))
    assert by_outcome(found) == [
        common[0], ("COMPANY_LIST", "INACTIVE", "1"), *common[1:3],
        ("COMPANY_LIST", "NO_PRICE", None), *common[3:],
    ]  # fmt: skip
    assert found["price"]["reason"] == "The price list “Off” of the buyer."
    assert found["candidates"][0]["priceList"] == {"name": "Off"}
    assert found["candidates"][-1]["priority"] == -1
    assert found["candidates"][-1]["steps"] == [
        {"priceListName": base.name, "rule": "", "price": {"amount": "60"}},
        {"priceListName": "Chained", "rule": "+5 %", "price": {"amount": "63"}},
    ]
    found = shown(await ask(graphql, seller.actor, nut.id, "1", other.legal_entity_id))
    assert found["price"]["reason"] == (
        "The offer's list price: none of the buyer's price lists applies."
    )


async def test_explanations_are_in_the_actors_language(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer(locale="ru")
    bolt = await make_offer(seller, price="100")
    await make_price_list(seller, buyer.company_id, {bolt.id: {"10": "90"}})
    found = shown(await ask(graphql, buyer, bolt.id, "9.5"))
    assert found["price"]["reason"].startswith("Цена продавца по прайсу")
    assert [one["reason"] for one in found["candidates"]] == [
        "Применяется: ни один прайс-лист не подходит.",
        "Цены в нём начинаются от 10, а вопрос о количестве 9.5.",
    ]


async def test_promotions_come_off_the_explained_price(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "90"}})
    await Promotion.create(
        owner=seller.company, seller=seller.company, name_en="Spring", name_ru="Весна",
        kind="percent", percent=D(10),
    )  # fmt: skip
    await Promotion.create(
        owner=seller.company, seller=seller.company, name_en="Ten", name_ru="Десять",
        kind="percent", percent=D(50), min_quantity=D(10),
    )  # fmt: skip
    found = shown(await ask(graphql, buyer, bolt.id, "3"))
    assert found["price"]["unitPrice"] == {"amount": "90"}
    assert found["promotions"] == [
        {"name": "Spring", "applies": True, "amount": {"amount": "27"}, "reason": "It applies."},
        {
            "name": "Ten", "applies": False, "amount": {"amount": "0"},
            "reason": "It takes 10 or more.",
        },
    ]  # fmt: skip
    assert (found["discount"], found["effectiveUnitPrice"]) == ({"amount": "27"}, {"amount": "81"})


async def test_a_seller_is_not_told_what_its_customer_used_up_elsewhere(
    graphql: GraphQLClient,
) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    operator, _ = await make_company(operator=True)
    for owner, whose, name in (
        (operator, None, "Everywhere"),
        (seller.company, seller.company, "Ours"),
    ):
        used_up = await Promotion.create(
            owner=owner, seller=whose, name_en=name, name_ru=name, kind="percent",
            percent=D(10), max_uses_per_company=1,
        )  # fmt: skip
        await PromotionCompanyUse.create(
            promotion=used_up, company_id=buyer.company_id, used_count=1
        )
    told = {}
    for actor, entity in ((buyer, None), (seller.actor, buyer.legal_entity_id)):
        found = shown(await ask(graphql, actor, bolt.id, "1", entity))
        assert found["effectiveUnitPrice"] == {"amount": "100"}
        told[actor] = sorted((one["name"], one["reason"]) for one in found["promotions"])
    assert told[buyer] == [("Everywhere", "It is used up."), ("Ours", "It is used up.")]
    assert told[seller.actor] == [("Ours", "It is used up.")]


async def test_a_line_is_worth_what_an_order_rounds_it_to(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="33.3333")
    listed = await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "20"}})
    for least, unit_price in (("100", "20"), ("100.0001", "33.3333")):
        await PriceList.filter(id=listed.id).update(min_order_value=D(least))
        found = shown(await ask(graphql, buyer, bolt.id, "3"))
        assert found["price"]["unitPrice"] == {"amount": unit_price}
        order = await price_order(
            buyer.legal_entity_id, [WantedLine(bolt.id, bolt.id, D(3))], datetime.now(UTC)
        )
        assert order.lines[bolt.id].price.unit_price == D(unit_price)


async def test_a_bundle_with_a_hidden_offer_is_not_told(graphql: GraphQLClient) -> None:
    seller, buyer, member = await make_seller(), await make_buyer(), await make_buyer()
    bolt, secret = await make_offer(seller, price="100"), await make_offer(seller, price="200")
    hidden = await assortments.create_assortment(seller.actor, "Members")
    await assortments.set_offers(seller.actor, hidden, add=[secret.id])
    await assortments.set_audience(seller.actor, hidden, company_ids=[member.company_id])
    await make_promotion(
        seller, "bundle", items={bolt.id: "1", secret.id: "1"}, percent="10", name_en="With secret"
    )
    assert shown(await ask(graphql, buyer, bolt.id, "1"))["promotions"] == []
    (told,) = shown(await ask(graphql, member, bolt.id, "1"))["promotions"]
    assert (told["name"], told["applies"]) == ("With secret", False)
    assert told["reason"] == "The order does not hold a full set of its items."


async def test_lists_are_in_force_for_ages_but_not_for_ever(graphql: GraphQLClient) -> None:
    """The ends of time come back from the database as other kinds of values."""
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    listed = await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "90"}})
    for start, end, kept in (
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", False),
        ("0002-01-01T00:00:00Z", "9998-12-31T23:59:59.999999Z", True),
    ):
        reply = await graphql.run(
            """mutation ($input: UpdatePriceListInput!) {
              updatePriceList(input: $input) { __typename } }""",
            actor=seller.actor,
            input={
                "priceListId": encode_id("PriceList", listed.id),
                "validFrom": start,
                "validUntil": end,
            },
        )
        assert ("errors" not in reply.body) == kept
        for zone in ("Europe/Moscow", "America/New_York"):
            await LegalEntity.filter(id=buyer.legal_entity_id).update(time_zone=zone)
            found = shown(await ask(graphql, buyer, bolt.id, "1"))
            assert by_outcome(found)[0] == ("COMPANY_LIST", "WINS", "90")


async def test_who_may_not_know_learns_nothing(graphql: GraphQLClient) -> None:
    seller, rival = await make_seller(), await make_seller()
    buyer, other = await make_buyer(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    gone = await make_offer(seller, active=False)
    await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "77"}})
    branch = await LegalEntity.create(
        company_id=buyer.company_id, name="Branch", country="RU", tax_id="7700000002",
        registration_reason_code="770001001", currency="RUB",
    )  # fmt: skip
    clerk = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    for who, offer, entity, code in (
        (None, bolt.id, None, "UNAUTHENTICATED"),
        (other, bolt.id, buyer.legal_entity_id, "NOT_FOUND"),  # another buyer's prices
        (buyer, bolt.id, other.legal_entity_id, "NOT_FOUND"),
        (buyer, bolt.id, new_id(), "NOT_FOUND"),
        (buyer, gone.id, None, "NOT_FOUND"),
        (buyer, new_id(), None, "NOT_FOUND"),
        (rival.actor, bolt.id, None, "NOT_FOUND"),  # another seller's offer
        (rival.actor, bolt.id, buyer.legal_entity_id, "NOT_FOUND"),
        (seller.actor, bolt.id, rival.entity.id, "NOT_FOUND"),  # not a buyer
        (clerk, bolt.id, buyer.legal_entity_id, "FORBIDDEN"),
    ):
        reply = await ask(graphql, who, offer, "1", entity)
        assert reply.codes == [code], (who, offer, entity, reply.body)
        assert "77" not in str(reply.body.get("data"))
    for entity in (None, branch.id):
        found = shown(await ask(graphql, buyer, bolt.id, "1", entity))
        assert found["price"]["unitPrice"] == {"amount": "77"}
    assert by_outcome(shown(await ask(graphql, other, bolt.id, "1"))) == [("LIST", "WINS", "100")]
