"""The tables of the catalog. Migrations in ``migrations/`` bring a database to exactly this."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    bindparam,
    case,
    column,
    func,
    select,
    table,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


def now() -> datetime:
    """Return the current moment, in UTC and aware of it."""
    return datetime.now(UTC)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets the zone that Postgres keeps; this puts it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored moment as an aware one."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def not_before_the_jobs_begun() -> ColumnElement[datetime]:
    """Return the current moment, or that at which the last job began where the clock is behind."""
    jobs = table("jobs", column("started_at", Moment))
    begun = select(func.max(jobs.c.started_at)).scalar_subquery()
    moment = bindparam("moment_of_change", callable_=now, type_=Moment, unique=True)
    return case((begun > moment, begun), else_=moment)


class ImageState(StrEnum):
    """What has become of an artwork's image."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class TaskState(StrEnum):
    """Where one embedding task stands."""

    PENDING = "pending"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"


class JobState(StrEnum):
    """Where one job stands."""

    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


ArtworkKey = Annotated[
    UUID, mapped_column(ForeignKey("artworks.id", ondelete="CASCADE"), primary_key=True)
]
OfArtist = Annotated[UUID, mapped_column(ForeignKey("artists.id", ondelete="CASCADE"), index=True)]
"""Columns of what goes when the work, or the artist, does."""


class Base(DeclarativeBase):
    """Common metadata; the naming convention lets migrations name every constraint."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Source(Base):
    """Where works come from: ``nga``, ``wikiart``, a folder's name."""

    __tablename__ = "sources"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    reader: Mapped[str] = mapped_column(String(40))
    first_seen: Mapped[datetime] = mapped_column(Moment, default=now)


class Artist(Base):
    """A person, or a workshop, that works are by, under whatever names."""

    __tablename__ = "artists"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(Text, unique=True)
    """The preferred name."""
    born: Mapped[int | None] = mapped_column(Integer)
    died: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class ArtistName(Base):
    """One spelling of an artist's name; it names nobody else."""

    __tablename__ = "artist_names"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, index=True)
    """What spellings that differ in accents, case and punctuation have in common."""
    artist_id: Mapped[OfArtist]
    by_curator: Mapped[bool] = mapped_column(default=False)
    """A curator has said whose name it is: that holds against a source's own authority too."""


class ArtistAuthority(Base):
    """An artist as a source's own authority numbers them."""

    __tablename__ = "artist_authorities"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    source_id: Mapped[str] = mapped_column(Text, primary_key=True)
    artist_id: Mapped[OfArtist]


