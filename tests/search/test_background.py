"""Calibration: percentiles that are uniform over pairs of works, and z-scores."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.backgrounds import Background, load_backgrounds, save_background
from catalog.filters import Filter
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.background import measure, percentiles, refresh_backgrounds, z_scores
from search.index.contract import VectorSpec
from search.similar import NO_CUT_OFF, CutOff, Hit, HitSelection, similar
from tests.pictures import make_folder

SPEC = VectorSpec(model="m", dimension=24, fingerprint="f")


def _clustered(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Return unit vectors that are alike in groups, as paintings are."""
    centres = rng.normal(size=(12, 24))
    vectors = centres[rng.integers(0, 12, count)] + 0.8 * rng.normal(size=(count, 24)) + 0.5
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def _distance_from_uniform(shares: list[float]) -> float:
    """Return the Kolmogorov–Smirnov statistic of percentages against the uniform distribution."""
    ordered = np.sort(np.array(shares) / 100)
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return float(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])))


def _measured(vectors: NDArray[np.float32]) -> Background:
    background = measure(SPEC, vectors, works=len(vectors))
    assert background is not None
    return background


def test_percentiles_of_random_pairs_are_uniform() -> None:
    rng = np.random.default_rng(4)
    vectors = _clustered(rng, 3_000)
    background = _measured(vectors[:1_500])
    first, second = rng.integers(0, 3_000, (2, 5_000))
    different = first != second
    cosines = (vectors[first] * vectors[second]).sum(axis=1)[different]
    assert _distance_from_uniform(percentiles(background, list(cosines))) < 0.03


def test_percentiles_are_the_share_of_pairs_below_also_far_out() -> None:
    vectors = _clustered(np.random.default_rng(5), 700)
    background = _measured(vectors)
    pairs = np.sort((vectors @ vectors.T)[np.triu_indices(700, k=1)])
    for share in (0.1, 0.5, 0.9, 0.99, 0.999, 0.9999):
        cosine = float(np.quantile(pairs, share))
        assert percentiles(background, [cosine]) == pytest.approx([100 * share], abs=0.01)
    assert percentiles(background, [1.1, -1.1]) == [100, 0]


def test_z_scores_are_deviations_from_the_mean_of_the_pairs() -> None:
    vectors = _clustered(np.random.default_rng(6), 300)
    background = _measured(vectors)
    pairs = (vectors @ vectors.T)[np.triu_indices(300, k=1)].astype(np.float64)
    expected = (0.7 - pairs.mean()) / pairs.std()
    assert z_scores(background, [0.7]) == pytest.approx([expected])


def test_one_work_has_no_background_and_equal_works_no_spread() -> None:
    assert measure(SPEC, np.eye(24, dtype=np.float32)[:1], works=1) is None
    same = np.tile(np.eye(24, dtype=np.float32)[0], (3, 1))
    assert z_scores(_measured(same), [1.0]) == [0.0]


@pytest.mark.slow
def test_ingest_measures_the_background_and_measures_again_when_the_collection_grows(
    deployment: Deployment, pictures: Path, tmp_path: Path
) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    assert _stored(deployment)["colour_grid"].works == 24
    assert _stored(deployment)["colour_grid"].pairs == 24 * 23 / 2
    assert refresh_backgrounds(deployment.database, deployment.index) == []

    more = make_folder(tmp_path / "more", 40)
    ingest(FolderReader(more, source="more"), deployment.ingest_context(embedders))
    # The CSV names its sources, so that only 16 works of the 40 are new.
    assert _stored(deployment)["colour_grid"].works == 40


@pytest.mark.slow
def test_a_background_of_other_weights_is_not_used(deployment: Deployment, pictures: Path) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    assert all(
        hit.percentile is not None and hit.z is not None for hit in _hits(deployment, pictures)
    )
    stored = _stored(deployment)["colour_grid"]
    with deployment.database.transaction() as session:
        save_background(session, replace(stored, fingerprint="of other weights"))
    assert all(hit.percentile is None and hit.z is None for hit in _hits(deployment, pictures))
    assert refresh_backgrounds(deployment.database, deployment.index) == ["colour_grid"]


@pytest.mark.slow
def test_a_cut_off_leaves_out_what_is_too_far(deployment: Deployment, pictures: Path) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    everything = _hits(deployment, pictures)
    near = _hits(deployment, pictures, cut_off=CutOff(min_percentile=50))
    assert 0 < len(near) < len(everything)
    assert [hit.artwork.id for hit in near] == [
        hit.artwork.id for hit in everything if (hit.percentile or 0) >= 50
    ]
    nearest = _hits(deployment, pictures, cut_off=CutOff(max_distance=0.01))
    assert [hit.rank for hit in nearest] == [1]


def _stored(deployment: Deployment) -> dict[str, Background]:
    with deployment.database.transaction() as session:
        return load_backgrounds(session)


def _hits(deployment: Deployment, pictures: Path, cut_off: CutOff = NO_CUT_OFF) -> list[Hit]:
    answer = similar(
        pictures / "images" / "001.jpg",
        index=deployment.index,
        database=deployment.database,
        embedders=[deployment.embedder("colour_grid")],
        wanted=Filter(),
        top=24,
        selection=HitSelection(cut_off=cut_off),
    )
    return list(answer.models["colour_grid"].hits)
