"""What was agreed to is what can be ordered: other quantities, deliveries beside other carts."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.carts import service as carts
from entrepot.platform.carts.approvals.errors import ApprovalOutdated
from entrepot.platform.carts.errors import QuantityNotOrderable
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import Database, execute, fetch_value
from entrepot.platform.orders import service as orders
from tests.carts.approval_world import World, make_world
from tests.factories import make_offer, make_seller


@pytest.fixture
async def world(database: Database) -> World:
    """The company."""
    return await make_world()


async def by_tens(world: World) -> tuple[UUID, UUID]:
    """Hand in 5 and 5 of an offer that is sold by ten; returns the approval and a line."""
    await Offer.filter(id=world.offer.id).update(order_step=Decimal(10))
    await world.rule()
    halves = [
        carts.NewCartLine(world.offer.id, Decimal(5), cost_center=center) for center in ("A", "B")
    ]
    await carts.add_lines(world.buyer, None, halves, clock=world.clock)
    approval = await world.submit()
    return approval, (await world.view(approval)).snapshot.lines[0].line_id


async def test_another_quantity_counts_with_other_lines_of_the_offer(world: World) -> None:
    """15 + 5 of what is sold by ten can be ordered, though 15 alone could not."""
    approval, line = await by_tens(world)
    await world.approve(world.first, approval, changes={line: "15"})
    await orders.place(world.buyer, clock=world.clock)
    assert await fetch_value("SELECT sum(quantity) FROM order_line") == 20


async def test_nobody_agrees_to_what_cannot_be_ordered(world: World) -> None:
    """10 + 5 would be agreed to and then refused when it is ordered."""
    approval, line = await by_tens(world)
    with pytest.raises(QuantityNotOrderable) as refused:
        await world.approve(world.first, approval, changes={line: "10"})
    assert refused.value.line_index == 0
    assert (await world.view(approval)).status.value == "pending"
    assert await fetch_value("SELECT sum(quantity) FROM cart_line") == 10


@pytest.mark.parametrize("fresh_first", [True, False])
async def test_a_dearer_delivery_does_not_hide_behind_another_cart(
    world: World, fresh_first: bool
) -> None:
    """A small cart of somebody else's goods beside it does not spare the comparison."""
    await world.above("150")
    agreed = await world.fill("2")
    await world.approve(world.first, await world.submit())
    fresh = await carts.create(world.buyer, "Small")
    small = await make_offer(await make_seller(), price="1", stock="10")
    await world.fill("1", offer=small, cart_id=fresh)
    both = [fresh, agreed] if fresh_first else [agreed, fresh]
    terms = (
        "INSERT INTO seller_terms (id, seller_id, currency, delivery_charge, delivery_tax_rate,"
        " payment_days, min_order_value) VALUES (gen_random_uuid(), $1, 'RUB', 5000, 20, 30, 0)"
    )
    await execute(terms, world.seller.company.id)
    with pytest.raises(ApprovalOutdated):
        await orders.place(world.buyer, clock=world.clock, cart_ids=both)
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 0
    await execute("UPDATE seller_terms SET delivery_charge = 0")
    assert len(await orders.place(world.buyer, clock=world.clock, cart_ids=both)) == 1
