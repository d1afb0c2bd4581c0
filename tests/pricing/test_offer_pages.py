"""The one statement behind a page of offers says what the separate reads say."""

from __future__ import annotations

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog import queries as catalog
from entrepot.platform.catalog.queries import offers_by_product_ids
from entrepot.platform.database import Database
from entrepot.platform.ids import new_id
from entrepot.platform.inventory.models import StockItem, Warehouse
from entrepot.platform.inventory.queries import availability
from entrepot.platform.pricing.offer_pages import Part, offers_by_ids, offers_on_pages, own_offers
from entrepot.platform.pricing.queries import PriceSheet, price_sheets
from tests.factories import make_buyer, make_offer, make_price_list, make_product, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

PAGE = """query ($id: ID!) { product(id: $id) { id offers { seller { name }
  price { unitPrice { amount } } bulk: price(quantity: "10") { unitPrice { amount } }
  priceTiers { minQuantity } availability { available } } } }"""


def settled(sheet: PriceSheet | None) -> tuple[object, ...]:
    assert sheet is not None
    return (sheet.list_price, sheet.smallest, sorted(sheet.candidates, key=repr))


async def test_the_page_agrees_with_the_separate_reads(database: Database) -> None:
    seller, rival, closed = await make_seller(), await make_seller(), await make_seller()
    buyer, other = await make_buyer(), await make_buyer()
    bolt, nut, bare = [await make_product() for _ in range(3)]
    offers = [await make_offer(seller, bolt, price="30"), await make_offer(rival, bolt, price="20")]
    offers += [await make_offer(seller, nut), await make_offer(seller, nut, active=False)]
    offers += [await make_offer(closed, bolt)]
    await type(closed.company).filter(id=closed.id).update(active=False)
    second = await Warehouse.create(seller=seller.company, code="B", name="Second")
    await StockItem.create(offer=offers[0], warehouse=second, on_hand=7, incoming=2)
    await StockItem.filter(offer=offers[2]).delete()
    tiers = {offers[0].id: {"1": "25", "10": "24"}, offers[2].id: {"5": "1"}}
    await make_price_list(seller, buyer.company_id, tiers)
    await make_price_list(seller, buyer.company_id, {offers[0].id: {"1": "26"}}, priority=2)
    await make_price_list(rival, other.company_id, {offers[1].id: {"1": "1"}})
    await make_price_list(rival, buyer.company_id, {offers[0].id: {"1": "1"}})  # not its own offer

    products = [bolt.id, nut.id, bare.id, new_id()]
    for actor, seen in ((buyer, 3), (other, 3), (seller.actor, 3), (rival.actor, 1)):
        async with counted_sql() as statements:
            pages = await offers_on_pages(actor, products, Part.PRICE | Part.STOCK)
        assert len(statements) == 1
        rows = await offers_by_product_ids(actor, products)
        assert {key: [one.offer for one in page] for key, page in pages.items()} == rows
        every = [one for page in pages.values() for one in page]
        assert len(every) == seen
        ids = [one.offer.id for one in every]
        sheets = await price_sheets(actor.legal_entity_id, ids)
        assert [settled(one.sheet) for one in every] == [settled(sheets[key]) for key in ids]
        stock = await availability(ids)
        assert [one.stock for one in every] == [stock[key] for key in ids]
        assert {one.product for one in every} == {None}
        listed = await offers_by_ids(actor, [*(offer.id for offer in offers), new_id()], Part.PRICE)
        assert set(listed) == set(await catalog.offers_by_ids(actor, [one.id for one in offers]))
        assert {key: settled(listed[key].sheet) for key in ids} == {
            key: settled(sheets[key]) for key in ids
        }
        assert {one.stock for one in listed.values()} == {None}


async def test_own_offers_and_their_products(database: Database) -> None:
    seller, rival = await make_seller(), await make_seller()
    for number in range(3):
        product = await make_product(f"N-{number}")
        await make_offer(seller, product, active=number != 1)
        await make_offer(rival, product)
    rows = await catalog.own_offers(seller.actor, after=None, limit=10)
    assert len(rows) == 3
    products = await catalog.products_by_ids([row.product_id for row in rows])
    for after, expected in ((None, rows), ((rows[0].article_number, rows[0].id), rows[1:])):
        async with counted_sql() as statements:
            page = await own_offers(seller.actor, after=after, limit=10, wanted=Part.PRODUCT)
        assert len(statements) == 1
        assert [one.offer for one in page] == expected
        assert [one.product for one in page] == [products[row.product_id] for row in expected]
    (first,) = await own_offers(seller.actor, after=None, limit=1, wanted=Part.NONE)
    assert (first.offer, first.sheet, first.stock, first.product) == (rows[0], None, None, None)


async def test_twenty_offers_on_a_page_take_as_many_statements_as_one(
    graphql: GraphQLClient,
) -> None:
    buyer = await make_buyer()
    lone, shared = await make_product(), await make_product()
    sellers = [await make_seller() for _ in range(20)]
    await make_offer(sellers[0], lone)
    for seller in sellers:
        offer = await make_offer(seller, shared)
        await make_price_list(seller, buyer.company_id, {offer.id: {"1": "90", "10": "80"}})
    for product, count in ((lone, 1), (shared, 20)):
        async with counted_sql() as statements:
            reply = await graphql.run(PAGE, actor=buyer, id=encode_id("Product", product.id))
        offers = reply.data["product"]["offers"]
        assert len(offers) == count
        assert len(statements) == 2, statements
    assert {offer["bulk"]["unitPrice"]["amount"] for offer in offers} == {"80"}
    assert {offer["availability"]["available"] for offer in offers} == {"10"}
