"""Finding records of one work in a whole collection, on both engines."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from catalog.same_works import mark_same
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.duplicates import Duplicates, find_duplicates
from search.index.contract import UnknownVector
from tests.reproductions import Pixels, finished, paint, photographed, sheet


def _save(folder: Path, pictures: dict[str, Pixels]) -> None:
    folder.mkdir()
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(folder / f"{name}.jpg", quality=92)


def _fill(deployment: Deployment, folder: Path) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    assert ingest(FolderReader(folder), deployment.ingest_context(embedders)).failed == 0


def _find(deployment: Deployment) -> Duplicates:
    return find_duplicates(
        index=deployment.index,
        database=deployment.database,
        keypoints=deployment.keypoint_store,
        picture_of=deployment.thumbnail_of,
    )


def _names(found: Duplicates) -> set[frozenset[str]]:
    return {frozenset(Path(work.file).stem for work in group.works) for group in found.groups}


@pytest.mark.slow
def test_reproductions_are_grouped_and_what_shares_material_is_not(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = tmp_path / "works"
    others = {f"other{seed}": paint(200 + seed) for seed in range(6)}
    _save(
        folder,
        {
            "mill": paint(1),
            "mill-cropped": photographed(paint(1), crop=0.06),
            "mill-warm": photographed(paint(1), warm=1.15),
            "boat": paint(2),
            "boat-again": photographed(paint(2), crop=0.03, warm=0.9),
            "page-a": sheet(3, emblem=50),
            "page-b": sheet(103, emblem=50),
            "study": paint(4),
            "painting": finished(4, ground=104),
            **others,
        },
    )
    shutil.copy(folder / "other0.jpg", folder / "other0-copied.jpg")
    _fill(deployment, folder)
    heard: list[tuple[int, int]] = []
    found = find_duplicates(
        index=deployment.index,
        database=deployment.database,
        keypoints=deployment.keypoint_store,
        picture_of=deployment.thumbnail_of,
        progress=lambda done, total: heard.append((done, total)),
    )
    assert _names(found) == {
        frozenset({"mill", "mill-cropped", "mill-warm"}),
        frozenset({"boat", "boat-again"}),
        frozenset({"other0", "other0-copied"}),
    }
    assert found.works == 16
    assert heard == [(16, 16)]
    assert set(found.models) == set(deployment.settings.models)
    for group in found.groups:
        ids = {work.id for work in group.works}
        assert not group.marked
        assert {item for link in group.links for item in (link.first, link.second)} == ids
        for link in group.links:
            if link.agreement is None:
                assert len({work.image_sha256 for work in group.works}) == 1
            else:
                assert link.agreement.same
                assert link.cosines


@pytest.mark.slow
def test_a_group_that_a_curator_has_marked_is_said_to_be_and_comes_last(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = tmp_path / "works"
    _save(
        folder,
        {
            "apple": paint(1),
            "apple-again": photographed(paint(1)),
            "pear": paint(2),
            "pear-again": photographed(paint(2)),
            "quince": paint(3),
        },
    )
    _fill(deployment, folder)
    first = _find(deployment).groups[0]
    assert {work.title for work in first.works} == {"apple", "apple again"}
    with deployment.database.transaction() as session:
        mark_same(session, [work.id for work in first.works])
    after = _find(deployment).groups
    assert [group.marked for group in after] == [False, True]
    assert after[1].works == first.works


def test_an_empty_collection_says_what_to_do(deployment: Deployment) -> None:
    with pytest.raises(UnknownVector, match="run an ingest first"):
        _find(deployment)


@pytest.mark.slow
def test_a_work_whose_picture_is_gone_is_passed_over(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = tmp_path / "works"
    _save(folder, {"apple": paint(1), "apple-again": photographed(paint(1)), "pear": paint(2)})
    _fill(deployment, folder)
    shutil.rmtree(deployment.image_store.folder)
    shutil.rmtree(folder)
    assert _find(deployment).groups == ()
