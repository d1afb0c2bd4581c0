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
    "updatePriceList": "UpdatePriceListInput",
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


OWN_ERRORS = {
    "createPriceList": "... on BaseListCurrency { listCurrency baseCurrency }",
    "updatePriceList": "... on PriceListCycle { chain }",
}
TERMS = """__typename ... on UserError { code message path } ... on PriceListPayload { priceList {
    id name kind priority regions minOrderValue active validFrom validUntil
    companyIds legalEntityIds customerGroupIds offerCount
    rule { percent amount rounding baseList { name rule { baseList { name } } } } } }"""


async def test_rule_lists_are_made_shown_and_changed(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offer = await make_offer(seller)

    async def ask(name: str, /, **values: Any) -> dict[str, Any]:
        shown = f"{OWN_ERRORS.get(name, '')} {TERMS}"
        document = f"mutation ($input: {INPUTS[name]}!) {{ {name}(input: $input) {{ {shown} }} }}"
        reply = await graphql.run(document, actor=seller.actor, input=values)
        result: dict[str, Any] = reply.data[name]
        return result

    first = (await ask("createPriceList", name="First", currency="RUB", rule={"percent": "-10.5"}))[
        "priceList"
    ]
    assert (first["kind"], first["offerCount"]) == ("RULE", 1)
    assert first["rule"] == {
        "percent": "-10.5", "amount": None, "rounding": "NONE", "baseList": None,
    }  # fmt: skip
    rule = {"baseListId": first["id"], "amount": "2", "rounding": "TO_05"}
    second = (
        await ask(
            "createPriceList", name="Second", currency="RUB", regions=["kz", "RU"], rule=rule,
            minOrderValue="1000", validFrom="2020-01-01T00:00:00Z",
            validUntil="2099-01-01T00:00:00Z",
        )
    )["priceList"]  # fmt: skip
    assert (second["regions"], second["minOrderValue"]) == (["KZ", "RU"], "1000")
    assert second["rule"]["baseList"] == {"name": "First", "rule": {"baseList": None}}

    create = "mutation ($input: CreatePriceListInput!) { createPriceList(input: $input) {"
    document = f"{create} {TERMS} }} }}"
    third = {"name": "Third", "currency": "RUB", "rule": rule}
    made = [
        (await graphql.run(document, actor=seller.actor, idempotency_key="k", input=third)).data
        for _ in range(2)
    ]
    assert made[0] == made[1]  # once, with its decimals and enum

    cycle = await ask(
        "updatePriceList", priceListId=first["id"],
        rule={"baseListId": second["id"], "percent": "1"},
    )  # fmt: skip
    assert (cycle["__typename"], cycle["chain"]) == ("PriceListCycle", ["First", "Second", "First"])
    assert cycle["path"] == ["input", "rule", "baseListId"]
    dollars = await ask("createPriceList", name="Dollars", currency="USD", rule=rule)
    assert (dollars["listCurrency"], dollars["baseCurrency"]) == ("USD", "RUB")
    both = await ask(
        "updatePriceList", priceListId=first["id"], rule={"amount": "1", "percent": "1"}
    )
    assert (both["code"], both["path"]) == ("INVALID_INPUT", ["input", "rule", "percent"])

    changed = (await ask("updatePriceList", priceListId=second["id"], name="2nd", validUntil=None))[
        "priceList"
    ]
    kept = {name: value for name, value in second.items() if name not in ("name", "validUntil")}
    assert changed == kept | {"name": "2nd", "validUntil": None}
    changed = (
        await ask(
            "updatePriceList", priceListId=second["id"], minOrderValue=None, regions=[],
            active=False, priority=7, rule={"percent": "0", "rounding": "TO_99"},
        )
    )["priceList"]  # fmt: skip
    assert (changed["minOrderValue"], changed["regions"], changed["active"]) == (None, [], False)
    assert changed["priority"] == 7
    assert changed["rule"] == {
        "percent": "0", "amount": None, "rounding": "TO_99", "baseList": None,
    }  # fmt: skip

    fixed = await make_price_list(seller, buyer.company_id, {offer.id: {"1": "90"}})
    key = encode_id("PriceList", fixed.id)
    refused = await ask("updatePriceList", priceListId=key, rule={"percent": "1"})
    assert (refused["code"], refused["path"]) == ("FIXED_LIST_HAS_NO_RULE", ["input", "rule"])
    tiers = {"offerId": encode_id("Offer", offer.id), "tiers": []}
    refused = await call(
        graphql, seller.actor, "setPriceTiers", priceListId=second["id"], lines=[tiers]
    )
    assert refused["code"] == "PRICE_LIST_NOT_FIXED"

    entity = encode_id("LegalEntity", buyer.legal_entity_id)
    given = await ask("assignPriceList", priceListId=second["id"], legalEntityId=entity)
    assert given["priceList"]["legalEntityIds"] == [entity]
    assert given["priceList"]["companyIds"] == given["priceList"]["customerGroupIds"] == []
    company = encode_id("Company", buyer.company_id)
    refused = await ask(
        "assignPriceList", priceListId=second["id"], legalEntityId=entity, companyId=company
    )
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["input", "companyId"])
    taken = await ask("withdrawPriceList", priceListId=second["id"], legalEntityId=entity)
    assert taken["priceList"]["legalEntityIds"] == []
