"""OpenTelemetry traces, when `ENTREPOT_OTLP_ENDPOINT` names a collector; nothing otherwise."""

from __future__ import annotations

from starlette.middleware import Middleware

from entrepot.platform.config import Settings


def middleware(settings: Settings) -> list[Middleware]:
    """Return the tracing middleware: empty without a collector, so that nobody pays for it.

    Spans go out in batches from a background thread over OTLP/HTTP.
    """
    if settings.otlp_endpoint is None:
        return []
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "entrepot-web"}))
    endpoint = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return [
        Middleware(
            OpenTelemetryMiddleware,
            tracer_provider=provider,
            excluded_urls="health/.*,metrics",
            exclude_spans=["receive", "send"],
        )
    ]
