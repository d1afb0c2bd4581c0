"""Customer groups on real orders: who joins and leaves, the log, the locks, the refusals."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID

import pytest

from entrepot.platform.catalog.assortments import service as assortments
from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import execute, fetch, fetch_value
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.orders.models import Order, SellerOrder
from entrepot.platform.outbox import load
from entrepot.platform.pricing.groups import errors, queries, service
from entrepot.platform.pricing.groups.recompute import recompute, sellers_with_rules
from entrepot.platform.pricing.groups.rules import GroupRule
from entrepot.platform.pricing.models import PriceList, PriceListAssignment, PriceTier
from entrepot.workers.pricing import recompute_groups
from entrepot.workers.resources import open_resources
from tests.factories import Seller, make_actor, make_buyer, make_company, make_offer, make_seller

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)
ORDERS = GroupRule(30, min_orders=1)
_numbers = count(1)


async def order(
    seller: Seller,
    buyer: Actor,
    placed_at: datetime = NOW,
    *,
    net: str = "100",
    currency: str = "RUB",
    status: str = "delivered",
    due: date | None = None,
    paid_at: datetime | None = None,
    beside: SellerOrder | None = None,
) -> SellerOrder:
    """A seller order as it may stand in the table; `beside` another of the same order."""
    of = None if beside is None else beside.order_id  # type: ignore[attr-defined]
    if of is None:
        of = (
            await Order.create(
                number=f"SO-{next(_numbers)}", buyer_id=buyer.company_id,
                legal_entity_id=buyer.legal_entity_id, placed_by_id=buyer.user_id,
                placed_at=placed_at,
            )
        ).id  # fmt: skip
    return await SellerOrder.create(
        order_id=of, seller=seller.company, legal_entity=seller.entity,
        number=f"S-{next(_numbers)}", status=status, currency=currency, net=Decimal(net),
        tax=Decimal(0), gross=Decimal(net), placed_at=placed_at, payment_due_on=due,
        paid_at=paid_at,
    )  # fmt: skip


async def members(group_id: UUID) -> set[UUID]:
    rows = await fetch("SELECT company_id FROM customer_group_member WHERE group_id = $1", group_id)
    return {row["company_id"] for row in rows}


async def log(seller: Seller, group_id: UUID) -> list[tuple[UUID, bool, str]]:
    """Moves, oldest first, with their reasons."""
    found = await queries.moves_of(seller.actor, [group_id], after=None, limit=100)
    return [(row.company_id, row.joined, row.reason("en")) for row in reversed(found[group_id])]


async def state() -> list[object]:
    tables = ("customer_group", "customer_group_member", "customer_group_move", "outbox_event")
    return [
        await fetch_value(f"SELECT array_agg(t::text ORDER BY t::text) FROM {table} t")
        for table in tables
    ]


async def test_turnover_counts_what_was_ordered_in_the_window_and_currency() -> None:
    seller, rival = await make_seller(), await make_seller()
    exact, below, early, cancelled, foreign, elsewhere = [await make_buyer() for _ in range(6)]
    await order(seller, exact, net="60000")
    await order(seller, exact, NOW - timedelta(days=200), net="40000")
    await order(seller, below, net="99999.9999")
    await order(seller, early, NOW - timedelta(days=365), net="100000")  # a day too early
    await order(seller, cancelled, net="100000", status="cancelled")
    await order(seller, cancelled, net="100000", status="awaiting_payment")
    await order(seller, foreign, net="100000", currency="EUR")
    await order(rival, elsewhere, net="100000")
    rule = GroupRule(365, "RUB", Decimal(100000))
    group = await service.create_group(seller.actor, "Large", rule=rule, clock=CLOCK)
    assert await members(group) == {exact.company_id}
    assert await log(seller, group) == [
        (exact.company_id, True, "Turnover 100 000 RUB in 365 days, at least 100 000 needed.")
    ]
    wider = GroupRule(366, "RUB", Decimal(100000))
    await service.update_group(seller.actor, group, rule=wider, clock=CLOCK)
    assert await members(group) == {exact.company_id, early.company_id}


async def test_an_order_in_two_currencies_counts_once() -> None:
    seller, buyer = await make_seller(), await make_buyer()
    first = await order(seller, buyer)
    await order(seller, buyer, currency="EUR", beside=first)
    twice = GroupRule(30, min_orders=2)
    group = await service.create_group(seller.actor, "Often", rule=twice, clock=CLOCK)
    assert await members(group) == set()
    await order(seller, buyer)
    assert await recompute(seller.id, NOW) == 1
    assert await members(group) == {buyer.company_id}


async def test_discipline_judges_what_fell_due() -> None:
    seller = await make_seller()
    good, late, open_late, not_due, too_old, early = [await make_buyer() for _ in range(6)]
    due = date(2026, 11, 10)
    on_the_day = datetime(2026, 11, 10, 23, 59, tzinfo=UTC)
    await order(seller, good, due=due, paid_at=on_the_day)
    await order(seller, late, due=due, paid_at=on_the_day + timedelta(minutes=1))
    await order(seller, open_late, due=date(2026, 11, 22))
    await order(seller, not_due, due=date(2026, 11, 23))  # today: may still be paid
    await order(seller, too_old, due=date(2026, 10, 24), paid_at=NOW - timedelta(days=60))
    await order(seller, early, due=date(2026, 11, 23), paid_at=NOW)
    rule = GroupRule(30, min_paid_on_time=Decimal(100))
    group = await service.create_group(seller.actor, "Reliable", rule=rule, clock=CLOCK)
    assert await members(group) == {good.company_id, early.company_id}
    await order(seller, good, due=date(2026, 11, 1))
    assert await recompute(seller.id, NOW) == 1
    assert (await log(seller, group))[-1] == (
        good.company_id,
        False,
        "1 of 2 orders due in 30 days paid on time, at least 100% needed.",
    )


async def test_days_are_those_of_the_sellers_time_zone() -> None:
    """22:30 UTC on 22 November is 01:30 on the 23rd in Moscow."""
    seller = await make_seller()
    await LegalEntity.filter(id=seller.entity.id).update(time_zone="Europe/Moscow")
    moscow_midnight = datetime(2026, 11, 22, 21, tzinfo=UTC)
    today, yesterday = await make_buyer(), await make_buyer()
    await order(seller, today, moscow_midnight)
    await order(seller, yesterday, moscow_midnight - timedelta(microseconds=1))
    rule = GroupRule(1, min_orders=1)
    group = await service.create_group(seller.actor, "Today", rule=rule, clock=CLOCK)
    assert await members(group) == {today.company_id}

    paid, late = await make_buyer(), await make_buyer()
    due, midnight = date(2026, 11, 20), datetime(2026, 11, 20, 21, tzinfo=UTC)
    await order(seller, paid, due=due, paid_at=midnight - timedelta(seconds=1))
    await order(seller, late, due=due, paid_at=midnight)
    rule = GroupRule(30, min_paid_on_time=Decimal(100))
    reliable = await service.create_group(seller.actor, "Reliable", rule=rule, clock=CLOCK)
    assert await members(reliable) == {paid.company_id}

    years = await make_buyer()
    await order(seller, years, datetime(2025, 11, 22, 21, tzinfo=UTC))  # 23 November in Moscow
    rule = GroupRule(30, min_years=Decimal(1))
    loyal = await service.create_group(seller.actor, "Loyal", rule=rule, clock=CLOCK)
    assert await members(loyal) == {years.company_id}
    assert await recompute(seller.id, moscow_midnight - timedelta(seconds=1), loyal) == 1
    assert await members(loyal) == set()


async def test_years_begin_with_the_first_order_ever() -> None:
    seller = await make_seller()
    leap, young = await make_buyer(), await make_buyer()
    await order(seller, leap, datetime(2024, 2, 29, 8, tzinfo=UTC))
    await order(seller, young, datetime(2024, 3, 1, 8, tzinfo=UTC), status="cancelled")
    rule = GroupRule(30, min_years=Decimal(1))
    group = await service.create_group(
        seller.actor, "Loyal", rule=rule, clock=FixedClock(datetime(2025, 2, 27, 9, tzinfo=UTC))
    )
    assert await members(group) == set()
    assert await recompute(seller.id, datetime(2025, 2, 28, 0, 0, tzinfo=UTC)) == 1
    assert await members(group) == {leap.company_id}


async def test_recomputing_again_changes_and_logs_nothing(settings: Settings) -> None:
    seller, idle = await make_seller(), await make_seller()
    buyers = [await make_buyer() for _ in range(5)]
    for buyer in buyers:
        await order(seller, buyer)
    group = await service.create_group(seller.actor, "Often", rule=ORDERS, clock=CLOCK)
    await service.create_group(idle.actor, "By hand", clock=CLOCK)
    assert await sellers_with_rules() == [seller.id]
    later = NOW + timedelta(days=30)  # the window has passed
    moved = await asyncio.gather(*(recompute(seller.id, later) for _ in range(4)))
    assert sorted(moved) == [0, 0, 0, 5]
    assert len(await log(seller, group)) == 10
    assert await members(group) == set()
    assert await recompute(seller.id, later) == 0
    async with open_resources(settings) as resources:  # the job, twice and at once
        for buyer in buyers:
            await order(seller, buyer, resources.clock.now() - timedelta(minutes=1))
        await asyncio.gather(recompute_groups(NOW, resources), recompute_groups(NOW, resources))
        assert await members(group) == {buyer.company_id for buyer in buyers}
        assert len(await log(seller, group)) == 15


async def test_who_no_longer_buys_leaves() -> None:
    seller, buyer = await make_seller(), await make_buyer()
    await order(seller, buyer)
    group = await service.create_group(seller.actor, "Often", rule=ORDERS, clock=CLOCK)
    await Company.filter(id=buyer.company_id).update(active=False)
    assert await recompute(seller.id, NOW) == 1
    assert await log(seller, group) == [
        (buyer.company_id, True, "1 order in 30 days, at least 1 needed."),
        (buyer.company_id, False, "The company no longer buys."),
    ]


async def test_a_group_by_hand_logs_who_moved_whom() -> None:
    seller, buyer = await make_seller(), await make_buyer()
    group = await service.create_group(seller.actor, "Friends", clock=CLOCK)
    for _ in range(2):  # the second time changes nothing
        await service.add_company(seller.actor, group, buyer.company_id, clock=CLOCK)
    assert await members(group) == {buyer.company_id}
    for _ in range(2):
        await service.remove_company(seller.actor, group, buyer.company_id, clock=CLOCK)
    assert await members(group) == set()
    assert await log(seller, group) == [
        (buyer.company_id, True, "By hand."),
        (buyer.company_id, False, "By hand."),
    ]
    found = (await queries.moves_of(seller.actor, [group], after=None, limit=1))[group]
    name = await fetch_value("SELECT name FROM user_account WHERE id = $1", seller.actor.user_id)
    assert [row.moved_by for row in found] == [name]
    assert await recompute(seller.id, NOW) == 0


async def test_moves_tell_whose_prices_changed() -> None:
    seller, buyer = await make_seller(), await make_buyer()
    priced, other = await make_offer(seller), await make_offer(seller)
    assert other.id != priced.id
    group = await service.create_group(seller.actor, "Friends", clock=CLOCK)
    prices = await PriceList.create(seller=seller.company, name="Gold", currency="RUB")
    await PriceTier.create(price_list=prices, offer=priced, unit_price=Decimal(90))

    async def told() -> list[tuple[UUID, ...]]:
        rows = await fetch(
            "DELETE FROM outbox_event WHERE kind = 'PricesChanged' RETURNING kind, payload"
        )
        return [load(row["kind"], row["payload"]).offer_ids for row in rows]  # type: ignore[attr-defined]

    await service.add_company(seller.actor, group, buyer.company_id, clock=CLOCK)
    assert await told() == []  # no list is given to the group
    await PriceListAssignment.create(price_list=prices, group_id=group)
    await service.remove_company(seller.actor, group, buyer.company_id, clock=CLOCK)
    assert await told() == [(priced.id,)]
    ruled = await service.create_group(seller.actor, "Often", rule=ORDERS, clock=CLOCK)
    await PriceListAssignment.create(price_list=prices, group_id=ruled)
    await order(seller, buyer)
    assert await recompute(seller.id, NOW) == 1
    assert await told() == [(priced.id,)]
    assert await recompute(seller.id, NOW) == 0
    assert await told() == []


async def test_a_group_that_is_named_somewhere_stays() -> None:
    seller, buyer = await make_seller(), await make_buyer()
    group = await service.create_group(seller.actor, "Gold", clock=CLOCK)
    await service.add_company(seller.actor, group, buyer.company_id, clock=CLOCK)
    prices = await PriceList.create(seller=seller.company, name="Gold", currency="RUB")
    assignment = await PriceListAssignment.create(price_list=prices, group_id=group)
    assortment = await assortments.create_assortment(seller.actor, "Secret")
    await assortments.set_audience(seller.actor, assortment, group_ids=[group])
    before = await state()
    with pytest.raises(errors.CustomerGroupInUse) as used:
        await service.delete_group(seller.actor, group)
    found = used.value
    assert (found.price_lists, found.assortments, found.promotions) == (1, 1, 0)
    assert await state() == before
    await assignment.delete()
    await assortments.set_audience(seller.actor, assortment, group_ids=[])
    await service.delete_group(seller.actor, group)
    assert await members(group) == set()
    assert await queries.groups_by_ids(seller.actor, [group]) == {}


async def test_refusals_change_nothing() -> None:
    seller, rival, buyer = await make_seller(), await make_seller(), await make_buyer()
    manual = await service.create_group(seller.actor, "By hand", clock=CLOCK)
    ruled = await service.create_group(seller.actor, "Ruled", rule=ORDERS, clock=CLOCK)
    outsider = await make_actor(*await make_company(buyer=True), Role.SELLER_MANAGER)
    before = await state()
    for wrong in (
        GroupRule(30),
        GroupRule(0, min_orders=1),
        GroupRule(3661, min_orders=1),
        GroupRule(30, min_orders=0),
        GroupRule(30, min_turnover=Decimal(1)),
        GroupRule(30, currency="RUB", min_orders=1),
        GroupRule(30, currency="XXX", min_turnover=Decimal(1)),
        GroupRule(30, currency="RUB", min_turnover=Decimal(0)),
        GroupRule(30, currency="RUB", min_turnover=Decimal("NaN")),
        GroupRule(30, currency="RUB", min_turnover=Decimal("1.00001")),
        GroupRule(30, min_paid_on_time=Decimal("100.01")),
        GroupRule(30, min_years=Decimal("0.3")),
        GroupRule(30, min_years=Decimal("Infinity")),
    ):
        with pytest.raises(InvalidInput):
            await service.create_group(seller.actor, "New", rule=wrong, clock=CLOCK)
        with pytest.raises(InvalidInput):
            await service.update_group(seller.actor, ruled, rule=wrong, clock=CLOCK)
    with pytest.raises(errors.CustomerGroupNameTaken):
        await service.create_group(seller.actor, "Ruled", clock=CLOCK)
    with pytest.raises(errors.CustomerGroupNameTaken):
        await service.update_group(seller.actor, manual, name="Ruled", clock=CLOCK)
    with pytest.raises(errors.CustomerGroupByHand):
        await service.update_group(seller.actor, manual, rule=ORDERS, clock=CLOCK)
    for change in (service.add_company, service.remove_company):
        with pytest.raises(errors.CustomerGroupHasRule):
            await change(seller.actor, ruled, buyer.company_id, clock=CLOCK)
        with pytest.raises(NotFound):
            await change(rival.actor, manual, buyer.company_id, clock=CLOCK)
        with pytest.raises(Forbidden):
            await change(buyer, manual, buyer.company_id, clock=CLOCK)
    for stranger in (rival.id, new_id()):
        with pytest.raises(NotFound):
            await service.add_company(seller.actor, manual, stranger, clock=CLOCK)
    with pytest.raises(NotFound):
        await service.update_group(rival.actor, manual, name="Mine", clock=CLOCK)
    with pytest.raises(NotFound):
        await service.delete_group(rival.actor, manual)
    with pytest.raises(NotSelling):
        await service.create_group(outsider, "Mine", clock=CLOCK)
    with pytest.raises(Forbidden):
        await service.recompute_own(buyer, clock=CLOCK)
    assert await service.recompute_own(rival.actor, clock=CLOCK) == 0
    assert await state() == before


async def test_lists_come_in_pages_and_are_the_sellers_own() -> None:
    seller, rival = await make_seller(), await make_seller()
    buyers = sorted([await make_buyer() for _ in range(3)], key=lambda one: one.company_id)
    group = await service.create_group(seller.actor, "A", clock=CLOCK)
    other = await service.create_group(seller.actor, "B", rule=ORDERS, clock=CLOCK)
    await service.create_group(rival.actor, "C", clock=CLOCK)
    for minute, buyer in enumerate(buyers):
        at = FixedClock(NOW + timedelta(minutes=minute))
        await service.add_company(seller.actor, group, buyer.company_id, clock=at)
    page = await queries.own_groups(seller.actor, after=None, limit=1)
    assert [(row.id, row.member_count, row.rule) for row in page] == [(group, 3, None)]
    rest = await queries.own_groups(seller.actor, after=("A", group), limit=9)
    assert [(row.id, row.rule) for row in rest] == [(other, ORDERS)]
    content = await queries.members_of(seller.actor, [group, other], after=None, limit=2)
    assert [row.company_id for row in content[group]] == [one.company_id for one in buyers[:2]]
    assert content[other] == []
    content = await queries.members_of(seller.actor, [group], after=buyers[1].company_id, limit=2)
    assert [row.company_id for row in content[group]] == [buyers[2].company_id]
    moves = (await queries.moves_of(seller.actor, [group], after=None, limit=2))[group]
    assert [row.company_id for row in moves] == [buyers[2].company_id, buyers[1].company_id]
    after = (moves[-1].moved_at, moves[-1].id)
    moves = (await queries.moves_of(seller.actor, [group], after=after, limit=2))[group]
    assert [row.company_id for row in moves] == [buyers[0].company_id]
    assert await queries.members_of(rival.actor, [group], after=None, limit=2) == {group: []}
    assert await queries.moves_of(rival.actor, [group], after=None, limit=2) == {group: []}


async def test_joining_by_rule_shows_the_assortment() -> None:
    """The whole way: an order opens a group, the group opens an assortment."""
    from entrepot.platform.catalog.queries import offers_by_ids

    seller, buyer = await make_seller(), await make_buyer()
    offer = await make_offer(seller)
    group = await service.create_group(seller.actor, "Often", rule=ORDERS, clock=CLOCK)
    assortment = await assortments.create_assortment(seller.actor, "Secret")
    await assortments.set_offers(seller.actor, assortment, add=[offer.id])
    await assortments.set_audience(seller.actor, assortment, group_ids=[group])
    assert await offers_by_ids(buyer, [offer.id]) == {}
    placed = await order(seller, buyer)
    assert await recompute(seller.id, NOW) == 1
    assert set(await offers_by_ids(buyer, [offer.id])) == {offer.id}
    await execute("UPDATE seller_order SET status = 'cancelled' WHERE id = $1", placed.id)
    assert await recompute(seller.id, NOW) == 1
    assert await offers_by_ids(buyer, [offer.id]) == {}
