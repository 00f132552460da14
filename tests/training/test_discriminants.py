"""Projections fitted to labels, against scikit-learn's own and what they are for."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from embedders.projection import Matrix, principal_components
from training.discriminants import (
    RECIPES,
    SHRINKAGE,
    TooFewClasses,
    fit_discriminants,
    fitted_rows,
)

Classes = NDArray[np.int64]


def _works(seed: int, *, count: int, channels: int) -> tuple[Matrix, Classes]:
    """Return features with loud channels that say nothing and four weak ones that tell classes."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, 4, count)
    features = 3 + 0.3 * rng.normal(size=(count, channels))
    features += 3 * rng.normal(size=(count, channels)) @ np.diag([0] * 4 + [1] * (channels - 4))
    features[:, :4] += 0.6 * np.eye(4)[classes]
    return features.astype(np.float32), classes


def _cosines(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(unit @ unit.T)


@pytest.mark.parametrize(("count", "channels"), [(200, 24), (60, 90)])
@pytest.mark.parametrize("recipe", list(RECIPES))
def test_it_is_the_analysis_of_scikit_learn(recipe: str, count: int, channels: int) -> None:
    features, classes = _works(1, count=count, channels=channels)
    priors = np.full(4, 0.25) if recipe == "lda_balanced" else None
    whole = make_pipeline(
        StandardScaler(),
        PCA(min(count - 1, channels)),
        LinearDiscriminantAnalysis(solver="eigen", shrinkage=SHRINKAGE, priors=priors),
    )
    expected = whole.fit_transform(features.astype(np.float64), classes)
    of_classes = np.stack([expected[classes == own].mean(axis=0) for own in range(4)])
    expected -= of_classes.mean(axis=0) if priors is not None else expected.mean(axis=0)
    projection = fit_discriminants(recipe, features, classes)
    projected = projection.apply(features)
    assert projected.shape == (count, 3)
    assert projection.works == count
    assert np.abs(projected) == pytest.approx(np.abs(expected), abs=1e-3)
    assert _cosines(projected) == pytest.approx(_cosines(expected), abs=1e-3)


def test_works_of_a_class_come_together_though_loud_channels_say_otherwise() -> None:
    features, classes = _works(2, count=300, channels=24)
    fitted = fit_discriminants("lda", features[:200], classes[:200]).apply(features)
    nearest = []
    for vectors in (features - features.mean(axis=0), fitted):
        cosines = _cosines(vectors)[200:]
        cosines[np.arange(100), np.arange(200, 300)] = -2
        nearest.append(np.mean(classes[cosines.argmax(axis=1)] == classes[200:]))
    assert nearest[1] > nearest[0] + 0.2


def test_works_without_a_label_and_classes_of_one_work_teach_nothing_but_the_scale() -> None:
    features, classes = _works(3, count=80, channels=12)
    unlabelled = classes.copy()
    unlabelled[classes == 3] = -1
    alone = unlabelled.copy()
    alone[np.flatnonzero(classes == 3)[0]] = 9
    assert fitted_rows(alone).tolist() == (unlabelled >= 0).tolist()
    one, other = (
        fit_discriminants("lda", features, unlabelled),
        fit_discriminants("lda", features, alone),
    )
    assert one.matrix.shape == (12, 2)
    assert one.works == (classes < 3).sum()
    assert np.array_equal(one.matrix, other.matrix)


@pytest.mark.parametrize("classes", [[0] * 6, [-1] * 6, [0, 0, 0, 1, 2, 3]])
def test_fewer_than_two_classes_of_two_works_cannot_be_told_apart(classes: list[int]) -> None:
    features = _works(0, count=6, channels=5)[0]
    with pytest.raises(TooFewClasses, match="two or more classes"):
        fit_discriminants("lda", features, np.array(classes))


def test_equal_pictures_and_dead_channels_do_no_harm() -> None:
    features, classes = _works(4, count=20, channels=30)
    features[:, 7] = 0.0
    features[10:] = features[:10]
    classes[10:] = classes[:10]
    fitted = fit_discriminants("lda", features, classes)
    assert np.isfinite(fitted.matrix).all()
    assert fitted.apply(features)[10:] == pytest.approx(fitted.apply(features)[:10])


def test_principal_components_are_the_same_by_works_and_by_channels() -> None:
    centred = np.random.default_rng(0).normal(size=(30, 50))
    centred -= centred.mean(axis=0)
    variances, directions = principal_components(centred, 40)
    every, all_directions = np.linalg.eigh(centred.T @ centred / 30)
    assert directions.shape == (50, 29)
    assert directions.T @ directions == pytest.approx(np.eye(29), abs=1e-9)
    assert variances == pytest.approx(every[::-1][:29])
    overlap = np.abs((directions * all_directions[:, ::-1][:, :29]).sum(axis=0))
    assert overlap == pytest.approx(np.ones(29), abs=1e-6)
