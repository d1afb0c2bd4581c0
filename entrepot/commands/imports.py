"""`entrepot import catalog`: a seller's catalogue from a file."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO
from uuid import UUID

import typer

from entrepot.commands.exit_codes import ExitCode
from entrepot.commands.exports import SellerOption
from entrepot.commands.messages import complain, locale, say, say_text, text
from entrepot.commands.progress import Progress
from entrepot.commands.session import HomeOption, database

if TYPE_CHECKING:
    from entrepot.platform.catalog.import_queries import ImportRow

app = typer.Typer(no_args_is_help=True)

GZIP_MAGIC = b"\x1f\x8b"
LINES_SHOWN = 10

SourceArgument = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="CSV or XLSX; .gz too.")
]


@app.callback()
def import_() -> None:
    """Take data over from files."""


@app.command()
def catalog(
    file: SourceArgument,
    seller: SellerOption,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what each line would do.")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False, help="Write refused lines here, with reasons."
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="utf-8 or windows-1251; found out if left out.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="; or , or tab; found out if left out.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=TITLE", help="Which title in the file means a field; repeatable."
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Import a seller's catalogue: products, offers, prices, stock.

    Reads CSV and XLSX with titles in English or Russian (article_number, title and price are
    needed; brand, gtin, quantity, unit, category, pack_quantity, min_order_quantity and more are
    understood). Good lines are taken, bad ones reported; exit code 7 if there are bad ones.
    Killed midway, the same command goes on where it stopped. The same file again changes nothing.

    \b
    Examples:
      entrepot import catalog price.xlsx --seller "Nordic Fasteners" --dry-run
      entrepot import catalog price.csv --seller "Nordic Fasteners" --rejects bad.csv
      entrepot import catalog price.csv --seller Toolbox --column "price=Цена опт"
    """
    pairs = [pair.partition("=") for pair in column or []]
    if any(not (name and equals and title) for name, equals, title in pairs):
        raise typer.BadParameter("--column takes FIELD=TITLE")
    options: dict[str, Any] = {"encoding": encoding, "delimiter": delimiter}
    options["columns"] = {name: title for name, _, title in pairs} or None
    given = {key: value for key, value in options.items() if value is not None}
    done = asyncio.run(_import(file, seller, given, dry_run, rejects, home))
    if done.error is not None:
        complain(done.error[locale()])
        raise typer.Exit(ExitCode.FAILURE)
    if done.refused:
        raise typer.Exit(ExitCode.LINES_REJECTED)


async def _import(
    file: Path,
    seller: str,
    options: dict[str, Any],
    dry_run: bool,
    rejects: Path | None,
    home: Path | None,
) -> ImportRow:
    from entrepot.interchange import catalog_import
    from entrepot.platform.blobs import FolderBlobs
    from entrepot.platform.catalog import import_queries, import_service
    from entrepot.platform.identity.seller_lookup import actor_of_seller, find_seller

    async with database(home) as (settings, _):
        actor = await actor_of_seller(await find_seller(seller))
        blobs = FolderBlobs(settings.home / "blobs")
        with opened_source(file) as source:
            key = await asyncio.to_thread(blobs.put, source)
        stored = await import_queries.unfinished_import(actor.company_id, key)
        import_id = stored.id if stored else None
        if import_id is None:
            import_id = await import_service.start_import(actor, file.name, key, options)
        with Progress(text("reading")) as progress:
            await _until_left(
                "READING",
                import_id,
                lambda told: catalog_import.read_import(import_id, blobs, told),
                progress,
            )
        seen = await import_queries.import_of(actor, import_id)
        if seen.error is None and not dry_run:
            await import_service.confirm_import(actor, import_id)
            with Progress(text("writing")) as progress:
                await _until_left(
                    "COMMITTING",
                    import_id,
                    lambda told: catalog_import.commit_import(import_id, told),
                    progress,
                )
            seen = await import_queries.import_of(actor, import_id)
        if seen.error is None:
            await _report(seen, rejects, dry_run)
        return seen


async def _until_left(
    status: str,
    import_id: UUID,
    work: Callable[[Callable[[int], None]], Any],
    progress: Progress,
) -> None:
    """Work until the import has left `status`; a worker may be doing the same, batch by batch."""
    from entrepot.platform.catalog.import_queries import import_row

    while True:
        await work(lambda done: progress.update(done, 0))
        stored = await import_row(import_id)
        if stored is None or stored.status != status:
            return
        await asyncio.sleep(0.2)


async def _report(seen: ImportRow, rejects: Path | None, dry_run: bool) -> None:
    from entrepot.interchange.catalog_import import write_refused
    from entrepot.platform.catalog.import_queries import REFUSED, lines_page

    say("import_preview" if dry_run else "import_done", file=seen.file_name)
    for outcome, count in sorted(seen.counts.items()):
        if count:
            say_text(f"  {count:>9}  {text(f'outcome_{outcome.lower()}')}")
    refused = await lines_page(seen.id, LINES_SHOWN, 0, [outcome.value for outcome in REFUSED])
    for line in refused:
        if line.problem is not None:
            words = f"{line.problem.message(locale())} {line.problem.remedy(locale())}"
            say("refused_line", line=line.line_number, words=words)
    if seen.refused > len(refused) and rejects is None:
        say("refused_more", count=seen.refused - len(refused))
    if rejects is not None:
        count = await write_refused(seen.id, rejects, locale())
        say("written", path=rejects, count=count)


def opened_source(file: Path) -> BinaryIO:
    """Open a file for reading, through gzip where it is compressed."""
    source = file.open("rb")
    compressed = source.read(2) == GZIP_MAGIC
    source.seek(0)
    if not compressed:
        return source
    source.close()
    return gzip.open(file, "rb")  # type: ignore[return-value]  # a GzipFile reads like a file
