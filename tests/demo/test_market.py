"""The demo market: its size, its likeness to a real one, and that it is loaded whole or not."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from stdnum import ean
from stdnum.ru import inn

from entrepot.demo.load import LOAD_ORDER, load, market
from entrepot.platform.catalog.import_attributes import kind_of
from entrepot.platform.database import Database, fetch_one, fetch_value

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
