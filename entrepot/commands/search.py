"""`entrepot search`: the article index."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.commands.exit_codes import ExitCode
from entrepot.commands.messages import say, say_text, text
from entrepot.commands.progress import Progress
from entrepot.commands.session import HomeOption, database
from entrepot.platform.config import Settings

if TYPE_CHECKING:
    from entrepot.search.verify import Verdict

app = typer.Typer(no_args_is_help=True)


@app.callback()
def search() -> None:
    """The article search index."""


@app.command()
def rebuild(home: HomeOption = None) -> None:
    """Build a new index of all listed offers and swap it in.

    Searches go on meanwhile on the old index; there is no gap. Needed after the index was lost
    or `entrepot doctor` reports drift: workers keep it up to date by themselves.

    \b
    Example:
      entrepot search rebuild
    """
    asyncio.run(_rebuild(home))


async def _rebuild(home: Path | None) -> None:
    async with database(home) as (settings, _):
        say("indexed", count=await rebuild_index(settings))


async def rebuild_index(settings: Settings) -> int:
    """Rebuild with progress shown; the database is open. Returns how many offers are indexed.

    Raises `IndexBusy`, `EngineUnavailable`.
    """
    from entrepot.search import reindex
    from entrepot.search.opening import open_engine

    engine = open_engine(settings)
    try:
        with Progress(text("indexing")) as progress:
            return await reindex.rebuild(engine, progress.update)
    finally:
        await engine.close()


@app.command()
def verify(
    home: HomeOption = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Index anew the offers that differ, and only them.")
    ] = False,
) -> None:
    """Prove that the index is equal to the database, by the checksum of every document.

    Names offers that are missing, superfluous or out of date. May run while everything goes on:
    changes that still wait for a worker are told apart and are no fault. Exit code 3 if the index
    differs and was not repaired.

    \b
    Examples:
      entrepot search verify
      entrepot search verify --repair
    """
    verdict = asyncio.run(_verify(home, repair))
    say("compared", indexed=verdict.indexed, listed=verdict.listed, under_way=verdict.under_way)
    for fault, count in verdict.counts.items():
        if count:
            ids = ", ".join(str(one) for one in verdict.first[fault])
            say_text("  " + text(f"fault_{fault.lower()}", count=count, ids=ids))
    if verdict.faults == 0:
        say("equal")
    elif repair:
        say("repaired", count=verdict.repaired)
    else:
        say("ask_repair")
        raise typer.Exit(ExitCode.CHECK_FAILED)


async def _verify(home: Path | None, repair: bool) -> Verdict:
    from entrepot.search.opening import open_engine
    from entrepot.search.verify import verify as compare

    async with database(home) as (settings, _):
        engine = open_engine(settings)
        try:
            with Progress(text("comparing")) as progress:
                return await compare(engine, repair=repair, progress=progress.update)
        finally:
            await engine.close()
