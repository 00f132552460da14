"""What the API tells Prometheus of itself."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The measurements of one application.

    Args:
        folder: where several processes add up what they measure; none for one alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.registry = CollectorRegistry()
        self._exposed = self.registry
        if folder is not None:
            self._exposed = CollectorRegistry()
            MultiProcessCollector(self._exposed, path=str(folder))  # type: ignore[no-untyped-call]
        self._requests = Counter(
            "vasari_requests", "Requests answered.", ["route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "vasari_request_seconds",
            "From a request's head to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._stages = Histogram(
            "vasari_stage_seconds",
            "Stages of searches and identifications.",
            ["question", "stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )

        self.waiting = Gauge(
            "vasari_questions_waiting",
            "Searches and identifications that wait for their turn.",
            multiprocess_mode="livesum",
            registry=self.registry,
        )

    def add(self, collector: Collector) -> None:
        """Have something measured whenever Prometheus asks."""
        self._exposed.register(collector)

    def exposition(self) -> bytes:
        """Return the measurements in the words of Prometheus."""
        return generate_latest(self._exposed)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            route: its template; paths themselves would be without number.
        """
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def took(self, question: str, timings_ms: Mapping[Any, float]) -> None:
        """Count the stages of a question."""
        for stage, milliseconds in timings_ms.items():
            self._stages.labels(question, stage).observe(milliseconds / 1000)


class Measured:
    """Measures every request to an app."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as the app does."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        start = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.answered(route, status, time.perf_counter() - start)
