"""The price of a whole order from the database: tiers by totals, taxes, terms, promotions."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import Database
from entrepot.platform.ids import new_id
from entrepot.platform.orders.rules import Amounts
from entrepot.platform.pricing.models import SellerTerms
from entrepot.platform.pricing.order_pricing import WantedLine, price_order
from tests.factories import make_buyer, make_offer, make_price_list, make_seller
from tests.sql_counter import counted_sql

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def line(offer_id: UUID, quantity: str) -> WantedLine:
    return WantedLine(new_id(), offer_id, D(quantity))


def amounts(net: str, tax: str, gross: str) -> Amounts:
    return Amounts(D(net), D(tax), D(gross))


async def test_tiers_go_by_the_total_of_an_offer_over_all_lines(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "90", "10": "80"}})
    four, six, absent = line(bolt.id, "4"), line(bolt.id, "6"), line(new_id(), "1")

    lone = await price_order(buyer.legal_entity_id, [four], NOW)
    assert lone.lines[four.key].price.unit_price == D(90)
    both = await price_order(buyer.legal_entity_id, [four, absent, six], NOW)
    assert set(both.lines) == {four.key, six.key}
    assert {priced.price.unit_price for priced in both.lines.values()} == {D(80)}
    assert both.lines[four.key].amounts == amounts("320", "64", "384")
    (part,) = both.parts
    assert (part.seller_id, part.currency) == (seller.id, "RUB")
    assert part.goods == amounts("800", "160", "960")
    assert part.delivery == amounts("0", "0", "0")
    assert (part.min_order_value, part.missing_to_minimum, part.payment_days) == (0, 0, 14)
    assert await price_order(buyer.legal_entity_id, [], NOW) == await price_order(
        new_id(), [four], NOW
    )


async def test_each_seller_has_terms_of_their_own(database: Database) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    abroad = await make_buyer(country="DE")
    bolt, nut = await make_offer(seller, price="99.99"), await make_offer(other, price="10")
    await SellerTerms.create(
        seller=seller.company, currency="RUB", min_order_value=D(500), delivery_charge=D("33.33"),
        free_delivery_from=D("999.90"), delivery_tax_rate=D(10), payment_days=30,
    )  # fmt: skip
    await SellerTerms.create(seller=other.company, currency="EUR", min_order_value=D(9999))

    found = await price_order(buyer.legal_entity_id, [line(bolt.id, "4"), line(nut.id, "1")], NOW)
    parts = {part.seller_id: part for part in found.parts}
    mine, theirs = parts[seller.id], parts[other.id]
    assert mine.goods == amounts("399.96", "79.99", "479.95")
    assert mine.delivery == amounts("33.33", "3.33", "36.66")
    assert (mine.min_order_value, mine.missing_to_minimum) == (D(500), D("100.04"))
    assert mine.payment_days == 30
    assert (theirs.min_order_value, theirs.missing_to_minimum, theirs.payment_days) == (0, 0, 14)

    enough = await price_order(buyer.legal_entity_id, [line(bolt.id, "10")], NOW)
    assert enough.parts[0].delivery == amounts("0", "0", "0")  # 999.90 is where it is free
    assert enough.parts[0].missing_to_minimum == 0
    export = await price_order(abroad.legal_entity_id, [line(bolt.id, "1")], NOW)
    assert export.parts[0].goods == amounts("99.99", "0", "99.99")
    assert export.parts[0].delivery == amounts("33.33", "0", "33.33")


async def test_a_hundred_lines_take_as_many_statements_as_one(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offers = [await make_offer(seller) for _ in range(100)]
    counts = []
    for wanted in (offers[:1], offers):
        lines = [line(offer.id, "1") for offer in wanted]
        async with counted_sql() as statements:
            await price_order(buyer.legal_entity_id, lines, NOW)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 5


async def test_a_list_with_a_least_order_value_looks_at_the_sellers_whole_part(
    database: Database,
) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    bolt, nut = await make_offer(seller, price="100"), await make_offer(seller, price="50")
    foreign = await make_offer(other, price="9999")
    bulk = await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "70"}})
    bulk.min_order_value = D(1000)
    await bulk.save()
    for nuts, price in (("9", 100), ("10", 70)):  # 500 + 450, 500 + 500 at the list prices
        lines = [line(bolt.id, "5"), line(nut.id, nuts), line(foreign.id, "1")]
        found = await price_order(buyer.legal_entity_id, lines, NOW)
        assert found.lines[lines[0].key].price.unit_price == D(price)
