"""Order lines in a file: sales, returns, voided orders and what is no article told apart."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from entrepot.analytics.datasets import panel_from_file
from entrepot.analytics.sales_files import (
    UnreadableSales,
    last_complete_week,
    read_sales_file,
)

MONDAY = datetime(2025, 1, 6, 10)  # noqa: DTZ001  (files carry local times)
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def line(
    invoice: str = "1",
    code: str = "85123A",
    quantity: int = 1,
    at: datetime = MONDAY,
    price: str = "2.5",
    buyer: str = "17850",
) -> str:
    """One line of a CSV file."""
    return f'{invoice},{code},"LAMP, WHITE",{quantity},{at:%Y-%m-%d %H:%M:%S},{price},{buyer},UK\n'


def write(folder: Path, *lines: str) -> Path:
    """Write a CSV file whose last line is a sale of another article on Sunday of week 10."""
    path = folder / "sales.csv"
    end = line("999", "END1", 1, MONDAY + timedelta(days=69))
    path.write_text(HEADER + "".join(lines) + end)
    return path


def test_lines_become_weekly_demand(tmp_path: Path) -> None:
    weeks = [MONDAY + timedelta(days=7 * i) for i in range(10)]
    path = write(
        tmp_path,
        *(line(str(i), quantity=i + 1, at=week) for i, week in enumerate(weeks)),
        line("50", " 85123a", 10, weeks[3]),
    )
    prepared = panel_from_file(path)
    panel = prepared.panel
    assert panel is not None
    assert panel.series == ("85123A",)
    assert panel.first_week == date(2025, 1, 6)
    assert panel.values[0].tolist() == [1, 2, 3, 14, 5, 6, 7, 8, 9, 10]
    assert [left.series for left in prepared.rejected] == ["END1"]


def test_a_cancellation_soon_after_voids_the_sale_a_late_one_is_a_return(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        line("1", quantity=74215, at=MONDAY),
        line("C2", quantity=-74215, at=MONDAY + timedelta(minutes=15)),
        line("3", quantity=5, at=MONDAY + timedelta(days=1)),
        line("C4", quantity=-5, at=MONDAY + timedelta(days=20)),
        line("5", quantity=6, at=MONDAY + timedelta(days=2)),
        line("C6", quantity=-6, at=MONDAY + timedelta(days=3), buyer="OTHER"),
        line("C7", quantity=-6, at=MONDAY + timedelta(days=1)),  # before the sale it would void
    )
    sales = read_sales_file(path)
    assert (sales.voided, sales.returned) == (1, 3)
    kept = sales.sales.filter(pl.col("series") == "85123A")
    assert sorted(kept["demand"].to_list()) == [5, 6]


def test_one_cancellation_voids_one_sale(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        line("1", quantity=4, at=MONDAY),
        line("2", quantity=4, at=MONDAY + timedelta(hours=1)),
        line("C3", quantity=-4, at=MONDAY + timedelta(hours=2)),
    )
    assert read_sales_file(path).voided == 1


def test_postage_and_adjustments_are_no_articles(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        line("1", "POST"),
        line("2", "BANK CHARGES"),
        line("3", "TEST001"),
        line("4", "22423", price="0"),
        line("5", "22423", price="-11062.06"),
        line("6", "22423", price="NaN"),
        line("7", "22423", price=""),
        line("8", "22423", quantity=0),
    )
    sales = read_sales_file(path)
    assert sales.not_articles == 3
    assert sales.sales.group_by("series").len().sort("series").rows() == [("22423", 2), ("END1", 1)]


def test_parquet_gives_the_same_as_csv(tmp_path: Path) -> None:
    path = write(tmp_path, *(line(str(i), at=MONDAY + timedelta(days=7 * i)) for i in range(9)))
    parquet = tmp_path / "sales.parquet"
    frame = pl.read_csv(path, schema_overrides={"InvoiceNo": pl.String})
    frame.with_columns(
        pl.col("InvoiceDate").str.to_datetime(), pl.col("CustomerID").cast(pl.Float64)
    ).write_parquet(parquet)
    one, two = panel_from_file(path).panel, panel_from_file(parquet).panel
    assert one is not None
    assert two is not None
    assert one.values.tolist() == two.values.tolist()


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (date(2025, 1, 12), date(2025, 1, 6)),  # Sunday: the week is over
        (date(2025, 1, 11), date(2024, 12, 30)),
        (date(2025, 1, 6), date(2024, 12, 30)),
        (date(2027, 1, 1), date(2026, 12, 21)),  # ISO week 53 of 2026 is not over
    ],
)
def test_the_last_complete_week(last: date, expected: date) -> None:
    assert last_complete_week(last) == expected


def test_files_that_are_no_sales_say_why(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSales, match="no such file"):
        read_sales_file(tmp_path / "absent.csv")
    other = tmp_path / "other.csv"
    other.write_text("InvoiceNo,Quantity\n1,2\n")
    with pytest.raises(UnreadableSales, match="columns missing: StockCode, InvoiceDate, UnitPrice"):
        read_sales_file(other)
    undated = tmp_path / "undated.csv"
    undated.write_text(HEADER + "1,85123A,LAMP,2,yesterday,2.5,1,UK\n")
    with pytest.raises(UnreadableSales, match="no line has a date"):
        read_sales_file(undated)
    garbage = tmp_path / "garbage.parquet"
    garbage.write_bytes(b"PAR1 not really")
    with pytest.raises(UnreadableSales, match=r"garbage\.parquet"):
        read_sales_file(garbage)
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(UnreadableSales, match="empty"):
        read_sales_file(empty)
