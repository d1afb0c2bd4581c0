"""Price lists through the public API: a seller's own business."""

from __future__ import annotations

from typing import Any

from entrepot.graphql.node import encode_id
from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id
from tests.factories import make_buyer, make_offer, make_price_list, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

SHOWN = """__typename ... on UserError { code message path lineIndex }
  ... on PriceListPayload { priceList { id name offerCount companyIds
    tiers { edges { node { minQuantity unitPrice { amount currency } } } } } }"""
INPUTS = {
    "createPriceList": "CreatePriceListInput",
    "assignPriceList": "PriceListRecipientInput",
    "withdrawPriceList": "PriceListRecipientInput",
    "setPriceTiers": "SetPriceTiersInput",
}
LISTS = """query ($first: Int!, $after: String) { priceLists(first: $first, after: $after) {
  pageInfo { hasNextPage endCursor }
  edges { node { id name companyIds tiers(first: 2) {
    pageInfo { hasNextPage } edges { node { minQuantity offer { id } } } } } } } }"""


async def call(
    graphql: GraphQLClient, actor: Actor | None, name: str, /, **values: Any
) -> dict[str, Any]:
    document = f"mutation ($input: {INPUTS[name]}!) {{ {name}(input: $input) {{ {SHOWN} }} }}"
    result: dict[str, Any] = (await graphql.run(document, actor=actor, input=values)).data[name]
    return result


async def state() -> list[object]:
    tables = ("price_list", "price_tier", "price_list_assignment", "outbox_event")
    return [
        [tuple(row.values()) for row in await fetch(f"SELECT * FROM {table} ORDER BY id")]
        for table in tables
    ]


