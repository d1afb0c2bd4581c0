"""The demo market: its size, its likeness to a real one, and that it is loaded whole or not."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from stdnum import ean
from stdnum.ru import inn

from entrepot.demo.load import LOAD_ORDER, load, market
from entrepot.demo.searching import prepare_search
from entrepot.platform.catalog.import_attributes import kind_of
from entrepot.platform.catalog.queries import offers_by_ids
from entrepot.platform.database import Database, fetch, fetch_one, fetch_value
from entrepot.platform.identity import sessions
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.pricing.groups.recompute import recompute
from entrepot.platform.pricing.queries import prices_for

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def tables() -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    return market(NOW)[0]


def column(tables: dict[str, Any], table: str, name: str) -> list[Any]:
    columns, rows = tables[table]
    index = columns.index(name)
    return [row[index] for row in rows]


def test_it_has_the_promised_size(tables: dict[str, Any]) -> None:
    companies = Counter(zip(column(tables, "company", "is_seller"),
                            column(tables, "company", "is_buyer"), strict=True))  # fmt: skip
    assert companies[True, False] == 6
    assert companies[False, True] == 40
    assert len(tables["offer"][1]) == 20_000
    assert len(tables["order_line"][1]) == 100_000
    assert set(tables) == set(LOAD_ORDER)


def test_the_same_seed_gives_the_same_market(tables: dict[str, Any]) -> None:
    again = market(NOW)[0]
    for table, name in (("product", "manufacturer_number"), ("offer", "list_price"),
                        ("order_line", "quantity"), ("purchase_order", "placed_at")):  # fmt: skip
        assert column(again, table, name) == column(tables, table, name)
    other = market(NOW, seed=1)[0]
    assert column(other, "offer", "list_price") != column(tables, "offer", "list_price")


def test_attributes_are_stored_as_the_catalogue_stores_them(tables: dict[str, Any]) -> None:
    kinds = dict(zip(column(tables, "attribute_definition", "code"),
                     column(tables, "attribute_definition", "kind"), strict=True))  # fmt: skip
    values = [orjson.loads(text) for text in column(tables, "product", "attributes")]
    assert {kind_of(value) for one in values for value in one.values()} == {"number", "text"}
    assert all(kind_of(value) == kinds[code] for one in values for code, value in one.items())


def test_titles_speak_one_language(tables: dict[str, Any]) -> None:
    english, russian = (column(tables, "product", f"title_{locale}") for locale in ("en", "ru"))
    names = {title.rpartition(", ")[0] for title in russian}  # without the brand
    assert [name for name in names if re.search(r"[a-z]{3}|OPEN|black", name)] == []
    assert {"Прокладка DN40 паронитовая", "Каска защитная RZ2 жёлтая"} <= names
    assert {"Картридж с тонером TX-12 жёлтый", "Болт шестигранный М8x40 оцинкованный"} <= names
    assert [title for title in english if re.search("[А-я]", title.rpartition(", ")[0])] == []
    assert any(title.startswith("Gasket DN40 paronite, ") for title in english)


def test_numbers_of_the_law_are_valid(tables: dict[str, Any]) -> None:
    assert all(inn.is_valid(number) for number in column(tables, "legal_entity", "tax_id"))
    gtins = column(tables, "product", "gtins")
    assert all(ean.is_valid(gtin) for group in gtins for gtin in group)
    assert len({group[0] for group in gtins}) == len(gtins)


def test_demand_is_seasonal_and_nothing_is_in_the_future(tables: dict[str, Any]) -> None:
    placed = dict(zip(column(tables, "purchase_order", "id"),
                      column(tables, "purchase_order", "placed_at"), strict=True))  # fmt: skip
    assert max(placed.values()) <= NOW
    order_of = dict(zip(column(tables, "seller_order", "id"),
                        column(tables, "seller_order", "order_id"), strict=True))  # fmt: skip
    summer, winter = Counter[str](), Counter[str]()
    titles = column(tables, "order_line", "title_en")
    parts = column(tables, "order_line", "seller_order_id")
    for title, part in zip(titles, parts, strict=True):
        month = placed[order_of[part]].month
        counter = summer if month in (6, 7, 8) else winter if month in (12, 1, 2) else None
        if counter is not None:
            counter[title.split()[0]] += 1
    assert summer["Garden"] > 3 * winter["Garden"]
    assert winter["Fan"] > 3 * summer["Fan"]


def test_one_product_has_a_successor_and_is_sold_no_more(tables: dict[str, Any]) -> None:
    titles = dict(zip(column(tables, "product", "id"), column(tables, "product", "title_en"),
                      strict=True))  # fmt: skip
    successors = {
        (titles[old], titles[new])
        for old, new in zip(column(tables, "product", "id"),
                            column(tables, "product", "replaced_by_id"), strict=True)
        if new
    }  # fmt: skip
    assert successors == {
        ("Toner cartridge TX-12 black, Papierhaus", "Toner cartridge TX-26 black, Papierhaus")
    }
    withdrawn = {
        titles[product]
        for product, active in zip(column(tables, "offer", "product_id"),
                                   column(tables, "offer", "active"), strict=True)
        if not active
    }  # fmt: skip
    assert withdrawn == {"Toner cartridge TX-12 black, Papierhaus"}


def test_no_promotion_and_no_list_price_is_below_cost(tables: dict[str, Any]) -> None:
    prices = column(tables, "offer", "list_price")
    costs = column(tables, "offer", "cost_price")
    assert all(0 < cost <= price * Decimal("0.75") for price, cost in zip(prices, costs,
                                                                          strict=True))  # fmt: skip


async def test_it_loads_once_and_the_books_balance(database: Database, database_url: str) -> None:
    steps: list[tuple[int, int, str]] = []
    assert await load(database_url, lambda *step: steps.append(step), NOW) is True
    assert steps[-1][0] == steps[-1][1]
    before = await fetch_value("SELECT count(*) FROM order_line")
    assert await load(database_url, lambda *_: None, NOW) is False
    assert await fetch_value("SELECT count(*) FROM order_line") == before == 100_000
    assert await fetch_value("SELECT sum(amount_minor) FROM ledger_posting") == 0
    assert await fetch_value(
        "SELECT count(*) FROM seller_order s WHERE net <>"
        " (SELECT sum(net) FROM order_line l WHERE l.seller_order_id = s.id)"
    ) == 0  # fmt: skip
    held = await fetch_one(
        "SELECT (SELECT sum(reserved) FROM stock_item) AS stock,"
        " (SELECT sum(quantity) FROM reservation) AS lines"
    )
    assert held is not None
    assert held["stock"] == held["lines"] > 0
    assert await fetch_value("SELECT count(*) FROM outbox_event WHERE kind = 'OrderPlaced'") == 1
    await _the_demo_buyer_buys_as_professionals_do()
    await _search_knows_the_market()


async def _search_knows_the_market() -> None:
    """Run on the loaded market as well."""
    await prepare_search(NOW)
    assert await fetch_value("SELECT count(*) FROM offer_signal") > 1_000
    rated = await fetch("SELECT rating FROM seller_rating")
    assert len(rated) == 6
    assert all(3 <= row["rating"] <= 5 for row in rated)
    counted = await fetch_value("SELECT sum(times) FROM company_purchase")
    assert counted == await fetch_value(
        "SELECT count(DISTINCT (l.seller_order_id, o.product_id)) FROM order_line l"
        " JOIN offer o ON o.id = l.offer_id"
    )
    assert await fetch_value("SELECT count(DISTINCT key) FROM unmet_query") == 5
    assert await fetch_value("SELECT count(*) FROM search_word") == 4


async def _the_demo_buyer_buys_as_professionals_do() -> None:
    """Run on the loaded market: loading it once more would take as long as all of this."""
    seller_id = await fetch_value("SELECT id FROM company WHERE external_id = 'demo-2'")
    members = await fetch_value("SELECT count(*) FROM customer_group_member")
    assert members == await fetch_value("SELECT count(*) FROM customer_group_move") > 0
    assert await recompute(seller_id, NOW) == 0  # the rule finds the members that were written

    actor = await demo_actor("buyer@demo.example")
    assert actor.may(Permission.ORDER_PLACE)
    entity = actor.legal_entity_id
    agreed = await fetch_one(
        "SELECT t.offer_id, t.min_quantity, t.unit_price FROM price_tier t"
        " JOIN price_list l ON l.id = t.price_list_id WHERE l.name LIKE 'Agreed with %' LIMIT 1"
    )
    assert agreed is not None
    [price] = (await prices_for(entity, [(agreed["offer_id"], agreed["min_quantity"])],
                                NOW)).values()  # fmt: skip
    assert (price.source, price.unit_price) == ("company_list", agreed["unit_price"])
    toner = await fetch_value(
        "SELECT o.id FROM offer o JOIN product p ON p.id = o.product_id WHERE o.seller_id = $1"
        " AND p.title_en LIKE 'Toner cartridge TX-26 cyan%' ORDER BY o.id LIMIT 1", seller_id,
    )  # fmt: skip
    [price] = (await prices_for(entity, [(toner, Decimal(1))], NOW)).values()
    assert (price.source, str(price.unit_price)[-3:]) == ("group_list", ".99")

    hidden = await fetch_value("SELECT offer_id FROM assortment_offer LIMIT 1")
    assert set(await offers_by_ids(actor, [hidden])) == {hidden}
    assert await offers_by_ids(await demo_actor("buyer3@demo.example"), [hidden]) == {}

    [standing] = await fetch("SELECT next_due_on, approved_by_id, max_total FROM standing_order")
    assert (str(standing["next_due_on"]), standing["max_total"] > 0) == ("2026-11-30", True)
    approver = await demo_actor("approver@demo.example")
    assert standing["approved_by_id"] == approver.user_id
    assert approver.may(Permission.ORDER_APPROVE)


async def demo_actor(email: str) -> Actor:
    """Sign in as a person of the demo."""
    user_id = await fetch_value("SELECT id FROM user_account WHERE email = $1", email)
    return (await sessions.open_session(user_id)).actor
