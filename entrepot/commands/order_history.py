"""`entrepot import orders`: a seller's sales of earlier years, for forecasts."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.commands.exit_codes import ExitCode
from entrepot.commands.exports import SellerOption
from entrepot.commands.imports import SourceArgument, opened_source
from entrepot.commands.messages import locale, say, text
from entrepot.commands.progress import Progress
from entrepot.commands.session import HomeOption, database

if TYPE_CHECKING:
    from entrepot.interchange.order_history import HistoryReport


def orders(
    file: SourceArgument,
    seller: SellerOption,
    currency: Annotated[
        str | None,
        typer.Option(metavar="ISO", help="Where the file names none [default: the seller's]."),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False, help="Write refused lines here, with reasons."
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Import a seller's sales history, so that forecasts know it.

    Columns: order date, quantity, price, and article (or the offer's external id); brand, buyer,
    order number, currency and a line id are understood. Articles must be in the seller's
    catalogue. A negative quantity is a return. The same file again adds nothing; exit code 7 if
    lines were refused.

    \b
    Example:
      entrepot import orders sales-2024.csv --seller "Nordic Fasteners" --rejects bad.csv
    """
    from entrepot.platform.catalog.import_numbers import read_currency

    if currency is not None and read_currency(currency) is None:
        raise typer.BadParameter(f"{currency} is no currency: use a code such as RUB or EUR")
    done = asyncio.run(_import(file, seller, currency, rejects, home))
    say("sales_done", created=done.created, known=done.known, refused=done.refused)
    for number, problem in done.problems:
        words = f"{problem.message(locale())} {problem.remedy(locale())}"
        say("refused_line", line=number, words=words)
    if rejects is not None and done.refused:
        say("written", path=rejects, count=done.refused)
    if done.refused:
        raise typer.Exit(ExitCode.LINES_REJECTED)


async def _import(
    file: Path, seller: str, currency: str | None, rejects: Path | None, home: Path | None
) -> HistoryReport:
    from entrepot.interchange.order_history import import_sales
    from entrepot.platform.identity.seller_lookup import actor_of_seller, find_seller

    async with database(home):
        actor = await actor_of_seller(await find_seller(seller))
        wanted = (currency or await _currency_of(actor.legal_entity_id)).upper()
        with TemporaryDirectory(prefix="entrepot-") as folder:
            plain = Path(folder) / "sales"
            with opened_source(file) as source, plain.open("wb") as target:
                await asyncio.to_thread(shutil.copyfileobj, source, target)
            with Progress(text("reading")) as progress:
                return await import_sales(
                    actor,
                    plain,
                    wanted,
                    refused_path=rejects,
                    progress=lambda done: progress.update(done, None),
                    locale=locale(),
                )


async def _currency_of(legal_entity_id: object) -> str:
    from entrepot.platform.database import fetch_value

    found: str = await fetch_value(
        "SELECT currency FROM legal_entity WHERE id = $1", legal_entity_id
    )
    return found
