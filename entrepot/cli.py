"""The command `entrepot`: puts the groups together, sets the language, turns errors into codes."""

from __future__ import annotations

import sys
from importlib.metadata import version as package_version
from typing import Annotated

import typer

from entrepot.commands import (
    analytics,
    demo,
    doctor,
    exports,
    graphql,
    imports,
    migrate,
    operator,
    order_history,
    price_imports,
    search,
    serve,
    worker,
)
from entrepot.commands.exit_codes import MEANINGS, ExitCode, code_of, comes_from_outside
from entrepot.commands.messages import choose_locale, complain, locale, say, say_text
from entrepot.platform.config import InvalidSettings
from entrepot.platform.errors import DomainError

_EXIT_CODES = "\b\nExit codes:\n" + "\n".join(
    f"  {code.value}  {meaning}" for code, meaning in MEANINGS.items()
)

app = typer.Typer(
    name="entrepot",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=_EXIT_CODES,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        say_text(package_version("entrepot"))
        raise typer.Exit


@app.callback()
def entrepot(
    lang: Annotated[
        str | None,
        typer.Option(help="Language of messages: en or ru.", envvar="ENTREPOT_LOCALE"),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="And exit.")
    ] = False,
) -> None:
    """Entrepôt: a wholesale marketplace. `entrepot demo` is the place to start.

    Settings are environment variables that begin with ENTREPOT_: HOME, DATABASE_URL, REDIS_URL,
    MEILI_URL, SMTP_URL, PUBLIC_URL, SECRET_KEY, LOCALE, LOG_LEVEL and more. Without URLs every
    service is embedded in the data folder.
    """
    choose_locale(lang)


app.command()(demo.demo)
app.command(hidden=True)(demo.prepare)
app.command()(serve.serve)
app.command()(worker.worker)
app.command()(migrate.migrate)
app.command()(operator.operator)
app.command()(doctor.doctor)
imports.app.command()(order_history.orders)
imports.app.command()(price_imports.prices)
app.add_typer(imports.app, name="import")
app.add_typer(exports.app, name="export")
app.add_typer(search.app, name="search")
app.add_typer(analytics.app, name="analytics")
app.add_typer(graphql.app, name="graphql")


def _language_first(arguments: list[str]) -> list[str]:
    """Put `--lang` where the parser wants it: people write it behind the command too."""
    for place, argument in enumerate(arguments):
        if argument == "--lang" or argument.startswith("--lang="):
            end = place + (1 if "=" in argument else 2)
            return [*arguments[place:end], *arguments[:place], *arguments[end:]]
        if argument == "--":
            break
    return arguments


def main() -> None:
    """Run the command line and exit with one of `ExitCode`."""
    choose_locale(None)
    try:
        app(_language_first(sys.argv[1:]))
    except DomainError as error:
        complain(error.message(locale()))
        sys.exit(code_of(error))
    except InvalidSettings as error:
        complain(str(error))
        sys.exit(ExitCode.USAGE)
    except Exception as error:
        if not comes_from_outside(error):
            raise
        complain(str(error) or type(error).__name__)
        say("ask_doctor")
        sys.exit(ExitCode.FAILURE)
