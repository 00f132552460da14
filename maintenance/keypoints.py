"""Keypoints made ahead, so that no photo that is identified waits for those of works."""

import os
from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from uuid import UUID

from sqlalchemy import select

from catalog.artworks import ArtworkFacts, by_id
from catalog.batching import batched
from catalog.database import Database
from catalog.jobs import Failure, FailureGroup
from catalog.models import Artwork
from embedders import UnreadableImage
from ingest.interruption import Interruption
from ingest.loading import failure_of
from ingest.progress import TaskProgress
from search.identification.keypoint_files import KeypointFiles
from search.pictures import PictureOf

PAGE = 100


@dataclass(frozen=True, kw_only=True)
class KeypointsMade:
    """What making keypoints ahead came to.

    Args:
        made: images whose keypoints were made.
        kept: images whose keypoints were there.
        without_room: images whose keypoints have no room within the bound.
        removed: images of no work whose keypoints were removed.
        failed: works whose picture cannot be read.
        failures: these by reason, with all works.
        interrupted: whether works are left, for the next time.
    """

    made: int
    kept: int
    without_room: int
    removed: int
    failed: int
    failures: tuple[FailureGroup, ...]
    interrupted: bool
    seconds: float


@dataclass(frozen=True, kw_only=True)
class KeypointsKept:
    """What is kept of keypoints.

    Args:
        works: whose image is known.
        kept: works of these whose keypoints are kept.
        bytes: that all kept keypoints take, also of works that are gone.
        most_bytes: that they may take.
    """

    works: int
    kept: int
    bytes: int
    most_bytes: int


def keypoints_kept(database: Database, files: KeypointFiles) -> KeypointsKept:
    """Return how many works have kept keypoints, and what these take."""
    held = set(files.hashes())
    images = _images(database)
    return KeypointsKept(
        works=len(images),
        kept=sum(sha256 in held for sha256 in images.values()),
        bytes=files.total_bytes(),
        most_bytes=files.most_bytes,
    )


def remove_orphans(database: Database, files: KeypointFiles) -> int:
    """Remove the keypoints of images that no work has, and return how many there were."""
    return _remove(files, set(files.hashes()).difference(_images(database).values()))


def make_keypoints(
    database: Database, files: KeypointFiles, picture_of: PictureOf, progress: TaskProgress
) -> KeypointsMade:
    """Find the keypoints of all works that have none, and keep them.

    No others have to go for them: those that have no room are left to be found on demand. After
    Ctrl-C the works in hand are finished; the next call goes on from there.

    Args:
        picture_of: gives the stored picture in which keypoints are found on demand, too.

    Raises:
        DiskFull: there is no room on the disk.
        OSError: they cannot be written.
    """
    start = perf_counter()
    held = set(files.hashes())
    images = {sha256: work for work, sha256 in _images(database).items()}
    removed = _remove(files, held.difference(images))
    missing = [work for sha256, work in images.items() if sha256 not in held]
    counts: Counter[str] = Counter()
    failed: list[Failure] = []
    progress.begin("finding keypoints", len(missing))
    with Interruption() as interruption, ThreadPoolExecutor(os.cpu_count()) as threads:

        def make(work: ArtworkFacts) -> str | Failure:
            return "left" if interruption.requested else _make(files, picture_of, work)

        for page in batched(missing, PAGE):
            with database.transaction() as session:
                works = by_id(session, page)
            for outcome in threads.map(make, works.values()):
                if isinstance(outcome, Failure):
                    failed.append(outcome)
                else:
                    counts[outcome] += 1
                progress.advance(outcome != "left", f"{len(failed)} failed" if failed else "")
            if interruption.requested:
                break
    return KeypointsMade(
        made=counts["made"],
        kept=len(images) - len(missing),
        without_room=counts["no room"],
        removed=removed,
        failed=len(failed),
        failures=_by_reason(failed),
        interrupted=interruption.requested,
        seconds=perf_counter() - start,
    )


def _remove(files: KeypointFiles, orphans: Collection[str]) -> int:
    for sha256 in orphans:
        files.remove(sha256)
    return len(orphans)


def _make(files: KeypointFiles, picture_of: PictureOf, work: ArtworkFacts) -> str | Failure:
    sha256 = work.image_sha256 or ""
    if not files.has_room(sha256):
        return "no room"
    try:
        picture = picture_of(work)
    except UnreadableImage as error:
        return failure_of(work, stage="decode", reason=error.reason, detail=error.details)
    files.keep(sha256, picture)
    return "made"


def _by_reason(failed: Sequence[Failure]) -> tuple[FailureGroup, ...]:
    groups: dict[tuple[str, str], list[Failure]] = {}
    for failure in failed:
        groups.setdefault((failure.stage, failure.reason), []).append(failure)
    return tuple(
        FailureGroup(stage=stage, reason=reason, count=len(examples), examples=tuple(examples))
        for (stage, reason), examples in sorted(groups.items(), key=lambda item: -len(item[1]))
    )


def _images(database: Database) -> dict[UUID, str]:
    """Return the SHA-256 of each work's image."""
    with database.transaction() as session:
        known = select(Artwork.id, Artwork.image_sha256).where(Artwork.image_sha256.is_not(None))
        return {work: sha256 for work, sha256 in session.execute(known) if sha256 is not None}
