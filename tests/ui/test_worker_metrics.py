"""What a worker tells Prometheus, and whom it tells besides."""

import socket
from collections.abc import Sequence

import httpx
import pytest

from ingest.progress import NullProgress
from tests.servers.process import free_ports
from ui.output import Refused
from ui.worker_metrics import WorkerMetrics


class Witness(NullProgress):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def read(self, records: int) -> None:
        self.told.append(("read", records))

    def embedding(self, works: int, models: Sequence[str]) -> None:
        self.told.append(("embedding", works, *models))

    def embedded(self, model: str, images: int, seconds: float) -> None:
        self.told.append(("embedded", model, images, seconds))

    def finished(self, works: int, failed: int) -> None:
        self.told.append(("finished", works, failed))

    def building_index(self) -> None:
        self.told.append(("building",))

    def waiting(self, server: str, seconds: float) -> None:
        self.told.append(("waiting", server, seconds))

    def going_on(self) -> None:
        self.told.append(("going on",))


def test_work_failures_and_outages_are_told_and_shown() -> None:
    witness = Witness()
    metrics = WorkerMetrics("20260101-000000-abcd", witness)
    port = free_ports(1)[0]

    def said() -> list[str]:
        return httpx.get(f"http://127.0.0.1:{port}/metrics").text.splitlines()

    witness.told.clear()
    with metrics.served("127.0.0.1", port):
        assert 'vasari_worker_info{job_id="20260101-000000-abcd"} 1.0' in said()
        metrics.embedding(9, ["plain", "other"])
        assert 'vasari_worker_works_embedded_total{model="other"} 0.0' in said()
        metrics.embedded("plain", 6, 0.5)
        metrics.embedded("plain", 2, 2.0)
        metrics.finished(8, 1)
        metrics.waiting("catalog", 60)
        for line in (
            'vasari_worker_works_embedded_total{model="plain"} 8.0',
            'vasari_worker_pass_seconds_count{model="plain"} 2.0',
            'vasari_worker_pass_seconds_sum{model="plain"} 2.5',
            "vasari_worker_works_failed_total 1.0",
            'vasari_worker_waiting{server="catalog"} 1.0',
            'vasari_worker_waiting{server="index"} 0.0',
        ):
            assert line in said()
        metrics.going_on()
        assert 'vasari_worker_waiting{server="catalog"} 0.0' in said()
        metrics.read(3)
        metrics.building_index()
    with pytest.raises(httpx.TransportError):
        said()
    assert witness.told == [
        ("embedding", 9, "plain", "other"),
        ("embedded", "plain", 6, 0.5),
        ("embedded", "plain", 2, 2.0),
        ("finished", 8, 1),
        ("waiting", "catalog", 60),
        ("going on",),
        ("read", 3),
        ("building",),
    ]


def test_an_address_that_is_taken_is_refused_with_what_to_do() -> None:
    metrics = WorkerMetrics("a", NullProgress())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match="--metrics-port"), metrics.served("127.0.0.1", port):
            pass
