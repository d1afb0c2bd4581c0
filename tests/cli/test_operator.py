"""`entrepot operator` and the language option, as a person types them."""

from __future__ import annotations

from pathlib import Path

from entrepot.commands.exit_codes import ExitCode
from entrepot.platform.database import Database, fetch_value
from tests.cli.conftest import run_command

ARGUMENTS = (
    "operator", "anna@market.example", "--name", "Anna", "--company", "Market GmbH",
    "--country", "DE", "--currency", "EUR", "--tax-id",
)  # fmt: skip


async def test_once_and_in_the_language_asked_for_anywhere(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    place = ("--home", str(tmp_path), "--lang", "ru")
    urls = {"ENTREPOT_DATABASE_URL": database_url}
    wrong = await run_command(*ARGUMENTS, "DE136695978", *place, **urls)
    assert wrong.code == ExitCode.FAILURE
    assert wrong.err == (
        "Ошибка: taxId: контрольная цифра номера НДС (DE) не сходится, проверьте номер\n"
    )
    assert await fetch_value("SELECT count(*) FROM company") == 0
    founded = await run_command(*ARGUMENTS, "DE136695976", *place, **urls)
    assert (founded.code, founded.err) == (ExitCode.OK, "")
    assert founded.out == (
        "Оператор площадки — Market GmbH. Письмо уйдёт на anna@market.example.\n"
    )
    again = await run_command(*ARGUMENTS, "DE136695976", "--home", str(tmp_path), **urls)
    assert again.code == ExitCode.FAILURE
    assert again.err.startswith("Error: Market GmbH operates this marketplace already.")
    assert await fetch_value("SELECT count(*) FROM company WHERE is_operator") == 1
