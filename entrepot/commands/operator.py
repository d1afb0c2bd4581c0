"""`entrepot operator`: the company that runs the marketplace."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.commands.messages import locale, say
from entrepot.commands.session import HomeOption, database

if TYPE_CHECKING:
    from entrepot.platform.identity.companies import LegalEntityDraft


def operator(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Of its administrator.")],
    name: Annotated[str, typer.Option(help="Name of that person.")],
    company: Annotated[str, typer.Option(help="Registered name of the company.")],
    tax_id: Annotated[str, typer.Option(help="INN, VAT number, or what the country has.")],
    country: Annotated[str, typer.Option(help="Two letters, ISO 3166-1.")] = "RU",
    kpp: Annotated[str, typer.Option(help="Russian organisations only.")] = "",
    currency: Annotated[str, typer.Option(help="ISO 4217.")] = "RUB",
    time_zone: Annotated[str, typer.Option(help="IANA name.")] = "UTC",
    home: HomeOption = None,
) -> None:
    """Register the company that operates the marketplace, and its administrator. Once.

    Buyers and sellers register themselves; the operator, who keeps categories and attributes,
    comes from the shell only. A letter with a link to set the password goes to EMAIL as soon as a
    worker runs (without ENTREPOT_SMTP_URL it lies in the data folder's `mail`). The demo market
    has an operator already.

    \b
    Example:
      entrepot operator anna@market.example --name Anna --company "Market GmbH" \\
        --country DE --tax-id DE136695976 --currency EUR
    """
    from entrepot.platform.identity.companies import LegalEntityDraft

    draft = LegalEntityDraft(
        company, country, tax_id, currency, registration_reason_code=kpp, time_zone=time_zone
    )
    asyncio.run(_found(email, name, draft, home))
    say("operator", company=company, email=email)


async def _found(email: str, name: str, draft: LegalEntityDraft, home: Path | None) -> None:
    from entrepot.platform.identity.operator import found_operator

    async with database(home):
        await found_operator(email, name, draft, locale(), datetime.now(UTC))
