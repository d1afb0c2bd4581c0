"""Traces go to a collector when one is named, and cost nothing otherwise."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from entrepot.asgi import create_app
from entrepot.observability import tracing
from entrepot.platform.config import load_settings
from tests.graphql_client import offline_resources


def test_off_by_default() -> None:
    assert tracing.open_tracing(load_settings()) is None
    assert tracing.middleware(None) == []


async def test_spans_reach_the_collector(tmp_path: Path) -> None:
    received: list[tuple[str, bytes]] = []
    arrived = threading.Event()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append((self.path, body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            arrived.set()

        def log_message(self, *_arguments: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        thread = threading.Thread(target=collector.serve_forever)
        thread.start()
        try:
            resources = offline_resources(tmp_path)
            endpoint = f"http://127.0.0.1:{collector.server_port}"
            settings = resources.settings.model_copy(update={"otlp_endpoint": endpoint})
            app = create_app(resources=replace(resources, settings=settings))
            async with app.router.lifespan_context(app):
                transport = httpx.ASGITransport(app)
                async with httpx.AsyncClient(transport=transport, base_url="http://t") as http:
                    await http.post("/graphql", json={"query": "{ apiVersion }"})
                    await http.get("/health/live")
            assert await asyncio.to_thread(arrived.wait, 10)
        finally:
            collector.shutdown()
            thread.join()
    [(path, body)] = received
    assert path == "/v1/traces"
    export = ExportTraceServiceRequest.FromString(body)
    spans = [
        span.name
        for resource in export.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert spans == ["POST /graphql"]
