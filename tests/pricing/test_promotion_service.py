"""Making and changing promotions: what is refused, and by which field."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.models import Offer
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, fetch
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.groups.models import CustomerGroup
from entrepot.platform.pricing.promotions import queries
from entrepot.platform.pricing.promotions.definitions import NewItem, NewPromotion, check
from entrepot.platform.pricing.promotions.errors import PromotionBelowCost
from entrepot.platform.pricing.promotions.service import (
    PromotionChanges,
    create_promotion,
    end_promotion,
    update_promotion,
)
from entrepot.platform.pricing.promotions.terms import PromotionKind
from tests.factories import (
    make_actor,
    make_buyer,
    make_category,
    make_company,
    make_offer,
    make_product,
    make_seller,
)
from tests.pricing.promotion_makers import make_promotion

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)
CLOCK = FixedClock(NOW)
SOME = [new_id() for _ in range(3)]


def new(kind: str = "percent", **values: Any) -> NewPromotion:
    if kind == "percent":
        values = {"percent": "10"} | values
    for name in ("percent", "amount", "buy_quantity", "free_quantity", "min_quantity",
                 "min_order_value"):  # fmt: skip
        if values.get(name) is not None:
            values[name] = D(values[name])
    return NewPromotion(values.pop("name_en", "Sale"), PromotionKind(kind), **values)


def items(*offer_ids: UUID, quantity: str = "1") -> tuple[NewItem, ...]:
    return tuple(NewItem(offer_id, D(quantity)) for offer_id in offer_ids)


async def state() -> Sequence[object]:
    tables = ("promotion", "promotion_item", "promotion_target", "outbox_event")
    return [
        [tuple(row.values()) for row in await fetch(f"SELECT * FROM {table} ORDER BY id")]
        for table in tables
    ]


TWO = items(*SOME[:2])
SET = {"amount": "5", "currency": "RUB", "items": TWO}


@pytest.mark.parametrize(
    ("promotion", "field"),
    [
        (new(percent=None), "percent"),
        (new(percent="0"), "percent"),
        (new(percent="100.01"), "percent"),
        (new(percent="NaN"), "percent"),
        (new(percent="1.00001"), "percent"),
        (new(amount="5", currency="RUB"), "amount"),
        (new(buy_quantity="3"), "buyQuantity"),
        (new("amount", currency="RUB"), "amount"),
        (new("amount", amount="5"), "currency"),
        (new("amount", amount="5", currency="XXX"), "currency"),
        (new("amount", amount="0", currency="RUB"), "amount"),
        (new(currency="RUB"), "currency"),
        (new(min_order_value="5"), "currency"),
        (new(min_order_value="-5", currency="RUB"), "minOrderValue"),
        (new("buy_n_get_m", buy_quantity="3"), "freeQuantity"),
        (new("buy_n_get_m", buy_quantity="0", free_quantity="1"), "buyQuantity"),
        (new("buy_n_get_m", buy_quantity="3", free_quantity="1", percent="5"), "percent"),
        (new("free_shipping", percent="5"), "percent"),
        (new("bundle", items=TWO), "percent"),
        (new("bundle", **SET, percent="5"), "percent"),
        (new("bundle", **(SET | {"items": items(SOME[0])})), "items"),
        (new("bundle", **SET, min_quantity="2"), "minQuantity"),
        (new("bundle", **SET, free_quantity="2"), "freeQuantity"),
        (new(items=items(SOME[0], SOME[0])), "items.1.offerId"),
        (new(items=items(SOME[0], quantity="2")), "items.0.quantity"),
        (new(items=items(*(new_id() for _ in range(1001)))), "items"),
        (new(items=TWO, category_id=SOME[2]), "categoryId"),
        (new(company_ids=tuple(new_id() for _ in range(1001))), "companyIds"),
        (new(min_quantity="0"), "minQuantity"),
        (new(priority=1_000_001), "priority"),
        (new(max_uses=0), "maxUses"),
        (new(max_uses_per_company=-1), "maxUsesPerCompany"),
        (new(starts_at=NOW, ends_at=NOW), "endsAt"),
    ],
)
def test_what_does_not_go_together_is_named(promotion: NewPromotion, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(promotion)
    assert refused.value.field == field
    assert refused.value.message("ru") != refused.value.message("en")


async def test_a_promotion_is_kept_as_it_was_said(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt, nut = await make_offer(seller), await make_offer(seller)
    group = await CustomerGroup.create(seller=seller.company, name="Gold")
    made = await create_promotion(
        seller.actor,
        new(
            "bundle", percent="12.5", name_en=" Set ", name_ru="Набор", priority=3, exclusive=True,
            items=(NewItem(bolt.id, D(2)), NewItem(nut.id, D("0.5"))), regions=("de", "RU", "ru"),
            company_ids=(buyer.company_id, buyer.company_id), group_ids=(group.id,),
            min_order_value="100", currency="RUB", max_uses=5, max_uses_per_company=2,
            starts_at=NOW, ends_at=NOW + timedelta(days=1), first_order_only=True,
        ),
    )  # fmt: skip
    row = (await queries.promotions_by_ids(seller.actor, [made]))[made]
    assert (row.name_en, row.name_ru, row.kind, row.percent) == (
        "Set",
        "Набор",
        "bundle",
        D("12.5"),
    )
    assert [(item.offer_id, item.quantity) for item in row.items] == [
        (bolt.id, D(2)), (nut.id, D("0.5")),
    ]  # fmt: skip
    assert (row.regions, row.company_ids, row.group_ids) == (
        ("DE", "RU"), (buyer.company_id,), (group.id,),
    )  # fmt: skip
    assert (row.owner_id, row.seller_id, row.priority, row.exclusive) == (
        seller.id, seller.id, 3, True,
    )  # fmt: skip
    assert (row.max_uses, row.max_uses_per_company, row.first_order_only, row.orders) == (
        5, 2, True, 0,
    )  # fmt: skip
    assert (row.starts_at, row.ends_at, row.active) == (NOW, NOW + timedelta(days=1), True)
    assert (row.min_order_value, row.currency) == (D(100), "RUB")


async def refused(actor: Actor, promotion: NewPromotion) -> tuple[type[Exception], tuple[str, ...]]:
    before = await state()
    with pytest.raises(Exception) as raised:  # noqa: PT011 - the type is returned
        await create_promotion(actor, promotion)
    assert await state() == before
    error = raised.value
    return type(error), getattr(error, "path", ())


async def test_sellers_promote_their_own_offers_for_their_own_customers(database: Database) -> None:
    seller, rival, buyer = await make_seller(), await make_seller(), await make_buyer()
    bolt, foreign = await make_offer(seller), await make_offer(rival)
    alien = await CustomerGroup.create(seller=rival.company, name="Theirs")
    actor = seller.actor
    assert await refused(buyer, new()) == (Forbidden, ())
    shut = await make_actor(*(await make_company()), Role.SELLER_MANAGER)
    assert await refused(shut, new()) == (NotSelling, ())
    assert await refused(actor, new(seller_id=rival.id)) == (NotFound, ("sellerId",))
    assert await refused(actor, new(items=items(bolt.id, foreign.id))) == (
        NotFound, ("items", "1", "offerId"),
    )  # fmt: skip
    assert await refused(actor, new(items=items(new_id()))) == (
        NotFound, ("items", "0", "offerId"),
    )  # fmt: skip
    assert await refused(actor, new(company_ids=(rival.id,))) == (NotFound, ("companyIds", "0"))
    assert await refused(actor, new(group_ids=(alien.id,))) == (
        NotFound, ("customerGroupIds", "0"),
    )  # fmt: skip
    assert await refused(actor, new(category_id=new_id())) == (NotFound, ("categoryId",))
    assert await refused(actor, new(regions=("Russia",))) == (InvalidInput, ("regions",))
    assert await refused(actor, new(name_en=" ")) == (InvalidInput, ("nameEn",))
    assert await refused(
        actor, new("amount", amount="1", currency="EUR", items=items(bolt.id))
    ) == (InvalidInput, ("items", "0", "offerId"))


async def test_operators_promote_for_one_seller_or_all(database: Database) -> None:
    seller, rival, buyer = await make_seller(), await make_seller(), await make_buyer()
    operator = await make_actor(*(await make_company(operator=True)), Role.OPERATOR)
    bolt, foreign = await make_offer(seller), await make_offer(rival)
    for one, expected in ((None, None), (seller.id, seller.id)):
        made = await create_promotion(operator, new(seller_id=one, max_uses=1))
        row = (await queries.promotions_by_ids(operator, [made]))[made]
        assert (row.seller_id, row.owner_id) == (expected, operator.company_id)
        assert await queries.promotions_by_ids(seller.actor, [made]) == {}
    await create_promotion(operator, new(items=items(bolt.id, foreign.id)))
    bundle = new("bundle", percent="5", items=items(bolt.id, foreign.id))
    assert await refused(operator, bundle) == (InvalidInput, ("items", "1", "offerId"))
    assert await refused(operator, new(seller_id=buyer.company_id)) == (NotFound, ("sellerId",))
    assert await refused(operator, new(below_cost_allowed=True)) == (
        InvalidInput, ("belowCostAllowed",),
    )  # fmt: skip
    await Offer.filter(id=bolt.id).update(cost_price=D(95))
    with pytest.raises(PromotionBelowCost) as told:
        await create_promotion(operator, new())
    assert (told.value.offer_id, told.value.price, told.value.cost) == (bolt.id, D(90), None)
    assert "95" not in told.value.message("en") + told.value.message("ru")


async def test_an_offer_withdrawn_long_ago_stops_no_promotion_that_does_not_name_it(
    database: Database,
) -> None:
    seller = await make_seller()
    dead = await make_offer(seller, price="100", active=False)
    await Offer.filter(id=dead.id).update(cost_price=D(99))
    await create_promotion(seller.actor, new())
    assert await refused(seller.actor, new(items=items(dead.id))) == (
        PromotionBelowCost, (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("promotion", "price"),
    [
        (new(percent="9.99"), None),  # 90.01
        (new(percent="10"), None),  # 90.00 is its cost
        (new(percent="10.01"), "89.99"),
        (new("amount", amount="10", currency="RUB"), None),
        (new("amount", amount="10.01", currency="RUB"), "89.99"),
        (new("amount", amount="500", currency="RUB"), "0"),
        (new("amount", amount="500", currency="EUR"), None),  # never applies to it
        (new("buy_n_get_m", buy_quantity="9", free_quantity="1"), None),  # 90
        (new("buy_n_get_m", buy_quantity="8", free_quantity="1"), "88.8889"),
        (new("free_shipping"), None),
        (new(percent="50", items=items(UUID(int=2))), None),  # another offer
        (new("bundle", percent="10.01", items=items(UUID(int=1), UUID(int=2))), "89.99"),
        # a set of 2 × 100 + 1 × 50: 26 off is 10.4 %
        (
            new(
                "bundle", amount="26", currency="RUB",
                items=(NewItem(UUID(int=1), D(2)), NewItem(UUID(int=2))),
            ),
            "89.6",
        ),
        (new("bundle", amount="25", currency="RUB",
             items=(NewItem(UUID(int=1), D(2)), NewItem(UUID(int=2)))), None),
        (new(percent="50", below_cost_allowed=True), None),
    ],
)  # fmt: skip
async def test_below_cost_is_refused_unless_allowed(
    database: Database, promotion: NewPromotion, price: str | None
) -> None:
    seller = await make_seller()
    for number, (listed, cost) in enumerate((("100", D(90)), ("50", None)), start=1):
        made = await make_offer(seller, price=listed)
        await Offer.filter(id=made.id).update(cost_price=cost, article_number=f"N{number}")
        await _renumber(made.id, UUID(int=number))
    if price is None:
        await create_promotion(seller.actor, promotion)
        return
    before = await state()
    with pytest.raises(PromotionBelowCost) as told:
        await create_promotion(seller.actor, promotion)
    error = told.value
    assert (error.offer_id, error.article_number) == (UUID(int=1), "N1")
    assert (error.price, error.cost, error.currency) == (D(price), D(90), "RUB")
    assert await state() == before


async def _renumber(old: UUID, key: UUID) -> None:
    await fetch("DELETE FROM stock_item WHERE offer_id = $1", old)
    await fetch("UPDATE offer SET id = $2 WHERE id = $1", old, key)


async def test_a_category_holds_what_is_below_it(database: Database) -> None:
    seller = await make_seller()
    dear = await make_offer(seller, await make_product(path="fasteners/bolts"), price="100")
    await Offer.filter(id=dear.id).update(cost_price=D(99))
    above, other = await make_category("fasteners"), await make_category("fast")
    with pytest.raises(PromotionBelowCost):
        await create_promotion(seller.actor, new(category_id=above.id))
    await create_promotion(seller.actor, new(category_id=other.id))


async def test_changes_ends_and_limits(database: Database) -> None:
    seller, rival = await make_seller(), await make_seller()
    sale = await make_promotion(seller, starts_at=NOW - timedelta(days=9))
    actor, key = seller.actor, sale.id
    before = await state()
    for error, wrong, changes in (
        (NotFound, rival.actor, PromotionChanges(priority=1)),
        (InvalidInput, actor, PromotionChanges(max_uses=0)),
        (InvalidInput, actor, PromotionChanges(name_ru="\n")),
        (InvalidInput, actor, PromotionChanges(ends_at=NOW - timedelta(days=10))),
        (InvalidInput, actor, PromotionChanges(priority=10**7)),
    ):
        with pytest.raises(error):
            await update_promotion(wrong, key, changes)
    with pytest.raises(NotFound):
        await end_promotion(rival.actor, key, clock=CLOCK)
    await update_promotion(actor, key, PromotionChanges(name_en="Sale", active=True))
    assert await state() == before  # as it is: no event either

    await update_promotion(
        actor, key, PromotionChanges(priority=7, ends_at=NOW + timedelta(days=5), max_uses=3)
    )
    await update_promotion(
        actor, key, PromotionChanges(cleared=frozenset({"starts_at", "max_uses"}), active=False)
    )
    row = (await queries.promotions_by_ids(actor, [key]))[key]
    assert (row.priority, row.starts_at, row.max_uses, row.active) == (7, None, None, False)
    await update_promotion(actor, key, PromotionChanges(active=True))
    await end_promotion(actor, key, clock=CLOCK)
    row = (await queries.promotions_by_ids(actor, [key]))[key]
    assert (row.active, row.ends_at) == (False, NOW)
    ended = await state()
    await end_promotion(actor, key, clock=CLOCK)
    assert await state() == ended
    future = await make_promotion(seller, starts_at=NOW + timedelta(days=1))
    await end_promotion(actor, future.id, clock=CLOCK)
    row = (await queries.promotions_by_ids(actor, [future.id]))[future.id]
    assert (row.active, row.ends_at) == (False, None)


async def test_a_paused_promotion_can_be_ended(database: Database) -> None:
    seller = await make_seller()
    paused = await make_promotion(seller, active=False)
    for _ in range(2):
        await end_promotion(seller.actor, paused.id, clock=CLOCK)
        row = (await queries.promotions_by_ids(seller.actor, [paused.id]))[paused.id]
        assert (row.active, row.ends_at) == (False, NOW)
