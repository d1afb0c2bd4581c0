"""A hidden assortment is planted with secrets, and everyone hunts for them through every query."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.assortments import service as assortments
from entrepot.platform.catalog.assortments.queries import own_assortments
from entrepot.platform.catalog.models import CrossReference, Offer, Product, ProductFile
from entrepot.platform.clock import SystemClock
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.inventory.models import StockItem
from entrepot.platform.pricing.groups import service as groups
from entrepot.search.reindex import rebuild, update_offers
from tests.factories import (
    Seller,
    make_actor,
    make_buyer,
    make_company,
    make_offer,
    make_product,
    make_seller,
)
from tests.graphql_client import GraphQLClient
from tests.journeys.test_isolation import document

CLOCK = SystemClock()
BRAND = "Zarathustra"
SECRETS = (BRAND, "ZX-9000", "zx9000", "4006381333931", "QQ-777", "secret.pdf", "Unobtainium",
           "666.13", "13131")  # fmt: skip
"""What the hidden product and both hidden offers say: maker, number, GTIN, analog, price, stock."""
WORDS = ("", "ZX-9000", "zx9000", "ZX-9001", "4006381333931", "QQ-777", "unobtainium",
         "unobtanium coupling", BRAND, "coupling")  # fmt: skip

NODE = """
query ($id: ID!) { node(id: $id) { __typename id
  ... on Offer { articleNumber seller { name } listPrice { amount } product { title } }
  ... on Product { title brand gtins files { name } crossReferences { number } } } }
