"""OpenTelemetry traces, when `ENTREPOT_OTLP_ENDPOINT` names a collector; nothing otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from entrepot.platform.config import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


def open_tracing(settings: Settings) -> TracerProvider | None:
    """Return what sends spans in batches over OTLP/HTTP; None without a collector.

    Its `shutdown` sends the rest; the caller owes it.
    """
    if settings.otlp_endpoint is None:
        return None
    # Imported here: nobody pays for the libraries who has no collector.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "entrepot-web"}))
    endpoint = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider


def middleware(provider: TracerProvider | None) -> list[Middleware]:
    """Return the middleware that makes a span of each request; health and metrics stay out."""
    if provider is None:
        return []
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    return [
        Middleware(
            OpenTelemetryMiddleware,
            tracer_provider=provider,
            excluded_urls="health/.*,metrics",
            exclude_spans=["receive", "send"],
        )
    ]
