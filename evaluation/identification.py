"""How often the painting in a perturbed photo is recognised, and how often one is made up."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from PIL import Image

from catalog.artworks import ArtworkFacts
from catalog.database import Database
from catalog.filters import Filter
from embedders import Embedder, UnreadableImage
from evaluation.bootstrap import Interval
from evaluation.copies import copy_groups
from evaluation.perturbations import PERTURBATIONS
from evaluation.proportion import wilson_interval
from evaluation.stored import NothingToEvaluate, read_stored
from search.certainty import Verdict
from search.identify import identify
from search.index import Index
from search.keypoint_store import KeypointStore

DEPTH = 5
IDENTIFY = "identify"

PictureOf = Callable[[ArtworkFacts], Image.Image]
"""Gives the picture of a work to make photos of, or raises UnreadableImage."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """How one method answered one query.

    Args:
        first: whether the first answer is right; ``None`` if it is a related work, which counts
            neither way.
        among: whether a right answer is among the first ``DEPTH``, related works passed over.
    """

    first: bool | None
    among: bool


@dataclass(frozen=True, kw_only=True)
class Asked:
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
    asked: tuple[Asked, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What queries are asked of.

    Args:
        embedder: for identification; its cosines alone are compared with it, too.
        baseline: another model whose cosines alone are compared with it.
        picture_of: gives the pictures that photos are made of.
    """

    index: Index
    database: Database
    embedder: Embedder
    baseline: Embedder
    keypoints: KeypointStore
    picture_of: PictureOf


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Which answers are right.

    Args:
        same: work -> all works that show the same painting, itself among them.
        related: work -> works that share material with one of those.
        without: works left out of the collection.
    """

    same: Mapping[UUID, frozenset[UUID]]
    related: Mapping[UUID, frozenset[UUID]]
    without: tuple[UUID, ...] = ()


def evaluate_identification(
    bench: Bench,
    *,
    perturbation: str,
    n: int,
    seed: int = 0,
    leave_out: int = 0,
    from_end: bool = False,
    same: Mapping[str, str] | None = None,
    related: Mapping[str, frozenset[str]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> IdentificationQuality:
    """Ask about perturbed photos of works that are in the collection, and of works that are not.

    Args:
        perturbation: a name in ``PERTURBATIONS``.
        n: queries of works that are in; at most all of them are asked about.
        leave_out: works taken out of the collection, with all other reproductions of them; one
            query is asked of each.
        from_end: choose works from the other end of the order that the seed draws, so that they
            are others than a test with the same seed asks about.
        same: file -> group, of :func:`evaluation.copies.read_same_works`.
        related: file -> files, of :func:`evaluation.copies.read_related_works`.
        progress: told how many of how many queries have been asked.

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
    away, present = _parted(works, order, leave_out, n, same)
    truth = _truth(works, same, related, [work.id for work in away])
    # Only one query of a work that is away in several reproductions.
    queries = [(work, False) for work in present] + [(work, True) for work in away[:leave_out]]
    asked = []
    for done, (work, is_away) in enumerate(queries):
        if progress is not None:
            progress(done, len(queries))
        rng = np.random.default_rng([seed, work.id.int % 2**63])
        try:
            photo = PERTURBATIONS[perturbation](bench.picture_of(work), rng)
        except UnreadableImage:
            continue
        asked.append(_ask(bench, work, photo, truth, left_out=is_away))
    if progress is not None:
        progress(len(queries), len(queries))
    if not any(not item.left_out for item in asked):
        raise NothingToEvaluate("no picture of any work can be read: there is nothing to ask with")
    return _quality(
        asked, perturbation=perturbation, seed=seed, works=len(works) - len(truth.without)
    )


def _parted(
    works: Sequence[ArtworkFacts],
    order: Sequence[int],
    leave_out: int,
    n: int,
    same: Mapping[str, str] | None,
) -> tuple[list[ArtworkFacts], list[ArtworkFacts]]:
    """Return the works to leave out, those to be asked about first, and the others to ask about."""
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