"""


@dataclass
class Market:
    """Who hides what from whom."""

    api: GraphQLClient
    seller: Seller
    rival: Seller
    member: Actor
    other: Actor
    operator: Actor
    secret: Offer
    beside: Offer
    """Hidden too, of a product that the rival sells openly."""
    shown: Offer
    group: UUID
    ids: dict[str, str]

    async def ask(self, name: str, actor: Actor | None, **arguments: Any) -> Any:
        """Call a root field with everything selected; the whole body of the reply."""
        text = NODE if name == "node" else document(name, arguments)
        reply = await self.api.run(text, actor=actor, **arguments)
        assert "INTERNAL" not in reply.codes, reply.body
        assert not any(code.startswith("GRAPHQL_") for code in reply.codes), reply.body
        return reply.body

    async def join(self) -> None:
        """Put the member into the group that sees the assortment."""
        await groups.add_company(self.seller.actor, self.group, self.member.company_id, clock=CLOCK)

    async def leave(self) -> None:
        """Take the member out."""
        await groups.remove_company(
            self.seller.actor, self.group, self.member.company_id, clock=CLOCK
        )


@pytest.fixture
async def market(settings: Settings, database: Database, redis: Redis) -> AsyncIterator[Market]:
    """Both indexed and restricted: the index knows the assortment, not who is in the group."""
    wide = settings.model_copy(update={"max_query_cost": 10**9, "max_query_depth": 50})
    api = GraphQLClient(wide, database, redis)
    seller, rival = await make_seller("Quiet"), await make_seller("Loud")
    secret_product = await make_product(
        "ZX-9000", brand=BRAND, title="Unobtainium coupling", path="pumps"
    )
    await Product.filter(id=secret_product.id).update(gtins=["4006381333931"])
    await CrossReference.create(
        product=secret_product, brand="Q", brand_key="q", number="QQ-777", number_key="qq777"
    )
    await ProductFile.create(
        product=secret_product, seller=seller.company, name="secret.pdf",
        media_type="application/pdf", size=1, blob_key="4" * 64,
    )  # fmt: skip
    open_product = await make_product("OPEN-1", title="Open coupling", path="pumps")
    secret = await make_offer(seller, secret_product, price="666.13", stock="13131")
    beside = await make_offer(seller, open_product, price="666.13", stock="13131")
    shown = await make_offer(rival, open_product, price="700", stock="9")
    group = await groups.create_group(seller.actor, "Initiates", clock=CLOCK)
    assortment = await assortments.create_assortment(seller.actor, "Secret")
    await assortments.set_offers(seller.actor, assortment, add=[secret.id, beside.id])
    await assortments.set_audience(seller.actor, assortment, group_ids=[group])
    await rebuild(api.resources.search)
    yield Market(
        api, seller, rival, await make_buyer(), await make_buyer(),
        await make_actor(*await make_company(operator=True), Role.OPERATOR),
        secret, beside, shown, group,
        {
            "secret": encode_id("Offer", secret.id),
            "secretProduct": encode_id("Product", secret_product.id),
            "beside": encode_id("Offer", beside.id),
            "shown": encode_id("Offer", shown.id),
            "openProduct": encode_id("Product", open_product.id),
        },
    )  # fmt: skip
    await api.close()


def leaks(body: Any, market: Market, *given: str) -> list[str]:
    """The secrets in a reply that the question did not hold itself."""
    text = str(body)
    ids = [market.ids[name] for name in ("secret", "secretProduct", "beside")]
    return [
        one for one in (*SECRETS, *ids)
        if one.lower() in text.lower() and not any(one.lower() in g.lower() for g in given)
    ]  # fmt: skip


async def hunt(market: Market, actor: Actor | None) -> list[str]:
    """Everything that a query could tell of the hidden things; empty is good."""
    problems: list[str] = []

    async def look(name: str, *given: str, **arguments: Any) -> Any:
        body = await market.ask(name, actor, **arguments)
        found = leaks(body, market, *given)
        problems.extend(f"{name}({arguments}): {one}" for one in found)
        return body

    for text in WORDS:
        for conditions in ({}, {"inStock": True}, {"brands": [BRAND]},
                           {"sellerIds": [encode_id("Company", market.seller.id)]},
                           {"currency": "RUB", "priceFrom": "666", "priceTo": "667"}):  # fmt: skip
            body = await look(
                "searchOffers", *conditions.get("brands", ()), query=text, filter=conditions,
                first=50,
            )  # fmt: skip
            found = (body.get("data") or {}).get("searchOffers")
            if found is None:
                continue
            edges = found["OfferSearchConnection_edges"]
            total = found["OfferSearchConnection_totalCount"]
            facets = found["OfferSearchConnection_facets"]
            brands = facets["OfferSearchFacets_brands"]
            counted = sum(one["BrandFacet_count"] for one in brands)
            if not total == counted == len(edges):
                problems.append(f"{text!r} {conditions}: {total} {counted} {len(edges)}")
    for name in ("secret", "beside", "secretProduct"):
        gid = market.ids[name]
        body = await look("node", gid, id=gid)
        if (body.get("data") or {}).get("node") is not None:
            problems.append(f"node {name}")
    absent = encode_id("Offer", UUID(int=7))
    for name, field in (("secret", "offer"), ("beside", "offer"), ("secretProduct", "product")):
        gid = market.ids[name]
        body = await look(field, gid, id=gid)
        kind = "Product" if field == "product" else "Offer"
        nothing = await market.ask(field, actor, id=encode_id(kind, UUID(int=7)))
        if str(body.get("errors")) != str(nothing["errors"]):
            problems.append(f"{field} {name}: {body.get('errors')}")
    await look("product", id=market.ids["openProduct"])
    for name in ("categories", "carts", "shoppingLists", "orders", "activePromotions", "viewer",
                 "myOffers", "buyerAliases"):  # fmt: skip
        arguments = {} if name in ("categories", "viewer") else {"first": 50}
        await look(name, **arguments)
    for name in ("secret", "beside"):
        gid = market.ids[name]
        told = await look("explainPrice", gid, offerId=gid, quantity="1")
        other = await market.ask("explainPrice", actor, offerId=absent, quantity="1")
        if str(told.get("errors")) != str(other["errors"]):
            problems.append(f"explainPrice: {told.get('errors')}")
        tried = await look("addToCart", gid, input={"offerId": gid, "quantity": "1"})
        refused = await market.ask("addToCart", actor, input={"offerId": absent, "quantity": "1"})
        if str(tried) != str(refused):
            problems.append(f"addToCart: {tried}")
    lines = "ZX-9000;1\nQQ-777;1\n4006381333931;1\n"
    await look("prepareQuickOrder", lines, "zx9000", input={"text": lines})
    gid = market.ids["secretProduct"]
    await look("proposeSourcing", gid, input={"lines": [{"productId": gid, "quantity": "1"}]})
    gid = market.ids["openProduct"]
    await look("proposeSourcing", input={"lines": [{"productId": gid, "quantity": "1"}]})
    return problems


async def found(market: Market, actor: Actor, text: str) -> tuple[set[str], int]:
    """Ids of the offers found, and the total told."""
    body = await market.ask("searchOffers", actor, query=text, first=50)
    answer = body["data"]["searchOffers"]
    edges = answer["OfferSearchConnection_edges"]
    ids = {edge["OfferSearchEdge_node"]["Offer_id"] for edge in edges}
    return ids, answer["OfferSearchConnection_totalCount"]


async def test_nobody_outside_the_audience_learns_anything(market: Market) -> None:
    for actor in (market.other, market.member, market.rival.actor, None):
        assert await hunt(market, actor) == []
    assert await found(market, market.other, "coupling") == ({market.ids["shown"]}, 1)


async def test_the_hunt_can_fail(market: Market) -> None:
    """Those who may see everything do: what is looked for is there."""
    everything = {market.ids[name] for name in ("secret", "beside", "shown")}
    await market.join()
    for actor in (market.member, market.operator):
        assert await found(market, actor, "coupling") == (everything, 3)
        assert len(await hunt(market, actor)) > 50
    own = await found(market, market.seller.actor, "coupling")
    assert own == (everything - {market.ids["shown"]}, 2)


async def test_membership_shows_and_hides_at_once_without_indexing(market: Market) -> None:
    secret, member = market.ids["secret"], market.member
    assert await found(market, member, "ZX-9000") == (set(), 0)
    await market.join()
    assert await found(market, member, "ZX-9000") == ({secret}, 1)
    assert await found(market, market.other, "ZX-9000") == (set(), 0)
    body = await market.ask("product", member, id=market.ids["secretProduct"])
    assert "secret.pdf" in str(body)
    await market.leave()
    assert await found(market, member, "ZX-9000") == (set(), 0)
    assert await hunt(market, member) == []


async def test_the_index_follows_what_is_put_in_and_taken_out(market: Market) -> None:
    open_ids, _ = await found(market, market.other, "coupling")
    listed = (await assortments_of(market))[0]
    await assortments.set_offers(market.seller.actor, listed, remove=[market.beside.id])
    await update_offers(market.api.resources.search, [market.beside.id])
    expected = open_ids | {market.ids["beside"]}
    assert await found(market, market.other, "coupling") == (expected, 2)
    await assortments.set_offers(market.seller.actor, listed, add=[market.beside.id])
    # before the index heard of it nothing is shown or counted on the page
    assert await found(market, market.other, "coupling") == (open_ids, 1)
    await assortments.delete_assortment(market.seller.actor, listed)
    await update_offers(market.api.resources.search, [market.beside.id, market.secret.id])
    assert (await found(market, market.other, "coupling"))[1] == 3


async def assortments_of(market: Market) -> list[UUID]:
    """The seller's assortments."""
    rows = await own_assortments(market.seller.actor, after=None, limit=10)
    return [row.id for row in rows]


