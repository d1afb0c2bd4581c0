"""Placing, confirming and cancelling orders on a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import orjson
import pytest

from entrepot.platform.carts import service as carts
from entrepot.platform.carts.errors import CartAlreadyOrdered, QuantityNotOrderable
from entrepot.platform.catalog.models import Offer
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, execute, fetch, fetch_one, fetch_value
from entrepot.platform.errors import (
    DomainError,
    Forbidden,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
)
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.inventory.errors import OutOfStock
from entrepot.platform.orders import queries, service
from entrepot.platform.orders.errors import (
    CartEmpty,
    OfferUnavailable,
    OrderNotCancellable,
    OrderNotConfirmable,
    PriceChanged,
)
from tests.factories import (
    make_actor,
    make_buyer,
    make_company,
    make_offer,
    make_price_list,
    make_seller,
)

CLOCK = FixedClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
TRACES = (
    "purchase_order", "seller_order", "order_line", "reservation", "ledger_transaction",
    "ledger_posting", "number_sequence", "outbox_event", "idempotency_record",
)  # fmt: skip


async def add(actor: Actor, offer: Offer, quantity: str = "1") -> UUID:
    return await carts.add(actor, offer.id, Decimal(quantity), clock=CLOCK)


async def traces() -> dict[str, int]:
    """How many rows each table has that an order may leave behind."""
    return {table: await fetch_value(f"SELECT count(*) FROM {table}") for table in TRACES}


async def refuse(actor: Actor, error: type[DomainError], **options: object) -> DomainError:
    """Place an order that must be refused with `error` and leave no trace."""
    before = await traces()
    with pytest.raises(error) as refused:
        await service.place(actor, clock=CLOCK, **options)  # type: ignore[arg-type]
    assert await traces() == before
    assert await fetch_value("SELECT coalesce(sum(reserved), 0) FROM stock_item") == 0
    assert await fetch_value("SELECT count(*) FROM cart WHERE status = 'placed'") == 0
    return refused.value


async def test_one_order_two_sellers(database: Database) -> None:
    one, two = await make_seller("One"), await make_seller("Two")
    bolt = await make_offer(one, price="10.0050", stock="100")
    nut = await make_offer(two, price="2.50", stock="7")
    pin = await make_offer(one, price="1", stock="5", tax_rate="10")
    buyer = await make_buyer()
    await add(buyer, bolt, "3")
    await add(buyer, nut, "7")
    await add(buyer, pin, "2")

    (order_id,) = await service.place(buyer, clock=CLOCK, po_number=" PO 7 ")

    order = (await queries.orders_by_ids(buyer, [order_id]))[order_id]
    assert (order.number, order.po_number, order.placed_at) == (
        "PO-2026-000001", "PO 7", CLOCK.now()
    )  # fmt: skip
    parts = (await queries.seller_orders_of([order_id]))[order_id]
    assert [(p.seller_name, p.number, p.status, p.net, p.tax, p.gross) for p in parts] == [
        ("One", "SO-2026-000001", "placed", Decimal("32.02"), Decimal("6.20"), Decimal("38.22")),
        ("Two", "SO-2026-000001", "placed", Decimal("17.50"), Decimal("3.50"), Decimal("21.00")),
    ]
    lines = await queries.lines_of([part.id for part in parts])
    assert [(line.offer_id, line.quantity, line.unit_price) for line in lines[parts[0].id]] == [
        (bolt.id, Decimal(3), Decimal("10.0050")),
        (pin.id, Decimal(2), Decimal(1)),
    ]
    reserved = await fetch("SELECT offer_id, reserved FROM stock_item")
    assert {row["offer_id"]: row["reserved"] for row in reserved} == {
        bolt.id: 3, nut.id: 7, pin.id: 2
    }  # fmt: skip
    balances = await fetch(
        "SELECT a.legal_entity_id, a.kind, sum(p.amount_minor)::int AS amount"
        " FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id"
        " GROUP BY 1, 2"
    )
    assert {(row["legal_entity_id"], row["kind"]): row["amount"] for row in balances} == {
        (buyer.legal_entity_id, "receivable"): 5922,
        (one.entity.id, "escrow"): -3202,
        (one.entity.id, "tax"): -620,
        (two.entity.id, "escrow"): -1750,
        (two.entity.id, "tax"): -350,
    }
    event = await fetch_one("SELECT payload FROM outbox_event WHERE kind = 'OrderPlaced'")
    assert event is not None
    assert orjson.loads(event["payload"]) == {
        "order_id": str(order_id),
        "seller_order_ids": [
            str(part.id) for part in sorted(parts, key=lambda part: str(part.seller_id))
        ],
        "placed_by": str(buyer.user_id),
        "on_behalf_of": None,
    }
    assert await fetch_value("SELECT status FROM cart") == "placed"


async def test_the_company_price_list_is_what_the_buyer_pays(database: Database) -> None:
    seller = await make_seller()
    offer = await make_offer(seller, price="100", stock="50")
    buyer, stranger = await make_buyer(), await make_buyer()
    await make_price_list(seller, buyer.company_id, {offer.id: {"1": "90", "10": "80"}})
    for actor, expected in ((buyer, "800.00"), (stranger, "1000.00")):
        await add(actor, offer, "10")
        (order_id,) = await service.place(actor, clock=CLOCK)
        parts = (await queries.seller_orders_of([order_id]))[order_id]
        assert parts[0].net == Decimal(expected)


async def test_an_export_bears_no_tax(database: Database) -> None:
    offer = await make_offer(await make_seller(), price="100")
    buyer = await make_buyer(country="DE")
    await add(buyer, offer)
    (order_id,) = await service.place(buyer, clock=CLOCK)
    part = (await queries.seller_orders_of([order_id]))[order_id][0]
    assert (part.net, part.tax, part.gross) == (100, 0, 100)


async def test_the_same_key_gives_the_same_order(database: Database) -> None:
    offer = await make_offer(await make_seller(), stock="10")
    buyer = await make_buyer()
    await add(buyer, offer, "2")
    answers = await asyncio.gather(
        *(service.place(buyer, clock=CLOCK, idempotency_key="k") for _ in range(5))
    )
    assert len({tuple(answer) for answer in answers}) == 1
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 1
    assert await fetch_value("SELECT sum(reserved) FROM stock_item") == 2
    with pytest.raises(IdempotencyConflict):
        await service.place(buyer, clock=CLOCK, idempotency_key="k", po_number="other")


async def test_two_colleagues_order_one_cart_at_once(database: Database) -> None:
    offer = await make_offer(await make_seller(), stock="10")
    company, entity = await make_company(buyer=True)
    ann = await make_actor(company, entity, Role.BUYER)
    bob = await make_actor(company, entity, Role.BUYER)
    await add(ann, offer, "2")
    results = await asyncio.gather(
        service.place(ann, clock=CLOCK), service.place(bob, clock=CLOCK), return_exceptions=True
    )
    lost = [one for one in results if isinstance(one, CartAlreadyOrdered | CartEmpty)]
    assert (len(lost), sum(isinstance(one, list) for one in results)) == (1, 1)
    assert await fetch_value("SELECT sum(reserved) FROM stock_item") == 2


async def test_a_hundred_buyers_for_the_last_unit(database: Database) -> None:
    offer = await make_offer(await make_seller(), stock="1")
    buyers = [await make_buyer() for _ in range(100)]
    for buyer in buyers:
        await add(buyer, offer)
    results = await asyncio.gather(
        *(service.place(buyer, clock=CLOCK) for buyer in buyers), return_exceptions=True
    )
    won = [result for result in results if isinstance(result, list)]
    lost = [result for result in results if isinstance(result, OutOfStock)]
    assert (len(won), len(lost)) == (1, 99)
    assert {(error.offer_id, error.available, error.line_index) for error in lost} == {
        (offer.id, Decimal(0), 0)
    }
    assert await fetch_value("SELECT reserved FROM stock_item") == 1
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 1
    assert await fetch_value("SELECT count(*) FROM cart WHERE status = 'open'") == 99
    assert await fetch_value("SELECT last_value FROM number_sequence WHERE series = 'SO'") == 1


async def test_numbers_have_no_gaps_when_many_order_at_once(database: Database) -> None:
    seller = await make_seller()
    offer = await make_offer(seller, stock="12")
    buyers = [await make_buyer() for _ in range(20)]
    for buyer in buyers:
        await add(buyer, offer)
    await asyncio.gather(
        *(service.place(buyer, clock=CLOCK) for buyer in buyers), return_exceptions=True
    )
    numbers = await fetch("SELECT number FROM seller_order ORDER BY number")
    assert [row["number"] for row in numbers] == [f"SO-2026-{n:06d}" for n in range(1, 13)]


async def test_refusals_leave_no_trace(database: Database) -> None:
    seller = await make_seller()
    plenty, scarce = await make_offer(seller, stock="10"), await make_offer(seller, stock="1")
    buyer = await make_buyer()
    await refuse(buyer, CartEmpty)
    await add(buyer, plenty, "3")
    await add(buyer, scarce, "2")
    scarce_line = await fetch_value("SELECT id FROM cart_line WHERE offer_id = $1", scarce.id)
    error = await refuse(buyer, OutOfStock)
    assert isinstance(error, OutOfStock)
    assert (error.requested, error.available, error.line_index) == (2, 1, 1)
    assert error.path == ("lines", "1", "quantity")
    await refuse(buyer, InvalidInput, po_number="x" * 51)
    await refuse(buyer, InvalidInput, idempotency_key="")

    await execute("UPDATE offer SET active = false WHERE id = $1", scarce.id)
    unavailable = await refuse(buyer, OfferUnavailable)
    assert unavailable.line_index == 1
    await carts.remove(buyer, scarce_line)

    await execute("UPDATE offer SET list_price = 101 WHERE id = $1", plenty.id)
    changed = await refuse(buyer, PriceChanged)
    assert isinstance(changed, PriceChanged)
    assert (changed.seen_price, changed.price) == (100, 101)
    await execute("UPDATE offer SET min_order_quantity = 5 WHERE id = $1", plenty.id)
    below = await refuse(buyer, QuantityNotOrderable, accept_price_changes=True)
    assert isinstance(below, QuantityNotOrderable)
    assert (below.proposed, below.outcome) == (5, "BELOW_MINIMUM")
    await execute("UPDATE offer SET min_order_quantity = 1 WHERE id = $1", plenty.id)
    (order_id,) = await service.place(buyer, clock=CLOCK, accept_price_changes=True)
    part = (await queries.seller_orders_of([order_id]))[order_id][0]
    assert part.net == 303


async def test_a_lower_price_is_simply_taken(database: Database) -> None:
    offer = await make_offer(await make_seller(), price="100")
    buyer = await make_buyer()
    await add(buyer, offer)
    await execute("UPDATE offer SET list_price = 90")
    (order_id,) = await service.place(buyer, clock=CLOCK)
    assert (await queries.seller_orders_of([order_id]))[order_id][0].net == 90


@pytest.mark.parametrize("role", [Role.APPROVER, Role.ACCOUNTANT, Role.WAREHOUSE, Role.OPERATOR])
async def test_only_a_buyer_places_orders(database: Database, role: Role) -> None:
    await refuse(await make_buyer(role), Forbidden)


async def placed(seller_name: str = "S") -> tuple[Actor, Actor, UUID]:
    """A placed order: its buyer, its seller and the seller order's id."""
    seller = await make_seller(seller_name)
    offer = await make_offer(seller, price="100", stock="5")
    buyer = await make_buyer()
    await add(buyer, offer, "2")
    (order_id,) = await service.place(buyer, clock=CLOCK)
    return buyer, seller.actor, (await queries.seller_orders_of([order_id]))[order_id][0].id