def _truth(
    works: Sequence[ArtworkFacts],
    same: Mapping[str, str] | None,
    related: Mapping[str, frozenset[str]] | None,
    without: Sequence[UUID],
) -> Truth:
    groups = copy_groups(works, same)
    members: dict[int, set[UUID]] = {}
    ids_of: dict[str, set[UUID]] = {}
    for work, group in zip(works, groups, strict=True):
        members.setdefault(int(group), set()).add(work.id)
        ids_of.setdefault(work.file, set()).add(work.id)
    near: dict[int, set[UUID]] = {}
    for work, group in zip(works, groups, strict=True):
        for file in (related or {}).get(work.file, ()):
            near.setdefault(int(group), set()).update(ids_of.get(file, ()))
    pairs = list(zip(works, groups, strict=True))
    return Truth(
        same={work.id: frozenset(members[int(group)]) for work, group in pairs},
        related={
            work.id: frozenset(near.get(int(group), set()) - members[int(group)])
            for work, group in pairs
        },
        without=tuple(without),
    )


def _ask(
    bench: Bench, work: ArtworkFacts, photo: Image.Image, truth: Truth, *, left_out: bool
) -> Asked:
    start = time.perf_counter()
    found = identify(
        photo,
        index=bench.index,
        database=bench.database,
        embedder=bench.embedder,
        keypoints=bench.keypoints,
        top=2 * DEPTH,
        without=truth.without,
    )
    seconds = time.perf_counter() - start
    right, near = truth.same[work.id], truth.related[work.id]
    answers = [candidate.artwork.id for candidate in found.candidates]
    alone = {
        embedder.name: _judged(_nearest(bench.index, embedder, photo, truth), right, near)
        for embedder in dict.fromkeys((bench.baseline, bench.embedder))
    }
    return Asked(
        work=work.id,
        left_out=left_out,
        neutral=left_out and bool(near - set(truth.without)),
        rankings=alone | {IDENTIFY: _judged(answers, right, near)},
        verdict=found.verdict,
        named=_is_right(answers[0], right, near) if answers else False,
        inliers=found.inliers,
        confidence=found.confidence,
        seconds=seconds,
    )


def _nearest(index: Index, embedder: Embedder, photo: Image.Image, truth: Truth) -> list[UUID]:
    """Return what a model's cosines alone say."""
    found = index.nearest(
        embedder.name,
        embedder.embed([photo])[0],
        wanted=Filter(),
        top=2 * DEPTH,
        exact=True,
        without=truth.without,
    )
    return [item.id for item in found]


def _judged(answers: Sequence[UUID], right: frozenset[UUID], near: frozenset[UUID]) -> Ranking:
    counted = [item for item in answers if item not in near][:DEPTH]
    return Ranking(
        first=_is_right(answers[0], right, near) if answers else False,
        among=any(item in right for item in counted),
    )


def _is_right(item: UUID, right: frozenset[UUID], near: frozenset[UUID]) -> bool | None:
    return None if item in near else item in right


def _quality(
    asked: Sequence[Asked], *, perturbation: str, seed: int, works: int
) -> IdentificationQuality:
    present = [item for item in asked if not item.left_out]
    away = [item for item in asked if item.left_out and not item.neutral]
    # Whoever is given a related work is neither rightly nor wrongly answered.
    counted = [item for item in present if item.named is not None]
    top = {}
    for method in present[0].rankings:
        rankings = [item.rankings[method] for item in present]
        firsts = [ranking.first for ranking in rankings if ranking.first is not None]
        top[method] = {
            "top1": _share(firsts),
            f"top{DEPTH}": _share([ranking.among for ranking in rankings]),
        }
    seconds = [item.seconds for item in present]
    return IdentificationQuality(
        perturbation=perturbation,
        seed=seed,
        works=works,
        queries=len(present),
        left_out=sum(item.left_out for item in asked),
        top=top,
        named_same=_share([bool(item.named) and item.verdict == "same" for item in counted]),
        wrongly_absent=_share([item.verdict == "absent" for item in counted]),
        misnamed=_share([not item.named and item.verdict == "same" for item in counted]),
        wrongly_same=_share([item.verdict == "same" for item in away]) if away else None,
        seconds=(float(np.median(seconds)), float(np.percentile(seconds, 95))),
        asked=tuple(asked),
    )


def _share(right: Sequence[bool]) -> Interval:
    # Where every answer was a related work, nothing is known.
    return wilson_interval(sum(right), len(right)) if right else Interval(value=0, low=0, high=1)
