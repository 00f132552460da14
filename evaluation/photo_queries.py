"""Asking about photos: what identification says, and what models' cosines alone would say."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
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
        pictures = [picture for _, _, picture in some]
        vectors = {
            embedder.name: embedder.embed(pictures, batch_size=AT_ONCE) for embedder in bench.alone
        }
        for place, (work, left_out, picture) in enumerate(some):
            own = {model: rows[place] for model, rows in vectors.items()}
            asked.append(_ask(bench, work.id, picture, own, truth, left_out=left_out))
            progress(start + place + 1)
        progress(min(start + AT_ONCE, len(queries)))
    return asked


def _photos(
    bench: Bench, queries: Sequence[tuple[ArtworkFacts, bool]], photo: MakePhoto
) -> Iterator[tuple[ArtworkFacts, bool, Image.Image]]:
    for work, left_out in queries:
        with suppress(UnreadableImage):
            yield work, left_out, photo(work, bench.picture_of(work))


def _ask(
    bench: Bench,
    work: UUID,
    picture: Image.Image,
    vectors: Mapping[str, Vectors],
    truth: PhotoGroundTruth,
    *,
    left_out: bool,
) -> PhotoQueryResult:
    start = time.perf_counter()
    found = identify(
        picture,
        index=bench.index,
        database=bench.database,
        embedder=bench.embedder,
        keypoints=bench.keypoints,
        top=2 * DEPTH,
        without=truth.without,
    )
    seconds = time.perf_counter() - start
    right, near = truth.same[work], truth.related[work]
    answers = [candidate.artwork.id for candidate in found.candidates]
    nearest = {
        model: bench.index.nearest(
            model, vector, wanted=Filter(), top=2 * DEPTH, exact=True, without=truth.without
        )
        for model, vector in vectors.items()
    }
    named = {model: [hit.id for hit in hits] for model, hits in nearest.items()}
    named[IDENTIFY] = answers
    return PhotoQueryResult(
        work=work,
        left_out=left_out,
        neutral=left_out and bool(near - set(truth.without)),
        rankings={method: judged(ids, right, near) for method, ids in named.items()},
        verdict=found.verdict,
        named=is_right(answers[0], right, near) if answers else False,
        inliers=found.inliers,
        confidence=found.confidence,
        seconds=seconds,
    )
