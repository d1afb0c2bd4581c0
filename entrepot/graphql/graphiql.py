"""GraphiQL without the internet: our page, the assets of an installed package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

PACKAGE = "graphene_django_graphiql_static"
STATIC_PATH = "/graphiql/static"
EXAMPLES = Path(__file__).with_name("examples.graphql").read_text("utf-8")
PAGE = Path(__file__).with_name("graphiql.html").read_text("utf-8").replace("EXAMPLES", EXAMPLES)
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'"
)


def assets_folder() -> Path:
    """Return the folder of the installed package's assets, found without importing its Django."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"the package {PACKAGE} is not installed: run `uv sync`")
    return Path(spec.submodule_search_locations[0]) / "static" / PACKAGE


def static_route() -> Mount:
    """Return the route that serves the assets."""
    return Mount(STATIC_PATH, StaticFiles(directory=assets_folder()), name="graphiql")


def wants_page(headers: Headers, query_string: bytes) -> bool:
    """Tell whether a GET comes from a browser's address bar rather than from a client."""
    if b"query=" in query_string or b"documentId=" in query_string:
        return False
    return "text/html" in headers.get("accept", "")


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the GraphiQL page."""
    response = HTMLResponse(PAGE, headers={"content-security-policy": CONTENT_POLICY})
    await response(scope, receive, send)
