"""Secrets are planted, and outsiders hunt for them through every answer of search.

The same questions are asked of the marketplace before the secrets are planted and afterwards: to
whoever may not see them, the answers must be the same byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.aliases.service import set_alias
from entrepot.platform.catalog.article_numbers import brand_key, number_key
from entrepot.platform.catalog.assortments import service as assortments
from entrepot.platform.catalog.models import AttributeDefinition, CrossReference, Offer, Product
from entrepot.platform.catalog.unmet_demand.service import keep
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import fetch_one
from entrepot.platform.identity.actor import Actor
from entrepot.platform.orders.signals import service as signals
from entrepot.platform.orders.signals.purchases import count_purchases
from entrepot.search.reindex import rebuild
from tests.factories import (
    Seller,
    make_actor,
    make_buyer,
    make_offer,
    make_price_list,
    make_product,
    make_seller,
)
from tests.graphql_client import GraphQLClient
from tests.orders.past_orders import NOW, order
from tests.sql_counter import counted_sql

SEARCH = """
query Search($text: String!, $filter: OfferFilter, $sort: OfferSort! = RELEVANCE) {
  searchOffers(query: $text, filter: $filter, sort: $sort, first: 50) {
    edges {
      cursor matchedBy timesBought
      price { unitPrice { amount } source }
      highlights { articleNumber { text matched } title { text matched } }
      node { id articleNumber product { title brand } seller { name } }
    }
    totalCount priceBasis
    pageInfo { hasNextPage endCursor }
    understood { quantity { quantity unit written } measures { least greatest unit written } }
    facets {
      brands { value count } categories { count category { path } }
      sellers { count seller { name } } inStock
      attributes { code count values { value count } least greatest }
    }
  }
}
"""
SUGGEST = """
query Suggest($text: String!) {
  searchSuggestions(query: $text, first: 20) {
    recent numbers { articleNumber } names { id product { title } } categories { path }
  }
}
"""
CLEAR = "mutation { clearRecentSearches { __typename } }"
GTIN = "4006381333931"
# Words, numbers and names of the secrets, whole, misspelt, in part, in the other layout; and
# questions in which public and secret offers compete.
TEXTS = (
    "", "bolt", "hex bolt m8", "болт", "bolt 100 pcs", "10-16 mm", "flange", "zarquon", "zarqon",
    "zark", "фланец зарквон", "QX-778899", "qx778898", "778899", "QX-77", "йч-778899",
    "QХ 778899", GTIN, "Obscuro 778899", "altx5150", "HOUSE-NUMBER-9", "CLOSED-31337",
    "closed shop pump", "clandestine", "OWN-9090", "KR-4410", "kr4411", "secretive green",
    "bolt zarquon", "ZZ-NOTHING-0",
)  # fmt: skip
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"filter": {"inStock": True, "brands": ["Obscuro", "Bosch"]}},
    {"filter": {"currency": "RUB", "priceFrom": "50", "priceTo": "101"}},
    {"filter": {"currency": "RUB"}, "sort": "PRICE_ASC"},
    {"filter": {"attributes": [{"code": "hue", "values": ["infragreen", "red"]}]}},
    {"filter": {"attributes": [{"code": "length", "from": "1", "to": "5000"}]}},
    {"sort": "NEWEST"},
)
TRACES = (
    "zarquon", "зарквон", "778899", "obscuro", "5150", "31337", "clandestine", "9090",
    "infragreen", "4321", "closed shop", "12.34", "house",
)  # fmt: skip


@dataclass(frozen=True)
class Market:
    """Whose things are public, who may see the secrets, and who may not."""

    seller: Seller
    public: list[Offer]
    trusted: Actor
    outsiders: dict[str, Actor]
    powerless: Actor


async def public_market() -> Market:
    """Bolts and a pump that everybody sees."""
    seller = await make_seller("Open")
    await AttributeDefinition.create(code="hue", name_en="Hue", name_ru="Оттенок", kind="text")
    await AttributeDefinition.create(
        code="length", name_en="Length", name_ru="Длина", kind="number", unit="MMT"
    )
    public = []
    for number in range(12):
        title = f"Hex bolt M8 number {number}" if number else "Flange pump"
        product = await make_product(f"KR-44{number:02d}", title=title)
        await Product.filter(id=product.id).update(attributes={"hue": "red", "length": 10 + number})
        public.append(await make_offer(seller, product, price=str(50 + 10 * number)))
    rival = (await make_seller("Rival")).actor
    return Market(
        seller,
        public,
        await make_buyer(),
        {"buyer": await make_buyer(), "seller": rival},
        await make_actor(seller.company, seller.entity),
    )


async def secret_product() -> Product:
    """A product that nothing else is like."""
    product = await make_product(
        "QX-778899", brand="Obscuro", title="Zarquon flange bolt M8", path="clandestine/things"
    )
    await Product.filter(id=product.id).update(
        attributes={"hue": "infragreen", "length": 4321},
        gtins=[GTIN.zfill(14)],
        description="secretive green zarquon",
        title_ru="Фланец зарквон",
    )
    await CrossReference.create(
        product=product,
        brand="Altx",
        brand_key=brand_key("Altx"),
        number="ALTX-5150",
        number_key=number_key("ALTX-5150"),
    )
    return product


async def plant(graphql: GraphQLClient, market: Market) -> None:
    """Restricted offers, another's prices, numbers, purchases and searches, a closed seller."""
    seller, trusted = market.seller, market.trusted
    secrets = [await make_offer(seller, await secret_product(), price="77")]
    for number in range(20):  # enough to turn every count that looked at them
        titled = await make_product(f"QX-8{number:03d}", brand="Obscuro", title="Zarquon hex bolt")
        secrets.append(await make_offer(seller, titled, price="60"))
    beside = await make_offer(seller, await market.public[0].product, price="1")
    await Offer.filter(id=beside.id).update(article_number="OWN-9090", number_key="own9090")
    secrets.append(beside)
    listed = await assortments.create_assortment(seller.actor, "Secret")
    await assortments.set_offers(seller.actor, listed, add=[one.id for one in secrets])
    await assortments.set_audience(seller.actor, listed, company_ids=[trusted.company_id])

    prices = {market.public[1].id: {"1": "12.34"}, secrets[0].id: {"1": "9"}}
    await make_price_list(seller, trusted.company_id, prices)
    await set_alias(trusted, "HOUSE-NUMBER-9", market.public[5].id)
    await count_purchases([await order(trusted, [market.public[7]]) for _ in range(30)])
    await signals.recompute(NOW)
    await keep(trusted, "zarquon unmet", clock=FixedClock(datetime.now(UTC)))

    closed = await make_seller("Closed shop")
    await make_offer(closed, await make_product("CLOSED-31337", title="Closed shop pump bolt"))
    closed.company.active = False
    await closed.company.save()
    await rebuild(graphql.resources.search)
    for text in ("bolt", "zarquon", "QX-778899"):
        await graphql.run(SEARCH, actor=trusted, text=text)


