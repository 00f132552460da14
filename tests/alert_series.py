"""What Prometheus sees when each alert of ``deploy/alerts.yml`` has to fire, and when it must not.

A value a minute, over ``MINUTES``; what counts is whether the alert fires at their end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MINUTES = 90

Series = dict[str, str]
"""A series -> its values, as promtool reads them."""


@dataclass(frozen=True)
class Case:
    """Worlds in which an alert fires, and some that are like them in which it doesn't."""

    fires: Sequence[Series]
    healthy: Sequence[Series]


def _held(before: float, *, then: float | None = None, last: int = 0) -> str:
    """Return one value, and another one in the last minutes."""
    late = [before if then is None else then] * last
    return " ".join(str(value) for value in [*[before] * (MINUTES + 1 - last), *late])


def _rising(by: float, start: float = 0, *, first: int = 0, last: int = MINUTES) -> str:
    """Return a value that rises each minute between two minutes, and is level at other times."""
    minutes = [min(max(minute, first), last) - first for minute in range(MINUTES + 1)]
    return " ".join(str(start + by * minute) for minute in minutes)


def _only_last(value: float, last: int) -> str:
    """Return a series that there is in the last minutes only."""
    return " ".join([*["_"] * (MINUTES + 1 - last), *[str(value)] * last])


def _requests(**a_minute: tuple[str, float]) -> Series:
    """Return requests by route and status, so many a minute."""
    return {
        f'vasari_requests_total{{route="{route}",status="{name[1:]}"}}': _rising(by)
        for name, (route, by) in a_minute.items()
    }


def _seconds(route: str, *, within_5: float) -> Series:
    """Return ten requests a minute, of which so many take up to 5 seconds, and all up to 10."""
    name = f'{_SECONDS}{{route="{route}",le='
    buckets = {"1.0": 0.0, "5.0": within_5, "10.0": 10.0, "+Inf": 10.0}
    return {f'{name}"{most}"}}': _rising(by) for most, by in buckets.items()}


def _target(job: str) -> str:
    return f'up{{job="{job}",instance="one"}}'


_UP = {"vasari_up": _held(1)}
_SECONDS = "vasari_request_seconds_bucket"
_WAITING = 'vasari_works_waiting{instance="one"}'
_EMBEDDED = 'vasari_worker_works_embedded_total{model="plain",instance="one"}'
_DEAD = 'collection_dead_replicas{job="qdrant",instance="one"}'
_MEMORY = 'memory_resident_bytes{job="qdrant",instance="one"}'
_WORKER_WAITS = 'vasari_worker_waiting{server="index",instance="one"}'
_QUESTIONS = 'vasari_questions_waiting{instance="one"}'
_ITEMS = 'vasari_items_failed{kind="ingest csv"}'
_FAILED = 'vasari_jobs{kind="backup",state="failed"}'
_DONE = 'vasari_jobs{kind="backup",state="done"}'

ALERTS = {
    "VasariUnreachable": Case(
        fires=[{_target("vasari"): _held(1, then=0, last=5)}],
        healthy=[{_target("vasari"): _held(1, then=0, last=1)}, {_target("other"): _held(0)}],
    ),
    "VasariCannotAnswer": Case(
        fires=[{"vasari_up": _held(1, then=0, last=8)}],
        healthy=[_UP, {"vasari_up": _held(1, then=0, last=3)}],
    ),
    "QdrantNodeDown": Case(
        fires=[{_target("qdrant"): _held(1, then=0, last=5)}],
        healthy=[{_target("qdrant"): _held(1, then=0, last=1)}, {_target("other"): _held(0)}],
    ),
    "QdrantReplicasDead": Case(
        fires=[{_DEAD: _held(0, then=2, last=15)}],
        # A node that was restarted fetches what it missed.
        healthy=[{_DEAD: _held(0)}, {_DEAD: _held(0, then=2, last=6)}],
    ),
    "QdrantMemoryNearLimit": Case(
        fires=[{_MEMORY: _held(8.0e9)}], healthy=[{_MEMORY: _held(7.5e9)}]
    ),
    "WorksNotEmbedded": Case(
        fires=[{_WAITING: _held(0, then=50, last=20), _EMBEDDED: _held(70)}],
        healthy=[
            {_WAITING: _held(0), _EMBEDDED: _held(70)},
            {_WAITING: _held(0, then=50, last=13), _EMBEDDED: _held(70)},
            # An ingest embeds, of which Prometheus knows nothing else.
            {_WAITING: _rising(-3, start=500)},
            # More comes in than is embedded.
            {_WAITING: _rising(9), _EMBEDDED: _rising(4)},
        ],
    ),
    "WorkerUnreachable": Case(
        fires=[{_target("vasari-worker"): _held(1, then=0, last=8)}],
        healthy=[{_target("vasari-worker"): _held(1, then=0, last=3)}, {_target("x"): _held(0)}],
    ),
    "WorkerWaits": Case(
        fires=[{_WORKER_WAITS: _held(0, then=1, last=8)}],
        healthy=[{_WORKER_WAITS: _held(0, then=1, last=3)}],
    ),
    "ItemsFailed": Case(
        fires=[_UP | {_ITEMS: _held(3, then=4, last=20)}, _UP | {_ITEMS: _only_last(1, 20)}],
        healthy=[
            _UP | {_ITEMS: _held(3)},
            # Prometheus has just been set up, beside a collection with a past.
            {"vasari_up": _only_last(1, 20), _ITEMS: _only_last(3, 20)},
        ],
    ),
    "JobFailed": Case(
        fires=[_UP | {_FAILED: _held(3, then=4, last=20)}, _UP | {_FAILED: _only_last(1, 20)}],
        healthy=[
            _UP | {_FAILED: _held(2), _DONE: _rising(1)},
            {"vasari_up": _only_last(1, 20), _FAILED: _only_last(3, 20)},
        ],
    ),
    "SearchesSlow": Case(
        fires=[_seconds("/api/artworks/{artwork}/similar", within_5=9)],
        healthy=[
            _seconds("/api/similarity", within_5=9.6),
            _seconds("/api/maps", within_5=0),
            # For six minutes.
            _seconds("/api/identify", within_5=10)
            | {f'{_SECONDS}{{route="/api/identify",le="5.0"}}': _rising(10, last=MINUTES - 6)},
        ],
    ),
    "QuestionsWait": Case(
        fires=[{_QUESTIONS: _held(0, then=2, last=15)}],
        healthy=[{_QUESTIONS: _held(0, then=2, last=6)}, {_QUESTIONS: " ".join(["0 9"] * 45)}],
    ),
    "AnswersFail": Case(
        fires=[_requests(_200=("/api/facets", 9), _503=("/api/similarity", 1))],
        healthy=[
            _requests(_200=("/api/facets", 99), _503=("/api/similarity", 1)),
            _requests(_200=("/api/facets", 9), _503=("/readyz", 9), _404=("none", 9)),
            # For three minutes.
            _requests(_200=("/api/facets", 9))
            | {'vasari_requests_total{route="none",status="500"}': _rising(9, first=MINUTES - 3)},
        ],
    ),
}
