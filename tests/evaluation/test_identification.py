"""The evaluation of identification: what is asked, what is right, and what counts neither way."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from deployment import Deployment
from evaluation.bootstrap import Interval
from evaluation.copies import InvalidCopies, read_related_works, read_same_works
from evaluation.identification import evaluate_identification, share_of
from evaluation.perturbations import PERTURBATIONS
from evaluation.photo_queries import Bench
from evaluation.stored import NothingToEvaluate
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.identification.identify import model_for_identifying
from settings import Settings
from tests.paintings import make_gallery, paint, write_same_works

WORKS = 12


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    settings = Settings(home=tmp_path / "home", models=("colour_grid",), batch_size=8)
    works = make_gallery(tmp_path / "works", WORKS)
    # Two works are shown twice: the first at another size.
    paint(0).resize((400, 311)).save(works / "images" / "001.jpg", quality=92)
    with Deployment(settings) as deployment:
        embedder = deployment.embedder("colour_grid")
        assert ingest(FolderReader(works), deployment.ingest_context([embedder])).failed == 0
        yield Bench(
            index=deployment.index,
            database=deployment.database,
            embedder=deployment.embedder(model_for_identifying(deployment.index)),
            alone=[embedder],
            keypoints=deployment.keypoint_store,
            picture_of=deployment.picture_of,
        )


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_a_perturbation_depends_on_its_generator_only(name: str) -> None:
    photos = [PERTURBATIONS[name](paint(1), np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert photos[0].tobytes() == photos[1].tobytes()
    assert photos[0].tobytes() != photos[2].tobytes()
    assert photos[0].mode == "RGB"
    assert max(photos[0].size) <= 800


@pytest.mark.slow
def test_every_work_is_asked_about_where_more_are_wanted_than_there_are(bench: Bench) -> None:
    quality = evaluate_identification(bench, perturbation="usual", n=1_000, seed=1)
    assert quality.queries == WORKS
    assert quality.left_out == 0
    assert quality.wrongly_same is None
    assert set(quality.top) == {"colour_grid", "identify"}
    # Either of the two reproductions may be named, and without a list the other one is wrong.
    assert quality.top["identify"]["top1"].value >= (WORKS - 2) / WORKS
    assert quality.wrongly_absent.value == 0
    again = evaluate_identification(bench, perturbation="usual", n=1_000, seed=1)
    assert [item.inliers for item in again.asked] == [item.inliers for item in quality.asked]


@pytest.mark.slow
def test_a_list_of_same_works_makes_either_reproduction_right(bench: Bench, tmp_path: Path) -> None:
    listed = write_same_works(
        tmp_path / "same.csv",
        [("1", "images/000.jpg", "same"), ("1", "images/001.jpg", "same")],
    )
    quality = evaluate_identification(
        bench, perturbation="usual", n=1_000, seed=1, same=read_same_works(listed)
    )
    assert quality.top["identify"]["top1"].value == 1
    assert quality.named_same.value == 1
    assert quality.misnamed.value == 0


@pytest.mark.slow
def test_a_work_left_out_takes_its_other_reproductions_with_it(
    bench: Bench, tmp_path: Path
) -> None:
    listed = write_same_works(
        tmp_path / "same.csv",
        [("1", "images/000.jpg", "same"), ("1", "images/001.jpg", "same")],
    )
    quality = evaluate_identification(
        bench, perturbation="usual", n=1, seed=1, leave_out=10, same=read_same_works(listed)
    )
    assert quality.left_out == 10
    assert quality.works in (1, 2)
    assert quality.wrongly_same is not None
    assert quality.wrongly_same.value == 0
    assert all(item.verdict == "absent" for item in quality.asked if item.left_out)


@pytest.mark.slow
def test_a_related_work_counts_neither_way(bench: Bench, tmp_path: Path) -> None:
    listed = write_same_works(
        tmp_path / "related.csv",
        [("1", "images/000.jpg", "related"), ("1", "images/001.jpg", "related")],
    )
    related = read_related_works(listed)
    assert related == {
        "images/000.jpg": frozenset({"images/001.jpg"}),
        "images/001.jpg": frozenset({"images/000.jpg"}),
    }
    quality = evaluate_identification(
        bench, perturbation="usual", n=1_000, seed=1, leave_out=3, related=related
    )
    assert quality.misnamed.value == 0
    for item in quality.asked:
        assert item.named is not False or item.left_out
        # Left out while the related work is in: naming that one is no mistake.
        assert item.verdict == "absent" or not item.left_out or item.neutral


@pytest.mark.slow
def test_other_works_are_asked_about_from_the_other_end(bench: Bench) -> None:
    ends = [
        evaluate_identification(bench, perturbation="usual", n=5, seed=1, from_end=from_end)
        for from_end in (False, True)
    ]
    first, last = ({item.work for item in quality.asked} for quality in ends)
    assert len(first) == len(last) == 5
    assert not first & last


def test_what_cannot_be_asked_is_said(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(NothingToEvaluate, match="hard-any-angle"):
        evaluate_identification(bench, perturbation="harder", n=1)
    with pytest.raises(NothingToEvaluate, match="left out"):
        evaluate_identification(bench, perturbation="usual", n=1, leave_out=WORKS)
    with pytest.raises(InvalidCopies, match="cannot be read"):
        read_related_works(tmp_path / "none.csv")


def test_a_share_has_wilsons_interval_and_of_nothing_nothing_is_known() -> None:
    # Wilson's own example, in any table: 95 of 100.
    share = share_of([True] * 95 + [False] * 5)
    assert (share.value, share.low, share.high) == pytest.approx((0.95, 0.8882, 0.9785), abs=1e-4)
    assert share_of([False] * 10).low == 0
    assert share_of([True] * 10).high == 1
    assert share_of([]) == Interval(value=0, low=0, high=1)
