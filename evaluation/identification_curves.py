"""How recognition falls as one thing that happens to a picture grows: a curve for each of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from catalog.artworks import ArtworkFacts
from evaluation.bootstrap import Interval
from evaluation.copies import RelatedWorks, SameWorks
from evaluation.identification import IdentificationQuality, parted, quality_of, rng_of
from evaluation.photo_ground_truth import photo_ground_truth
from evaluation.photo_queries import Bench, ask
from evaluation.stored import NothingToEvaluate, read_stored
from evaluation.strengths import STRENGTHS, GradedPerturbation, shrunk

NONE = "none"
"""What is said to have been done to pictures that are asked about as they are."""


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """What was found at one strength."""

    strength: float
    quality: IdentificationQuality

    def top1(self, method: str) -> Interval:
        """Return the share of photos whose work a method names first."""
        return self.quality.top[method]["top1"]


@dataclass(frozen=True, kw_only=True)
class IdentificationCurves:
    """What was found for each perturbation.

    Args:
        works: in the collection.
        queries: photos at each strength, of the same works everywhere.
        curves: name in ``STRENGTHS`` -> its points by rising harm. The first is of no harm: it was
            measured once and is the same for all.
    """

    seed: int
    works: int
    queries: int
    curves: Mapping[str, tuple[CurvePoint, ...]]


def identification_curves(
    bench: Bench,
    *,
    n: int,
    seed: int = 0,
    only: Sequence[str] = (),
    same: SameWorks | None = None,
    related: RelatedWorks | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> IdentificationCurves:
    """Ask about photos of works at every strength of every perturbation, one at a time.

    All photos are of the same works, and those of one work differ by the strength alone.

    Args:
        n: works asked about, at most all of them.
        only: perturbations of ``STRENGTHS``; all if empty.
        progress: called with the number of queries done, and of all queries.

    Raises:
        NothingToEvaluate: an unknown name, no works, or none has a picture.
        InvalidCopies: none of the files is in the collection.
    """
    chosen = _chosen(only)
    works = read_stored(bench.index, bench.database, [bench.embedder.name]).works
    order = [int(place) for place in np.random.default_rng(seed).permutation(len(works))]
    _, present = parted(works, order, 0, n, same)
    truth = photo_ground_truth(works, same, related, ())
    queries = [(work, False) for work in present]
    total = len(queries) * (1 + sum(len(item.strengths) for item in chosen.values()))
    done = 0

    def point(name: str, graded: GradedPerturbation, strength: float) -> CurvePoint:
        nonlocal done

        def photo(work: ArtworkFacts, picture: Image.Image) -> Image.Image:
            return graded.photo(shrunk(picture), strength, rng_of(seed, work))

        asked = ask(
            bench, queries, photo, truth, progress=lambda some: progress(done + some, total)
        )
        done += len(queries)
        quality = quality_of(asked, perturbation=name, seed=seed, works=len(works))
        return CurvePoint(strength=strength, quality=quality)

    progress(0, total)
    first = next(iter(chosen.values()))
    untouched = point(NONE, first, first.none).quality
    return IdentificationCurves(
        seed=seed,
        works=len(works),
        queries=untouched.queries,
        curves={
            name: (
                CurvePoint(strength=graded.none, quality=untouched),
                *(point(name, graded, strength) for strength in graded.strengths),
            )
            for name, graded in chosen.items()
        },
    )


def _chosen(names: Sequence[str]) -> dict[str, GradedPerturbation]:
    unknown = [name for name in names if name not in STRENGTHS]
    if unknown:
        known = ", ".join(STRENGTHS)
        raise NothingToEvaluate(f"no perturbation {unknown[0]!r} with strengths; there are {known}")
    return {name: STRENGTHS[name] for name in names or STRENGTHS}
