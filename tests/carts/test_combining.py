"""Copying and merging carts: nothing is lost, and refusals change nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.carts import service
from entrepot.platform.carts.errors import (
    CartClosed,
    CartFull,
    CartsOfDifferentEntities,
    CartSubmitted,
    CartTooLarge,
)
from entrepot.platform.carts.ordering import lock_carts, set_status
from entrepot.platform.carts.rules import MAX_LINES
from entrepot.platform.database import Database, execute, fetch, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity import addresses
from entrepot.platform.orders import service as orders
from entrepot.platform.orders.buyer_side import buyer_side_of
from tests.carts.cart_people import CLOCK, Buyers, everything, held, make_buyers, statuses, view
from tests.factories import make_buyer, make_offer, make_price_list, make_product, make_seller

New = service.NewCartLine


async def gate(people: Buyers, name: str) -> UUID:
    """Give the company's first legal entity an address."""
    draft = addresses.AddressDraft(name, "RU", "Tula", "Lenina 1")
    return await addresses.create_address(people.anna, draft)


async def filled(people: Buyers, name: str, *lines: service.NewCartLine) -> UUID:
    """Make a cart of Anna's with these lines."""
    cart = await service.create(people.anna, name, clock=CLOCK)
    return await service.add_lines(people.anna, cart, lines, clock=CLOCK)


