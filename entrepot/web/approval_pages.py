"""The page behind the link of an approver's letter: what is to be ordered, and two buttons.

Opening it decides nothing, so that programs which follow links in letters do no harm. It runs the
same public GraphQL operations as anybody's frontend; the token stands in the fragment of the
address, which no server log and no `Referer` ever holds.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from entrepot.web.approval_words import WORDS
from entrepot.web.replies import locale_of

HERE = Path(__file__).parent
PATH = "/approve"
STYLE = (HERE / "styles" / "account.css").read_text("utf-8") + (
    HERE / "styles" / "approval.css"
).read_text("utf-8")

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
)


def _document(name: str) -> str:
    return (HERE / "documents" / f"{name}.graphql").read_text("utf-8")


def render(locale: str, nonce: str) -> str:
    """Return the page's HTML in `en` or `ru`; only scripts and styles with the nonce run."""
    return _templates.get_template("approval.html").render(
        locale=locale,
        nonce=nonce,
        style=STYLE,
        words=WORDS[locale],
        query=_document("approval_by_link"),
        decision=_document("decide_approval_by_link"),
    )


async def _show(request: Request) -> Response:
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
    return HTMLResponse(render(locale_of(request), nonce), headers=headers)


APPROVAL_ROUTE = Route(PATH, _show, methods=["GET"])
