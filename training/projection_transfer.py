"""What a projection fitted to labels is worth on works, and on artists, that it was not fitted to.

By cross-fitting: the works are divided in folds, and each asks once, under a projection that was
fitted on the other folds only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.projection import Matrix, Projection
from evaluation.copies import SameWorks, copy_groups
from evaluation.labels import UNLABELLED, Codes, Label, encode, label_of
from evaluation.ranking import RelevanceJudgments
from evaluation.splits import artist_units, folds
from evaluation.stored import NothingToEvaluate, StoredWorks
from training.discriminants import TooFewClasses, fit_discriminants, fitted_rows
from training.transfer import TransferQuality, Trial, measure_transfer

FOLDS = 5
LEAST_WORKS = 20
"""With fewer labelled works, what those of a class have in common is lost in noise."""

MOST_WORKS = 20_000
"""Works that a projection is fitted on at most, drawn at random."""


@dataclass(frozen=True, kw_only=True)
class ProjectionQuality:
    """What a supervised projection is worth, against a plain model.

    Args:
        classes: how many have several works, and are fitted to.
        works: how many have one of these.
        unseen_works: with works as queries that it was not fitted to.
        unseen_artists: with works as queries to whose artists it was not fitted, and all works
            by the query's artist left out of its ranking. ``None`` where that is undefined: for
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
class TrainingSet:
    """Labelled works that a projection is fitted to.

    Args:
        stored: works with the plain model's vectors and the features to project.
        label: whose classes are told apart.
        classes: each work's class, and the classes' names.
        copies: a number that a work shares with its copies.
        features: names of the vectors that are projected, concatenated.
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

    def fit(self, vectors: Matrix, mask: NDArray[np.bool_]) -> Projection:
        """Fit the projection to the works of a mask, bool (works,)."""
        rows = np.flatnonzero(mask)
        if len(rows) > MOST_WORKS:
            rows = np.random.default_rng(self.seed).choice(rows, MOST_WORKS, replace=False)
        return fit_discriminants(self.recipe, vectors[rows], self.classes[rows])


def read_training_set(
    stored: StoredWorks,
    *,
    label: Label,
    features: Sequence[str],
    recipe: str,
    same: SameWorks | None = None,
    seed: int = 0,
) -> TrainingSet:
    """Read the labels of works.

    Raises:
        NothingToEvaluate: there are too few labelled works, or there is only one class of them.
    """
    classes, names = encode([label_of(work, label) for work in stored.works])
    labelled = int((classes != UNLABELLED).sum())
    learned = fitted_rows(classes)
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
    return TrainingSet(
        stored=stored,
        label=label,
        classes=classes,
        names=names,
        copies=copy_groups(stored.works, same),
        features=tuple(features),
        recipe=recipe,
        seed=seed,
    )


def fit(training_set: TrainingSet) -> Projection:
    """Fit the projection on all works."""
    return training_set.fit(training_set.vectors(), np.ones(len(training_set.classes), bool))


def cross_validate(
    training_set: TrainingSet, *, plain: str, count: int = FOLDS
) -> ProjectionQuality:
    """Measure by cross-validation, on works and on artists that a projection was not fitted to.

    Args:
        plain: the vector of the stored works to compare with.
        count: folds.

    Raises:
        NothingToEvaluate: no held-out work has a right answer among the others.
    """
    artists = [work.artist for work in training_set.stored.works]
    learned = fitted_rows(training_set.classes)
    truth = RelevanceJudgments(classes=training_set.classes, copies=training_set.copies)
    unseen_works = _measure(training_set, truth, training_set.copies, plain=plain, count=count)
    unseen_artists = None
    units = artist_units(artists, training_set.copies)
    if training_set.label is not Label.ARTIST:
        apart = RelevanceJudgments(
            classes=training_set.classes, copies=training_set.copies, apart=encode(artists)[0]
        )
        try:
            unseen_artists = _measure(training_set, apart, units, plain=plain, count=count)
        except NothingToEvaluate:
            unseen_artists = None
    return ProjectionQuality(
        label=training_set.label,
        recipe=training_set.recipe,
        features=training_set.features,
        plain=plain,
        folds=count,
        seed=training_set.seed,
        classes=len(np.unique(training_set.classes[learned])),
        works=int(learned.sum()),
        unseen_works=unseen_works,
        unseen_artists=unseen_artists,
    )


def _measure(
    training_set: TrainingSet, truth: RelevanceJudgments, units: Codes, *, plain: str, count: int
) -> TransferQuality:
    too_few = NothingToEvaluate(
        f"too few works have a {training_set.label} to hold out one in {count} and learn from the "
        "others"
    )
    if len(np.unique(units[training_set.classes != UNLABELLED])) < count:
        raise too_few
    trials = _trials(training_set, units, plain=plain, count=count)
    try:
        return measure_transfer(
            trials, truth, training_set.names, label=training_set.label, seed=training_set.seed
        )
    except TooFewClasses:
        raise too_few from None


def _trials(training_set: TrainingSet, units: Codes, *, plain: str, count: int) -> Iterator[Trial]:
    """Hold out each fold in turn, with all that is of one unit with its works, labelled or not."""
    vectors = training_set.vectors()
    divided = folds(training_set.classes, units, count, seed=training_set.seed)
    for fold in range(count):
        held_out = divided.works(fold)
        learned = ~np.isin(units, units[held_out])
        projected = training_set.fit(vectors, learned).apply(vectors)
        lengths = np.linalg.norm(projected, axis=1, keepdims=True)
        yield Trial(
            held_out=held_out,
            before=training_set.stored.vectors[plain],
            after=np.asarray(projected / np.where(lengths > 0, lengths, 1), np.float32),
        )
