"""What the job log says of reembeddings: whether one was cut short, and when it began."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from catalog import jobs
from catalog.models import JobState, now

KIND = "reembed"

LATEST = 500
"""Jobs that are looked through."""


def was_cut_short(session: Session, arguments: Mapping[str, Any]) -> bool:
    """Tell whether the latest reembedding was this one, and did not come to its end."""
    latest = next((job for job in jobs.listing(session, limit=LATEST) if job.kind == KIND), None)
    return latest is not None and latest.state != JobState.DONE and latest.arguments == arguments


def begun_at(session: Session, *, done: bool) -> datetime:
    """Return when the latest reembedding, done or not, began: with the first of its attempts."""
    attempts = [job for job in jobs.listing(session, limit=LATEST) if job.kind == KIND]
    first = now()
    for number, job in enumerate(attempts):
        if job.state == JobState.DONE and (number > 0 or not done):
            break
        first = job.started_at
    return first