class Artwork(Base):
    """One work with its metadata. The id is a UUIDv5 of (source, the source's own id)."""

    __tablename__ = "artworks"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        # A claim of outdated payloads must not scan a collection of a million works.
        Index("ix_artworks_payload_outdated", "payload_outdated"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    source: Mapped[str] = mapped_column(ForeignKey("sources.name"), index=True)
    source_id: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    artist: Mapped[str | None] = mapped_column(Text, index=True)
    """The artist's preferred name, which filters, facets and evaluations speak of."""
    artist_id: Mapped[UUID | None] = mapped_column(ForeignKey("artists.id"), index=True)
    artist_as_given: Mapped[str | None] = mapped_column(Text)
    """The artist as the source, or a curator who corrected it, spells them."""
    genre: Mapped[str | None] = mapped_column(Text, index=True)
    style: Mapped[str | None] = mapped_column(Text, index=True)
    school: Mapped[str | None] = mapped_column(Text, index=True)
    year: Mapped[int | None] = mapped_column(Integer, index=True)
    file: Mapped[str] = mapped_column(Text)
    """The image as the source names it, such as ``images/a.jpg``."""
    image_location: Mapped[str] = mapped_column(Text)
    """Where the image is read from: an absolute path or a URL."""
    image_signature: Mapped[str | None] = mapped_column(Text)
    """Cheap sign of a changed image (size and times of a file), so that it need not be read."""
    image_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    image_width: Mapped[int | None] = mapped_column(Integer)
    image_height: Mapped[int | None] = mapped_column(Integer)
    image_state: Mapped[ImageState] = mapped_column(String(10), default=ImageState.PENDING)
    payload_outdated: Mapped[bool] = mapped_column(default=False)
    """Metadata changed after the index last learned it."""
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Columns that the source gave and the product does not use."""
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(
        Moment, default=now, onupdate=not_before_the_jobs_begun()
    )
    """By which a change is told from one before a job began, though the clock be set back."""


class EmbeddingTask(Base):
    """The transactional outbox of ingest: one artwork still to be, or already, embedded."""

    __tablename__ = "embedding_tasks"
    __table_args__ = (Index("ix_embedding_tasks_claim", "state", "artwork_id"),)

    artwork_id: Mapped[ArtworkKey]
    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    state: Mapped[TaskState] = mapped_column(String(10), default=TaskState.PENDING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    image_sha256: Mapped[str | None] = mapped_column(String(64))
    """The image that the stored embedding was made of."""
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    """The model that the stored embedding was made by."""
    claimed_by: Mapped[str | None] = mapped_column(String(200))
    lease_expires_at: Mapped[datetime | None] = mapped_column(Moment)


class Job(Base):
    """One run of ingest over one source, with its counts."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[JobState] = mapped_column(String(12), default=JobState.RUNNING)
    worker: Mapped[str] = mapped_column(String(200))
    seen: Mapped[int] = mapped_column(BigInteger, default=0)
    added: Mapped[int] = mapped_column(BigInteger, default=0)
    updated: Mapped[int] = mapped_column(BigInteger, default=0)
    unchanged: Mapped[int] = mapped_column(BigInteger, default=0)
    failed: Mapped[int] = mapped_column(BigInteger, default=0)
    embedded: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    error: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(Moment, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class JobFailure(Base):
    """One item that a job could not take in, with the stage and the reason."""

    __tablename__ = "job_failures"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    artwork_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("artworks.id", ondelete="CASCADE"), index=True
    )
    item: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text, default="")
    happened_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Model(Base):
    """A model that has written into this collection."""

    __tablename__ = "models"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    dimension: Mapped[int] = mapped_column(Integer)
    fingerprint: Mapped[str] = mapped_column(String(64))
    weights: Mapped[str] = mapped_column(Text)
    licence: Mapped[str] = mapped_column(Text)
    first_used: Mapped[datetime] = mapped_column(Moment, default=now)


class Background(Base):
    """How like one another unrelated works of this collection are under one model."""

    __tablename__ = "backgrounds"

    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    works: Mapped[int] = mapped_column(Integer)
    pairs: Mapped[int] = mapped_column(BigInteger)
    mean: Mapped[float] = mapped_column(Float)
    std: Mapped[float] = mapped_column(Float)
    quantiles: Mapped[list[list[float]]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now, onupdate=now)


class Projection(Base):
    """How a derived model's vectors come from a feature, as fitted on this collection."""

    __tablename__ = "projections"

    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    version: Mapped[UUID]
    works: Mapped[int] = mapped_column(Integer)
    collection: Mapped[int] = mapped_column(Integer)
    mean: Mapped[bytes] = mapped_column(LargeBinary)
    matrix: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now, onupdate=now)


class SameWork(Base):
    """One record of a work that has several: a curator has marked them as the same."""

    __tablename__ = "same_works"

    artwork_id: Mapped[ArtworkKey]
    work_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    """What all records of the work have in common, and nothing else has."""
    marked_at: Mapped[datetime] = mapped_column(Moment, default=now)


class DifferentWorks(Base):
    """Two records that a curator has said are not one work, the lesser id first."""

    __tablename__ = "different_works"

    first_id: Mapped[ArtworkKey]
    second_id: Mapped[ArtworkKey] = mapped_column(index=True)
    dismissed_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Correction(Base):
    """A field of a work that a curator has corrected: no ingest undoes it."""

    __tablename__ = "corrections"

    artwork_id: Mapped[ArtworkKey]
    field: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str | int | None] = mapped_column(JSON)
    source_value: Mapped[str | int | None] = mapped_column(JSON)
    """What the source said of it last."""
    corrected_at: Mapped[datetime] = mapped_column(Moment, default=now, onupdate=now)


class DeletedArtwork(Base):
    """A work that a curator has deleted: no ingest takes it in again."""

    __tablename__ = "deleted_artworks"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    source_id: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    deleted_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Change(Base):
    """Something that a curator has done over the web: the audit log."""

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    made_at: Mapped[datetime] = mapped_column(Moment, default=now)
    curator: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(40))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
