"""The job log: which jobs ran, with what counts, and why anything failed."""

import os
import secrets
import socket
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from catalog.models import EmbeddingTask, Job, JobFailure, JobState, TaskState, now
from catalog.plain_text import json_value, one_line, well_formed
from errors import VasariError


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One item that could not be taken in.

    Args:
        item: what failed, as the source names it.
        stage: ``read`` (a row of the source), ``fetch`` (the image's bytes), ``decode`` (its
            pixels) or ``embed``.
        reason: short and always the same for the same cause, so that failures can be grouped.
        detail: what was special about this one.
    """

    item: str
    stage: str
    reason: str
    detail: str = ""
    artwork_id: UUID | None = None

    def __post_init__(self) -> None:
        # It is about what was not fit for the catalog, and is kept in the catalog all the same.
        for name, longest in (("item", 2000), ("reason", 500), ("detail", 2000)):
            told = one_line(well_formed(getattr(self, name)[: longest + 1]))
            shown = told if len(told) <= longest else told[: longest - 1] + "…"
            object.__setattr__(self, name, shown)


@dataclass(frozen=True, kw_only=True)
class FailureGroup:
    """Failures of one stage and reason."""

    stage: str
    reason: str
    count: int
    examples: tuple[Failure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class JobFacts:
    """What the catalog knows of one job."""

    id: str
    kind: str
    state: JobState
    arguments: Mapping[str, Any]
    seen: int
    added: int
    updated: int
    unchanged: int
    failed: int
    embedded: Mapping[str, int]
    error: str | None
    started_at: datetime
    ended_at: datetime | None
    failures: tuple[FailureGroup, ...] = field(default=())
    left: int | None = None
    """Works that wait for its models, while it runs."""

    @property
    def images_per_second(self) -> float | None:
        """How fast it embeds with all its models, reading included; ``None`` before the first."""
        seconds = ((self.ended_at or now()) - self.started_at).total_seconds()
        images = max(self.embedded.values(), default=0)
        return images / seconds if images and seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """How long it will go on at this rate; ``None`` if that cannot be told."""
        rate = self.images_per_second
        return None if self.left is None or rate is None else self.left / rate


@dataclass(frozen=True, kw_only=True)
class JobTotal:
    """Jobs of one kind in one state: how many, and how many items they could not take in."""

    kind: str
    state: JobState
    jobs: int
    failed: int


class UnknownJob(VasariError, LookupError):
    """No job has this id."""


def this_process() -> str:
    """Return the name under which this process runs jobs and claims tasks: ``host:pid``."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_gone(worker: str) -> bool:
    """Tell whether a worker is known to be dead: a process of this machine that no longer runs."""
    host, _, pid = worker.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def new_job_id() -> str:
    """Return an id that no job has had."""
    return f"{now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def start(
    session: Session, *, kind: str, arguments: Mapping[str, Any], job_id: str | None = None
) -> str:
    """Open a job and return its id. Jobs whose process has died are marked as interrupted."""
    abandoned = session.execute(select(Job.id, Job.worker).where(Job.state == JobState.RUNNING))
    gone = [job_id for job_id, worker in abandoned if is_gone(worker)]
    session.execute(
        update(Job)
        .where(Job.id.in_(gone))
        .values(state=JobState.INTERRUPTED, error="its process was killed", ended_at=now())
    )
    # After all that were begun before, though the clock have been set back: jobs are told apart as
    # the latest and earlier ones.
    last = session.scalar(select(func.max(Job.started_at)))
    moment = max(now(), last + timedelta(microseconds=1)) if last else now()
    job_id = job_id or new_job_id()
    session.add(
        Job(
            id=job_id,
            kind=kind,
            arguments=json_value(arguments),
            worker=this_process(),
            embedded={},
            started_at=moment,
        )
    )
    session.flush()
    return job_id


