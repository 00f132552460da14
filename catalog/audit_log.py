"""The audit log: who has changed what over the web, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Change
from catalog.plain_text import json_value, one_line, well_formed

LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class ChangeFacts:
    """One entry.

    Args:
        curator: who, as they logged in, or the name of their key.
        action: what was done, such as ``edit`` or ``ingest``.
        details: to what, and how, as JSON values.
    """

    id: int
    made_at: datetime
    curator: str
    action: str
    details: Mapping[str, Any]


def record_change(
    session: Session, *, curator: str, action: str, details: Mapping[str, Any]
) -> None:
    """Write an entry, in the transaction of the change itself where it has one."""
    name = one_line(well_formed(curator))[:LONGEST_NAME]
    session.add(Change(curator=name, action=action, details=json_value(details)))


def changes(session: Session, *, limit: int = 50) -> tuple[ChangeFacts, ...]:
    """Return the latest entries, the newest first."""
    found = session.scalars(select(Change).order_by(Change.id.desc()).limit(limit))
    return tuple(
        ChangeFacts(
            id=item.id,
            made_at=item.made_at,
            curator=item.curator,
            action=item.action,
            details=item.details,
        )
        for item in found
    )


def what_was_asked(session: Session, job: str) -> Mapping[str, Any] | None:
    """Return what a curator asked for when they started a job; ``None`` if none has."""
    details = session.scalar(
        select(Change.details)
        .where(Change.details["job"].as_string() == job, Change.details["asked"].is_not(None))
        .limit(1)
    )
    return None if details is None else details["asked"]
