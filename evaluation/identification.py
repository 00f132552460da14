"""How often the painting in a perturbed photo is recognised, and how often one is made up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from catalog.artworks import ArtworkFacts
from evaluation.bootstrap import Interval
from evaluation.copies import RelatedWorks, SameWorks, copy_groups
from evaluation.perturbations import PERTURBATIONS, Rng
from evaluation.photo_ground_truth import DEPTH, photo_ground_truth
from evaluation.photo_queries import Bench, PhotoQueryResult, ask
from evaluation.stored import NothingToEvaluate, read_stored


@dataclass(frozen=True, kw_only=True)
class IdentificationQuality:
    """What an evaluation of identification found.

    Args:
        works: in the collection that was asked.
        top: method -> ``top1`` and ``top5`` -> share of right answers.
        named_same: share of the queries that were called in the collection, and named rightly.
        wrongly_absent: share of them that were called absent.
        misnamed: share of them that were called in the collection under another work's name.
        wrongly_same: share of the queries of works left out that were called in the collection;
            ``None`` where none was left out.
        seconds: median and 95th percentile of one identification.
        asked: every query.
    """

    perturbation: str
    seed: int
    works: int
    queries: int
    left_out: int
    top: Mapping[str, Mapping[str, Interval]]
    named_same: Interval
    wrongly_absent: Interval
    misnamed: Interval
    wrongly_same: Interval | None
    seconds: tuple[float, float]
    asked: tuple[PhotoQueryResult, ...] = field(repr=False)


def evaluate_identification(
    bench: Bench,
    *,
    perturbation: str,
    n: int,
    seed: int = 0,
    leave_out: int = 0,
    from_end: bool = False,
    same: SameWorks | None = None,
    related: RelatedWorks | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> IdentificationQuality:
    """Ask about perturbed photos of works that are in the collection, and of works that are not.

    Args:
        perturbation: a name in ``PERTURBATIONS``.
        n: queries of works that are in; at most all of them are asked about.
        leave_out: works taken out of the collection, with all other reproductions of them; one
            query is asked of each.
        from_end: choose works from the other end of the order that the seed draws, so that they
            are others than a test with the same seed asks about.
        progress: called with the number of queries done, and of all queries.

    Raises:
        NothingToEvaluate: too few works, or none has a picture.
        InvalidCopies: none of the files is in the collection.
    """
    if perturbation not in PERTURBATIONS:
        known = ", ".join(PERTURBATIONS)
        raise NothingToEvaluate(f"no perturbation {perturbation!r}; there are {known}")
    works = read_stored(bench.index, bench.database, [bench.embedder.name]).works
    drawn = [int(place) for place in np.random.default_rng(seed).permutation(len(works))]
    order = drawn[::-1] if from_end else drawn
    away, present = parted(works, order, leave_out, n, same)
    truth = photo_ground_truth(works, same, related, [work.id for work in away])
    # Only one query of a work that is away in several reproductions.
    queries = [(work, False) for work in present] + [(work, True) for work in away[:leave_out]]

    def photo(work: ArtworkFacts, picture: Image.Image) -> Image.Image:
        return photo_of(work, picture, perturbation, seed)

    progress(0, len(queries))
    asked = ask(bench, queries, photo, truth, progress=lambda done: progress(done, len(queries)))
    return quality_of(
        asked, perturbation=perturbation, seed=seed, works=len(works) - len(truth.without)
    )


def photo_of(work: ArtworkFacts, picture: Image.Image, perturbation: str, seed: int) -> Image.Image:
    """Return the photo that is asked about a work."""
    return PERTURBATIONS[perturbation](picture, rng_of(seed, work))


def rng_of(seed: int, work: ArtworkFacts) -> Rng:
    """Return the generator of a work's photos: the same ones, whichever others are asked about."""
    return np.random.default_rng([seed, work.id.int % 2**63])


def parted(
    works: Sequence[ArtworkFacts],
    order: Sequence[int],
    leave_out: int,
    n: int,
    same: SameWorks | None,
) -> tuple[list[ArtworkFacts], list[ArtworkFacts]]:
    """Return the works to leave out, those to be asked about first, and the others to ask about.

    Args:
        order: places of works; the first are left out, the following are asked about.

    Raises:
        NothingToEvaluate: too few works.
        InvalidCopies: none of the files is in the collection.
    """
    groups = copy_groups(works, same)
    chosen = list(dict.fromkeys(int(groups[place]) for place in order))[:leave_out]
    first = {group: next(p for p in order if groups[p] == group) for group in chosen}
    others = [p for p in order if int(groups[p]) in first and p not in first.values()]
    present = [p for p in order if int(groups[p]) not in first]
    if len(chosen) < leave_out or not present:
        raise NothingToEvaluate(
            f"{leave_out} works cannot be left out of {len(works)} and others be asked about"
        )
    return (
        [works[p] for p in [*first.values(), *others]],
        [works[p] for p in present[:n]],
    )


def quality_of(
    asked: Sequence[PhotoQueryResult], *, perturbation: str, seed: int, works: int
) -> IdentificationQuality:
    """Count what came of queries.

    Raises:
        NothingToEvaluate: none was of a work that is in the collection.
    """
    present = [item for item in asked if not item.left_out]
    if not present:
        raise NothingToEvaluate("no picture of any work can be read: there is nothing to ask with")
    away = [item for item in asked if item.left_out and not item.neutral]
    # Whoever is given a related work is neither rightly nor wrongly answered.
    counted = [item for item in present if item.named is not None]
    top = {}
    for method in present[0].rankings:
        rankings = [item.rankings[method] for item in present]
        firsts = [ranking.first for ranking in rankings if ranking.first is not None]
        top[method] = {
            "top1": share_of(firsts),
            f"top{DEPTH}": share_of([ranking.among for ranking in rankings]),
        }
    seconds = [item.seconds for item in present]
    return IdentificationQuality(
        perturbation=perturbation,
        seed=seed,
        works=works,
        queries=len(present),
        left_out=sum(item.left_out for item in asked),
        top=top,
        named_same=share_of([bool(item.named) and item.verdict == "same" for item in counted]),
        wrongly_absent=share_of([item.verdict == "absent" for item in counted]),
        misnamed=share_of([not item.named and item.verdict == "same" for item in counted]),
        wrongly_same=share_of([item.verdict == "same" for item in away]) if away else None,
        seconds=(float(np.median(seconds)), float(np.percentile(seconds, 95))),
        asked=tuple(asked),
    )


def share_of(right: Sequence[bool]) -> Interval:
    """Return the share of right answers with its 95 % Wilson interval, honest near 0 and 1 too.

    Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (158), 1927. Of no answers nothing is known.
    """
    if not right:
        return Interval(value=0, low=0, high=1)
    from scipy.stats import binomtest

    tested = binomtest(sum(right), len(right))
    ends = tested.proportion_ci(method="wilson")
    return Interval(value=float(tested.statistic), low=float(ends.low), high=float(ends.high))
