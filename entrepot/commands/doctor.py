"""`entrepot doctor`: is every part well, and if not, what to do."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from entrepot.commands.exit_codes import ExitCode
from entrepot.commands.messages import locale, say, say_text, text
from entrepot.commands.session import HomeOption, database_url, reached, settings_for
from entrepot.platform.config import Settings
from entrepot.platform.errors import DomainError

if TYPE_CHECKING:
    from entrepot.platform.diagnostics import Check

_COLOURS = {"OK": "green", "WARN": "yellow", "FAIL": "red"}


def doctor(
    home: HomeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    retry_dead: Annotated[
        bool, typer.Option("--retry-dead", help="First send dead deliveries again.")
    ] = False,
) -> None:
    """Check every part and say how to mend what fails.

    Database (version, role, migrations, clock), outbox, Redis, search index, disk, libraries.
    Asks the services of ENTREPOT_DATABASE_URL and ENTREPOT_REDIS_URL, else of a demo running on
    the data folder, else starts the embedded ones for the moment. Exit code 3 if a check fails.

    \b
    Examples:
      entrepot doctor
      entrepot doctor --json | jq '.checks[] | select(.level != "OK")'
    """
    checks = asyncio.run(_examine(home, retry_dead))
    levels = [check.level.value for check in checks]
    if as_json:
        say_text(json.dumps({"checks": [_plain(check) for check in checks]}, ensure_ascii=False))
    else:
        _print_table(checks)
        if levels.count("OK") == len(levels):
            say("all_well")
        else:
            say("worst", fails=levels.count("FAIL"), warnings=levels.count("WARN"))
    if "FAIL" in levels:
        raise typer.Exit(ExitCode.CHECK_FAILED)


async def _examine(home: Path | None, retry_dead: bool) -> list[Check]:
    from entrepot.platform import diagnostics, machine_diagnostics

    checks = [machine_diagnostics.check_disk(settings_for(home).home)]
    checks += machine_diagnostics.check_libraries()
    try:
        async with reached(home) as settings:
            checks += await machine_diagnostics.check_redis(settings.redis_url or "")
            answers = await diagnostics.check_database(database_url(settings))
            checks += answers
            if all(answer.level is not diagnostics.Level.FAIL for answer in answers):
                checks += await _examine_contents(settings, retry_dead)
    except DomainError as error:  # the embedded services do not start: that is an answer too
        checks.append(diagnostics.not_started(error))
    return checks


async def _examine_contents(settings: Settings, retry_dead: bool) -> list[Check]:
    """Ask what needs the tables: the outbox and the search index."""
    from entrepot.platform import diagnostics
    from entrepot.platform.database import open_database

    opened = await open_database(database_url(settings), pool_size=2)
    try:
        if retry_dead:
            await diagnostics.retry_dead_deliveries()
        return [*await diagnostics.check_outbox(), *await _search_checks(settings)]
    finally:
        await opened.close()


async def _search_checks(settings: Settings) -> list[Check]:
    from entrepot.search.diagnosis import check_search
    from entrepot.search.opening import open_engine

    engine = open_engine(settings)
    try:
        return await check_search(engine, server=settings.meili_url is not None)
    finally:
        await engine.close()


def _plain(check: Check) -> dict[str, str | None]:
    return {
        "name": check.name,
        "level": check.level.value,
        "found": check.found.of(locale()),
        "mend": check.mend.of(locale()) if check.mend else None,
    }


def _print_table(checks: list[Check]) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    table = Table(box=None, pad_edge=False)
    for title in (text("check"), "", text("found")):
        table.add_column(title, overflow="fold")
    for check in checks:
        found = check.found.of(locale())
        if check.mend is not None:
            found += "\n" + text("mend", text=check.mend.of(locale()))
        colour = _COLOURS[check.level.value]
        table.add_row(check.name, f"[{colour}]{check.level.value}[/]", escape(found))
    console.print(table)
