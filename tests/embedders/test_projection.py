"""Projections fitted on a collection."""

import numpy as np
import pytest
from numpy.typing import NDArray

from embedders.projection import fit, turned_towards

Matrix = NDArray[np.float32]


def _features(count: int, seed: int = 1) -> Matrix:
    """Features that share a strong direction and differ in weak ones, as embeddings do."""
    rng = np.random.default_rng(seed)
    loud = rng.normal(size=(count, 1)) * np.linspace(1, 2, 24)
    return np.asarray(5 + loud + 0.1 * rng.normal(size=(count, 24)), np.float32)


def _cosines(vectors: Matrix) -> NDArray[np.float64]:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(unit @ unit.T, np.float64)


def test_whitening_gives_every_component_nearly_the_same_variance() -> None:
    features = _features(500)

    projected = fit("whiten", features, 24).apply(features)

    before = np.sort(np.linalg.eigvalsh(np.cov(features.T)))
    after = np.sort(np.linalg.eigvalsh(np.cov(projected.T)))
    assert before[-1] / before[0] > 1_000
    assert np.cov(projected.T) == pytest.approx(np.diag(np.diag(np.cov(projected.T))), abs=1e-3)
    # The floor keeps the weak components below the loud one, by far less than they were.
    assert 1 < after[-1] / after[0] < before[-1] / before[0] / 20


def test_standardising_makes_the_scale_of_a_channel_irrelevant() -> None:
    features = _features(200)
    scaled = features * np.geomspace(0.2, 5, 24).astype(np.float32)

    plain = fit("standardise", features, 24).apply(features)
    rescaled = fit("standardise", scaled, 24).apply(scaled)

    assert _cosines(rescaled) == pytest.approx(_cosines(plain), abs=1e-3)


@pytest.mark.parametrize("recipe", ["whiten", "standardise"])
def test_a_small_collection_leaves_the_last_components_empty(recipe: str) -> None:
    features = _features(6)

    projected = fit(recipe, features, 20).apply(features)

    assert projected.shape == (6, 20)
    assert np.abs(projected[:, :5]).max(axis=0).min() > 0
    assert not projected[:, 5:].any()


@pytest.mark.parametrize("recipe", ["whiten", "standardise"])
def test_equal_pictures_project_to_nothing_and_not_to_infinity(recipe: str) -> None:
    features = np.ones((5, 24), np.float32)

    assert not fit(recipe, features, 4).apply(features).any()


@pytest.mark.slow
def test_turning_towards_a_former_projection_changes_no_cosine_and_comes_nearer() -> None:
    features = _features(400)
    former = fit("whiten", features[:300], 8)
    fresh = fit("whiten", features, 8)

    turned = turned_towards(fresh, former)

    wanted = former.apply(features)
    assert _cosines(turned.apply(features)) == pytest.approx(
        _cosines(fresh.apply(features)), abs=1e-4
    )
    distance = np.linalg.norm(turned.apply(features) - wanted)
    assert distance <= np.linalg.norm(fresh.apply(features) - wanted) + 1e-3
    assert distance < 0.5 * np.linalg.norm(wanted)
