"""What a worker tells Prometheus of itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    start_http_server,
)

from ingest.progress import JobProgress
from ui.output import Refused

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_SERVERS = ("index", "catalog", "store")


class WorkerMetrics(JobProgress):
    """Counts what a worker's job reports, and passes it on to whoever shows it.

    Args:
        job: id of the worker's entry in the job log.
        shown: is told the same.
    """

    def __init__(self, job: str, shown: JobProgress) -> None:
        self._shown = shown
        self.registry = CollectorRegistry()
        Info("vasari_worker", "The worker's job.", registry=self.registry).info({"job_id": job})
        self._embedded = Counter(
            "vasari_worker_works_embedded",
            "Works embedded, each once for every model.",
            ["model"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "vasari_worker_pass_seconds",
            "A model's pass over one batch.",
            ["model"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._failed = Counter(
            "vasari_worker_works_failed",
            "Works that could not be embedded.",
            registry=self.registry,
        )
        self._waiting = Gauge(
            "vasari_worker_waiting",
            "1 while the worker waits for a server that does not answer.",
            ["server"],
            registry=self.registry,
        )
        self.going_on()

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[None]:
        """Answer Prometheus at an address while a block lasts.

        Raises:
            Refused: the address cannot be listened on.
        """
        try:
            server, _ = start_http_server(port, host, self.registry)
        except OSError as error:
            raise Refused(
                f"no metrics can be served at {host}, port {port} ({error.strerror}); choose "
                "others with --metrics-address and --metrics-port"
            ) from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()

    def read(self, records: int) -> None:
        """Pass on what a reader has read; a worker has none."""
        self._shown.read(records)

    def embedding(self, works: int, models: Sequence[str]) -> None:
        """Have each model counted from its beginning: a rate needs a zero to grow from."""
        for model in models:
            self._embedded.labels(model)
            self._seconds.labels(model)
        self._shown.embedding(works, models)

    def embedded(self, model: str, images: int, seconds: float) -> None:
        """Count a model's pass over a batch."""
        self._embedded.labels(model).inc(images)
        self._seconds.labels(model).observe(seconds)
        self._shown.embedded(model, images, seconds)

    def finished(self, works: int, failed: int) -> None:
        """Count what failed."""
        self._failed.inc(failed)
        self._shown.finished(works, failed)

    def building_index(self) -> None:
        """Pass it on."""
        self._shown.building_index()

    def waiting(self, server: str, seconds: float) -> None:
        """Tell that a server is waited for."""
        self._waiting.labels(server).set(1)
        self._shown.waiting(server, seconds)

    def going_on(self) -> None:
        """Tell that no server is waited for."""
        for server in _SERVERS:
            self._waiting.labels(server).set(0)
        self._shown.going_on()