async def answers(graphql: GraphQLClient, actor: Actor) -> dict[str, bytes]:
    """Every answer that an actor gets, by question."""
    await graphql.run(CLEAR, actor=actor)
    found: dict[str, bytes] = {}
    for text in TEXTS:
        for given in FILTERS:
            reply = await graphql.run(SEARCH, actor=actor, text=text, **given)
            found[f"{text} {given}"] = _bytes(reply.data)
        reply = await graphql.run(SUGGEST, actor=actor, text=text)
        found[f"suggest {text}"] = _bytes(reply.data)
    return found


def _bytes(data: Any) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def _without_recent(reply: bytes) -> str:
    """The answer in small letters, without what the asker wrote."""
    data = orjson.loads(reply)
    data.get("searchSuggestions", {}).pop("recent", None)
    return orjson.dumps(data).decode().lower()


async def test_outsiders_get_the_same_bytes_with_and_without_the_secrets(
    graphql: GraphQLClient,
) -> None:
    market = await public_market()
    await rebuild(graphql.resources.search)
    before = {name: await answers(graphql, actor) for name, actor in market.outsiders.items()}
    await plant(graphql, market)
    for name, actor in market.outsiders.items():
        after = await answers(graphql, actor)
        assert {key for key in after if after[key] != before[name][key]} == set(), name
        told = {
            (key, trace)
            for key, reply in after.items()
            for trace in TRACES
            if trace in _without_recent(reply)
        }
        assert told == set(), name


