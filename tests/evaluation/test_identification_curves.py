"""Curves of identification, where it is known by construction what they must be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import evaluation.identification_curves
from deployment import Deployment
from evaluation.identification_curves import identification_curves
from evaluation.photo_queries import Bench
from evaluation.stored import NothingToEvaluate
from evaluation.strengths import STRENGTHS, GradedPerturbation
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from settings import Settings
from tests.paintings import make_gallery, paint

WORKS = 5


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    settings = Settings(home=tmp_path / "home", models=("colour_grid", "edge_grid"), batch_size=8)
    works = make_gallery(tmp_path / "works", WORKS)
    with Deployment(settings) as deployment:
        embedders = [deployment.embedder(name) for name in settings.models]
        assert ingest(FolderReader(works), deployment.ingest_context(embedders)).failed == 0
        yield Bench(
            index=deployment.index,
            database=deployment.database,
            embedder=embedders[0],
            alone=embedders,
            keypoints=deployment.keypoint_store,
            picture_of=deployment.picture_of,
        )


def _graded(**changes: object) -> GradedPerturbation:
    known = {
        "title": "Nothing",
        "scale": "how little",
        "unit": "levels",
        "none": 0,
        "strengths": (1, 2),
        "change": lambda picture, strength, rng: picture,
    }
    return GradedPerturbation(**(known | changes))  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_curve_is_flat_where_nothing_is_done_and_falls_to_one_work_where_all_look_alike(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        evaluation.identification_curves,
        "STRENGTHS",
        {
            "nothing": _graded(),
            "exchanged": _graded(
                change=lambda picture, strength, rng: picture if strength < 2 else paint(0)
            ),
        },
    )
    steps: list[tuple[int, int]] = []
    found = identification_curves(
        bench, n=1_000, seed=3, progress=lambda done, total: steps.append((done, total))
    )
    assert found.queries == found.works == WORKS
    assert steps[0] == (0, 5 * WORKS)
    assert steps[-1] == (5 * WORKS, 5 * WORKS)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    for points in found.curves.values():
        assert [point.strength for point in points] == [0, 1, 2]
        assert list(points[0].quality.top) == ["colour_grid", "edge_grid", "identify"]
    for method in ("colour_grid", "edge_grid", "identify"):
        flat, falling = (
            [point.quality.top[method]["top1"].value for point in found.curves[name]]
            for name in ("nothing", "exchanged")
        )
        assert flat == [1, 1, 1]
        assert falling == [1, 1, pytest.approx(1 / WORKS)]
    last = found.curves["exchanged"][-1].quality
    assert last.named_same.value == pytest.approx(1 / WORKS)
    assert last.misnamed.value == pytest.approx(1 - 1 / WORKS)
    # Nothing is done at the start of each curve: it was asked once.
    starts = {id(points[0].quality) for points in found.curves.values()}
    assert len(starts) == 1


@pytest.mark.slow
def test_the_same_works_are_asked_about_at_every_strength(bench: Bench) -> None:
    found = identification_curves(bench, n=2, seed=3, only=["size"])
    assert list(found.curves) == ["size"]
    points = found.curves["size"]
    assert [point.strength for point in points] == [
        STRENGTHS["size"].none,
        *STRENGTHS["size"].strengths,
    ]
    asked = {tuple(item.work for item in point.quality.asked) for point in points}
    assert len(asked) == 1
    assert len(next(iter(asked))) == 2


def test_an_unknown_perturbation_is_refused_with_the_known_ones(bench: Bench) -> None:
    with pytest.raises(NothingToEvaluate, match="angle"):
        identification_curves(bench, n=2, only=["mist"])
