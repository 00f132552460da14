"""Keypoints made ahead: the same as on demand, resumed, and never in the place of others."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catalog.artworks import ArtworkFacts, list_artworks
from catalog.deletions import delete_artwork
from catalog.filters import Filter
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from maintenance.keypoints import KeypointsMade, keypoints_kept, make_keypoints, remove_orphans
from search.identification import keypoint_files
from search.identification.keypoint_files import FOLDERS, KeypointFiles
from search.identification.local_features import LocalFeatures
from settings import Settings
from tests.conftest import TINY_MODELS
from tests.search.identification.test_keypoint_store import same_features

PictureOf = Callable[[ArtworkFacts], Image.Image]


class Told:
    """Hears how many works are to be done, and how many are."""

    total = 0
    done = 0

    def begin(self, task: str, total: int) -> None:
        self.total = total

    def advance(self, pictures: int, note: str = "") -> None:
        self.done += pictures


@pytest.fixture
def works(filled: Deployment) -> tuple[ArtworkFacts, ...]:
    with filled.database.transaction() as session:
        return list_artworks(session, Filter()).artworks


def _make(
    opened: Deployment,
    files: KeypointFiles | None = None,
    picture_of: PictureOf | None = None,
    told: Told | None = None,
) -> KeypointsMade:
    return make_keypoints(
        opened.database,
        files or opened.keypoint_store.files,
        picture_of or opened.thumbnail_of,
        told or Told(),
    )


def _untouchable(work: ArtworkFacts) -> Image.Image:
    raise AssertionError(f"{work.title} was looked at again")


def test_they_are_those_that_are_found_on_demand(
    filled: Deployment, works: tuple[ArtworkFacts, ...]
) -> None:
    found = filled.keypoint_store.features(works)
    for work in works:
        filled.keypoint_store.files.remove(work.image_sha256 or "")
    told = Told()
    made = _make(filled, told=told)
    assert (made.made, made.kept, made.failed, made.interrupted) == (len(works), 0, 0, False)
    assert (told.total, told.done) == (len(works), len(works))
    for work in works:
        assert same_features(
            filled.keypoint_store.files.read(work.image_sha256 or ""), found[work.id]
        )
    kept = keypoints_kept(filled.database, filled.keypoint_store.files)
    sizes = [path.stat().st_size for path in filled.keypoint_store.files.folder.rglob("*.npz")]
    assert (kept.works, kept.kept, kept.bytes) == (len(works), len(works), sum(sizes))


def test_those_of_an_ingest_are_the_same(tmp_path: Path, pictures: Path) -> None:
    settings = Settings(home=tmp_path / "home", models=TINY_MODELS)
    for chosen, expected in ((settings, 0), (_at_ingest(settings, tmp_path / "other"), 24)):
        with Deployment(chosen) as opened:
            embedders = [opened.embedder(name) for name in TINY_MODELS]
            ingest(FolderReader(pictures), opened.ingest_context(embedders))
            held = list(opened.keypoint_store.files.hashes())
            assert len(held) == expected
            along = {image: opened.keypoint_store.files.read(image) for image in held}
            for image in held:
                opened.keypoint_store.files.remove(image)
            assert _make(opened).made == 24
            for image in held:
                assert same_features(opened.keypoint_store.files.read(image), along[image])


def _at_ingest(settings: Settings, home: Path) -> Settings:
    return settings.model_copy(update={"keypoints": "at_ingest", "home": home})


def test_after_ctrl_c_only_what_is_missing_is_made(
    filled: Deployment, works: tuple[ArtworkFacts, ...]
) -> None:
    asked: list[ArtworkFacts] = []

    def picture_of(work: ArtworkFacts) -> Image.Image:
        asked.append(work)
        if len(asked) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return filled.thumbnail_of(work)

    told = Told()
    first = _make(filled, picture_of=picture_of, told=told)
    assert first.interrupted
    assert 5 <= first.made == told.done < len(works)
    second = _make(filled, picture_of=picture_of)
    assert (second.made, second.kept) == (len(works) - first.made, first.made)
    assert not second.interrupted
    assert sorted(work.id for work in asked) == sorted(work.id for work in works)
    assert _make(filled, picture_of=_untouchable).kept == len(works)


def test_nothing_that_is_kept_goes_for_what_is_made_ahead(
    filled: Deployment, works: tuple[ArtworkFacts, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keypoint_files, "TYPICAL_BYTES", 20_000)
    image = works[0].image_sha256 or ""
    small = replace(filled.keypoint_store.files, most_bytes=FOLDERS * 30_000)
    other = image[:2] + "0" * 62
    small.write(other, _large())
    made = _make(filled, small)
    assert made.removed == 1  # of no work
    assert made.made + made.without_room == len(works)
    monkeypatch.setattr("maintenance.keypoints._remove", lambda *_: 0)
    small.remove(image)
    small.write(other, _large())
    again = _make(filled, small, _untouchable)
    assert (again.made, again.without_room) == (0, made.without_room + 1)
    assert other in set(small.hashes())


def _large() -> LocalFeatures:
    rng = np.random.default_rng(0)
    return LocalFeatures(
        points=rng.random((200, 2), np.float32),
        descriptors=rng.integers(0, 255, (200, 128), np.uint8),
        width=1,
        height=1,
    )


def test_works_without_a_picture_are_named_and_stop_nothing(
    filled: Deployment, works: tuple[ArtworkFacts, ...]
) -> None:
    gone = works[3]
    Path(gone.image_location).unlink()
    filled.image_store.remove(gone.image_sha256 or "")
    made = _make(filled)
    assert (made.made, made.failed) == (len(works) - 1, 1)
    (group,) = made.failures
    assert (group.reason, group.count) == ("file not found", 1)
    assert [item.artwork_id for item in group.examples] == [gone.id]


def test_those_of_deleted_works_are_removed(
    filled: Deployment, works: tuple[ArtworkFacts, ...]
) -> None:
    _make(filled)
    gone = works[0]
    with filled.database.transaction() as session:
        delete_artwork(session, gone.id)
    assert remove_orphans(filled.database, filled.keypoint_store.files) == 1
    assert not filled.keypoint_store.files.path(gone.image_sha256 or "").exists()
    assert remove_orphans(filled.database, filled.keypoint_store.files) == 0
    kept = keypoints_kept(filled.database, filled.keypoint_store.files)
    assert (kept.works, kept.kept) == (len(works) - 1, len(works) - 1)
