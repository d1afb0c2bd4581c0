"""`entrepot graphql`: the API's schema."""

from __future__ import annotations

import typer

from entrepot.commands.messages import say_text

app = typer.Typer(no_args_is_help=True, help="The GraphQL API.")


@app.callback()
def graphql() -> None:
    """The GraphQL API."""


@app.command()
def schema() -> None:
    """Print the schema in SDL, for code generators and for review. Needs no service.

    \b
    Example:
      entrepot graphql schema > schema.graphql
    """
    from entrepot.graphql.schema import schema as built

    say_text(built.as_str())
