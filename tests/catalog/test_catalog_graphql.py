"""The catalogue through the public API: what each sees, what is refused, how much SQL it takes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog import service
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import Database, fetch_value, transaction
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.inventory import service as inventory
from tests.factories import (
    make_actor,
    make_buyer,
    make_company,
    make_offer,
    make_price_list,
    make_product,
    make_seller,
)
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

PRODUCT = """query ($id: ID!, $many: Quantity = "10") { product(id: $id) {
  id brand manufacturerNumber title titleEn titleRu unit gtins description
  category { name path parent { path } }
  attributes { code name kind value unit }
  crossReferences { brand number }
  files { name kind mediaType size url }
  offers { id articleNumber externalId seller { id name } listPrice { amount currency } active
    price { unitPrice { amount } source reason tierMinimum }
    bulk: price(quantity: $many) { unitPrice { amount } source tierMinimum }
    priceTiers { minQuantity unitPrice { amount currency } source }
    availability { available leadTimeDays }
    stock { warehouse { code } onHand reserved available incoming }
    orderable(quantity: "3") { proposed soldBy reason }
  } } }"""
OFFER = "query ($id: ID!) { offer(id: $id) { id listPrice { amount } product { id } } }"
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


async def make_operator() -> Actor:
    return await make_actor(*await make_company(operator=True), Role.OPERATOR)


async def test_the_product_page(graphql: GraphQLClient) -> None:
    operator, seller = await make_operator(), await make_seller("Bolts & Co")
    buyer, rival = await make_buyer(), await make_buyer()
    product = await make_product("AB-1", path="bolts/hex")
    await service.define_attribute(operator, "length", "Length", "Длина", "number", "MMT")
    await service.update_product(
        operator,
        product.id,
        service.ProductChanges(attributes={"length": "12,50"}, gtins=("96385074",)),
    )
    await service.add_cross_reference(operator, product.id, "SKF", "6204")
    offer = await make_offer(seller, product, price="100", stock="40", minimum="5", pack="5")
    async with transaction():
        await inventory.reserve([(new_id(), offer.id, Decimal(4))])
    await make_price_list(seller, buyer.company_id, {offer.id: {"1": "90", "10": "80.5"}})
    await make_price_list(seller, rival.company_id, {offer.id: {"1": "1"}})

    page = (await graphql.run(PRODUCT, actor=buyer, id=encode_id("Product", product.id))).data
    found = page["product"]
    assert found["category"] == {"name": "hex", "path": "bolts/hex", "parent": {"path": "bolts"}}
    assert found["attributes"] == [
        {"code": "length", "name": "Length", "kind": "NUMBER", "value": "12.5", "unit": "MMT"}
    ]
    assert found["crossReferences"] == [{"brand": "SKF", "number": "6204"}]
    assert (found["gtins"], found["files"]) == (["96385074"], [])
    (shown,) = found["offers"]
    assert shown["seller"] == {"id": encode_id("Company", seller.id), "name": "Bolts & Co"}
    assert shown["price"] == {
        "unitPrice": {"amount": "90"},
        "source": "COMPANY_LIST",
        "reason": "Your company's price with this seller, from 1 on.",
        "tierMinimum": "1",
    }
    assert shown["bulk"]["unitPrice"] == {"amount": "80.5"}
    assert [(t["minQuantity"], t["unitPrice"]["amount"]) for t in shown["priceTiers"]] == [
        ("5", "90"), ("10", "80.5"),
    ]  # fmt: skip
    assert shown["availability"] == {"available": "36", "leadTimeDays": 3}
    assert (shown["stock"], shown["externalId"]) == (None, None)
    assert shown["orderable"]["reason"] == "3 → 5: at least 5"

    theirs = (
        await graphql.run(PRODUCT, actor=seller.actor, id=encode_id("Product", product.id))
    ).data["product"]["offers"][0]
    assert theirs["externalId"] == offer.external_id
    assert theirs["stock"] == [
        {
            "warehouse": {"code": "MAIN"},
            "onHand": "40",
            "reserved": "4",
            "available": "36",
            "incoming": "0",
        }
    ]
    assert theirs["price"]["source"] == "LIST"


async def test_the_page_speaks_russian(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer(locale="ru")
    product = await make_product()
    await make_offer(seller, product, pack="10")
    reply = await graphql.run(PRODUCT, actor=buyer, id=encode_id("Product", product.id))
    (offer,) = reply.data["product"]["offers"]
    assert offer["price"]["reason"].startswith("Цена продавца по прайсу")
    assert offer["orderable"]["reason"] == "3 → 10: кратно 10"
    missing = await graphql.run(OFFER, actor=buyer, id=encode_id("Offer", new_id()))
    assert missing.body["errors"][0]["message"] == (
        "Нет объекта «предложение» с таким идентификатором."
    )


async def test_who_sees_which_offer(graphql: GraphQLClient) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    accountant = await make_actor(*await make_company(buyer=True), Role.ACCOUNTANT)
    shown, hidden = await make_offer(seller), await make_offer(seller, active=False)
    answers: dict[str, set[str]] = {}
    for actor, offer_id, expected in (
        (buyer, shown.id, None),
        (seller.actor, shown.id, None),
        (seller.actor, hidden.id, None),
        (buyer, hidden.id, "NOT_FOUND"),
        (buyer, new_id(), "NOT_FOUND"),
        (other.actor, shown.id, "NOT_FOUND"),
        (other.actor, hidden.id, "NOT_FOUND"),
        (accountant, shown.id, "FORBIDDEN"),
        (None, shown.id, "UNAUTHENTICATED"),
    ):
        key = encode_id("Offer", offer_id)
        reply = await graphql.run(OFFER, actor=actor, id=key)
        again = await graphql.run(NODE, actor=actor, id=key)
        if expected is None:
            assert reply.data["offer"]["id"] == again.data["node"]["id"] == key
        else:
            assert reply.codes == [expected]
            assert reply.body["data"] is None
            assert again.body["data"] == {"node": None}
            answers.setdefault(expected, set()).add(reply.body["errors"][0]["message"])
    assert {code: len(texts) for code, texts in answers.items()} == {
        "NOT_FOUND": 1, "FORBIDDEN": 1, "UNAUTHENTICATED": 1,
    }  # fmt: skip
    page = await graphql.run(PRODUCT, actor=other.actor, id=encode_id("Product", shown.product_id))
    assert page.data["product"]["offers"] == []


@pytest.mark.parametrize("given", ["", "nonsense", "UHJvZHVjdDox", "T2ZmZXI6MQ"])
async def test_ids_of_nothing_are_refused(graphql: GraphQLClient, given: str) -> None:
    buyer = await make_buyer()
    for query in (PRODUCT, OFFER):
        assert (await graphql.run(query, actor=buyer, id=given)).codes == ["INVALID_ID"]
    wrong_type = encode_id("Category", new_id())
    assert (await graphql.run(OFFER, actor=buyer, id=wrong_type)).codes == ["INVALID_ID"]


async def test_impossible_quantities_are_refused(graphql: GraphQLClient) -> None:
    buyer = await make_buyer()
    product = encode_id("Product", (await make_offer(await make_seller())).product_id)
    for quantity in ("0", "-1", "1e400", "NaN", "0.0001", "many"):
        reply = await graphql.run(PRODUCT, actor=buyer, id=product, many=quantity)
        assert reply.codes == ["GRAPHQL_VALIDATION_FAILED"] or reply.codes == ["BAD_USER_INPUT"]
        assert reply.status == 400


CATEGORIES = """{ categories { id path name children { name path children { path } } } }"""


async def test_the_category_tree_takes_a_statement_a_level(graphql: GraphQLClient) -> None:
    operator, buyer = await make_operator(), await make_buyer(locale="ru")

    async def grow(count: int) -> int:
        for number in range(count):
            slug = f"root-{number}"
            root = await service.create_category(operator, None, slug, "Root", "Корень")
            await service.create_category(operator, root, "leaf", "Leaf", "Лист")
        async with counted_sql() as statements:
            reply = await graphql.run(CATEGORIES, actor=buyer)
        assert [root["name"] for root in reply.data["categories"]] == ["Корень"] * count
        assert [root["children"][0]["path"] for root in reply.data["categories"]] == [
            f"root-{number}/leaf" for number in range(count)
        ]
        return len(statements)

    assert await grow(9) == 3
    assert (await graphql.run(CATEGORIES)).codes == ["UNAUTHENTICATED"]


MINE = """query ($first: Int!, $after: String) { myOffers(first: $first, after: $after) {
  pageInfo { hasNextPage endCursor }
  edges { node { id articleNumber active price { unitPrice { amount } } priceTiers { minQuantity }
    availability { available } stock { onHand }
    product { id title category { path parent { path } } attributes { code name }
      crossReferences { number } files { name url } offers { id } } } } } }"""


async def statements_for(
    graphql: GraphQLClient, actor: Actor, first: int
) -> tuple[list[str], Sequence[str]]:
    async with counted_sql() as statements:
        reply = await graphql.run(MINE, actor=actor, first=first)
    ids = [edge["node"]["id"] for edge in reply.data["myOffers"]["edges"]]
    return ids, list(statements)


async def test_twenty_offers_take_as_many_statements_as_one(graphql: GraphQLClient) -> None:
    operator, seller, other = await make_operator(), await make_seller(), await make_seller()
    await service.define_attribute(operator, "length", "Length", "Длина", "number", "MMT")
    for number in range(20):
        product = await make_product(path=f"bolts/kind{number}")
        await service.update_product(
            operator, product.id, service.ProductChanges(attributes={"length": str(number)})
        )
        await service.add_cross_reference(operator, product.id, "SKF", f"62{number}")
        await make_offer(seller, product, active=number % 3 > 0)
        await make_offer(other, product)
    one, for_one = await statements_for(graphql, seller.actor, 1)
    twenty, for_twenty = await statements_for(graphql, seller.actor, 20)
    assert (len(one), len(twenty)) == (1, 20)
    assert len(for_one) == len(for_twenty) == 8, for_twenty


async def test_own_offers_come_in_pages_without_gaps(graphql: GraphQLClient) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    made = [await make_offer(seller) for _ in range(5)]
    await make_offer(other)
    seen: list[str] = []
    after = None
    while True:
        reply = await graphql.run(MINE, actor=seller.actor, first=2, after=after)
        page = reply.data["myOffers"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    in_order = sorted(made, key=lambda offer: (offer.article_number, offer.id))
    assert seen == [encode_id("Offer", offer.id) for offer in in_order]
    assert (await graphql.run(MINE, actor=buyer, first=5)).data["myOffers"]["edges"] == []
    for first, cursor, code in ((0, None, "INVALID_INPUT"), (101, None, "INVALID_INPUT"),
                                (5, "zzz", "INVALID_CURSOR")):  # fmt: skip
        reply = await graphql.run(MINE, actor=seller.actor, first=first, after=cursor)
        assert reply.codes in ([code], ["COST_EXCEEDED"])


async def test_a_suspended_seller_disappears_from_the_page(
    graphql: GraphQLClient, database: Database
) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offer = await make_offer(seller)
    await type(seller.company).filter(id=seller.id).update(active=False)
    key = encode_id("Product", offer.product_id)
    reply = await graphql.run(PRODUCT, actor=buyer, id=key)
    assert reply.data["product"]["offers"] == []
    assert await Offer.filter(id=offer.id).exists()
    assert await fetch_value("SELECT count(*) FROM outbox_event") == 0
