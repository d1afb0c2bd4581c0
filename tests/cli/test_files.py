"""`entrepot import` and `entrepot export`: what goes out comes in again."""

from __future__ import annotations

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from entrepot.commands.exit_codes import ExitCode
from entrepot.platform.database import Database, fetch, fetch_value
from tests.cli.conftest import Outcome, run_command
from tests.factories import Seller, make_seller

CATALOG = """\
Артикул;Бренд;Наименование;Цена;Остаток;Категория
АБ-1;Север;Болт М8;12,50;100;Крепёж/Болты
АБ-2;Север;Гайка М8;3,10;;Крепёж/Гайки
АБ-3;Север;Шайба 8;дорого;5;Крепёж
АБ-4;Север;Винт М6 «потай»;1234,5678;0,5;Крепёж/Винты
"""


@pytest.fixture
async def seller(database: Database) -> Seller:
    return await make_seller()


@pytest.fixture
def catalog_file(tmp_path: Path) -> Path:
    path = tmp_path / "прайс.csv"
    path.write_bytes(CATALOG.encode("windows-1251"))
    return path


class Shell:
    """Runs commands on this test's database and folder."""

    def __init__(self, home: Path, database_url: str, redis_url: str) -> None:
        self._home = home
        self._urls = {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_REDIS_URL": redis_url}

    async def run(self, *arguments: str) -> Outcome:
        outcome = await run_command(*arguments, "--home", str(self._home), **self._urls)
        assert "Traceback" not in outcome.err
        return outcome


@pytest.fixture
def shell(tmp_path: Path, database_url: str, redis_url: str) -> Shell:
    return Shell(tmp_path / "home", database_url, redis_url)


async def offers() -> list[tuple[str, Decimal]]:
    rows = await fetch("SELECT article_number, list_price FROM offer ORDER BY article_number")
    return [(row["article_number"], row["list_price"]) for row in rows]


async def test_preview_import_rejects_and_out_and_in_again(
    shell: Shell, seller: Seller, catalog_file: Path, tmp_path: Path
) -> None:
    arguments = ("import", "catalog", str(catalog_file), "--seller", str(seller.actor.company_id))
    preview = await shell.run(*arguments, "--dry-run")
    assert preview.code == ExitCode.LINES_REJECTED
    assert "        3  created" in preview.out
    assert "        1  refused: invalid" in preview.out
    assert "line 4: " in preview.out
    assert await offers() == []

    rejects = tmp_path / "bad.csv"
    taken = await shell.run(*arguments, "--rejects", str(rejects))
    assert taken.code == ExitCode.LINES_REJECTED
    expected = [("АБ-1", Decimal("12.5")), ("АБ-2", Decimal("3.1")), ("АБ-4", Decimal("1234.5678"))]
    assert await offers() == expected
    with rejects.open(encoding="windows-1251", newline="") as file:
        titles, refused = csv.reader(file, delimiter=";")
    assert titles[:3] == ["Артикул", "Бренд", "Наименование"]
    assert refused[:4] == ["АБ-3", "Север", "Шайба 8", "дорого"]
    assert refused[6] == "4"

    name = await fetch_value("SELECT name FROM company WHERE id = $1", seller.actor.company_id)
    exported = tmp_path / "out.xlsx"
    written = await shell.run("export", "catalog", str(exported), "--seller", name.upper())
    assert (written.code, written.err) == (ExitCode.OK, "")
    sheet = openpyxl.load_workbook(exported).active
    assert sheet is not None
    assert [row[1] for row in sheet.iter_rows(values_only=True)] == [
        "article_number", "АБ-1", "АБ-2", "АБ-4",
    ]  # fmt: skip

    packed = tmp_path / "out.xlsx.gz"
    packed.write_bytes(gzip.compress(exported.read_bytes()))
    again = await shell.run("import", "catalog", str(packed), "--seller", name)
    assert again.code == ExitCode.OK
    assert "        3  unchanged" in again.out
    assert await offers() == expected
    assert await fetch_value("SELECT count(*) FROM product") == 3


async def test_refusals_are_sentences(
    shell: Shell, seller: Seller, catalog_file: Path, tmp_path: Path
) -> None:
    unknown = await shell.run("import", "catalog", str(catalog_file), "--seller", "Nobody")
    assert unknown.code == ExitCode.FAILURE
    assert "No selling company is called “Nobody”. Known: " in unknown.err
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    refused = await shell.run(
        "import", "catalog", str(empty), "--seller", str(seller.actor.company_id)
    )
    assert refused.code == ExitCode.FAILURE
    assert "The file is empty" in refused.err
    assert await offers() == []
