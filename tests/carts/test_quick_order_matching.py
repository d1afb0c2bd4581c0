"""Matching of quick orders: each outcome, and what is proposed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from entrepot.platform.carts.quick_order.outcomes import MatchedBy, MatchedLine, Outcome
from entrepot.platform.carts.quick_order.wording import reason_of
from entrepot.platform.catalog.aliases.service import set_alias
from entrepot.platform.catalog.assortments import service as assortments
from entrepot.platform.catalog.models import Offer, Product
from entrepot.platform.database import Database
from tests.carts.quick_order_world import (
    Market,
    article,
    cross_reference,
    holds,
    make_market,
    matched,
)
from tests.factories import make_offer, make_product, make_seller
from tests.sql_counter import counted_sql


@pytest.fixture
async def market(database: Database) -> Market:
    return await make_market()


async def one(market: Market, text: str) -> MatchedLine:
    (line,) = await matched(market.buyer, text)
    return line


def facts(line: MatchedLine) -> tuple[str, str | None, object, str | None]:
    """Outcome, how it was found, the offer, the proposed quantity."""
    quantity = line.proposed_quantity
    return (
        line.outcome.value,
        line.matched_by.value if line.matched_by else None,
        line.offer_id,
        None if quantity is None else format(quantity.normalize(), "f"),
    )


async def test_by_the_printed_number(market: Market) -> None:
    offer = await article(market.seller, "KR-4410/2")
    line = await one(market, "KR-4410/2;5")
    assert facts(line) == ("EXACT", "EXACT", offer.id, "5")
    assert reason_of(line, "en") == "Found by its number."


async def test_by_the_folded_number(market: Market) -> None:
    offer = await article(market.seller, "KR-4410/2")
    line = await one(market, "кr 44102;5")  # a Cyrillic к
    assert facts(line) == ("NORMALIZED", "NORMALIZED", offer.id, "5")


async def test_by_a_gtin_of_any_length(market: Market) -> None:
    product = await make_product("X-1")
    product.gtins = ["4006381333931"]
    await product.save()
    offer = await make_offer(market.seller, product, stock="1000")
    for written in ("4006381333931 7", "04006381333931;7", "7;4006381333931"):
        assert facts(await one(market, written)) == ("EXACT", "EXACT", offer.id, "7"), written


async def test_an_alias_wins_over_the_same_printed_number(market: Market) -> None:
    await article(market.seller, "KR-4410/2")
    meant = await article(market.seller, "ZZ-9")
    await set_alias(market.buyer, "KR-4410/2", meant.id)
    line = await one(market, "kr44102 x3")
    assert facts(line) == ("BUYER_ALIAS", "BUYER_ALIAS", meant.id, "3")


async def test_an_alias_is_the_companys_own(market: Market) -> None:
    meant = await article(market.seller, "ZZ-9")
    await set_alias(market.buyer, "OURS-1", meant.id)
    stranger = await make_market()
    assert (await one(stranger, "OURS-1")).outcome is Outcome.NOT_FOUND
    assert (await one(market, "OURS-1")).offer_id == meant.id


async def test_by_a_cross_reference(market: Market) -> None:
    offer = await article(market.seller, "KR-1")
    await cross_reference(offer.product_id, "SKF", "6204-2RS")
    line = await one(market, "6204 2rs; 4 шт")
    assert facts(line) == ("CROSS_REFERENCE", "CROSS_REFERENCE", offer.id, "4")
    assert reason_of(line, "en") == "It can stand in for SKF 6204-2RS."
    assert reason_of(line, "ru") == "Заменяет SKF 6204-2RS."


async def test_one_number_of_two_brands(market: Market) -> None:
    first = await article(market.seller, "100200", brand="Bosch")
    second = await article(market.seller, "100-200", brand="Makita")
    exact = await one(market, "100200;2")
    assert facts(exact) == ("EXACT", "EXACT", first.id, "2")
    line = await one(market, "100 200;2")
    assert facts(line) == ("AMBIGUOUS", "NORMALIZED", None, None)
    assert set(line.ids("candidates")) == {first.id, second.id}
    assert reason_of(line, "en") == "2 articles have this number. Choose one."


async def test_ten_candidates_at_most(market: Market) -> None:
    for brand in range(12):
        await article(market.seller, "555", brand=f"Brand {brand}")
    line = await one(market, "555")
    assert line.outcome is Outcome.AMBIGUOUS
    assert len(line.ids("candidates")) == 10


async def test_unknown(market: Market) -> None:
    line = await one(market, "NOPE-1 5")
    assert facts(line) == ("NOT_FOUND", None, None, None)
    assert (line.number, line.quantity) == ("NOPE-1", Decimal(5))
    assert reason_of(line, "ru") == "«NOPE-1» не найдено."


async def test_quantities_that_are_not_sold(market: Market) -> None:
    offer = await article(market.seller, "P-1", pack="10", minimum="30")
    offer.max_order_quantity = Decimal(55)
    await offer.save()
    rounded = await one(market, "P-1 34")
    assert facts(rounded) == ("PACK_ROUNDED", "EXACT", offer.id, "40")
    assert reason_of(rounded, "en") == "Found by its number. 34 → 40: sold by 10."
    least = await one(market, "P-1 4")
    assert facts(least) == ("BELOW_MINIMUM", "EXACT", offer.id, "30")
    assert reason_of(least, "ru") == "Найдено по номеру. 4 → 30: не менее 30."
    most = await one(market, "P-1 80")
    assert facts(most) == ("ABOVE_MAXIMUM", "EXACT", offer.id, "50")
    assert reason_of(most, "en") == "Found by its number. 80 → 50: at most 50."


async def test_less_in_stock_than_wanted(market: Market) -> None:
    offer = await article(market.seller, "S-1", stock="25", pack="10", price="1")
    line = await one(market, "S-1 40")
    assert facts(line) == ("SHORT", "EXACT", offer.id, "20")
    assert reason_of(line, "en") == "Found by its number. 25 pcs in stock."
    await article(market.seller, "S-2", stock="5", pack="10")
    none = await one(market, "S-2 40")
    assert none.outcome is Outcome.SHORT
    assert none.proposed_quantity is None


async def test_the_cheaper_seller_who_has_enough(market: Market) -> None:
    dear = await article(market.seller, "C-1", price="100", stock="100")
    product = await Product.get(id=dear.product_id)
    cheap = await make_offer(market.rival, product, price="90", stock="10")
    few, many = await one(market, "C-1 5"), await one(market, "C-1 50")
    assert facts(few) == ("EXACT", "EXACT", cheap.id, "5")
    assert few.ids("alternatives") == [dear.id]
    assert facts(many) == ("EXACT", "EXACT", dear.id, "50")
    assert many.ids("alternatives") == [cheap.id]


async def test_the_offer_chosen_last_comes_first(market: Market) -> None:
    dear = await article(market.seller, "C-1", price="100", stock="3")
    product = await Product.get(id=dear.product_id)
    cheap = await make_offer(market.rival, product, price="90", stock="100")
    await set_alias(market.buyer, "OURS", dear.id)
    line = await one(market, "OURS 2")
    assert facts(line) == ("BUYER_ALIAS", "BUYER_ALIAS", dear.id, "2")
    short = await one(market, "OURS 20")
    assert facts(short) == ("SHORT", "BUYER_ALIAS", dear.id, "3")
    assert short.ids("alternatives") == [cheap.id]
    assert reason_of(short, "en").endswith("3 pcs in stock. Other sellers have the article.")


async def test_a_sellers_own_number_means_his_offer(market: Market) -> None:
    dear = await article(market.seller, "M-1", price="100")
    product = await Product.get(id=dear.product_id)
    cheap = await make_offer(market.rival, product, price="90", stock="100")
    await Offer.filter(id=dear.id).update(article_number="A-77", number_key="a77")
    line = await one(market, "A-77;2")
    assert facts(line) == ("EXACT", "EXACT", dear.id, "2")
    assert line.ids("alternatives") == [cheap.id]


async def test_units(market: Market) -> None:
    offer = await article(market.seller, "U-1", pack="5")
    await holds(offer, BX="24")
    box = await one(market, "U-1 2 кор")
    assert facts(box) == ("PACK_ROUNDED", "EXACT", offer.id, "50")
    assert reason_of(box, "en") == "Found by its number. 2 box = 48 pcs. 48 → 50: sold by 5."
    cable = await article(market.seller, "W-1", unit="MTR", step="0.5", minimum="0.5", pack="0.5")
    assert facts(await one(market, "W-1 150 см")) == ("EXACT", "EXACT", cable.id, "1.5")
    pallet = await one(market, "U-1 1 палета")
    assert facts(pallet) == ("INVALID", "EXACT", offer.id, None)
    assert pallet.details["problem"] == "UNIT_NOT_SOLD"
    assert pallet.details["sold_units"] == ["BX"]
    assert reason_of(pallet, "ru") == "Товар не продаётся в единицах «пал», он считается в «шт»."


async def test_typos_in_unit_and_quantity(market: Market) -> None:
    offer = await article(market.seller, "T-1", pack="4")
    unit = await one(market, "T-1 10 штк")
    assert facts(unit) == ("INVALID", "EXACT", offer.id, "12")
    assert reason_of(unit, "en") == "There is no unit “штк”. Was it 10 pcs?"
    digit = await one(market, "T-1;1O")
    assert facts(digit) == ("INVALID", "EXACT", offer.id, "12")
    assert reason_of(digit, "ru") == "«1O» — не количество. Имелось в виду 10?"
    for text, problem in (
        ("T-1;-5", "NOT_POSITIVE"),
        ("T-1;0", "NOT_POSITIVE"),
        ("T-1;1,2345", "TOO_MANY_DECIMALS"),
        ("T-1;9999999999999", "TOO_LARGE"),
        ("T-1;1..5", "NOT_A_NUMBER"),
        ("T-1;1,234", "AMBIGUOUS_NUMBER"),
    ):
        line = await one(market, text)
        assert (line.outcome, line.details["problem"]) == (Outcome.INVALID, problem), text
        assert line.offer_id == offer.id


async def test_a_number_with_spaces_ends_where_the_article_does(market: Market) -> None:
    offer = await article(market.seller, "KR 4410")
    longer = await article(market.seller, "KR 4410 7")
    assert facts(await one(market, "KR 4410 2")) == ("EXACT", "EXACT", offer.id, "2")
    assert facts(await one(market, "KR 4410 7")) == ("EXACT", "EXACT", offer.id, "7")
    assert facts(await one(market, "KR 4410 7 3")) == ("EXACT", "EXACT", longer.id, "3")
    other = await article(market.seller, "GA 23h")
    assert facts(await one(market, "GA 23h")) == ("EXACT", "EXACT", other.id, "1")


async def test_the_same_article_twice_is_counted_once(market: Market) -> None:
    offer = await article(market.seller, "D-1", pack="10")
    await article(market.seller, "D-2")
    first, other, second, odd, third = await matched(
        market.buyer, "D-1 4\nD-2 1\nd1 3 шт\nD-1 2 кг\nD1;1"
    )
    assert facts(first) == ("PACK_ROUNDED", "EXACT", offer.id, "10")
    assert (first.details["wanted"], first.details["merged"]) == ("8", [3, 5])
    assert reason_of(first, "en") == "Found by its number. 8 → 10: sold by 10. With the lines 3, 5."
    assert second.merged_into == third.merged_into == 1
    assert second.outcome is Outcome.PACK_ROUNDED
    assert reason_of(second, "ru") == "Учтено в строке 1."
    assert other.merged_into is None
    assert (odd.outcome, odd.merged_into) == (Outcome.INVALID, None)


async def test_unknown_twice(market: Market) -> None:
    first, second = await matched(market.buyer, "NO-1 4\nno1 5")
    assert (first.outcome, second.outcome) == (Outcome.NOT_FOUND, Outcome.NOT_FOUND)
    assert (first.details["merged"], second.merged_into) == ([2], 1)


async def test_what_the_buyer_may_not_see_does_not_exist(market: Market) -> None:
    inactive = await article(market.seller, "H-1", active=False)
    secret = await article(market.seller, "H-2")
    await Offer.filter(id=secret.id).update(restricted=True)
    gone = await make_seller("Gone")
    closed = await article(gone, "H-3")
    gone.company.active = False
    await gone.company.save()
    for number, offer in (("H-1", inactive), ("H-2", secret), ("H-3", closed)):
        line = await one(market, number)
        assert facts(line) == ("NOT_FOUND", None, None, None), number
        await cross_reference(offer.product_id, "Any", f"XX{number}")
        assert (await one(market, f"XX{number}")).outcome is Outcome.NOT_FOUND


async def test_what_took_the_place_of_a_hidden_product_does_not_give_it_away(
    market: Market,
) -> None:
    secret, new = await article(market.seller, "SECRET-1"), await article(market.seller, "NEW-1")
    await Product.filter(id=secret.product_id).update(replaced_by_id=new.product_id)
    await cross_reference(secret.product_id, "Any", "XX-SECRET")
    hidden = await assortments.create_assortment(market.seller.actor, "Members")
    await assortments.set_offers(market.seller.actor, hidden, add=[secret.id])
    for number in ("SECRET-1", "XX-SECRET"):
        line = await one(market, number)
        assert (facts(line), line.details) == (("NOT_FOUND", None, None, None), {}), number
    await assortments.set_audience(
        market.seller.actor, hidden, company_ids=[market.buyer.company_id]
    )
    await Offer.filter(id=secret.id).update(active=False)
    assert facts(await one(market, "SECRET-1"))[2] == new.id


async def test_what_took_its_place(market: Market) -> None:
    old = await article(market.seller, "OLD-1", active=False)
    middle = await make_product("MID-1")
    new = await article(market.seller, "NEW-1")
    await Product.filter(id=old.product_id).update(discontinued=True, replaced_by_id=middle.id)
    await Product.filter(id=middle.id).update(discontinued=True, replaced_by_id=new.product_id)
    line = await one(market, "OLD-1;3")
    assert facts(line) == ("CROSS_REFERENCE", "CROSS_REFERENCE", new.id, "3")
    assert line.details["replaces"] == str(old.product_id)
    assert reason_of(line, "en") == (
        "The article is not sold any more; this one has taken its place."
    )


async def test_a_thousand_lines_take_as_many_statements_as_ten(market: Market) -> None:
    offers = [await article(market.seller, f"N-{number}") for number in range(10)]
    product = await Product.get(id=offers[0].product_id)
    await make_offer(market.rival, product, price="1", stock="1000")
    few = "\n".join(f"N-{number};{number + 1}" for number in range(10))
    many = "\n".join(f"{'N' if number < 10 else 'X'}-{number};2" for number in range(1000))
    async with counted_sql() as for_few:
        await matched(market.buyer, few)
    async with counted_sql() as for_many:
        lines = await matched(market.buyer, many)
    assert len(lines) == 1000
    assert len(for_few) == len(for_many) == 3
    assert sum(line.outcome is Outcome.EXACT for line in lines) == 10
    assert {line.matched_by for line in lines} == {MatchedBy.EXACT, None}
