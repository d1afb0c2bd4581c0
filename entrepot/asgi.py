"""The web composition root: opens the resources, puts the routes together, closes everything.

uvicorn --factory entrepot.asgi:create_app
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import structlog
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from entrepot.graphql import graphiql
from entrepot.graphql.context import Resources
from entrepot.graphql.execution import Engine
from entrepot.graphql.http import GraphQLEndpoint
from entrepot.graphql.schema import schema
from entrepot.observability import tracing
from entrepot.observability.health import Check, live, readiness
from entrepot.observability.logging import configure_logging
from entrepot.observability.metrics import Metrics
from entrepot.observability.middleware import Observe
from entrepot.platform import migrations, outbox_queries
from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.clock import SystemClock
from entrepot.platform.config import InvalidSettings, Settings, load_settings
from entrepot.platform.database import APP, fetch, fetch_value, open_database
from entrepot.platform.identity.service import authenticate, open_identity
from entrepot.search import figures as search_figures
from entrepot.search.opening import open_engine
from entrepot.web import approval_pages
from entrepot.web.account_pages import PAGES, account_routes
from entrepot.web.files import FILE_ROUTES
from entrepot.web.uploads import UPLOAD_ROUTE

ROUTES = frozenset(
    {
        "/",
        "/graphql",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/graphiql/static",
        "/uploads",
        "/files",
        *(page.path for page in PAGES),
        approval_pages.PATH,
    }
)

OUTBOX_GAUGES = {
    "entrepot_outbox_waiting": "Events and deliveries that no worker has finished.",
    "entrepot_outbox_dead": "Deliveries given up after their last attempt.",
    "entrepot_outbox_oldest_seconds": "Age of the oldest unfinished event.",
}

log = structlog.get_logger("entrepot.web")


def create_app(settings: Settings | None = None, resources: Resources | None = None) -> Starlette:
    """Return the application.

    Without `resources` its lifespan opens them from `settings` (whose database and Redis addresses
    must be set) and configures logging; tests pass their own, which stay open.
    """
    settings = settings or (resources.settings if resources else load_settings())
    engine = Engine(schema, settings)
    tracer = tracing.open_tracing(settings)
    metrics = Metrics(engine.persisted_operations())
    metrics.add_gauges(OUTBOX_GAUGES, outbox_figures)
    metrics.add_gauges(search_figures.CHANGES, search_figures.changes)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if tracer is not None:
                stack.push_async_callback(to_thread, tracer.shutdown)
            if resources is None:
                configure_logging(settings)
                app.state.resources = await open_resources(settings, stack)
            log.info("ready to serve")
            yield

    async def ready(request: Request) -> Response:
        return await readiness(checks_of(request.app.state.resources))

    async def show_metrics(_request: Request) -> Response:
        return Response(await metrics.render(), media_type="text/plain; version=0.0.4")

    async def front_door(_request: Request) -> Response:
        return RedirectResponse("/graphql", 307)  # the address that `entrepot demo` prints

    app = Starlette(
        routes=[
            Route("/", front_door),
            Route("/graphql", GraphQLEndpoint(engine)),
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/metrics", show_metrics),
            graphiql.static_route(),
            UPLOAD_ROUTE,
            *FILE_ROUTES,
            *account_routes(),
            approval_pages.APPROVAL_ROUTE,
        ],
        middleware=[
            Middleware(Observe, metrics=metrics, routes=ROUTES),
            *tracing.middleware(tracer),
        ],
        lifespan=lifespan,
    )
    index_figures = search_figures.IndexFigures()
    metrics.add_gauges(search_figures.INDEX, lambda: index_figures.read(app.state.resources.search))
    app.state.metrics = metrics
    if resources is not None:
        app.state.resources = resources
    return app


async def open_resources(settings: Settings, stack: AsyncExitStack) -> Resources:
    """Open the connections of a web process; `stack` closes them in reverse order.

    Raises `InvalidSettings` without addresses, `SecretKeyMissing`, and what a database that is
    away raises.
    """
    if settings.database_url is None or settings.redis_url is None:
        raise InvalidSettings(
            "ENTREPOT_DATABASE_URL and ENTREPOT_REDIS_URL must be set for a web process; "
            "`entrepot serve` and `entrepot demo` start the embedded services and set both"
        )
    clock = SystemClock()
    database = await open_database(settings.database_url, settings.database_pool_size)
    stack.push_async_callback(database.close)
    redis = Redis.from_url(settings.redis_url)
    stack.push_async_callback(redis.aclose)
    search = open_engine(settings)
    stack.push_async_callback(search.close)
    return Resources(
        settings=settings,
        clock=clock,
        database=database,
        redis=redis,
        search=search,
        blobs=FolderBlobs(settings.home / "blobs"),
        identity=open_identity(settings, redis, clock=clock),
        authenticate=partial(authenticate, clock=clock),
    )


def checks_of(resources: Resources) -> dict[str, Check]:
    """Return the readiness checks, one a part."""
    expected = {path.stem for path in Path(migrations.__file__).parent.glob("[0-9]*.py")}

    async def answers() -> None:
        await fetch_value("SELECT 1")

    async def migrated() -> None:
        rows = await fetch("SELECT name FROM tortoise_migrations WHERE app = $1", APP)
        if missing := sorted(expected - {row["name"] for row in rows}):
            raise RuntimeError(f"run `entrepot migrate`: not applied {', '.join(missing)}")

    async def redis_answers() -> None:
        await resources.redis.ping()

    async def search_answers() -> None:
        await resources.search.indexed_count()

    return {
        "database": answers,
        "migrations": migrated,
        "redis": redis_answers,
        "search": search_answers,
    }


async def outbox_figures() -> dict[str, float]:
    """Read how far behind the workers are."""
    lag = await outbox_queries.lag()
    return {
        "entrepot_outbox_waiting": lag.unrelayed + lag.pending,
        "entrepot_outbox_dead": lag.dead,
        "entrepot_outbox_oldest_seconds": lag.oldest_seconds,
    }