async def test_a_copy_has_everything_and_is_ones_own(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"), price="10")
    gone = await make_offer(seller, await make_product("GONE"), price="10")
    first, retired = await gate(people, "First"), await gate(people, "Retired")
    wanted = date(2026, 12, 24)
    cart = await service.add_lines(
        people.anna, None, [New(bolt.id, Decimal(5), "A", "n", wanted), New(gone.id, Decimal(2))],
        clock=CLOCK,
    )  # fmt: skip
    line = await fetch_value("SELECT id FROM cart_line WHERE cost_center = 'A'")
    parts = [service.LineDelivery(first, Decimal(1)), service.LineDelivery(retired, Decimal(2))]
    await service.set_line(people.anna, line, {"deliveries": parts}, clock=CLOCK)
    terms = service.CartTerms(po_number="47", note="by the gate", delivery_address_id=retired)
    await service.update(people.anna, cart, terms, clock=CLOCK)
    await execute("UPDATE offer SET active = false WHERE id = $1", gone.id)
    await execute("UPDATE offer SET list_price = 11 WHERE id = $1", bolt.id)
    await execute("UPDATE delivery_address SET active = false WHERE id = $1", retired)

    copy = await service.copy(people.boris, cart, "Copy", clock=CLOCK)

    shown = await view(people.boris, copy)
    assert (shown.cart.name, shown.cart.po_number, shown.cart.note) == ("Copy", "47", "by the gate")
    assert (shown.cart.delivery_address_id, shown.cart.created_by_id, shown.cart.is_default) == (
        None, people.boris.user_id, False,
    )  # fmt: skip
    bolts, goners = shown.lines
    assert (bolts.quantity, bolts.held.cost_center, bolts.held.note) == (5, "A", "n")
    assert bolts.held.wanted_on == wanted
    assert bolts.held.deliveries == (service.LineDelivery(first, Decimal(1)),)
    assert [change.kind.value for change in bolts.changes] == ["price_up"], "seen in the original"
    assert [change.kind.value for change in goners.changes] == ["not_offered"], "told, not lost"
    assert await held(cart) == await held(copy)
    with pytest.raises(NotFound):
        await view_of_anna(people, copy)


async def view_of_anna(people: Buyers, cart: UUID) -> None:
    """Try to use somebody's own cart."""
    await service.delete(people.anna, cart)


async def test_a_copy_for_another_legal_entity_has_its_prices(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"), price="10")
    agreed = await make_price_list(seller, people.company.id, {bolt.id: {"1": "7"}})
    await execute(
        "UPDATE price_list_assignment SET company_id = NULL, legal_entity_id = $2"
        " WHERE price_list_id = $1",
        agreed.id,
        people.second.id,
    )
    cart = await filled(people, "Own", New(bolt.id, Decimal(5)))
    copy = await service.copy(
        people.anna, cart, "Copy", legal_entity_id=people.second.id, clock=CLOCK
    )
    shown = await view(people.anna, copy)
    assert shown.cart.legal_entity_id == people.second.id
    assert [(line.price.unit_price, line.seen_unit_price) for line in shown.lines] == [(7, 7)]
    assert not shown.changed
    foreign = (await make_buyer()).legal_entity_id
    before = await everything()
    with pytest.raises(NotFound):
        await service.copy(people.anna, cart, "Copy", legal_entity_id=foreign, clock=CLOCK)
    with pytest.raises(InvalidInput):
        await service.copy(people.anna, cart, " ", clock=CLOCK)
    assert await everything() == before


async def test_an_ordered_cart_can_be_copied_and_a_merged_one_not(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    ordered = await service.add(people.anna, bolt.id, Decimal(2), clock=CLOCK)
    await orders.place(people.anna, clock=CLOCK)
    copy = await service.copy(people.anna, ordered, "Again", clock=CLOCK)
    assert await held(copy) == [("BOLT", 2, "", "")]
    target = await service.create(people.anna, "Target", clock=CLOCK)
    await service.merge(people.anna, [copy], target, clock=CLOCK)
    with pytest.raises(CartClosed):
        await service.copy(people.anna, copy, "Again", clock=CLOCK)


async def test_merged_carts_add_up_and_keep_what_their_carts_said(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    nut = await make_offer(seller, await make_product("NUT"))
    home, away = await gate(people, "Home"), await gate(people, "Away")
    target = await filled(people, "Target", New(bolt.id, Decimal(1), "A", "mine"))
    terms = service.CartTerms(delivery_address_id=home, note="please")
    await service.update(people.anna, target, terms, clock=CLOCK)
    early, late = date(2026, 12, 1), date(2026, 12, 9)
    one = await filled(
        people, "One", New(bolt.id, Decimal(2), note="theirs", wanted_on=late),
        New(nut.id, Decimal(3), "B"),
    )  # fmt: skip
    terms = service.CartTerms(
        cost_center="A", delivery_address_id=away, po_number="47", note="quickly", wanted_on=early
    )
    await service.update(people.anna, one, terms, clock=CLOCK)
    two = await filled(people, "Two", New(nut.id, Decimal(4), "B", "mine"))
    await service.update(people.anna, two, service.CartTerms(delivery_address_id=home), clock=CLOCK)

    assert await service.merge(people.anna, [one, two], target, clock=CLOCK) == target

    assert await held(target) == [("BOLT", 3, "A", "mine; theirs"), ("NUT", 7, "B", "mine")]
    shown = await view(people.anna, target)
    assert (shown.cart.po_number, shown.cart.note) == ("47", "please; quickly")
    assert not shown.changed
    bolts, nuts = shown.lines
    assert (bolts.held.wanted_on, nuts.held.wanted_on) == (late, early)
    assert bolts.held.deliveries == (service.LineDelivery(away, Decimal(2)),), "1 goes home"
    assert nuts.held.deliveries == (service.LineDelivery(away, Decimal(3)),)
    assert sorted(await statuses()) == ["merged", "merged", "open"]
    report = await service.merge_report(people.anna, [one, two], target)
    assert [(line.cart_name, line.quantity, line.line_id) for line in report] == [
        ("One", 2, bolts.id),
        ("One", 3, nuts.id),
        ("Two", 4, nuts.id),
    ]
    assert await held(one) == [("BOLT", 2, "", "theirs"), ("NUT", 3, "B", "")], "for the record"
    with pytest.raises(CartClosed) as refused:
        await service.add(people.anna, bolt.id, Decimal(1), cart_id=one, clock=CLOCK)
    assert refused.value.message("en") == "The cart was merged into another one."


async def wishes(people: Buyers, cart: UUID) -> list[tuple[str, Decimal, str, date | None, object]]:
    """What an order of the cart would say of each line: where the rest goes is of the cart."""
    async with transaction():
        [locked] = await lock_carts([cart])
        side = await buyer_side_of([locked])
    numbers = {line.held.id: line.article_number for line in (await view(people.anna, cart)).lines}
    return [
        (numbers[line.id], line.quantity, line.cost_center, line.wanted_on,
         {place.address_id: quantity for place, quantity in side.split(locked, line)})
        for line in locked.lines
    ]  # fmt: skip


async def test_what_a_cart_left_open_stays_open(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    nut = await make_offer(seller, await make_product("NUT"))
    main, away = await gate(people, "Main"), await gate(people, "Away")
    await execute("UPDATE delivery_address SET is_default = (id = $1)", main)
    day = date(2026, 12, 1)
    target = await filled(
        people, "Target", New(bolt.id, Decimal(4)), New(bolt.id, Decimal(1), "A", "own"),
        New(nut.id, Decimal(2), "B"),
    )  # fmt: skip
    terms = service.CartTerms(cost_center="A", wanted_on=day, delivery_address_id=away)
    await service.update(people.anna, target, terms, clock=CLOCK)
    source = await filled(people, "Source", New(bolt.id, Decimal(8)), New(nut.id, Decimal(16), "C"))
    assert await wishes(people, source) == [
        ("BOLT", 8, "", None, {main: 8}),
        ("NUT", 16, "C", None, {main: 16}),
    ]

    await service.merge(people.anna, [source], target, clock=CLOCK)

    assert await wishes(people, target) == [
        ("BOLT", 5, "A", day, {away: 5}),
        ("NUT", 2, "B", day, {away: 2}),
        ("BOLT", 8, "", None, {main: 8}),
        ("NUT", 16, "C", None, {main: 16}),
    ]
    shown = (await view(people.anna, target)).cart
    assert (shown.cost_center, shown.wanted_on, shown.delivery_address_id) == ("", None, None)
    bolts, _, loose, nuts = (await view(people.anna, target)).lines
    assert bolts.held.note == "own"
    report = await service.merge_report(people.anna, [source], target)
    assert [(line.quantity, line.line_id) for line in report] == [(8, loose.id), (16, nuts.id)]


async def test_what_no_line_leaves_open_stays_of_the_cart(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    away = await gate(people, "Away")
    early, late = date(2026, 12, 1), date(2026, 12, 9)
    target = await filled(people, "Target", New(bolt.id, Decimal(1), "C"), New(bolt.id, Decimal(2)))
    terms = service.CartTerms(cost_center="A", wanted_on=early, delivery_address_id=away)
    await service.update(people.anna, target, terms, clock=CLOCK)
    source = await filled(people, "Source", New(bolt.id, Decimal(3), "C", wanted_on=late))
    line = await fetch_value("SELECT id FROM cart_line WHERE cart_id = $1", source)
    parts = [service.LineDelivery(away, Decimal(3))]
    await service.set_line(people.anna, line, {"deliveries": parts}, clock=CLOCK)
    empty = await service.create(people.anna, "Empty", clock=CLOCK)

    await service.merge(people.anna, [source, empty], target, clock=CLOCK)

    assert await wishes(people, target) == [
        ("BOLT", 4, "C", early, {away: 4}),  # of two dates the earlier, also where the cart says it
        ("BOLT", 2, "A", early, {away: 2}),
    ]
    shown = (await view(people.anna, target)).cart
    assert (shown.cost_center, shown.wanted_on, shown.delivery_address_id) == ("A", early, away)


async def test_a_merge_keeps_what_changed_from_outside(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"), price="10")
    nut = await make_offer(seller, await make_product("NUT"), price="10")
    await make_price_list(seller, people.company.id, {nut.id: {"1": "9", "5": "8"}})
    target = await filled(people, "Target", New(bolt.id, Decimal(1)), New(nut.id, Decimal(2)))
    source = await filled(people, "Source", New(nut.id, Decimal(3)))
    await execute("UPDATE offer SET list_price = 12 WHERE id = $1", bolt.id)
    await service.merge(people.anna, [source], target, clock=CLOCK)
    shown = {line.article_number: line for line in (await view(people.anna, target)).lines}
    assert [change.kind.value for change in shown["BOLT"].changes] == ["price_up"]
    assert (shown["NUT"].price.unit_price, shown["NUT"].seen_unit_price) == (8, 8), "own change"


async def test_merges_that_are_refused(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    target = await filled(people, "Target", New(bolt.id, Decimal(10**9)))
    source = await filled(people, "Source", New(bolt.id, Decimal(1)))
    other = await service.create(
        people.anna, "Other", legal_entity_id=people.second.id, clock=CLOCK
    )
    waiting = await service.create(people.anna, "Waiting", clock=CLOCK)
    await set_status([waiting], "submitted")
    theirs = await service.create(people.boris, "Theirs", clock=CLOCK)
    foreign = await service.create(await make_buyer(), "Foreign", clock=CLOCK)
    before = await everything()
    for carts, into, error in (
        ([source], target, CartTooLarge),
        ([other], target, CartsOfDifferentEntities),
        ([source], waiting, CartSubmitted),
        ([waiting], target, CartSubmitted),
        ([source, theirs], target, NotFound),
        ([foreign], target, NotFound),
        ([source], foreign, NotFound),
        ([target], target, InvalidInput),
        ([source, source], target, InvalidInput),
        ([], target, InvalidInput),
    ):
        with pytest.raises(error):
            await service.merge(people.anna, carts, into, clock=CLOCK)
    assert await everything() == before


async def test_a_merge_that_would_hold_too_many_lines(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller)
    many = [New(bolt.id, Decimal(1), str(n)) for n in range(MAX_LINES - 1)]
    target = await filled(people, "Target", *many)
    source = await filled(people, "Source", New(bolt.id, Decimal(1), "x"), New(bolt.id, Decimal(1)))
    before = await everything()
    with pytest.raises(CartFull):
        await service.merge(people.anna, [source], target, clock=CLOCK)
    assert await everything() == before
    assert len(await fetch("SELECT 1 FROM cart_line")) == MAX_LINES + 1
