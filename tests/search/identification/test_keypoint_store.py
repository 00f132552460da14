"""The keypoints that are kept: found once, shared by processes, and made again when damaged."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from catalog.artworks import ArtworkFacts
from catalog.models import ImageState
from embedders import UnreadableImage
from search.identification.keypoint_files import KeypointFiles
from search.identification.keypoint_store import KeypointStore
from search.identification.local_features import LocalFeatures
from search.pictures import PictureOf
from tests.paintings import paint


def work_of(seed: int, image: str | None = None) -> ArtworkFacts:
    return ArtworkFacts(
        id=uuid4(),
        title=str(seed),
        artist=None,
        genre=None,
        style=None,
        school=None,
        year=None,
        source="s",
        file=f"{seed}.jpg",
        image_location=f"{seed}.jpg",
        image_sha256=image or sha256(str(seed).encode()).hexdigest(),
        image_state=ImageState.READY,
        image_width=360,
        image_height=280,
    )


class Pictures:
    """Gives pictures, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, work: ArtworkFacts) -> Image.Image:
        self.asked.append(work.title)
        if work.title == "99":
            raise UnreadableImage("file not found", work.file)
        return paint(int(work.title))


def _store(folder: Path, pictures: PictureOf, *, most_bytes: int = 10**9) -> KeypointStore:
    return KeypointStore(KeypointFiles(folder, most_bytes), pictures)


def same_features(one: LocalFeatures, other: LocalFeatures) -> bool:
    return (
        np.array_equal(one.points, other.points)
        and np.array_equal(one.descriptors, other.descriptors)
        and (one.width, one.height) == (other.width, other.height)
    )


def test_keypoints_are_found_once_and_kept_for_the_next_process(tmp_path: Path) -> None:
    works, pictures = [work_of(1), work_of(2)], Pictures()
    store = _store(tmp_path, pictures)
    first = store.features(works)
    again = store.features(works)
    elsewhere = _store(tmp_path, pictures).features(works)
    assert sorted(pictures.asked) == ["1", "2"]
    for work in works:
        assert len(first[work.id]) > 100
        assert same_features(first[work.id], again[work.id])
        assert same_features(first[work.id], elsewhere[work.id])
    sizes = [path.stat().st_size for path in tmp_path.rglob("*.npz")]
    assert len(sizes) == 2
    assert max(sizes) < 75_000
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "not a zip", "another shape"])
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: str) -> None:
    work, pictures = work_of(3), Pictures()
    whole = _store(tmp_path, pictures).features([work])[work.id]
    path = _store(tmp_path, pictures).files.path(work.image_sha256 or "")
    data = path.read_bytes()
    if damage == "another shape":
        np.savez(path, points=np.zeros((3, 2)), descriptors=np.zeros((3, 64)), size=np.ones(2))
    else:
        middle = len(data) // 2
        flipped = bytes([data[middle] ^ 0xFF])
        path.write_bytes(
            {
                "empty": b"",
                "cut": data[: len(data) // 3],
                "flipped": data[:middle] + flipped + data[middle + 1 :],
                "not a zip": b"no keypoints at all" * 100,
            }[damage]
        )
    assert same_features(_store(tmp_path, pictures).features([work])[work.id], whole)
    assert pictures.asked == ["3", "3"]
    assert same_features(_store(tmp_path, pictures).features([work])[work.id], whole)
    assert pictures.asked == ["3", "3"]


def test_a_changed_image_has_keypoints_of_its_own(tmp_path: Path) -> None:
    work, pictures = work_of(4), Pictures()
    store = _store(tmp_path, pictures)
    before = store.features([work])[work.id]
    changed = replace(work, title="5", image_sha256=sha256(b"another").hexdigest())
    assert not same_features(store.features([changed])[work.id], before)


def test_works_without_a_picture_are_left_out(tmp_path: Path) -> None:
    gone, never = work_of(99), replace(work_of(6), image_sha256=None)
    store = _store(tmp_path, Pictures())
    assert store.features([gone, never]) == {}
    assert store.features([]) == {}


@pytest.mark.slow
def test_several_threads_may_ask_for_the_same_works(tmp_path: Path) -> None:
    works = [work_of(seed) for seed in range(7, 11)]
    store = _store(tmp_path, Pictures())
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: store.features(works), range(4)))
    for answer in answers[1:]:
        assert all(same_features(answer[work.id], answers[0][work.id]) for work in works)
    assert len(list(tmp_path.rglob("*.npz"))) == len(works)


def test_a_folder_that_cannot_be_written_to_is_slow_and_not_broken(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("no folder")
    pictures = Pictures()
    store = _store(tmp_path / "a file", pictures)
    work = work_of(12)
    assert len(store.features([work])[work.id]) > 100
    assert len(store.features([work])[work.id]) > 100


def test_no_name_reaches_outside_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        _store(tmp_path, Pictures()).files.path("../../etc/passwd")
