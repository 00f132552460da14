"""What curators' requests are answered with, as OpenAPI describes it; see :mod:`ui.api.answers`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from catalog.artist_suggestions import MergeSuggestion
from catalog.artists import ArtistFacts
from catalog.audit_log import ChangeFacts
from search.same_picture import Agreement
from ui.curating.changes import Decision
from vasari_client.answers import ListedWork


class FailedItem(BaseModel):
    """What could not be taken in; a row that could not be read is no work."""

    item: str
    detail: str
    artwork_id: UUID | None


class FailureGroup(BaseModel):
    """What could not be taken in for one reason, with some examples."""

    stage: str
    reason: str
    count: int
    examples: list[FailedItem]


class Job(BaseModel):
    """A job of the job log."""

    job: str
    kind: str
    state: str
    arguments: dict[str, Any]
    seen: int
    added: int
    updated: int
    unchanged: int
    failed: int
    embedded: dict[str, int]
    error: str | None
    started_at: datetime
    ended_at: datetime | None
    failures: list[FailureGroup]
    left: int | None
    images_per_second: float | None
    seconds_left: float | None


class StartedJob(BaseModel):
    """A job that is not in the job log, or not yet."""

    job: str
    kind: str
    state: str
    error: str | None
    result: Any


AnyJob = Job | StartedJob


class Jobs(BaseModel):
    """Jobs, the latest first."""

    jobs: list[Job]


class SurveyedWork(BaseModel):
    """A work as a source has it."""

    id: str
    source: str
    source_id: str
    title: str
    artist: str | None
    genre: str | None
    style: str | None
    school: str | None
    year: int | None
    file: str
    image_location: str
    extra: dict[str, Any]


class Survey(BaseModel):
    """What a source would bring."""

    works: int
    failed: int
    failures: list[FailureGroup]
    left_out: dict[str, int]
    genre: dict[str, int]
    school: dict[str, int]
    style: dict[str, int]
    century: dict[str, int]
    missing: dict[str, int]
    extra: dict[str, int]
    duplicates: dict[str, Any]
    first: list[SurveyedWork]


class Upload(BaseModel):
    """Where what was sent is found."""

    folder: str


class DuplicateLink(BaseModel):
    """Why two records are taken for one work."""

    first: UUID
    second: UUID
    agreement: Agreement | None
    cosines: dict[str, float]
    reason: str


class DuplicateGroup(BaseModel):
    """Records that seem to be one work."""

    works: list[ListedWork]
    links: list[DuplicateLink]
    marked: bool


class Duplicates(BaseModel):
    """What was found in a collection."""

    groups: list[DuplicateGroup]
    works: int
    compared: int
    models: list[str]
    dismissed: int


class Decided(BaseModel):
    """What was said of which records."""

    decision: Decision
    ids: list[UUID]


class Artists(BaseModel):
    """Artists, the one with the most works first; `total` counts those that are not listed, too."""

    total: int
    artists: list[ArtistFacts]


class Suggestions(BaseModel):
    """Artists who may be one person, the surest first."""

    suggestions: list[MergeSuggestion]


class Deleted(BaseModel):
    """Which work was deleted."""

    deleted: UUID


class Restored(BaseModel):
    """Which work may come back."""

    restored: UUID


class AuditLog(BaseModel):
    """What curators have changed, the latest first."""

    changes: list[ChangeFacts]