async def status_of(seller_order_id: UUID) -> str:
    status: str = await fetch_value(
        "SELECT status FROM seller_order WHERE id = $1", seller_order_id
    )
    return status


@pytest.mark.parametrize("by_seller", [False, True])
async def test_cancelling_undoes_stock_and_ledger(database: Database, by_seller: bool) -> None:
    buyer, seller, part = await placed()
    await service.cancel(seller if by_seller else buyer, part, clock=CLOCK)
    assert await status_of(part) == "cancelled"
    assert await fetch_value("SELECT reserved FROM stock_item") == 0
    sums = await fetch("SELECT sum(amount_minor)::int AS s FROM ledger_posting GROUP BY account_id")
    assert {row["s"] for row in sums} == {0}
    assert await fetch_value("SELECT count(*) FROM ledger_transaction") == 2
    payload = await fetch_value("SELECT payload FROM outbox_event WHERE kind = 'OrderCancelled'")
    assert orjson.loads(payload) == {
        "seller_order_id": str(part), "by": "seller" if by_seller else "buyer"
    }  # fmt: skip
    before = await traces()
    with pytest.raises(OrderNotCancellable):
        await service.cancel(buyer, part, clock=CLOCK)
    assert await traces() == before


async def test_cancelling_twice_at_once_reverses_once(database: Database) -> None:
    buyer, seller, part = await placed()
    results = await asyncio.gather(
        service.cancel(buyer, part, clock=CLOCK),
        service.cancel(seller, part, clock=CLOCK),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == [
        "NoneType", "OrderNotCancellable"
    ]  # fmt: skip
    assert await fetch_value("SELECT count(*) FROM ledger_transaction") == 2


async def test_confirming(database: Database) -> None:
    buyer, seller, part = await placed()
    with pytest.raises(Forbidden):
        await service.confirm(buyer, part, clock=CLOCK)
    await service.confirm(seller, part, clock=CLOCK)
    assert await status_of(part) == "confirmed"
    with pytest.raises(OrderNotConfirmable):
        await service.confirm(seller, part, clock=CLOCK)
    await service.cancel(buyer, part, clock=CLOCK)
    with pytest.raises(OrderNotConfirmable):
        await service.confirm(seller, part, clock=CLOCK)
    assert await status_of(part) == "cancelled"
    ended = await fetch_one("SELECT confirmed_at, cancelled_by FROM seller_order")
    assert ended is not None
    assert tuple(ended) == (CLOCK.now(), "buyer")


async def test_strangers_see_and_move_nothing(database: Database) -> None:
    buyer, seller, part = await placed()
    stranger, rival = await make_buyer(), (await make_seller("Rival")).actor
    order_id = await fetch_value("SELECT order_id FROM seller_order")
    for actor in (stranger, rival):
        with pytest.raises(NotFound):
            await service.cancel(actor, part, clock=CLOCK)
        assert await queries.orders_by_ids(actor, [order_id]) == {}
        assert await queries.seller_orders_by_ids(actor, [part]) == {}
    with pytest.raises(NotFound):
        await service.confirm(rival, part, clock=CLOCK)
    with pytest.raises(NotFound):
        await service.confirm(seller, new_id(), clock=CLOCK)
    assert await queries.orders_page(stranger, 10, None) == []
    assert await queries.seller_orders_page(rival, 10, None) == []
    assert set(await queries.seller_orders_by_ids(seller, [part])) == {part}
    assert set(await queries.seller_orders_by_ids(buyer, [part])) == {part}
    assert await status_of(part) == "placed"


async def test_pages_neither_skip_nor_repeat(database: Database) -> None:
    offer = await make_offer(await make_seller(), stock="100")
    buyer = await make_buyer()
    placed_ids = []
    for _ in range(5):
        await add(buyer, offer)
        placed_ids += await service.place(buyer, clock=CLOCK)
    found: list[UUID] = []
    after = None
    while rows := await queries.orders_page(buyer, 2, after):
        found += [row.id for row in rows]
        after = (rows[-1].placed_at, rows[-1].id)
    assert found == placed_ids[::-1]
