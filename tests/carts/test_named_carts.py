"""Several carts a legal entity: who may use them, what may change, and refusals change nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from entrepot.platform.carts import queries, service
from entrepot.platform.carts.errors import (
    CartAlreadyOrdered,
    CartClosed,
    CartNotYours,
    CartSubmitted,
)
from entrepot.platform.carts.ordering import lock_carts, set_status
from entrepot.platform.carts.shopping_lists import queries as list_queries
from entrepot.platform.carts.shopping_lists import service as lists
from entrepot.platform.database import Database, execute, transaction
from entrepot.platform.errors import DomainError, Forbidden, InvalidInput, NotFound
from entrepot.platform.identity import addresses
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.orders import service as orders
from tests.carts.cart_people import CLOCK, NOW, everything, held, make_buyers, statuses, view
from tests.factories import make_actor, make_buyer, make_offer, make_product, make_seller


async def test_the_default_cart_is_every_buyers_and_others_are_their_makers(
    database: Database,
) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    default = await service.add(people.anna, bolt.id, Decimal(1), clock=CLOCK)
    own = await service.create(people.anna, "  Own  ", clock=CLOCK)
    common = await service.create(people.anna, "Common", shared_with_all=True, clock=CLOCK)
    stranger = await make_buyer()

    async def seen(actor: object) -> set[object]:
        rows = await queries.carts_of(actor, None, after=None, limit=50)  # type: ignore[arg-type]
        return {row.id for row in rows}

    assert await seen(people.anna) == {default, own, common}
    assert await seen(people.boris) == {default, common}
    assert await seen(people.vera) == {default, common}, "acts for another entity of the company"
    assert await seen(stranger) == set()
    assert (await view(people.anna, own)).cart.name == "Own"
    assert await queries.live_cart(people.boris, own) is None
    assert await queries.live_cart(stranger, default) is None
    before = await everything()
    for actor in (people.boris, stranger):
        with pytest.raises(NotFound):
            await service.add(actor, bolt.id, Decimal(1), cart_id=own, clock=CLOCK)
        with pytest.raises(NotFound):
            await service.update(actor, own, {"name": "Mine"}, clock=CLOCK)
        with pytest.raises(NotFound):
            await service.delete(actor, own)
        with pytest.raises(NotFound):
            await service.copy(actor, own, "Mine", clock=CLOCK)
        with pytest.raises(NotFound):
            await service.share(actor, own, [actor.user_id])
    assert await everything() == before
    await service.add(people.vera, bolt.id, Decimal(2), cart_id=common, clock=CLOCK)
    assert await held(common) == [("BOLT", 2, "", "")]


async def test_lists_of_carts_by_entity_and_page(database: Database) -> None:
    people = await make_buyers()
    made = [
        await service.create(people.anna, f"Cart {n}", legal_entity_id=entity, clock=CLOCK)
        for n, entity in enumerate((None, people.second.id, None))
    ]
    rows = await queries.carts_of(people.anna, people.entity.id, after=None, limit=50)
    assert [row.name for row in rows] == ["Cart 2", "Cart 0"]
    first = await queries.carts_of(people.anna, None, after=None, limit=2)
    rest = await queries.carts_of(
        people.anna, None, after=(first[-1].created_at, first[-1].id), limit=2
    )
    assert [row.id for row in (*first, *rest)] == made[::-1]
    with pytest.raises(NotFound):
        entity_id = (await make_buyer()).legal_entity_id
        await service.create(people.anna, "X", legal_entity_id=entity_id, clock=CLOCK)
    for name in ("", " ", "x" * 101, "a\nb"):
        with pytest.raises(InvalidInput):
            await service.create(people.anna, name, clock=CLOCK)
    assert len(await statuses()) == 3


async def test_sharing_with_colleagues_and_taking_back(database: Database) -> None:
    people = await make_buyers()
    clerk = await make_actor(people.company, people.entity, Role.ACCOUNTANT)
    stranger = await make_buyer()
    cart = await service.create(people.anna, "Own", clock=CLOCK)
    before = await everything()
    for nobody in (clerk.user_id, stranger.user_id, new_id()):
        with pytest.raises(NotFound):
            await service.share(people.anna, cart, [people.boris.user_id, nobody])
    with pytest.raises(InvalidInput):
        await service.share(people.anna, cart)
    assert await everything() == before
    await service.share(people.anna, cart, [people.boris.user_id])
    await service.share(people.anna, cart, [people.boris.user_id, people.anna.user_id])
    assert (await view(people.boris, cart)).cart.shared_with == (people.boris.user_id,)
    assert await queries.live_cart(people.vera, cart) is None
    await service.share(people.boris, cart, with_all=True)
    assert await queries.live_cart(people.vera, cart) is not None
    for refused in ({"from_all": True}, {"user_ids": [people.boris.user_id, people.vera.user_id]}):
        with pytest.raises(CartNotYours):
            await service.unshare(people.vera, cart, **refused)  # type: ignore[arg-type]
    await service.unshare(people.anna, cart, from_all=True)
    assert await queries.live_cart(people.vera, cart) is None
    await service.unshare(people.boris, cart, [people.boris.user_id])
    assert await queries.live_cart(people.boris, cart) is None
    assert await queries.live_cart(people.anna, cart) is not None
    with pytest.raises(Forbidden):
        await service.share(clerk, cart, with_all=True)


async def test_the_default_cart_cannot_be_taken_from_others(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    offer = await make_offer(seller)
    cart = await service.add(people.anna, offer.id, Decimal(1), clock=CLOCK)
    with pytest.raises(InvalidInput):
        await service.unshare(people.anna, cart, from_all=True)
    assert await queries.live_cart(people.boris, None) is not None


async def test_texts_dates_and_addresses(database: Database) -> None:
    people, stranger = await make_buyers(), await make_buyer()
    draft = addresses.AddressDraft("Gate", "RU", "Tula", "Lenina 1")
    gate = await addresses.create_address(people.anna, draft)
    foreign = await addresses.create_address(stranger, draft)
    cart = await service.create(people.anna, "Own", clock=CLOCK)
    terms = service.CartTerms(
        name="Tools",
        po_number=" 4711 ",
        cost_center="K-1",
        wanted_on=date(2026, 12, 1),
        delivery_address_id=gate,
        note="by the gate",
    )
    await service.update(people.anna, cart, terms, clock=CLOCK)
    row = (await view(people.anna, cart)).cart
    shown = (row.name, row.po_number, row.cost_center, row.wanted_on, row.note)
    assert shown == ("Tools", "4711", "K-1", date(2026, 12, 1), "by the gate")
    assert row.delivery_address_id == gate
    before = await everything()
    yesterday = (NOW - timedelta(days=2)).date()
    refused: list[service.CartTerms] = [
        {"name": " "}, {"po_number": "x" * 51}, {"cost_center": "a\tb"}, {"note": "x" * 1001},
        {"wanted_on": yesterday},
    ]  # fmt: skip
    for one in refused:
        with pytest.raises(InvalidInput):
            await service.update(people.anna, cart, one, clock=CLOCK)
    for unknown in (foreign, new_id()):
        with pytest.raises(NotFound):
            await service.update(people.anna, cart, {"delivery_address_id": unknown}, clock=CLOCK)
    assert await everything() == before
    cleared = service.CartTerms(po_number="", wanted_on=None, delivery_address_id=None)
    await service.update(people.anna, cart, cleared, clock=CLOCK)
    row = (await view(people.anna, cart)).cart
    assert (row.name, row.po_number, row.wanted_on) == ("Tools", None, None)
    assert row.delivery_address_id is None


async def test_what_is_not_open_does_not_change(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    offer = await make_offer(seller, await make_product("BOLT"))
    waiting = await service.create(people.anna, "Waiting", clock=CLOCK)
    await service.add(people.anna, offer.id, Decimal(2), cart_id=waiting, clock=CLOCK)
    await set_status([waiting], "submitted")
    deleted = await service.create(people.anna, "Deleted", clock=CLOCK)
    await service.delete(people.anna, deleted)
    ordered = await service.add(people.anna, offer.id, Decimal(1), clock=CLOCK)
    await orders.place(people.anna, clock=CLOCK)
    before = await everything()
    for cart, error in (
        (waiting, CartSubmitted), (deleted, CartClosed), (ordered, CartAlreadyOrdered)
    ):  # fmt: skip
        with pytest.raises(error):
            await service.add(people.anna, offer.id, Decimal(1), cart_id=cart, clock=CLOCK)
        with pytest.raises(error):
            new = service.NewCartLine(offer.id, Decimal(1))
            await service.add_lines(people.anna, cart, [new], clock=CLOCK)
        with pytest.raises(error):
            await service.update(people.anna, cart, {"name": "N"}, clock=CLOCK)
        with pytest.raises(error):
            await service.accept_changes(people.anna, cart, clock=CLOCK)
        with pytest.raises(error):
            await service.delete(people.anna, cart)
        for line in (await lock(cart)).lines:
            with pytest.raises(error):
                await service.set_quantity(people.anna, line.id, Decimal(3), clock=CLOCK)
            with pytest.raises(error):
                await service.remove(people.anna, line.id)
    assert await everything() == before
    refusal: DomainError = CartAlreadyOrdered("PO-2026-000001")
    assert refusal.message("ru") == "Корзина уже оформлена: заказ PO-2026-000001."
    with pytest.raises(CartAlreadyOrdered) as told:
        await service.delete(people.anna, ordered)
    assert told.value.number == "PO-2026-000001"
    fresh = await service.add(people.anna, offer.id, Decimal(1), clock=CLOCK)
    assert fresh != ordered, "the default cart is made anew"


async def lock(cart_id: object) -> object:
    """Lock one cart."""
    async with transaction():
        return (await lock_carts([cart_id]))[0]  # type: ignore[list-item]


async def test_a_deleted_default_cart_is_made_anew(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    offer = await make_offer(seller)
    first = await service.add(people.anna, offer.id, Decimal(1), clock=CLOCK)
    await service.delete(people.boris, first)
    assert await queries.live_cart(people.anna, None) is None
    second = await service.add(people.anna, offer.id, Decimal(2), clock=CLOCK)
    assert (await queries.live_cart(people.boris, None)).id == second  # type: ignore[union-attr]
    assert await statuses() == ["deleted", "open"]


async def test_locked_carts_know_the_carts_cost_centre_and_date(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt, nut = await make_offer(seller), await make_offer(seller)
    cart = await service.create(people.anna, "Own", clock=CLOCK)
    wanted = date(2026, 12, 24)
    lines = [
        service.NewCartLine(bolt.id, Decimal(1)),
        service.NewCartLine(nut.id, Decimal(2), "K-2", "urgent", wanted),
    ]
    await service.add_lines(people.anna, cart, lines, clock=CLOCK)
    terms = service.CartTerms(cost_center="K-1", wanted_on=date(2026, 12, 1))
    await service.update(people.anna, cart, terms, clock=CLOCK)
    locked = await lock(cart)
    assert [
        (line.offer_id, line.quantity, line.cost_center, line.note, line.wanted_on)
        for line in locked.lines  # type: ignore[attr-defined]
    ] == [
        (bolt.id, 1, "K-1", "", date(2026, 12, 1)),
        (nut.id, 2, "K-2", "urgent", wanted),
    ]


async def test_a_cart_whose_maker_left_is_everyones(database: Database) -> None:
    people, stranger = await make_buyers(), await make_buyer()
    cart = await service.create(people.anna, "Own", clock=CLOCK)
    usual = await lists.create(people.anna, "Usual", clock=CLOCK)
    assert await queries.live_cart(people.boris, cart) is None
    await execute("DELETE FROM membership WHERE user_id = $1", people.anna.user_id)
    assert (await view(people.boris, cart)).cart.name == "Own"
    assert await list_queries.usable_list(people.boris, usual) is not None
    assert await queries.live_cart(stranger, cart) is None
    assert await list_queries.usable_list(stranger, usual) is None
