"""Projections fitted to labels: features become vectors that tell its classes apart."""

import numpy as np
from numpy.typing import NDArray

from embedders.projection import Matrix, Projection, channel_scale, principal_components
from errors import VasariError

COMPONENTS = 600
"""Principal components in which classes are told apart, where there are works enough."""

SHRINKAGE = 0.3
"""How far the spread within the classes is taken for the same in every direction."""

LEAST_OF_A_CLASS = 2
"""One work does not tell what its class has in common."""

RECIPES = {"lda": False, "lda_balanced": True}
"""Each with whether every class counts the same, however many works it has."""

Classes = NDArray[np.int64]


class TooFewClasses(VasariError, ValueError):
    """There are no two classes of several works each to tell apart."""


def fit_discriminants(recipe: str, features: Matrix, classes: Classes) -> Projection:
    """Learn to tell classes apart: each channel on one scale, principal components, LDA.

    Linear discriminant analysis finds the directions in which the classes' means differ most
    against the spread within the classes (Fisher 1936; Rao 1948), which is shrunk towards a sphere
    (Friedman, "Regularized discriminant analysis", JASA 84, 1989): there are hardly more works than
    components. Projected features spread alike in all directions within a class, and have the
    classes' common mean in the origin.

    Args:
        recipe: ``lda``, or ``lda_balanced`` for classes that all count the same.
        features: float32 [n, d].
        classes: [n], below 0 for works without a label, from which scale and principal components
            are learned all the same. Classes of a single work are passed over.

    Returns:
        A projection to one dimension fewer than there are classes.

    Raises:
        TooFewClasses: there are not two classes of two works each.
        KeyError: another recipe.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    balanced = RECIPES[recipe]
    learned = fitted_rows(classes)
    if len(np.unique(classes[learned])) < 2:
        raise TooFewClasses("a projection is fitted to two or more classes of several works each")
    mean = features.mean(axis=0, dtype=np.float64)
    centred = features - mean
    scale = channel_scale(centred)
    directions = principal_components(centred * scale, COMPONENTS)[1]
    seen = (centred[learned] * scale) @ directions
    count = len(np.unique(classes[learned]))
    analysis = LinearDiscriminantAnalysis(
        solver="eigen",
        shrinkage=SHRINKAGE,
        priors=np.full(count, 1 / count) if balanced else None,
    ).fit(seen, classes[learned])
    kept = min(count - 1, seen.shape[1])
    middle = analysis.priors_ @ analysis.means_
    return Projection(
        np.asarray(mean + (directions @ middle) / scale, np.float32),
        np.asarray(scale[:, None] * directions @ analysis.scalings_[:, :kept], np.float32),
        int(learned.sum()),
    )


def fitted_rows(classes: Classes) -> NDArray[np.bool_]:
    """Return which works are learned from: those whose class has several."""
    sizes = np.bincount(classes[classes >= 0], minlength=int(classes.max(initial=0)) + 1)
    several: NDArray[np.bool_] = (classes >= 0) & (sizes[classes] >= LEAST_OF_A_CLASS)
    return several