async def test_whoever_may_finds_every_secret(graphql: GraphQLClient) -> None:
    """Else there was nothing to hunt for."""
    market = await public_market()
    await plant(graphql, market)
    for text in ("zarquon", "зарквон", "QX-778899", "qx778898", GTIN, "Obscuro", "ALTX-5150",
                 "infragreen", "OWN-9090"):  # fmt: skip
        page = (await graphql.run(SEARCH, actor=market.trusted, text=text)).data["searchOffers"]
        assert any(trace in str(page).lower() for trace in TRACES), text
    page = (await graphql.run(SEARCH, actor=market.trusted, text="HOUSE-NUMBER-9")).data
    assert page["searchOffers"]["edges"][0]["matchedBy"] == "BUYER_ALIAS"
    page = (await graphql.run(SEARCH, actor=market.trusted, text="KR-4407")).data
    assert page["searchOffers"]["edges"][0]["timesBought"] == 30
    page = (await graphql.run(SEARCH, actor=market.trusted, text="KR-4401")).data
    assert page["searchOffers"]["edges"][0]["price"]["unitPrice"]["amount"] == "12.34"
    told = (await graphql.run(SUGGEST, actor=market.trusted, text="qx-77")).data
    assert told["searchSuggestions"]["numbers"] == [{"articleNumber": "QX-778899"}]


async def test_an_empty_answer_costs_the_same_statements(graphql: GraphQLClient) -> None:
    market = await public_market()
    await plant(graphql, market)
    buyer = market.outsiders["buyer"]
    costs: dict[str, list[str]] = {}
    for text in ("QX778899", "WX665544", "ALTX5150", "VLTX6161", "HOUSENUMBER91", GTIN):
        async with counted_sql() as statements:
            page = (await graphql.run(SEARCH, actor=buyer, text=text)).data["searchOffers"]
        assert page["totalCount"] == 0, text
        costs[text] = [statement.split()[0] for statement in statements]
    assert len({tuple(kinds) for kinds in costs.values()}) == 1, costs


async def test_filters_by_secrets_find_nothing_and_say_nothing(graphql: GraphQLClient) -> None:
    market = await public_market()
    await plant(graphql, market)
    category = await fetch_one("SELECT id FROM category WHERE path = 'clandestine/things'")
    closed = await fetch_one("SELECT id FROM company WHERE name = 'Closed shop'")
    assert category is not None
    assert closed is not None
    wanted: tuple[dict[str, Any], ...] = (
        {"categoryId": encode_id("Category", category["id"])},
        {"sellerIds": [encode_id("Company", closed["id"])]},
        {"brands": ["Obscuro"]},
        {"attributes": [{"code": "hue", "values": ["infragreen"]}]},
        {"attributes": [{"code": "length", "from": "4000"}]},
        {"currency": "RUB", "priceFrom": "12.34", "priceTo": "12.34"},
    )
    for name, actor in market.outsiders.items():
        for one in wanted:
            reply = await graphql.run(SEARCH, actor=actor, text="", filter=one)
            page = reply.data["searchOffers"]
            assert (page["edges"], page["totalCount"]) == ([], 0), (name, one)
            assert page["facets"] == {
                "brands": [],
                "categories": [],
                "sellers": [],
                "inStock": 0,
                "attributes": [],
            }


async def test_people_without_the_permission_learn_nothing_but_that(
    graphql: GraphQLClient,
) -> None:
    market = await public_market()
    await plant(graphql, market)
    for actor, code in ((market.powerless, "FORBIDDEN"), (None, "UNAUTHENTICATED")):
        told = set()
        for text in TEXTS:
            for document in (SEARCH, SUGGEST):
                reply = await graphql.run(document, actor=actor, text=text)
                assert reply.codes == [code]
                told.add(reply.body["errors"][0]["message"])
        assert len(told) == 1