async def test_a_list_is_made_filled_given_and_withdrawn(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offer = await make_offer(seller)
    key, company = encode_id("Offer", offer.id), encode_id("Company", buyer.company_id)
    made = await call(graphql, seller.actor, "createPriceList", name="Gold", currency="RUB")
    list_id = made["priceList"]["id"]
    tiers = [
        {"minQuantity": "10", "unitPrice": "80.5"},
        {"minQuantity": "1", "unitPrice": "90"},
    ]
    filled = await call(
        graphql, seller.actor, "setPriceTiers", priceListId=list_id,
        lines=[{"offerId": key, "tiers": tiers}],
    )  # fmt: skip
    assert [edge["node"] for edge in filled["priceList"]["tiers"]["edges"]] == [
        {"minQuantity": "1", "unitPrice": {"amount": "90", "currency": "RUB"}},
        {"minQuantity": "10", "unitPrice": {"amount": "80.5", "currency": "RUB"}},
    ]
    given = await call(
        graphql, seller.actor, "assignPriceList", priceListId=list_id, companyId=company
    )
    assert (given["priceList"]["companyIds"], given["priceList"]["offerCount"]) == ([company], 1)
    query = "query ($id: ID!) { offer(id: $id) { price { unitPrice { amount } source } } }"
    shown = (await graphql.run(query, actor=buyer, id=key)).data["offer"]["price"]
    assert shown == {"unitPrice": {"amount": "90"}, "source": "COMPANY_LIST"}
    taken = await call(
        graphql, seller.actor, "withdrawPriceList", priceListId=list_id, companyId=company
    )
    assert taken["priceList"]["companyIds"] == []
    shown = (await graphql.run(query, actor=buyer, id=key)).data["offer"]["price"]
    assert shown == {"unitPrice": {"amount": "100"}, "source": "LIST"}


async def test_refusals_are_members_of_the_result_and_change_nothing(
    graphql: GraphQLClient,
) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    offer, foreign = await make_offer(seller), await make_offer(other)
    gold = await make_price_list(seller, buyer.company_id, {offer.id: {"1": "90"}})
    list_id, company = encode_id("PriceList", gold.id), encode_id("Company", buyer.company_id)
    absent = encode_id("PriceList", new_id())

    def lines(offer_id: Any, *tiers: tuple[str, str]) -> dict[str, Any]:
        given = [{"minQuantity": quantity, "unitPrice": price} for quantity, price in tiers]
        line = {"offerId": encode_id("Offer", offer_id), "tiers": given}
        return {"priceListId": list_id, "lines": [line]}

    new = {"name": "New", "currency": "RUB"}
    pair = {"priceListId": list_id, "companyId": company}
    before = await state()
    cases: list[tuple[Actor | None, str, dict[str, Any], str]] = [
        (None, "createPriceList", new, "UNAUTHENTICATED"),
        (buyer, "createPriceList", new, "FORBIDDEN"),
        (seller.actor, "createPriceList", new | {"name": gold.name}, "PRICE_LIST_NAME_TAKEN"),
        (seller.actor, "createPriceList", new | {"currency": "ZZZ"}, "INVALID_INPUT"),
        (other.actor, "assignPriceList", pair, "NOT_FOUND"),
        (other.actor, "assignPriceList", pair | {"priceListId": absent}, "NOT_FOUND"),
        (other.actor, "withdrawPriceList", pair, "NOT_FOUND"),
        (buyer, "withdrawPriceList", pair, "FORBIDDEN"),
        (seller.actor, "assignPriceList", pair | {"companyId": list_id}, "INVALID_ID"),
        (seller.actor, "setPriceTiers", lines(offer.id, ("1", "0")), "INVALID_INPUT"),
        (seller.actor, "setPriceTiers", lines(offer.id, ("1", "-5")), "INVALID_INPUT"),
        (seller.actor, "setPriceTiers", lines(offer.id, ("1", "5"), ("1", "4")), "DUPLICATE_TIER"),
        (seller.actor, "setPriceTiers", lines(foreign.id, ("1", "5")), "NOT_FOUND"),
        (other.actor, "setPriceTiers", lines(offer.id, ("1", "5")), "NOT_FOUND"),
        (other.actor, "setPriceTiers", lines(foreign.id, ("1", "5")), "NOT_FOUND"),
    ]
    for actor, name, values, code in cases:
        result = await call(graphql, actor, name, **values)
        assert result["code"] == code, (name, values, result)
    assert await state() == before


async def test_lists_come_in_pages_and_take_the_same_sql(graphql: GraphQLClient) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    offers = [await make_offer(seller) for _ in range(3)]
    for _ in range(5):
        tiers = {offer.id: {"1": "90", "5": "80"} for offer in offers}
        await make_price_list(seller, buyer.company_id, tiers)
    foreign = await make_price_list(other, buyer.company_id, {})

    async def page(first: int, after: str | None = None) -> tuple[dict[str, Any], int]:
        async with counted_sql() as statements:
            reply = await graphql.run(LISTS, actor=seller.actor, first=first, after=after)
        return reply.data["priceLists"], len(statements)

    (_, for_one), (five, for_five) = await page(1), await page(5)
    assert for_one == for_five == 3
    assert {len(edge["node"]["tiers"]["edges"]) for edge in five["edges"]} == {2}
    assert {edge["node"]["tiers"]["pageInfo"]["hasNextPage"] for edge in five["edges"]} == {True}
    first, _ = await page(3)
    rest, _ = await page(3, first["pageInfo"]["endCursor"])
    assert first["edges"] + rest["edges"] == five["edges"]
    assert (len(rest["edges"]), rest["pageInfo"]["hasNextPage"]) == (2, False)

    assert (await graphql.run(LISTS, actor=buyer, first=5)).codes == ["FORBIDDEN"]
    assert (await graphql.run(LISTS, first=5)).codes == ["UNAUTHENTICATED"]
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for actor in (seller.actor, buyer, None):
        reply = await graphql.run(node, actor=actor, id=encode_id("PriceList", foreign.id))
        assert reply.body["data"] == {"node": None}
