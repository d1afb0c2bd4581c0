"""`entrepot import prices`: a price list of a seller from a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.commands.exit_codes import ExitCode
from entrepot.commands.exports import SellerOption
from entrepot.commands.imports import LINES_SHOWN, SourceArgument, opened_source
from entrepot.commands.messages import complain, locale, say, say_text, text
from entrepot.commands.progress import Progress
from entrepot.commands.session import HomeOption, database

if TYPE_CHECKING:
    from entrepot.platform.pricing.price_imports.queries import PriceImportRow


def prices(
    file: SourceArgument,
    seller: SellerOption,
    list_name: Annotated[
        str, typer.Option("--list", metavar="NAME", help="The seller's price list, as it is named.")
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Drop prices of articles the file does not name.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what each line would do.")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False, help="Write refused lines here, with reasons."
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Import prices into one of a seller's price lists.

    Columns: article (or the offer's external id) and price; brand, currency and the quantity from
    which the price holds are understood. All good lines are taken at once, buyers see the old
    prices until then; exit code 7 if there are bad lines. The same file again changes nothing.

    \b
    Example:
      entrepot import prices 2027.xlsx --seller "Nordic Fasteners" --list "Dealers" --dry-run
    """
    done = asyncio.run(_import(file, seller, list_name, replace, dry_run, rejects, home))
    if done is None:
        complain(text("price_list_unknown").format(name=list_name))
        raise typer.Exit(ExitCode.FAILURE)
    if done.error is not None:
        complain(done.error[locale()])
        raise typer.Exit(ExitCode.FAILURE)
    if done.refused:
        raise typer.Exit(ExitCode.LINES_REJECTED)


async def _import(
    file: Path,
    seller: str,
    list_name: str,
    replace: bool,
    dry_run: bool,
    rejects: Path | None,
    home: Path | None,
) -> PriceImportRow | None:
    from entrepot.interchange.price_import import commit_prices, preview_prices
    from entrepot.platform.blobs import FolderBlobs
    from entrepot.platform.database import fetch_value
    from entrepot.platform.identity.seller_lookup import actor_of_seller, find_seller
    from entrepot.platform.pricing.price_imports import queries, rules, service

    async with database(home) as (settings, _):
        actor = await actor_of_seller(await find_seller(seller))
        list_id = await fetch_value(
            "SELECT id FROM price_list WHERE seller_id = $1 AND name = $2",
            actor.company_id,
            list_name,
        )
        if list_id is None:
            return None
        blobs = FolderBlobs(settings.home / "blobs")
        with opened_source(file) as source:
            key = await asyncio.to_thread(blobs.put, source)
        import_id = await service.start_price_import(
            actor,
            list_id,
            file_name=file.name,
            blob_key=key,
            mode=rules.REPLACE if replace else rules.MERGE,
            options={},
        )
        with Progress(text("reading")) as progress:
            await preview_prices(import_id, blobs, lambda done: progress.update(done, 0))
        seen = await queries.price_import_of(actor, import_id)
        if seen.error is None and not dry_run:
            await service.confirm_price_import(actor, import_id)
            with Progress(text("writing")) as progress:
                await commit_prices(import_id, blobs, lambda done: progress.update(done, 0))
            seen = await queries.price_import_of(actor, import_id)
        if seen.error is None:
            await _report(seen, rejects, dry_run)
        return seen


async def _report(seen: PriceImportRow, rejects: Path | None, dry_run: bool) -> None:
    from entrepot.interchange.price_import import write_refused_prices
    from entrepot.platform.pricing.price_imports.queries import refused_page

    say("import_preview" if dry_run else "import_done", file=seen.file_name)
    for outcome, count in sorted(seen.counts.items()):
        say_text(f"  {count:>9}  {text(f'outcome_{outcome.lower()}')}")
    shown = await refused_page(seen.id, after=0, limit=LINES_SHOWN)
    for line in shown:
        words = f"{line.problem.message(locale())} {line.problem.remedy(locale())}"
        say("refused_line", line=line.line_number, words=words)
    if seen.refused > len(shown) and rejects is None:
        say("refused_more", count=seen.refused - len(shown))
    if rejects is not None:
        count = await write_refused_prices(seen.id, rejects, locale())
        say("written", path=rejects, count=count)
