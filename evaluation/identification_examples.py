"""Photos worth looking at: not recognised, disputed between the methods, and made up."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from PIL import Image

from catalog.artworks import ArtworkFacts, by_id
from evaluation.identification import IdentificationQuality, photo_of
from evaluation.photo_queries import IDENTIFY, Bench, PhotoQueryResult

EXAMPLES = 4
"""Of each sort."""


@dataclass(frozen=True, kw_only=True)
class PhotoExample:
    """A photo, and what each method took it for.

    Args:
        work: that the photo shows.
        answers: method -> the work that it names first, and whether that is right; ``None`` where
            it counts neither way. Methods without an answer are left out.
    """

    work: ArtworkFacts
    photo: Image.Image
    asked: PhotoQueryResult
    answers: Mapping[str, tuple[ArtworkFacts, bool | None]]


@dataclass(frozen=True, kw_only=True)
class PhotoExamples:
    """Examples of each sort.

    Args:
        missed: of works that are in the collection and were not named for sure.
        invented: of works that are not in it and were taken for one that is.
        disputed: identified with the fewest matching points, where cosines alone were wrong.
        best: those with the most matching points.
    """

    missed: tuple[PhotoExample, ...]
    invented: tuple[PhotoExample, ...]
    disputed: tuple[PhotoExample, ...]
    best: tuple[PhotoExample, ...]


def photo_examples(bench: Bench, quality: IdentificationQuality) -> PhotoExamples:
    """Choose examples, and make their photos again."""
    present = [item for item in quality.asked if not item.left_out]
    sure = [item for item in present if item.named and item.verdict == "same"]
    sorts = {
        "missed": [item for item in present if item not in sure and item.named is not None],
        "invented": [
            item
            for item in quality.asked
            if item.left_out and not item.neutral and item.verdict == "same"
        ],
        "disputed": sorted(
            (item for item in sure if _is_disputed(item)), key=lambda item: item.inliers
        ),
        "best": sorted(sure, key=lambda item: -item.inliers),
    }
    chosen = {sort: items[:EXAMPLES] for sort, items in sorts.items()}
    shown = [item for items in chosen.values() for item in items]
    wanted = {item.work for item in shown}
    for item in shown:
        wanted |= {made.answer for made in item.rankings.values() if made.answer is not None}
    with bench.database.transaction() as session:
        works = by_id(session, wanted)
    return PhotoExamples(
        **{
            sort: tuple(_example(bench, quality, item, works) for item in items)
            for sort, items in chosen.items()
        }
    )


def _is_disputed(item: PhotoQueryResult) -> bool:
    alone = [ranking.first for method, ranking in item.rankings.items() if method != IDENTIFY]
    return bool(alone) and not any(first is not False for first in alone)


def _example(
    bench: Bench,
    quality: IdentificationQuality,
    item: PhotoQueryResult,
    works: Mapping[UUID, ArtworkFacts],
) -> PhotoExample:
    work = works[item.work]
    return PhotoExample(
        work=work,
        photo=photo_of(work, bench.picture_of(work), quality.perturbation, quality.seed),
        asked=item,
        answers={
            method: (works[ranking.answer], ranking.first)
            for method, ranking in item.rankings.items()
            if ranking.answer is not None
        },
    )
