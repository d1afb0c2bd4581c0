"""`entrepot search`: the article index."""

from __future__ import annotations

import asyncio
from pathlib import Path

import typer

from entrepot.commands.messages import say, text
from entrepot.commands.progress import Progress
from entrepot.commands.session import HomeOption, database
from entrepot.platform.config import Settings

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
