"""500 lines for a buyer with 20 lists: one statement, by index, and the same prices one by one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import Database, connection, execute, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.pricing import offer_pages, queries, service
from entrepot.platform.pricing.list_rules import PriceRule
from entrepot.platform.pricing.offer_pages import Part
from entrepot.platform.pricing.service import ListRule, NewPriceList, Recipient
from tests.factories import Seller, make_buyer, make_offer, make_seller
from tests.sql_counter import counted_sql

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)
OFFERS = """
INSERT INTO offer (id, product_id, seller_id, external_id, article_number, list_price, currency,
                   tax_included, tax_rate, pack_quantity, min_order_quantity, order_step,
                   lead_time_days, active, created_at, updated_at)
SELECT gen_random_uuid(), product_id, seller_id, 'X' || n, 'X' || n, n, currency, false, tax_rate,
       1, 1, 1, 3, true, now(), now()
  FROM offer, generate_series(1, 499) n WHERE id = $1
"""
LISTS = """
INSERT INTO price_list (id, seller_id, name, currency, priority, active, created_at)
SELECT gen_random_uuid(), $1, 'L' || lpad(n::text, 3, '0'), 'RUB', n % 2, true, now()
  FROM generate_series(1, $2::int) n
"""
# list n has prices for the offers whose list price it divides: n % lower the price in each
TIERS = """
INSERT INTO price_tier (id, price_list_id, offer_id, min_quantity, unit_price)
SELECT gen_random_uuid(), l.id, o.id, tier.minimum,
       round(o.list_price * (100 - substr(l.name, 2)::int % 50) / 100 - tier.off, 2) + 10
  FROM price_list l JOIN offer o ON o.seller_id = l.seller_id
  CROSS JOIN (VALUES (1, 0), (10, 1)) AS tier(minimum, off)
 WHERE o.list_price::int % (substr(l.name, 2)::int % 10 + 1) = 0
"""


async def filled(lists: int) -> tuple[Seller, Actor, list[UUID]]:
    """A seller with 500 offers and many lists, of which the buyer gets 14 and 6 rules on some."""
    seller, buyer = await make_seller(), await make_buyer()
    first = await make_offer(seller, price="500")
    await execute(OFFERS, first.id)
    await execute(LISTS, seller.id, lists)
    await execute(TIERS)
    own = [row["id"] for row in await fetch("SELECT id FROM price_list ORDER BY name LIMIT 17")]
    for base in own[14:]:
        middle = await service.create_price_list(
            seller.actor, NewPriceList(f"M{base}", "RUB", rule=ListRule(base, D(-3)))
        )
        top = ListRule(middle, D(2), rounding="to_05")
        own.append(
            await service.create_price_list(
                seller.actor, NewPriceList(f"T{base}", "RUB", 1, rule=top)
            )
        )
        off = ListRule(None, D(-40), rounding="to_99")
        own.append(
            await service.create_price_list(seller.actor, NewPriceList(f"O{base}", "RUB", rule=off))
        )
    for given in (*own[:14], *own[17:]):
        await service.assign_price_list(seller.actor, given, Recipient(buyer.company_id))
    return seller, buyer, [row["id"] for row in await fetch("SELECT id FROM offer ORDER BY id")]


async def by_hand(buyer: Actor, quantity: Decimal) -> dict[UUID, Decimal]:
    """Every price once more, from the plain tables by the letter of the rules."""
    lists = {row["id"]: row for row in await fetch("SELECT * FROM price_list")}
    tiers: dict[tuple[UUID, UUID], list[tuple[Decimal, Decimal]]] = {}
    for row in await fetch("SELECT * FROM price_tier ORDER BY min_quantity"):
        place = (row["price_list_id"], row["offer_id"])
        tiers.setdefault(place, []).append((row["min_quantity"], row["unit_price"]))

    def price(list_id: UUID | None, offer: UUID, listed: Decimal) -> Decimal | None:
        if list_id is None:
            return listed
        row = lists[list_id]
        if row["kind"] == "fixed":
            reached = [one for least, one in tiers.get((list_id, offer), []) if least <= quantity]
            return reached[-1] if reached else None
        base = price(row["base_list_id"], offer, listed)
        rule = PriceRule(row["percent"], row["amount"], row["rounding"])
        return None if base is None else rule.apply(base)

    given = await fetch(
        "SELECT price_list_id FROM price_list_assignment WHERE company_id = $1", buyer.company_id
    )
    found = {}
    for offer in await fetch("SELECT id, list_price FROM offer"):
        offered = [
            (-lists[row["price_list_id"]]["priority"], one)
            for row in given
            if (one := price(row["price_list_id"], offer["id"], offer["list_price"])) is not None
        ]
        found[offer["id"]] = min(offered)[1] if offered else offer["list_price"]
    return found


async def test_500_lines_and_20_lists_take_one_statement(database: Database) -> None:
    _, buyer, offers = await filled(40)
    for quantity in (D(1), D(10)):
        async with counted_sql() as statements:
            found = await queries.prices_for(
                buyer.legal_entity_id, [(offer, quantity) for offer in offers], NOW
            )
        assert len(statements) == 1, statements
        assert {offer: price.unit_price for offer, price in found.items()} == await by_hand(
            buyer, quantity
        )
    async with counted_sql() as statements:
        page = await offer_pages.offers_by_ids(buyer, offers, Part.PRICE)
    assert len(statements) == 1, statements
    sheets = await queries.price_sheets(buyer.legal_entity_id, offers)
    for offer in offers:
        shown, sheet = page[offer].sheet, sheets[offer]
        assert shown is not None
        assert sorted(shown.candidates) == sorted(sheet.candidates)
        assert shown.list_price == sheet.list_price


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
async def test_prices_are_read_by_index(database: Database, plan: str) -> None:
    _, buyer, offers = await filled(100)
    await execute("ANALYZE")
    pages = offer_pages._statement(offer_pages.OFFERS_BY_IDS, "seen.id", Part.PRICE, "$3")
    keys = "'{" + ",".join(str(one) for one in offers[:20]) + "}'"
    entity, company = f"'{buyer.legal_entity_id}'", f"'{buyer.company_id}'"
    async with connection() as borrowed:
        tiers = await borrowed.fetchval("SELECT count(*) FROM price_tier")
        assert tiers > 25_000
        async with borrowed.transaction():
            await borrowed.execute(f"SET LOCAL plan_cache_mode = {plan}")
            await borrowed.execute(f"PREPARE batch (uuid[], uuid) AS {queries._SHEETS}")
            await borrowed.execute(f"PREPARE page (uuid[], uuid, uuid) AS {pages}")
            for call in (f"batch ({keys}, {entity})", f"page ({keys}, {company}, {entity})"):
                rows = await borrowed.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) EXECUTE {call}")
                text = "\n".join(row[0] for row in rows)
                assert re.search("Index Scan (using|on) price_tier_", text), text
                assert "Seq Scan on price_tier" not in text, text
            await borrowed.execute("DEALLOCATE batch")
            await borrowed.execute("DEALLOCATE page")
    assert await Offer.filter(id__in=offers).count() == 500
