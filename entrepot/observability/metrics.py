"""Prometheus metrics of a process, in their own registry so that tests can have several."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Reading = Callable[[], Awaitable[Mapping[str, float]]]
"""Reads gauges, by name, when Prometheus asks."""

log = structlog.get_logger("entrepot.metrics")


class Metrics:
    """The web process's metrics.

    Labels have few values by construction: routes and operations that this server defines
    (unknown operation names count as `other`), and error codes.
    """

    def __init__(self, known_operations: frozenset[str] = frozenset()) -> None:
        self.registry = CollectorRegistry()
        self._known_operations = known_operations
        self.requests = Counter(
            "entrepot_http_requests",
            "HTTP requests answered.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.latency = Histogram(
            "entrepot_http_request_seconds",
            "Time from the first byte read to the last byte written.",
            ["route"],
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.operations = Counter(
            "entrepot_graphql_operations",
            "GraphQL operations executed.",
            ["type", "operation"],
            registry=self.registry,
        )
        self.operation_errors = Counter(
            "entrepot_graphql_errors",
            "Entries of `errors` in GraphQL responses, by code.",
            ["code"],
            registry=self.registry,
        )
        self.cost = Histogram(
            "entrepot_graphql_cost",
            "Price of the operations executed.",
            buckets=(1, 10, 50, 100, 250, 500, 1000, 2500, 5000),
            registry=self.registry,
        )
        self._readings: list[tuple[dict[str, Gauge], Reading]] = []

    def add_gauges(self, descriptions: Mapping[str, str], read: Reading) -> None:
        """Publish values that are read on every scrape; a failing read leaves the last ones."""
        gauges = {
            name: Gauge(name, description, registry=self.registry)
            for name, description in descriptions.items()
        }
        self._readings.append((gauges, read))

    def operation_label(self, name: str | None) -> str:
        """Return a label for an operation: clients choose names, so only persisted ones count."""
        if name is None:
            return "anonymous"
        return name if name in self._known_operations else "other"

    async def render(self) -> bytes:
        """Return the page that Prometheus reads."""
        for gauges, read in self._readings:
            try:
                values = await read()
            except Exception as error:
                log.warning("figures cannot be read", figures=sorted(gauges), reason=str(error))
                continue
            for name, value in values.items():
                gauges[name].set(value)
        return generate_latest(self.registry)
