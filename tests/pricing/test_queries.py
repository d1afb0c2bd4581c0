"""Prices read from the database: the right buyer's, in one round trip."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from entrepot.platform.database import Database, execute
from entrepot.platform.ids import new_id
from entrepot.platform.pricing import queries
from tests.factories import make_buyer, make_offer, make_price_list, make_seller
from tests.sql_counter import counted_sql

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def test_each_buyer_gets_their_own_price(database: Database) -> None:
    seller, other = await make_seller(), await make_seller()
    anna, boris = await make_buyer(), await make_buyer()
    bolt, nut = await make_offer(seller, price="100"), await make_offer(seller, price="20")
    foreign = await make_offer(other, price="7")
    mine = await make_price_list(seller, anna.company_id, {bolt.id: {"1": "90", "10": "80"}})
    await make_price_list(seller, boris.company_id, {bolt.id: {"1": "1"}, nut.id: {"1": "1"}})

    found = await queries.prices_for(
        anna.legal_entity_id,
        [(bolt.id, D(10)), (nut.id, D(1)), (foreign.id, D(1)), (new_id(), D(1))],
        NOW,
    )
    assert {offer_id: price.unit_price for offer_id, price in found.items()} == {
        bolt.id: D(80), nut.id: D(20), foreign.id: D(7),
    }  # fmt: skip
    assert (found[bolt.id].price_list_id, found[bolt.id].tier_minimum) == (mine.id, D(10))
    assert found[nut.id].source == "list"
    assert (await queries.prices_for(None, [(bolt.id, D(10))], NOW))[bolt.id].unit_price == D(100)


async def test_one_offer_may_be_priced_at_several_quantities(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller)
    await make_price_list(seller, buyer.company_id, {bolt.id: {"10": "80"}})
    wanted = [(bolt.id, D(1)), (bolt.id, D(10))]
    found = await queries.price_many(buyer.legal_entity_id, wanted, NOW)
    assert [found[key].unit_price for key in wanted] == [D(100), D(80)]


async def test_lists_that_are_off_or_about_foreign_offers_do_not_count(database: Database) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    bolt = await make_offer(seller)
    off = await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "1"}})
    await execute("UPDATE price_list SET active = false WHERE id = $1", off.id)
    await make_price_list(other, buyer.company_id, {bolt.id: {"1": "2"}})  # not its seller's list
    found = await queries.prices_for(buyer.legal_entity_id, [(bolt.id, D(1))], NOW)
    assert found[bolt.id].unit_price == D(100)


async def test_any_number_of_offers_takes_one_statement(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offers = [await make_offer(seller) for _ in range(20)]
    tiers = {offer.id: {"1": "90", "5": "80"} for offer in offers}
    await make_price_list(seller, buyer.company_id, tiers)
    async with counted_sql() as statements:
        wanted = [(offer.id, D(5)) for offer in offers]
        found = await queries.prices_for(buyer.legal_entity_id, wanted, NOW)
        steps = await queries.tiers_for(buyer.legal_entity_id, [o.id for o in offers], NOW)
    assert len(statements) == 2, statements
    assert {price.unit_price for price in found.values()} == {D(80)}
    assert len(found) == len(steps) == 20
    assert [s.price.unit_price for s in steps[offers[0].id]] == [D(90), D(80)]
