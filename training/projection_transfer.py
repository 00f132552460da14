"""What a projection taught by a label is worth on works, and on artists, that it was not taught by.

By cross-fitting: the works are divided in folds, and each asks once, under a projection that was
fitted on the other folds only.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.projection import Matrix, Projection
from evaluation.copies import copy_groups
from evaluation.labels import UNLABELLED, Codes, Label, encode, label_of
from evaluation.ranking import Truth
from evaluation.splits import artist_units, folds
from evaluation.stored import NothingToEvaluate, StoredWorks
from training.discriminants import TooFewClasses, learned_from, teach
from training.transfer import TransferQuality, Trial, measure_transfer

FOLDS = 5
LEAST_WORKS = 20
"""Fewer labelled works say too little about what those of a class have in common."""

MOST_WORKS = 20_000
"""Works that a projection is fitted on at most, drawn at random."""


@dataclass(frozen=True, kw_only=True)
class ProjectionQuality:
    """What a taught projection is worth, against a plain model.

    Args:
        classes: that are learned: those of several works.
        works: that have one of these.
        unseen_works: asked by works that were not learned from.
        unseen_artists: asked by works of artists by whom nothing was learned from, with all works
            by the query's artist left out of its ranking. ``None`` where that cannot be asked: for
            the label artist, with fewer artists than folds, or with classes of one artist each.
    """

    label: Label
    recipe: str
    features: tuple[str, ...]
    plain: str
    folds: int
    seed: int
    classes: int
    works: int
    unseen_works: TransferQuality
    unseen_artists: TransferQuality | None


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What a projection is taught with.

    Args:
        stored: works with the plain model's vectors and the features.
        label: what is learned.
        classes: each work's class, and the classes' names.
        copies: a number that a work shares with its copies.
        features: names of the vectors that are projected, one behind the other.
        recipe: of :mod:`training.discriminants`.
        seed: of the folds, the bootstrap, and the draw of works where there are very many.
    """

    stored: StoredWorks
    label: Label
    classes: Codes
    names: tuple[str, ...]
    copies: Codes
    features: tuple[str, ...]
    recipe: str
    seed: int

    def vectors(self) -> Matrix:
        """Return what is projected, float32 (works, dimension)."""
        return np.concatenate([self.stored.vectors[name] for name in self.features], axis=1)

    def taught_by(self, vectors: Matrix, learned: NDArray[np.bool_]) -> Projection:
        """Return the projection that some works, a bool for each, teach."""
        rows = np.flatnonzero(learned)
        if len(rows) > MOST_WORKS:
            rows = np.random.default_rng(self.seed).choice(rows, MOST_WORKS, replace=False)
        return teach(self.recipe, vectors[rows], self.classes[rows])


def prepare_lesson(
    stored: StoredWorks,
    *,
    label: Label,
    features: Sequence[str],
    recipe: str,
    same: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Lesson:
    """Read the labels of works.

    Args:
        same: file -> group of files that show the same work.

    Raises:
        NothingToEvaluate: there are too few labelled works, or there is only one class of them.
    """
    classes, names = encode([label_of(work, label) for work in stored.works])
    labelled = int((classes != UNLABELLED).sum())
    learned = learned_from(classes)
    if not labelled:
        raise NothingToEvaluate(f"no work of this collection has a {label}: nothing can be learned")
    if len(np.unique(classes[learned])) < 2:
        raise NothingToEvaluate(
            f"a projection learns to tell one {label} from another: it takes two with several "
            f"works each, and {labelled} works of this collection have a {label}"
        )
    if learned.sum() < LEAST_WORKS:
        raise NothingToEvaluate(
            f"{int(learned.sum())} works of this collection share their {label} with another: it "
            f"takes {LEAST_WORKS} to learn from"
        )
    return Lesson(
        stored=stored,
        label=label,
        classes=classes,
        names=names,
        copies=copy_groups(stored.works, same),
        features=tuple(features),
        recipe=recipe,
        seed=seed,
    )


def fit_lesson(lesson: Lesson) -> Projection:
    """Fit the projection on all works."""
    return lesson.taught_by(lesson.vectors(), np.ones(len(lesson.classes), bool))


def evaluate_lesson(lesson: Lesson, *, plain: str, count: int = FOLDS) -> ProjectionQuality:
    """Measure what is learned on works, and on artists, that were not learned from.

    Args:
        plain: the vector of the stored works to compare with.
        count: folds.

    Raises:
        NothingToEvaluate: no held-out work has a right answer among the others.
    """
    artists = [work.artist for work in lesson.stored.works]
    learned = learned_from(lesson.classes)
    truth = Truth(classes=lesson.classes, copies=lesson.copies)
    unseen_works = _measure(lesson, truth, lesson.copies, plain=plain, count=count)
    unseen_artists = None
    units = artist_units(artists, lesson.copies)
    if lesson.label is not Label.ARTIST:
        apart = Truth(classes=lesson.classes, copies=lesson.copies, apart=encode(artists)[0])
        try:
            unseen_artists = _measure(lesson, apart, units, plain=plain, count=count)
        except NothingToEvaluate:
            unseen_artists = None
    return ProjectionQuality(
        label=lesson.label,
        recipe=lesson.recipe,
        features=lesson.features,
        plain=plain,
        folds=count,
        seed=lesson.seed,
        classes=len(np.unique(lesson.classes[learned])),
        works=int(learned.sum()),
        unseen_works=unseen_works,
        unseen_artists=unseen_artists,
    )


def _measure(
    lesson: Lesson, truth: Truth, units: Codes, *, plain: str, count: int
) -> TransferQuality:
    too_few = NothingToEvaluate(
        f"too few works have a {lesson.label} to hold out one in {count} and learn from the others"
    )
    if len(np.unique(units[lesson.classes != UNLABELLED])) < count:
        raise too_few
    trials = _trials(lesson, units, plain=plain, count=count)
    try:
        return measure_transfer(trials, truth, lesson.names, label=lesson.label, seed=lesson.seed)
    except TooFewClasses:
        raise too_few from None


def _trials(lesson: Lesson, units: Codes, *, plain: str, count: int) -> Iterator[Trial]:
    """Hold out each fold in turn, with all that is of one unit with its works, labelled or not."""
    vectors = lesson.vectors()
    divided = folds(lesson.classes, units, count, seed=lesson.seed)
    for fold in range(count):
        held_out = divided.works(fold)
        learned = ~np.isin(units, units[held_out])
        projected = lesson.taught_by(vectors, learned).apply(vectors)
        lengths = np.linalg.norm(projected, axis=1, keepdims=True)
        yield Trial(
            held_out=held_out,
            before=lesson.stored.vectors[plain],
            after=np.asarray(projected / np.where(lengths > 0, lengths, 1), np.float32),
        )
