"""What Prometheus is told of the collection, counted when it asks."""

import logging
from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from catalog import jobs
from deployment import Deployment
from errors import VasariError
from redaction import redact

_log = logging.getLogger(__name__)


class CollectionMetrics(Collector):
    """Counts what is in a collection, what waits and what has failed.

    Args:
        deployment: gives the collection, or nothing while it is not open.
    """

    def __init__(self, deployment: Callable[[], Deployment | None]) -> None:
        self._deployment = deployment

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the measurements; all that there are where some cannot be had."""
        up = GaugeMetricFamily("vasari_up", "Whether searches can be answered.")
        try:
            opened = self._deployment()
            if opened is not None:
                yield from (_index(opened), *_jobs(opened))
            up.add_metric([], 0 if opened is None else 1)
        except VasariError as error:
            _log.warning("the collection cannot be measured: %s", redact(str(error)))
            up.add_metric([], 0)
        yield up


def _index(deployment: Deployment) -> GaugeMetricFamily:
    vectors = GaugeMetricFamily(
        "vasari_index_vectors", "Vectors of works in the index.", labels=["model"]
    )
    for model, status in deployment.index.status().vectors.items():
        vectors.add_metric([model], status.points)
    return vectors


def _jobs(deployment: Deployment) -> Iterator[GaugeMetricFamily]:
    with deployment.database.transaction() as session:
        left = jobs.waiting(session, None)
        totals = jobs.totals(session)
    waiting = GaugeMetricFamily("vasari_works_waiting", "Works that are queued to be embedded.")
    waiting.add_metric([], left)
    ran = GaugeMetricFamily("vasari_jobs", "Jobs of the log.", labels=["kind", "state"])
    failed = GaugeMetricFamily(
        "vasari_items_failed", "Items that jobs of the log could not take in.", labels=["kind"]
    )
    by_kind: dict[str, int] = {}
    for total in totals:
        ran.add_metric([total.kind, total.state], total.jobs)
        by_kind[total.kind] = by_kind.get(total.kind, 0) + total.failed
    for kind, items in by_kind.items():
        failed.add_metric([kind], items)
    yield from (waiting, ran, failed)
