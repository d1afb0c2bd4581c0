"""`entrepot export`: a seller's catalogue or order lines as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from entrepot.commands.messages import say, text
from entrepot.commands.progress import Progress
from entrepot.commands.session import HomeOption, database

app = typer.Typer(no_args_is_help=True)

SellerOption = Annotated[
    str, typer.Option("--seller", metavar="NAME|ID", help="The selling company: id or name.")
]
FileArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", dir_okay=False, help="Ends in .csv (UTF-8, `;`), .xlsx or .parquet."
    ),
]
Export = Callable[[UUID, Path, Callable[[int, int], None]], Awaitable[int]]


@app.callback()
def export() -> None:
    """Write data to CSV, XLSX or Parquet files."""


@app.command()
def catalog(file: FileArgument, seller: SellerOption, home: HomeOption = None) -> None:
    """Write a seller's active offers, in the columns that `import catalog` reads.

    \b
    Example:
      entrepot export catalog --seller "Nordic Fasteners" catalog.xlsx
    """
    from entrepot.interchange.exports import export_catalog

    asyncio.run(_export(export_catalog, file, seller, home))


@app.command()
def orders(file: FileArgument, seller: SellerOption, home: HomeOption = None) -> None:
    """Write a seller's order lines, with what was agreed: quantity, price, tax, status.

    \b
    Example:
      entrepot export orders --seller "Nordic Fasteners" orders.csv
    """
    from entrepot.interchange.exports import export_orders

    asyncio.run(_export(export_orders, file, seller, home))


async def _export(work: Export, file: Path, seller: str, home: Path | None) -> None:
    from entrepot.platform.identity.seller_lookup import find_seller

    async with database(home):
        seller_id = await find_seller(seller)
        with Progress(text("writing")) as progress:
            count = await work(seller_id, file, progress.update)
    say("written", count=count, path=file)
