"""Messages, exit codes, back-off and plain progress: the parts that need no service."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from entrepot.cli import app
from entrepot.commands import messages
from entrepot.commands.exit_codes import MEANINGS, ExitCode, code_of
from entrepot.commands.progress import Progress
from entrepot.platform.config import InvalidSettings
from entrepot.platform.home import HomeInUse
from entrepot.processes import back_off
from entrepot.serving import PortTaken

GROUPS = {"demo", "serve", "worker", "migrate", "import", "export", "search", "analytics"}
GROUPS |= {"doctor", "graphql", "operator"}


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_message_says_the_same_in_both_languages() -> None:
    for key, (english, russian) in messages._TEXTS.items():
        assert fields_of(english) == fields_of(russian), key
        assert any("а" <= letter <= "я" for letter in russian.lower()), key


@pytest.mark.parametrize(
    ("wanted", "environment", "expected"),
    [
        ("ru", {"ENTREPOT_LOCALE": "en"}, "ru"),
        (None, {"ENTREPOT_LOCALE": "ru", "LANG": "en_GB.UTF-8"}, "ru"),
        (None, {"LANG": "ru_RU.UTF-8"}, "ru"),
        (None, {"LC_ALL": "C", "LANG": "ru_RU.UTF-8"}, "en"),
        (None, {}, "en"),
        ("de", {}, "en"),
    ],
)
def test_the_language_is_the_nearest_choice(
    wanted: str | None,
    environment: dict[str, str],
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ENTREPOT_LOCALE", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert messages.choose_locale(wanted) == expected


def test_exit_codes_are_fixed_and_explained() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "FAILURE": 1,
        "USAGE": 2,
        "CHECK_FAILED": 3,
        "PORT_TAKEN": 4,
        "HOME_IN_USE": 5,
        "PART_FAILED": 6,
        "LINES_REJECTED": 7,
    }
    assert set(MEANINGS) == set(ExitCode)
    shown = CliRunner().invoke(app, ["--help"]).output
    for code, meaning in MEANINGS.items():
        assert f"{code.value}  {meaning}" in shown
    assert code_of(PortTaken("127.0.0.1", 80)) is ExitCode.PORT_TAKEN
    assert code_of(HomeInUse("/x", "1")) is ExitCode.HOME_IN_USE
    assert code_of(InvalidSettings("x")) is ExitCode.USAGE
    assert code_of(RuntimeError("x")) is ExitCode.FAILURE


def leaves(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that lead to it."""
    if hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from leaves(child, *path, name)
    elif not command.hidden:
        yield path, command


def test_every_command_has_help_with_an_example() -> None:
    found = dict(leaves(typer.main.get_command(app)))
    assert {path[0] for path in found} == GROUPS
    for path in found:
        shown = CliRunner().invoke(app, [*path, "--help"])
        assert shown.exit_code == 0
        assert "Example" in shown.output, path
        assert f"entrepot {' '.join(path)}" in shown.output, path


def test_back_off_doubles_up_to_half_a_minute() -> None:
    assert [back_off(falls) for falls in (1, 2, 3, 6, 7, 50)] == [0.5, 1, 2, 16, 30, 30]


def test_without_a_terminal_progress_is_the_first_and_the_last_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress("Reading") as progress:
        for done in range(1001):
            progress.update(done, 1000, "file.csv")
    assert capsys.readouterr().out == "Reading: file.csv 0/1000\nReading: file.csv 1000/1000\n"


def test_progress_without_a_total_shows_no_figure(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("Reading") as progress:
        progress.update(0, 0)
    assert capsys.readouterr().out == "Reading\n"