async def test_carts_and_lists_keep_the_line_but_nothing_new_of_it(market: Market) -> None:
    """What was the buyer's own stays: number and price last seen. What came later does not."""
    member, secret = market.member, market.ids["secret"]
    await market.join()
    added = await market.ask("addToCart", member, input={"offerId": secret, "quantity": "2"})
    assert "666.13" in str(added)
    listed = await market.ask("createShoppingList", member, input={"name": "Usual"})
    list_id = listed["data"]["createShoppingList"]["ShoppingListPayload_shoppingList"]
    kept = await market.ask(
        "setShoppingListLine", member,
        input={"shoppingListId": list_id["ShoppingList_id"], "offerId": secret, "quantity": "2"},
    )  # fmt: skip
    assert "_code" not in str(kept), kept
    await market.leave()
    await Offer.filter(id=market.secret.id).update(list_price=Decimal("555.55"))
    await StockItem.filter(offer_id=market.secret.id).update(on_hand=Decimal("24242"))
    news = ("555.55", "24242", "13131", "QQ-777", "secret.pdf", "4006381333931", "Unobtainium")
    for name, arguments in (
        ("cart", {}),
        ("carts", {"first": 50}),
        ("shoppingLists", {"first": 50}),
        ("shoppingList", {"id": list_id["ShoppingList_id"]}),
    ):
        text = str(await market.ask(name, member, **arguments))
        assert [one for one in news if one in text] == [], (name, text)
    cart = (await market.ask("cart", member))["data"]["cart"]
    (line,) = cart["Cart_lines"]
    assert line["CartLine_offered"] is False
    assert line["CartLine_offer"] is None
    before = await fetch_value("SELECT count(*) FROM purchase_order")
    refused = await market.ask("placeOrder", member)
    assert "OFFER_UNAVAILABLE" in str(refused), refused
    assert [one for one in news if one in str(refused)] == [], refused
    assert await fetch_value("SELECT count(*) FROM purchase_order") == before


async def test_a_seller_learns_nothing_new_by_proposing_what_is_hidden(market: Market) -> None:
    """The maker's number is a product's identity, so a doublet is refused: in their own words."""
    rival = market.rival.actor
    proposed = await market.ask(
        "createProduct", rival,
        input={"brand": BRAND.upper(), "manufacturerNumber": "zx 9000", "titleEn": "X"},
    )  # fmt: skip
    assert leaks(proposed, market, BRAND, "zx 9000", market.ids["secretProduct"]) == []
    assert "PRODUCT_EXISTS" in str(proposed)
    absent = encode_id("Product", UUID(int=7))
    for field, values in (
        ("updateProduct", {"titleEn": "Mine"}),
        ("addCrossReference", {"brand": "B", "number": "1"}),
    ):
        hidden, nothing = [
            str(await market.ask(field, rival, input={"productId": key, **values}))
            for key in (market.ids["secretProduct"], absent)
        ]
        assert hidden == nothing
