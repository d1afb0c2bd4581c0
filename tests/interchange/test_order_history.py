"""Sales histories: resolved to offers, stored once each, refused lines with reasons."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from entrepot.interchange.order_history import BATCH_LINES, import_sales
from entrepot.interchange.spreadsheets.errors import ColumnsNotFound
from entrepot.platform.catalog.import_problems import ProblemCode
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import Database, fetch, fetch_value
from entrepot.platform.errors import Forbidden
from entrepot.platform.identity.permissions import Role
from tests.factories import make_actor, make_offer, make_product, make_seller

RUSSIAN = (
    "Дата;Номер заказа;Клиент;Артикул;Бренд;Количество;Цена, руб.\n"
    "31.01.2025;Н-1;ООО Ромашка;ab 1;Bosch;2,5;1 250,50\n"
    "01.02.2025 14:30;Н-2;;AB-1;Bosch;-1;1250,50\n"
    "01.02.2025 14:30;Н-2;;AB-1;Bosch;-1;1250,50\n"
)


def sales_of(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


async def test_sales_are_stored_once_each(database: Database, tmp_path: Path) -> None:
    seller = await make_seller()
    await make_offer(seller, await make_product("AB-1"))
    path = sales_of(tmp_path / "sales.csv", RUSSIAN, "cp1251")
    report = await import_sales(seller.actor, path, "EUR")
    assert (report.created, report.known, report.refused) == (3, 0, 0)
    again = await import_sales(seller.actor, path, "EUR")
    assert (again.created, again.known, again.refused) == (0, 3, 0)
    rows = await fetch("SELECT * FROM historic_sale ORDER BY sold_at, external_id")
    assert [(row["quantity"], row["unit_price"], row["currency"]) for row in rows] == [
        (Decimal("2.5"), Decimal("1250.5"), "RUB"),
        (Decimal(-1), Decimal("1250.5"), "RUB"),
        (Decimal(-1), Decimal("1250.5"), "RUB"),
    ]
    assert rows[0]["buyer_name"] == "ООО Ромашка"
    assert rows[1]["sold_at"].isoformat() == "2025-02-01T14:30:00+00:00"


async def test_lines_that_fit_no_offer_come_back(database: Database, tmp_path: Path) -> None:
    seller, other = await make_seller(), await make_seller()
    await make_offer(seller, await make_product("AB-1", brand="Bosch"))
    await make_offer(seller, await make_product("AB-1", brand="Makita"))
    offer = await make_offer(seller, await make_product("C-3"))
    await make_offer(other, await make_product("X-9"))
    text = (
        "date,article,brand,sku,quantity,price\n"
        "2025-01-31,AB-1,Makita,,1,5\n"
        "2025-01-31,AB-1,,,1,5\n"
        "2025-01-31,X-9,,,1,5\n"
        f"2025-01-31,,,{offer.external_id},1,5\n"
        "2025-01-31,,,nothing,1,5\n"
        "2025-02-30,C-3,,,1,5\n"
        "2025-01-31,C-3,,,0,5\n"
        "2025-01-31,C-3,,,1e400,5\n"
        "2025-01-31,C-3,,,1,-5\n"
        "2025-01-31,,,,1,5\n"
        "2025-01-31,C-3,,1\n"
    )
    refused = tmp_path / "refused.csv"
    path = sales_of(tmp_path / "sales.csv", text)
    report = await import_sales(seller.actor, path, "EUR", refused_path=refused)
    assert (report.created, report.refused, report.total) == (2, 9, 11)
    assert [(line, problem.code) for line, problem in report.problems] == [
        (3, ProblemCode.AMBIGUOUS_ARTICLE),
        (4, ProblemCode.NOT_FOUND),
        (6, ProblemCode.NOT_FOUND),
        (7, ProblemCode.BAD_DATE),
        (8, ProblemCode.OUT_OF_RANGE),
        (9, ProblemCode.NOT_A_NUMBER),
        (10, ProblemCode.OUT_OF_RANGE),
        (11, ProblemCode.MISSING),
        (12, ProblemCode.WRONG_CELL_COUNT),
    ]
    assert "Bosch, Makita" in report.problems[0][1].message("en")
    with refused.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 10
    assert rows[1][:7] == ["2025-01-31", "AB-1", "", "", "1", "5", "3"]


async def test_many_lines_and_no_rights(database: Database, tmp_path: Path) -> None:
    seller = await make_seller()
    offer: Offer = await make_offer(seller, await make_product("AB-1"))
    count = 2 * BATCH_LINES + 5
    lines = "".join(f"2024-05-{n % 28 + 1:02d};AB-1;{n + 1};2.5\n" for n in range(count))
    path = sales_of(tmp_path / "sales.csv", "date;article;qty;price\n" + lines)
    low = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    with pytest.raises(Forbidden):
        await import_sales(low, path, "EUR")
    assert await fetch_value("SELECT count(*) FROM historic_sale") == 0
    seen: list[int] = []
    report = await import_sales(seller.actor, path, "EUR", progress=seen.append)
    assert (report.created, seen) == (count, [BATCH_LINES, 2 * BATCH_LINES, count])
    total = await fetch_value("SELECT sum(quantity) FROM historic_sale WHERE offer_id=$1", offer.id)
    assert total == count * (count + 1) // 2


async def test_another_table_is_refused(database: Database, tmp_path: Path) -> None:
    seller = await make_seller()
    path = sales_of(tmp_path / "sales.csv", "article;title;price\nA;b;1\n")
    with pytest.raises(ColumnsNotFound, match="sold_at"):
        await import_sales(seller.actor, path, "EUR")