def save_counts(session: Session, job_id: str, **values: Any) -> None:
    """Write counts, and at the end the state, of a running job."""
    if values.get("error"):
        values["error"] = one_line(well_formed(values["error"]))
    session.execute(update(Job).where(Job.id == job_id).values(**values))


def record_failures(session: Session, job_id: str, failures: Sequence[Failure]) -> None:
    """Write down what failed."""
    session.add_all(JobFailure(job_id=job_id, **vars(failure)) for failure in failures)


def show(session: Session, job_id: str, *, examples: int = 3) -> JobFacts:
    """Return one job with its failures grouped by stage and reason.

    Raises:
        UnknownJob: no job has this id.
    """
    job = session.get(Job, job_id)
    if job is None:
        raise UnknownJob(f"no job {job_id!r}; `vasari jobs list` names them")
    left = _left(session, job) if job.state == JobState.RUNNING else None
    return replace(_facts(job, failure_groups(session, job_id, examples=examples)), left=left)


def listing(session: Session, *, limit: int = 50) -> tuple[JobFacts, ...]:
    """Return the latest jobs, the newest first, without their failures."""
    jobs = session.scalars(select(Job).order_by(Job.started_at.desc(), Job.id.desc()).limit(limit))
    return tuple(_facts(job, ()) for job in jobs)


def totals(session: Session) -> tuple[JobTotal, ...]:
    """Count the jobs of the log, by kind and state."""
    counted = select(Job.kind, Job.state, func.count(), func.sum(Job.failed))
    rows = session.execute(counted.group_by(Job.kind, Job.state).order_by(Job.kind, Job.state))
    return tuple(
        JobTotal(kind=kind, state=JobState(state), jobs=count, failed=int(failed))
        for kind, state, count, failed in rows
    )


def failure_groups(session: Session, job_id: str, *, examples: int = 3) -> tuple[FailureGroup, ...]:
    """Return a job's failures by stage and reason, the most frequent first."""
    counted = session.execute(
        select(JobFailure.stage, JobFailure.reason, func.count())
        .where(JobFailure.job_id == job_id)
        .group_by(JobFailure.stage, JobFailure.reason)
        .order_by(func.count().desc(), JobFailure.stage, JobFailure.reason)
    ).all()
    return tuple(
        FailureGroup(
            stage=stage,
            reason=reason,
            count=count,
            examples=_examples(session, job_id, stage, reason, examples),
        )
        for stage, reason, count in counted
    )


def _examples(
    session: Session, job_id: str, stage: str, reason: str, limit: int
) -> tuple[Failure, ...]:
    columns = [getattr(JobFailure, name) for name in Failure.__dataclass_fields__]
    rows = session.execute(
        select(*columns)
        .where(JobFailure.job_id == job_id, JobFailure.stage == stage, JobFailure.reason == reason)
        .order_by(JobFailure.id)
        .limit(limit)
    )
    return tuple(Failure(**row._mapping) for row in rows)


def _left(session: Session, job: Job) -> int:
    """Count the works that a job has seen and done nothing with yet, or that wait in the queue.

    Those that wait for its models; before it has embedded, for any.
    """
    if ahead := job.seen - job.added - job.updated - job.unchanged - job.failed:
        return ahead
    return waiting(session, job.embedded or None)


def waiting(session: Session, models: Collection[str] | None) -> int:
    """Count the works that wait for some models, or for any, or are being worked on."""
    works = select(func.count(EmbeddingTask.artwork_id.distinct())).where(
        EmbeddingTask.state.in_([TaskState.PENDING, TaskState.CLAIMED])
    )
    if models is not None:
        works = works.where(EmbeddingTask.model.in_(models))
    return session.scalar(works) or 0


def _facts(job: Job, failures: tuple[FailureGroup, ...]) -> JobFacts:
    names = set(JobFacts.__dataclass_fields__) - {"failures", "left"}
    return JobFacts(**{name: getattr(job, name) for name in names}, failures=failures)
