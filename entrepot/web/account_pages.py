"""The pages that letters link to: confirm an address, choose a password, accept an invitation.

They run the same public GraphQL operations as anybody's frontend. The token stands in the
fragment of the address, so that no server log and no `Referer` ever holds it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from entrepot.web.account_words import WORDS
from entrepot.web.replies import locale_of

HERE = Path(__file__).parent
STYLE = (HERE / "styles" / "account.css").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a page's form; its name is the variable of the operation."""

    name: str
    type: str
    complete: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A page: its address, its operation and what it asks for."""

    path: str
    operation: str
    inputs: tuple[Input, ...]


NEW_PASSWORD = Input("password", "password", "new-password")
PAGES = (
    AccountPage("/confirm-email", "confirm_email", ()),
    AccountPage("/reset-password", "reset_password", (NEW_PASSWORD,)),
    AccountPage(
        "/accept-invitation",
        "accept_invitation",
        (
            Input("name", "text", "name", required=False),
            replace(NEW_PASSWORD, required=False),
        ),
    ),
)

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
)


def render(page: AccountPage, locale: str, nonce: str) -> str:
    """Return the page's HTML in `en` or `ru`; only scripts and styles with the nonce run."""
    return _templates.get_template("account.html").render(
        locale=locale,
        nonce=nonce,
        style=STYLE,
        words=WORDS[locale][page.operation] | WORDS[locale]["shared"],
        inputs=page.inputs,
        document=(HERE / "documents" / f"{page.operation}.graphql").read_text("utf-8"),
    )


def _route(page: AccountPage) -> Route:
    async def show(request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}';"
            " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self';"
            " frame-ancestors 'none'"
        )
        headers = {
            "content-security-policy": policy,
            "cache-control": "no-store",
            "vary": "accept-language",
        }
        return HTMLResponse(render(page, locale_of(request), nonce), headers=headers)

    return Route(page.path, show, methods=["GET"])


def account_routes() -> list[Route]:
    """Return the routes of the pages."""
    return [_route(page) for page in PAGES]
