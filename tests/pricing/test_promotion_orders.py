"""Promotions in the price of an order, read from the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from entrepot.platform.database import Database, execute
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id
from entrepot.platform.orders.rules import Amounts
from entrepot.platform.pricing.groups.models import CustomerGroup, CustomerGroupMember
from entrepot.platform.pricing.models import SellerTerms
from entrepot.platform.pricing.order_pricing import OrderPrices, WantedLine, price_order
from entrepot.platform.pricing.promotions.explaining import ExplainedPromotion, explained
from entrepot.platform.pricing.promotions.models import Promotion, PromotionCompanyUse
from entrepot.platform.pricing.promotions.rules import Verdict
from tests.factories import (
    make_buyer,
    make_category,
    make_company,
    make_offer,
    make_price_list,
    make_product,
    make_seller,
)
from tests.pricing.promotion_makers import make_promotion
from tests.sql_counter import counted_sql

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


async def discount(buyer: Actor, offer_id: UUID, quantity: str = "1") -> Decimal:
    line = WantedLine(new_id(), offer_id, D(quantity))
    found = await price_order(buyer.legal_entity_id, [line], NOW)
    return found.lines[line.key].discount


async def explanations(buyer: Actor, offer_id: UUID, quantity: str) -> list[ExplainedPromotion]:
    line = WantedLine(new_id(), offer_id, D(quantity))
    return explained(await price_order(buyer.legal_entity_id, [line], NOW))


async def test_a_line_says_what_came_off_and_why(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    await make_price_list(seller, buyer.company_id, {bolt.id: {"1": "80"}})
    await SellerTerms.create(seller=seller.company, currency="RUB", delivery_charge=D(300))
    tenth = await make_promotion(seller, name_en="Tenth", priority=1)
    free = await make_promotion(seller, "free_shipping", name_en="We pay")
    line = WantedLine(new_id(), bolt.id, D(3))
    found = await price_order(buyer.legal_entity_id, [line], NOW)
    priced, (part,) = found.lines[line.key], found.parts
    # 3 × 80 = 240, less 24.00; 20 % tax
    assert priced.price.unit_price == D(80)
    assert (priced.discount, [one.id for one in priced.promotions]) == (D("24.00"), [tenth.id])
    assert priced.promotions[0].amount == D("24.00")
    assert priced.amounts == part.goods == Amounts(D(216), D("43.2"), D("259.2"))
    assert part.delivery == Amounts(D(0), D(0), D(0))
    assert part.free_delivery_promotion is not None
    assert (part.free_delivery_promotion.id, part.free_delivery_promotion.amount) == (free.id, 300)
    assert [one.id for one in part.promotions] == [tenth.id, free.id]


async def test_the_cheapest_outcome_is_taken_for_each_seller(database: Database) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    bolt, nut = await make_offer(seller, price="100"), await make_offer(other, price="100")
    await SellerTerms.create(seller=other.company, currency="RUB", delivery_charge=D(30))
    for one in (seller, other):
        await make_promotion(one, percent="10", name_en="ten")
        await make_promotion(one, percent="5", name_en="five", priority=-1)
        await make_promotion(one, percent="15", exclusive=True, name_en="alone", priority=9)
        await make_promotion(one, "free_shipping", exclusive=True, name_en="shipping")
    lines = [WantedLine(new_id(), offer.id, D(1)) for offer in (bolt, nut)]
    found = await price_order(buyer.legal_entity_id, lines, NOW)
    names = {part.seller_id: [one.name_en for one in part.promotions] for part in found.parts}
    # 10 and 5.00 % of 90 leave 85.50; 15 % leave 85. Free delivery saves 36 with its tax.
    assert names == {seller.id: ["alone"], other.id: ["shipping"]}
    assert [found.lines[line.key].discount for line in lines] == [D(15), D(0)]
    verdicts = {
        decision.promotion.name_en: decision.verdict
        for decision in found.decisions
        if decision.promotion.seller_id == seller.id
    }
    assert verdicts == {
        "alone": Verdict.APPLIED, "ten": Verdict.BEATEN, "five": Verdict.BEATEN,
        "shipping": Verdict.NOTHING_OFF,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "applies"),
    [
        ({}, True),
        ({"active": False}, False),
        ({"starts_at": NOW}, True),
        ({"starts_at": NOW + DAY}, False),
        ({"ends_at": NOW}, False),  # exclusive
        ({"ends_at": NOW + DAY}, True),
        ({"regions": ["RU", "DE"]}, True),
        ({"regions": ["DE"]}, False),
        ({"companies": ["buyer"]}, True),
        ({"companies": ["other"]}, False),
        ({"groups": ["in"]}, True),
        ({"groups": ["out"]}, False),
        ({"groups": ["out"], "companies": ["buyer"]}, True),
        ({"category": "fasteners"}, True),
        ({"category": "tools"}, False),
        ({"items": ["bolt", "nut"]}, True),
        ({"items": ["nut"]}, False),
        ({"seller": "all"}, True),
        ({"seller": "other"}, False),
        ({"first_order_only": True}, True),
        ({"max_uses": 2, "used_count": 1}, True),
        ({"max_uses": 2, "used_count": 2}, False),
    ],
)
async def test_only_promotions_for_the_buyer_count(
    database: Database, values: dict[str, Any], applies: bool
) -> None:
    seller, rival = await make_seller(), await make_seller()
    buyer, other = await make_buyer(), await make_buyer()
    operator, _ = await make_company(operator=True)
    bolt = await make_offer(seller, await make_product(path="fasteners/bolts"), price="100")
    nut = await make_offer(seller, price="100")
    groups = {
        name: await CustomerGroup.create(seller=seller.company, name=name) for name in ("in", "out")
    }
    await CustomerGroupMember.create(group=groups["in"], company_id=buyer.company_id, since=NOW)
    await CustomerGroupMember.create(group=groups["out"], company_id=other.company_id, since=NOW)
    companies = {"buyer": buyer.company_id, "other": other.company_id}
    offers = {"bolt": bolt.id, "nut": nut.id}
    made = dict(values)
    made["companies"] = [companies[name] for name in values.get("companies", ())]
    made["groups"] = [groups[name].id for name in values.get("groups", ())]
    made["items"] = {offers[name]: "1" for name in values.get("items", ())}
    if "category" in made:
        made["category"] = await make_category(made["category"])
    if (named := made.pop("seller", None)) is not None:
        made["seller_id"] = rival.id if named == "other" else None
        made["owner_id"] = operator.id
    await make_promotion(seller, **made)
    assert await discount(buyer, bolt.id) == (D(10) if applies else D(0))


async def test_uses_of_the_company_and_earlier_orders_count(database: Database) -> None:
    seller, buyer, other = await make_seller(), await make_buyer(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    once = await make_promotion(seller, percent="10", max_uses_per_company=1)
    await PromotionCompanyUse.create(promotion=once, company_id=buyer.company_id, used_count=1)
    assert await discount(buyer, bolt.id) == 0
    assert await discount(other, bolt.id) == D(10)
    await Promotion.all().delete()

    await make_promotion(seller, percent="10", first_order_only=True)
    order, part = new_id(), new_id()
    await execute(
        "INSERT INTO purchase_order (id, number, buyer_id, legal_entity_id, placed_by_id,"
        " placed_at) VALUES ($1, 'P1', $2, $3, $4, now())",
        order, other.company_id, other.legal_entity_id, other.user_id,
    )  # fmt: skip
    await execute(
        "INSERT INTO seller_order (id, order_id, seller_id, legal_entity_id, number, status,"
        " currency, net, tax, gross, placed_at)"
        " VALUES ($1, $2, $3, $4, 'S1', 'placed', 'RUB', 0, 0, 0, now())",
        part, order, seller.id, seller.entity.id,
    )  # fmt: skip
    assert await discount(buyer, bolt.id) == D(10)
    assert await discount(other, bolt.id) == 0
    await execute("UPDATE seller_order SET status = 'cancelled' WHERE id = $1", part)
    assert await discount(other, bolt.id) == D(10)


async def test_a_contract_price_near_cost_leaves_a_promotion_out_quietly(
    database: Database,
) -> None:
    seller, cheap, dear = await make_seller(), await make_buyer(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    bolt.cost_price = D("77.7701")
    await bolt.save()
    await make_price_list(seller, cheap.company_id, {bolt.id: {"1": "80"}})
    sale = await make_promotion(seller, percent="10")
    assert await discount(dear, bolt.id) == D(10)
    assert await discount(cheap, bolt.id) == 0
    (told,) = await explanations(cheap, bolt.id, "1")
    assert (told.id, told.applies, told.amount) == (sale.id, False, 0)
    assert told.reason("en") == "It does not apply to this order."
    assert told.reason("ru") == "К этому заказу не применяется."
    sale.below_cost_allowed = True
    await sale.save()
    assert await discount(cheap, bolt.id) == D(8)


async def test_a_cost_is_compared_without_tax(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="120", tax_rate="20")
    bolt.tax_included, bolt.cost_price = True, D(90)
    await bolt.save()
    sale = await make_promotion(seller, percent="10")  # to 108: 90 without tax
    assert await discount(buyer, bolt.id) == D(12)
    sale.percent = D("10.1")
    await sale.save()
    assert await discount(buyer, bolt.id) == 0


async def test_reasons_are_sentences(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt, nut = await make_offer(seller, price="100"), await make_offer(seller, price="10")
    await make_promotion(seller, name_en="now")
    await make_promotion(seller, name_en="volume", min_quantity="50")
    await make_promotion(seller, name_en="value", min_order_value="1000.50", currency="RUB")
    await make_promotion(
        seller, "bundle", name_en="set", percent="5", items={bolt.id: "1", nut.id: "2"}
    )
    await make_promotion(seller, name_en="gone", max_uses=1, used_count=1)
    await make_promotion(seller, name_en="alone", percent="1", exclusive=True)
    await make_promotion(seller, name_en="nuts", items={nut.id: "1"})
    found = await explanations(buyer, bolt.id, "2")
    assert found[0].name_en == "now"
    assert (found[0].applies, found[0].amount) == (True, D(20))
    assert {one.name_en: one.reason("en") for one in found} == {
        "now": "It applies.",
        "volume": "It takes 50 or more.",
        "value": "The goods of this seller must be worth 1000.5 RUB without tax.",
        "set": "The order does not hold a full set of its items.",
        "gone": "It is used up.",
        "alone": "It does not combine with others, and another choice is cheaper.",
    }
    russian = {one.name_en: one.reason("ru") for one in found}
    assert russian["volume"] == "Нужно от 50."
    assert all(one.reason("ru") != one.reason("en") for one in found)


async def test_promotions_cost_one_statement_however_many(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    line = WantedLine(new_id(), bolt.id, D(1))

    async def priced() -> tuple[OrderPrices, list[str]]:
        async with counted_sql() as statements:
            found = await price_order(buyer.legal_entity_id, [line], NOW)
        return found, statements

    _, without = await priced()
    for _ in range(20):
        await make_promotion(seller, percent="1", items={bolt.id: "1"})
    found, with_twenty = await priced()
    assert len(without) == len(with_twenty)
    assert len([text for text in without if " promotion " in text]) == 1
    assert len(found.lines[line.key].promotions) == 20
