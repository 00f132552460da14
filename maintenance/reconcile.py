"""Repairing drift: the catalog is right, and index and thumbnails are brought back to it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from catalog.artworks import by_id
from catalog.batching import batched
from catalog.database import Database
from catalog.jobs import Failure
from catalog.models import EmbeddingTask, TaskState
from catalog.record import ArtworkRecord
from embedders import Embedder, UnknownModel, UnreadableImage, WeightsUnavailable
from ingest.context import IngestContext
from ingest.embedded_picture import embedded_picture
from ingest.job import ingest
from ingest.progress import JobProgress
from ingest.readers.reader import Reader
from ingest.summary import JobSummary
from maintenance.drift import PAGE, Drift, find_drift, vectors_of
from search.background import refresh_backgrounds
from search.index.contract import Index
from search.projections import refresh_projections


@dataclass(frozen=True, kw_only=True)
class Repair:
    """What was done about drift.

    Args:
        queued: works queued to be embedded again, or to have their image fetched again.
        deleted_points, rewritten_payloads, remade_thumbnails, deleted_thumbnails: how many.
        replaced_files: damaged files of the index that were replaced.
        job: what the job did that worked through the queue; ``None`` where nothing was queued.
        unavailable: model that cannot be opened -> why; the works wait in the queue for it.
    """

    queued: int
    deleted_points: int
    rewritten_payloads: int
    remade_thumbnails: int
    deleted_thumbnails: int
    replaced_files: int = 0
    job: JobSummary | None = None
    unavailable: Mapping[str, str] = field(default_factory=dict)


def repair(
    drift: Drift,
    context: IngestContext,
    embedder: Callable[[str], Embedder],
    progress: JobProgress | None = None,
) -> Repair:
    """Bring the index and the thumbnails back to what the catalog says.

    Works that the index has lost are queued again and embedded at once where their images and
    models are available.

    Args:
        context: what to work with; its own embedders are not used.
        embedder: opens a model.

    Raises:
        FingerprintMismatch: the index was made with other weights.
    """
    database, index, store = context.database, context.index, context.store
    if mended := len(drift.damaged_files):
        index.mend()
        # What was in damaged files is missed now.
        drift = find_drift(database, index, store, context.registry)
    orphans = _still_unknown(database, drift.orphaned_points)
    if orphans:
        index.delete(orphans)
    _rewrite_payloads(database, index, drift.other_payloads)
    context.store.clear_unfinished()
    lacking = {**drift.missing_thumbnails, **drift.damaged_thumbnails}
    unsent = {image: work for image, work in lacking.items() if not store.send_again(image)}
    for sha256 in (*drift.orphaned_thumbnails, *unsent):
        store.remove(sha256)
    unmade = _remake_thumbnails(context, unsent)
    lost = _queue_lost(context, drift)
    to_fetch = _queue_images(database, unmade)
    job: JobSummary | None = None
    unavailable: dict[str, str] = {}
    if models := sorted(lost.keys() | to_fetch.keys()):
        job, unavailable = _embed(models, context, embedder, progress)
    if drift.missing_vectors and job is None:
        projected = refresh_projections(database, index, context.registry)
        refresh_backgrounds(database, index, anew=projected)
    index.optimize()
    queued = set[UUID]().union(*lost.values(), *to_fetch.values())
    return Repair(
        queued=len(queued),
        deleted_points=len(orphans),
        rewritten_payloads=len(drift.other_payloads),
        remade_thumbnails=len(lacking) - len(unmade),
        deleted_thumbnails=len(drift.orphaned_thumbnails),
        replaced_files=mended,
        job=job,
        unavailable=unavailable,
    )


class _Queued(Reader):
    """Brings nothing new: a job over it works through what waits in the queue."""

    name = "reconcile"

    @property
    def arguments(self) -> Mapping[str, Any]:
        """Return nothing: it takes none."""
        return {}

    def read(self) -> Iterator[ArtworkRecord | Failure]:
        """Go through nothing."""
        return iter(())


def _embed(
    models: Sequence[str],
    context: IngestContext,
    embedder: Callable[[str], Embedder],
    progress: JobProgress | None,
) -> tuple[JobSummary | None, dict[str, str]]:
    """Work through the queue with the models that are available; say why others are not."""
    embedders, unavailable = [], {}
    for model in models:
        try:
            embedders.append(embedder(model))
        except (UnknownModel, WeightsUnavailable) as error:
            unavailable[model] = str(error)
    if not embedders:
        return None, unavailable
    return ingest(_Queued(), replace(context, embedders=embedders), progress), unavailable


def _still_unknown(database: Database, points: Sequence[UUID]) -> list[UUID]:
    unknown: list[UUID] = []
    for page in batched(points, PAGE):
        with database.transaction() as session:
            known = by_id(session, page)
        unknown += [point for point in page if point not in known]
    return unknown


def _rewrite_payloads(database: Database, index: Index, points: Sequence[UUID]) -> None:
    for page in batched(points, PAGE):
        with database.transaction() as session:
            known = by_id(session, page)
        index.set_payload({work: facts.payload() for work, facts in known.items()})


def _remake_thumbnails(context: IngestContext, missing: Mapping[str, UUID]) -> dict[str, UUID]:
    """Make thumbnails of the images that are available, and return the others."""
    unmade: dict[str, UUID] = {}
    for page in batched(missing.items(), PAGE):
        with context.database.transaction() as session:
            known = by_id(session, [work for _, work in page])
        for sha256, work in page:
            try:
                picture = embedded_picture(
                    known[work],
                    store=context.store,
                    originals=context.originals,
                    limits=context.limits,
                )
            except UnreadableImage:
                unmade[sha256] = work
            else:
                context.store.save_thumbnail(sha256, picture)
    return unmade


def _queue_lost(context: IngestContext, drift: Drift) -> dict[str, set[UUID]]:
    """Queue what the index has lost, as if it had never been embedded: model -> works."""
    database, index = context.database, context.index
    lost: dict[str, set[UUID]] = {}
    for page in batched(drift.missing_points, PAGE):
        with database.transaction() as session:
            for work, model in session.execute(
                select(EmbeddingTask.artwork_id, EmbeddingTask.model).where(
                    EmbeddingTask.artwork_id.in_(page), EmbeddingTask.image_sha256.is_not(None)
                )
            ):
                lost.setdefault(model, set()).add(work)
    with database.transaction() as session:
        models = session.scalars(select(EmbeddingTask.model).distinct()).all()
    for model in models:
        # Derived vectors need no picture: they are projected again.
        for name in vectors_of(model, index, context.registry, fitted=frozenset()):
            lost.setdefault(model, set()).update(drift.missing_vectors.get(name, ()))
    for model, works in lost.items():
        forgotten = {"image_sha256": None, "fingerprint": None}
        _queue_again(database, model, works, **forgotten)
    return {model: works for model, works in lost.items() if works}


def _queue_images(database: Database, unmade: Mapping[str, UUID]) -> dict[str, set[UUID]]:
    """Have images looked at again whose thumbnails could not be remade: model -> works.

    One model is enough: an image that is the one embedded before is not embedded again, but its
    thumbnail is made.
    """
    queued: dict[str, set[UUID]] = {}
    for page in batched(unmade.values(), PAGE):
        with database.transaction() as session:
            tasks = session.execute(
                select(EmbeddingTask.artwork_id, EmbeddingTask.model)
                .where(EmbeddingTask.artwork_id.in_(page), EmbeddingTask.image_sha256.is_not(None))
                .order_by(EmbeddingTask.artwork_id, EmbeddingTask.model.desc())
            ).tuples()
            first = dict(iter(tasks))
        for work, model in first.items():
            queued.setdefault(model, set()).add(work)
    for model, works in queued.items():
        _queue_again(database, model, works)
    return queued


def _queue_again(database: Database, model: str, works: Iterable[UUID], **values: Any) -> None:
    for page in batched(sorted(works), PAGE):
        with database.transaction() as session:
            session.execute(
                update(EmbeddingTask)
                .where(
                    EmbeddingTask.artwork_id.in_(page),
                    EmbeddingTask.model == model,
                    EmbeddingTask.state != TaskState.CLAIMED,
                )
                .values(state=TaskState.PENDING, **values)
            )
