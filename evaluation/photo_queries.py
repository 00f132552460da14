"""Asking about photos: what identification says, and what models' cosines alone would say."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from PIL import Image

from catalog.artworks import ArtworkFacts
from catalog.database import Database
from catalog.filters import Filter
from embedders import Embedder, UnreadableImage
from embedders.embedder import Vectors
from evaluation.photo_ground_truth import DEPTH, PhotoGroundTruth, Ranking, is_right, judged
from search.identification.certainty import Verdict
from search.identification.identify import identify
from search.identification.keypoint_store import KeypointStore
from search.index.contract import Index
from search.pictures import PictureOf

IDENTIFY = "identify"

AT_ONCE = 32
"""Photos that are made, and embedded by each model, at a time."""


MakePhoto = Callable[[ArtworkFacts, Image.Image], Image.Image]
"""Gives the photo of a work, from its picture."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What queries are asked of.

    Args:
        embedder: for identification.
        alone: models whose cosines alone are compared with identification.
        picture_of: gives the pictures that photos are made of.
    """

    index: Index
    database: Database
    embedder: Embedder
    alone: Sequence[Embedder]
    keypoints: KeypointStore
    picture_of: PictureOf


@dataclass(frozen=True, kw_only=True)
class PhotoQueryResult:
    """One query and what came of it.

    Args:
        left_out: its work is not in the collection that was asked.
        neutral: its work is left out but a related one is in, so that neither answer is wrong.
        named: whether the work named, or the likeliest, is right; ``None`` if it is related.
        inliers, confidence: the evidence for it.
    """

    work: UUID
    left_out: bool
    neutral: bool
    rankings: Mapping[str, Ranking]
    verdict: Verdict
    named: bool | None
    inliers: int
    confidence: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class _Photo:
    work: ArtworkFacts
    picture: Image.Image
    left_out: bool


def ask(
    bench: Bench,
    queries: Sequence[tuple[ArtworkFacts, bool]],
    photo: MakePhoto,
    truth: PhotoGroundTruth,
    *,
    progress: Callable[[int], None],
) -> list[PhotoQueryResult]:
    """Ask about photos of works; works without a picture are passed over.

    Args:
        queries: works, and whether each is left out of the collection.
        progress: called with the number of queries done.
    """
    asked = []
    for start in range(0, len(queries), AT_ONCE):
        some = list(_photos(bench, queries[start : start + AT_ONCE], photo))
        vectors = {
            embedder.name: embedder.embed([item.picture for item in some], batch_size=AT_ONCE)
            for embedder in bench.alone
        }
        for place, item in enumerate(some):
            own = {model: rows[place] for model, rows in vectors.items()}
            asked.append(_ask(bench, item, own, truth))
            progress(start + place + 1)
        progress(min(start + AT_ONCE, len(queries)))
    return asked


def _photos(
    bench: Bench, queries: Sequence[tuple[ArtworkFacts, bool]], photo: MakePhoto
) -> Iterator[_Photo]:
    for work, left_out in queries:
        try:
            picture = bench.picture_of(work)
        except UnreadableImage:
            continue
        yield _Photo(work=work, picture=photo(work, picture), left_out=left_out)


def _ask(
    bench: Bench, photo: _Photo, vectors: Mapping[str, Vectors], truth: PhotoGroundTruth
) -> PhotoQueryResult:
    start = time.perf_counter()
    found = identify(
        photo.picture,
        index=bench.index,
        database=bench.database,
        embedder=bench.embedder,
        keypoints=bench.keypoints,
        top=2 * DEPTH,
        without=truth.without,
    )
    seconds = time.perf_counter() - start
    work = photo.work.id
    right, near = truth.same[work], truth.related[work]
    answers = [candidate.artwork.id for candidate in found.candidates]
    alone = {
        model: judged(_nearest(bench.index, model, vector, truth), right, near)
        for model, vector in vectors.items()
    }
    return PhotoQueryResult(
        work=work,
        left_out=photo.left_out,
        neutral=photo.left_out and bool(near - set(truth.without)),
        rankings=alone | {IDENTIFY: judged(answers, right, near)},
        verdict=found.verdict,
        named=is_right(answers[0], right, near) if answers else False,
        inliers=found.inliers,
        confidence=found.confidence,
        seconds=seconds,
    )


def _nearest(index: Index, model: str, vector: Vectors, truth: PhotoGroundTruth) -> list[UUID]:
    """Return what a model's cosines alone say."""
    found = index.nearest(
        model, vector, wanted=Filter(), top=2 * DEPTH, exact=True, without=truth.without
    )
    return [item.id for item in found]
