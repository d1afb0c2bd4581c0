"""Lines of carts: many at once, cost centres, deliveries, and what changed since they were seen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.carts import service
from entrepot.platform.carts.errors import (
    CartFull,
    CartTooLarge,
    DeliveriesExceedLine,
    QuantityNotOrderable,
)
from entrepot.platform.carts.rules import MAX_LINES
from entrepot.platform.catalog.errors import UnitNotSold
from entrepot.platform.catalog.models import OfferUnit
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity import addresses
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.models import PriceList
from entrepot.platform.pricing.promotions.models import Promotion
from tests.carts.cart_people import CLOCK, everything, held, make_buyers, view
from tests.factories import (
    Seller,
    make_buyer,
    make_offer,
    make_price_list,
    make_product,
    make_seller,
)
from tests.sql_counter import counted_sql

New = service.NewCartLine


async def changes(actor: Actor, cart_id: UUID | None) -> dict[str, list[tuple[str, str, str]]]:
    """Return (kind, old, new) of the changes of each line by article number."""
    return {
        line.article_number: [
            (change.kind.value, f"{change.old.normalize():f}", f"{change.new.normalize():f}")
            for change in line.changes
        ]
        for line in (await view(actor, cart_id)).lines
    }


async def seen(cart_id: UUID) -> list[tuple[str, Decimal, Decimal]]:
    """Return (article number, seen price, seen discount), sorted."""
    rows = await fetch(
        "SELECT o.article_number, l.seen_unit_price, l.seen_discount FROM cart_line l"
        " JOIN offer o ON o.id = l.offer_id WHERE l.cart_id = $1 ORDER BY 1, l.cost_center",
        cart_id,
    )
    return [(row["article_number"], row["seen_unit_price"], row["seen_discount"]) for row in rows]


async def named(seller: Seller, number: str, **terms: str) -> UUID:
    """Make an offer of an article with that number."""
    return (await make_offer(seller, await make_product(number), **terms)).id  # type: ignore[arg-type]


async def test_many_lines_at_once_add_up_or_nothing_is_added(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt, nut = await named(seller, "BOLT"), await named(seller, "NUT", pack="10", step="10")
    hidden = (await make_offer(seller, active=False)).id
    cart = await service.add_lines(
        people.anna,
        None,
        [New(bolt, Decimal(1), note="one"), New(nut, Decimal(5), "A"), New(nut, Decimal(5), "B")],
        clock=CLOCK,
    )
    await service.add_lines(
        people.boris,
        cart,
        [New(bolt, Decimal(2), note="two"), New(bolt, Decimal(3), note="one")],
        clock=CLOCK,
    )
    expected = [("BOLT", 6, "", "one; two"), ("NUT", 5, "A", ""), ("NUT", 5, "B", "")]
    assert await held(cart) == expected
    before = await everything()
    with pytest.raises(NotFound) as absent:
        await service.add_lines(
            people.anna, cart, [New(bolt, Decimal(1)), New(hidden, Decimal(1))], clock=CLOCK
        )
    assert (absent.value.path, absent.value.line_index) == (("lines", "1", "offerId"), 1)
    with pytest.raises(QuantityNotOrderable) as odd:
        await service.add_lines(
            people.anna, cart, [New(bolt, Decimal(1)), New(nut, Decimal(7))], clock=CLOCK
        )
    assert (odd.value.proposed, odd.value.line_index) == (20, 1), "counted over all lines"
    with pytest.raises(CartTooLarge):
        await service.add_lines(people.anna, cart, [New(bolt, Decimal(10**9))], clock=CLOCK)
    with pytest.raises(InvalidInput) as long:
        await service.add_lines(people.anna, cart, [New(bolt, Decimal(1), "x" * 51)], clock=CLOCK)
    assert long.value.path == ("lines", "0", "costCenter")
    with pytest.raises(CartFull):
        await service.add_lines(
            people.anna, cart, [New(bolt, Decimal(1), str(n)) for n in range(MAX_LINES)],
            clock=CLOCK,
        )  # fmt: skip
    assert await everything() == before


async def test_adding_and_reading_take_a_fixed_number_of_statements(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    first = await make_offer(seller, stock="100000")
    await execute(
        "INSERT INTO offer (id, product_id, seller_id, external_id, article_number, list_price,"
        "  currency, tax_included, tax_rate, pack_quantity, min_order_quantity, order_step,"
        "  lead_time_days, active, created_at, updated_at)"
        " SELECT gen_random_uuid(), product_id, seller_id, 'X' || n, 'X' || n, n, currency,"
        "  tax_included, tax_rate, 1, 1, 1, 3, true, now(), now()"
        "  FROM offer, generate_series(1, 499) n WHERE id = $1",
        first.id,
    )
    offers = [row["id"] for row in await fetch("SELECT id FROM offer ORDER BY list_price, id")]
    counts = []
    for wanted in (offers[:1], offers[1:]):
        async with counted_sql() as adding:
            cart = await service.add_lines(
                people.anna, None, [New(offer, Decimal(1)) for offer in wanted], clock=CLOCK
            )
        async with counted_sql() as reading:
            shown = await view(people.anna, cart)
        counts.append((len(adding), len(reading)))
    assert len(shown.lines) == 500
    assert shown.totals[0].amounts.net == sum(range(1, 500)) + 100
    assert counts[1][1] == counts[0][1] <= 10, "reading"
    assert counts[1][0] <= counts[0][0] <= 14, "adding: the first made the cart"


async def test_a_line_says_what_changed_from_outside(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    names = ("DOWN", "GONE", "PACK", "SAME", "SHORT", "UP")
    offers = {name: await named(seller, name, price="10", stock="10") for name in names}
    lines = [New(offer, Decimal(4)) for offer in offers.values()]
    cart = await service.add_lines(people.anna, None, lines, clock=CLOCK)
    assert await changes(people.anna, cart) == {name: [] for name in names}
    assert not (await view(people.anna, cart)).changed
    await execute("UPDATE offer SET list_price = 12.5 WHERE id = $1", offers["UP"])
    await execute("UPDATE offer SET list_price = 9 WHERE id = $1", offers["DOWN"])
    await execute("UPDATE offer SET active = false WHERE id = $1", offers["GONE"])
    await execute("UPDATE offer SET pack_quantity = 6 WHERE id = $1", offers["PACK"])
    await execute("UPDATE stock_item SET on_hand = 3 WHERE offer_id = $1", offers["SHORT"])
    assert await changes(people.boris, cart) == {
        "UP": [("price_up", "10", "12.5")],
        "DOWN": [("price_down", "10", "9")],
        "GONE": [("not_offered", "4", "0")],
        "PACK": [("quantity_not_orderable", "4", "6")],
        "SHORT": [("short", "4", "3")],
        "SAME": [],
    }
    shown = await view(people.anna, cart)
    assert shown.changed
    told = {line.article_number: line.changes for line in shown.lines}
    assert told["UP"][0].reason("en") == "The price of one rose from 10 to 12.50 RUB."
    assert told["UP"][0].reason("ru") == "Цена за единицу выросла с 10 до 12.50 RUB."
    assert told["PACK"][0].reason("en") == "4 → 6: at least 6." or told["PACK"][0].reason("en") == (
        "4 → 6: sold by 6."
    )
    assert told["SHORT"][0].reason("ru") == "Нужно 4, сейчас доступно 3."
    gone = next(line for line in shown.lines if line.article_number == "GONE")
    assert (gone.offered, gone.price.unit_price, gone.amounts.gross) == (False, 10, 0)
    assert shown.totals[0].amounts.net == Decimal("206.00"), "50 + 36 + 3 × 40: without GONE"
    await service.accept_changes(people.boris, cart, clock=CLOCK)
    after = await changes(people.anna, cart)
    assert (after["UP"], after["DOWN"]) == ([], [])
    assert after["GONE"] == [("not_offered", "4", "0")], "nothing to accept"
    assert {name: price for name, price, _ in await seen(cart)}["GONE"] == 10


async def test_own_changes_are_no_drift_and_do_not_hide_one(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt, nut = await named(seller, "BOLT", price="10"), await named(seller, "NUT", price="10")
    agreed = await make_price_list(
        seller, people.company.id, {bolt: {"1": "9", "5": "8"}, nut: {"1": "9"}}
    )
    await PriceList.filter(id=agreed.id).update(min_order_value=Decimal(50))
    cart = await service.add(people.anna, bolt, Decimal(1), clock=CLOCK)
    await service.add(people.anna, nut, Decimal(2), clock=CLOCK)
    assert await seen(cart) == [("BOLT", 10, 0), ("NUT", 10, 0)]
    await service.add(people.anna, nut, Decimal(2), clock=CLOCK, cost_center="A")
    assert await seen(cart) == [("BOLT", 9, 0), ("NUT", 9, 0), ("NUT", 9, 0)], "worth 50 now"
    assert not (await view(people.anna, cart)).changed
    await execute("UPDATE price_tier SET unit_price = 9.5 WHERE offer_id = $1", bolt)
    assert (await changes(people.anna, cart))["BOLT"] == [("price_up", "9", "9.5")]
    last = await fetch_value("SELECT id FROM cart_line WHERE cost_center = 'A'")
    await service.remove(people.anna, last, clock=CLOCK)
    assert await seen(cart) == [("BOLT", 9, 0), ("NUT", 10, 0)], "BOLT's drift is still told"
    assert (await changes(people.anna, cart))["BOLT"] == [("price_up", "9", "10")]


async def test_promotions_are_seen_with_own_changes(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt, nut = await named(seller, "BOLT", price="10"), await named(seller, "NUT", price="20")
    promotion = await Promotion.create(
        owner=seller.company, seller=seller.company, name_en="Tenth", name_ru="Десятая",
        kind="percent", percent=Decimal(10), min_order_value=Decimal(100), currency="RUB",
    )  # fmt: skip
    cart = await service.add(people.anna, bolt, Decimal(5), clock=CLOCK)
    assert await seen(cart) == [("BOLT", 10, 0)]
    await service.add(people.anna, nut, Decimal(5), clock=CLOCK)
    assert await seen(cart) == [("BOLT", 10, 5), ("NUT", 20, 10)]
    shown = await view(people.anna, cart)
    assert [(line.discount, line.amounts.net) for line in shown.lines] == [(5, 45), (10, 90)]
    assert shown.lines[0].promotions[0].name_ru == "Десятая"
    assert not shown.changed
    await Promotion.filter(id=promotion.id).update(percent=Decimal(20))
    assert await changes(people.anna, cart) == {
        "BOLT": [("discount_changed", "5", "10")],
        "NUT": [("discount_changed", "10", "20")],
    }
    await service.accept_changes(people.anna, cart, clock=CLOCK)
    assert await seen(cart) == [("BOLT", 10, 10), ("NUT", 20, 20)]
    await Promotion.all().update(active=False)
    await service.add(people.anna, bolt, Decimal(1), clock=CLOCK)
    assert await seen(cart) == [("BOLT", 10, 0), ("NUT", 20, 20)]
    assert await changes(people.anna, cart) == {
        "BOLT": [],
        "NUT": [("discount_changed", "20", "0")],
    }


async def test_a_changed_line(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await named(seller, "BOLT")
    lines = [New(bolt, Decimal(3), "A", "first"), New(bolt, Decimal(4), "B", "second")]
    cart = await service.add_lines(people.anna, None, lines, clock=CLOCK)
    line = await fetch_value("SELECT id FROM cart_line WHERE cost_center = 'A'")
    await execute("UPDATE offer SET list_price = 120")
    terms = service.LineTerms(note="changed", wanted_on=date(2026, 12, 1))
    await service.set_line(people.boris, line, terms, clock=CLOCK)
    assert (await changes(people.anna, cart))["BOLT"] == [("price_up", "100", "120")]
    await service.set_line(people.boris, line, {"cost_center": "B"}, clock=CLOCK)
    assert await held(cart) == [("BOLT", 7, "B", "changed; second")]
    assert await seen(cart) == [("BOLT", 120, 0)]
    assert await fetch_value("SELECT wanted_on FROM cart_line") == date(2026, 12, 1)
    await service.set_line(people.anna, line, {"quantity": Decimal(2), "note": ""}, clock=CLOCK)
    assert await held(cart) == [("BOLT", 2, "B", "")]
    await execute("UPDATE offer SET active = false")
    await service.set_line(people.anna, line, {"note": "gone"}, clock=CLOCK)
    with pytest.raises(NotFound):
        await service.set_line(people.anna, line, {"quantity": Decimal(3)}, clock=CLOCK)
    assert await held(cart) == [("BOLT", 2, "B", "gone")]


async def test_a_line_goes_to_several_addresses(database: Database) -> None:
    people, stranger, seller = await make_buyers(), await make_buyer(), await make_seller()
    bolt = await named(seller, "BOLT")
    gates = [
        await addresses.create_address(
            people.anna, addresses.AddressDraft(f"Gate {n}", "RU", "Tula", f"Lenina {n}")
        )
        for n in range(2)
    ]
    foreign = await addresses.create_address(
        stranger, addresses.AddressDraft("Gate", "RU", "Tula", "Lenina 1")
    )
    cart = await service.add(people.anna, bolt, Decimal(10), clock=CLOCK)
    line = await fetch_value("SELECT id FROM cart_line")

    async def split(*parts: tuple[UUID, int]) -> UUID:
        deliveries = [service.LineDelivery(key, Decimal(quantity)) for key, quantity in parts]
        return await service.set_line(people.anna, line, {"deliveries": deliveries}, clock=CLOCK)

    await split((gates[0], 3), (gates[1], 7))
    shown = (await view(people.boris, cart)).lines[0].held.deliveries
    assert {(one.address_id, one.quantity) for one in shown} == {(gates[0], 3), (gates[1], 7)}
    before = await everything()
    with pytest.raises(DeliveriesExceedLine) as refused:
        await split((gates[0], 4), (gates[1], 7))
    assert (refused.value.assigned, refused.value.quantity) == (11, 10)
    with pytest.raises(DeliveriesExceedLine):
        await service.set_line(people.anna, line, {"quantity": Decimal(9)}, clock=CLOCK)
    with pytest.raises(InvalidInput):
        await split((gates[0], 1), (gates[0], 1))
    with pytest.raises(InvalidInput):
        await split((gates[0], 0))
    for unknown in (foreign, new_id()):
        with pytest.raises(NotFound) as absent:
            await split((gates[0], 1), (unknown, 1))
        assert absent.value.path == ("deliveries", "1", "addressId")
    assert await everything() == before
    await split((gates[1], 2))
    rows = await fetch("SELECT address_id, quantity FROM cart_line_delivery")
    assert [(row["address_id"], row["quantity"]) for row in rows] == [(gates[1], 2)]
    await service.remove(people.anna, line, clock=CLOCK)
    assert await fetch_value("SELECT count(*) FROM cart_line_delivery") == 0


async def test_prices_are_those_of_the_carts_legal_entity(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await named(seller, "BOLT", price="10")
    agreed = await make_price_list(seller, people.company.id, {bolt: {"1": "7"}})
    await execute(
        "UPDATE price_list_assignment SET company_id = NULL, legal_entity_id = $2"
        " WHERE price_list_id = $1",
        agreed.id,
        people.second.id,
    )
    cart = await service.create(
        people.anna, "For the second", legal_entity_id=people.second.id, clock=CLOCK
    )
    await service.add(people.anna, bolt, Decimal(1), cart_id=cart, clock=CLOCK)
    assert await seen(cart) == [("BOLT", 7, 0)]
    await service.add_lines(people.anna, None, [New(bolt, Decimal(1))], clock=CLOCK)
    shown = [line.price.unit_price for line in (await view(people.anna, None)).lines]
    assert shown == [10]
    assert [line.price.unit_price for line in (await view(people.anna, cart)).lines] == [7]


async def test_a_quantity_in_another_unit(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await named(seller, "BOLT", pack="5", step="5")
    await OfferUnit.create(offer_id=bolt, unit="BX", quantity=Decimal(25))
    cart = await service.add(people.anna, bolt, Decimal(2), unit="коробка", clock=CLOCK)
    await service.add(people.anna, bolt, Decimal(1), unit="BX", clock=CLOCK)
    assert await held(cart) == [("BOLT", 75, "", "")]
    hidden = (await make_offer(seller, active=False)).id
    before = await everything()
    with pytest.raises(UnitNotSold) as refused:
        await service.add(people.anna, bolt, Decimal(1), unit="PF", clock=CLOCK)
    assert refused.value.path == ("unit",)
    with pytest.raises(NotFound):
        await service.add(people.anna, hidden, Decimal(1), unit="BX", clock=CLOCK)
    with pytest.raises(InvalidInput):
        await service.add(people.anna, bolt, Decimal(1), unit="x" * 21, clock=CLOCK)
    with pytest.raises(InvalidInput):
        past = date(2026, 11, 20)
        await service.add(people.anna, bolt, Decimal(5), wanted_on=past, clock=CLOCK)
    assert await everything() == before


async def test_an_offer_hidden_from_the_buyer_tells_nothing_new(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt, nut = await named(seller, "BOLT", price="10"), await named(seller, "NUT", price="10")
    lines = [New(bolt, Decimal(4)), New(nut, Decimal(1))]
    cart = await service.add_lines(people.anna, None, lines, clock=CLOCK)
    await execute("UPDATE offer SET restricted = true, list_price = 777 WHERE id = $1", bolt)
    await Promotion.create(
        owner=seller.company, seller=seller.company, name_en="P", name_ru="P", kind="percent",
        percent=Decimal(10),
    )  # fmt: skip
    shown = await view(people.anna, cart)
    hidden = shown.lines[0]
    assert (hidden.offered, hidden.available, hidden.price.unit_price) == (False, 0, 10)
    assert [change.kind.value for change in hidden.changes] == ["not_offered"]
    assert shown.totals[0].amounts.net == 9
    await service.accept_changes(people.anna, cart, clock=CLOCK)
    await service.add(people.anna, nut, Decimal(2), clock=CLOCK)
    await service.set_line(people.anna, hidden.id, {"note": "kept"}, clock=CLOCK)
    assert await seen(cart) == [("BOLT", 10, 0), ("NUT", 10, 3)]
    before = await everything()
    with pytest.raises(NotFound):
        await service.add(people.anna, bolt, Decimal(1), clock=CLOCK)
    with pytest.raises(NotFound):
        await service.add_lines(people.anna, cart, [New(bolt, Decimal(1))], clock=CLOCK)
    with pytest.raises(NotFound):
        await service.set_quantity(people.anna, hidden.id, Decimal(5), clock=CLOCK)
    assert await everything() == before
    await service.remove(people.anna, hidden.id, clock=CLOCK)
    assert await seen(cart) == [("NUT", 10, 3)]
