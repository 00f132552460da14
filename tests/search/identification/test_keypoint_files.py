"""What keeps the folder of keypoints within its bound, and who loses by it: nobody."""

import os
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from search.identification.keypoint_files import FOLDERS, KeypointFiles
from search.identification.keypoint_store import KeypointStore
from search.identification.local_features import LocalFeatures
from search.index.disk_space import DiskFull
from tests.search.identification.test_keypoint_store import Pictures, same_features, work_of

POINTS = 20


def _features() -> LocalFeatures:
    rng = np.random.default_rng(1)
    return LocalFeatures(
        points=rng.random((POINTS, 2), np.float32),
        descriptors=rng.integers(0, 255, (POINTS, 128), np.uint8),
        width=1,
        height=1,
    )


def _size(folder: Path) -> int:
    files = KeypointFiles(folder, 10**9)
    files.write("0" * 64, _features())
    return files.total_bytes()


def _in_one_folder(number: int) -> str:
    return f"ab{number:062x}"


def test_all_files_together_stay_within_the_bound(tmp_path: Path) -> None:
    files = KeypointFiles(tmp_path / "kept", FOLDERS * 3 * _size(tmp_path / "one"))
    for number in range(1_500):
        files.write(sha256(bytes([number % 256, number // 256])).hexdigest(), _features())
    assert 0.8 * files.most_bytes < files.total_bytes() <= files.most_bytes
    assert len(list(files.hashes())) * _size(tmp_path / "one") == files.total_bytes()


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    files = KeypointFiles(tmp_path / "kept", FOLDERS * 3 * _size(tmp_path / "one"))
    for number in range(3):
        files.write(_in_one_folder(number), _features())
        os.utime(files.path(_in_one_folder(number)), (number, number))
    work = work_of(1, _in_one_folder(0))
    KeypointStore(files, Pictures()).features([work])
    files.write(_in_one_folder(3), _features())
    assert set(files.hashes()) == {_in_one_folder(number) for number in (0, 2, 3)}


def test_use_from_memory_counts_too(tmp_path: Path) -> None:
    files = KeypointFiles(tmp_path / "kept", 10**9)
    store, work = KeypointStore(files, Pictures()), work_of(1, _in_one_folder(0))
    files.write(_in_one_folder(0), _features())
    for _ in range(2):
        os.utime(files.path(_in_one_folder(0)), (1, 1))
        store.features([work])
        assert files.path(_in_one_folder(0)).stat().st_mtime > 1


def test_the_newest_stays_even_if_it_is_beyond_the_bound_alone(tmp_path: Path) -> None:
    files = KeypointFiles(tmp_path, 0)
    for number in range(2):
        assert not files.has_room(_in_one_folder(number))
        files.write(_in_one_folder(number), _features())
        assert list(files.hashes()) == [_in_one_folder(number)]


def test_what_goes_while_it_is_asked_for_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works, pictures = [work_of(seed) for seed in range(4)], Pictures()
    files = KeypointFiles(tmp_path, 10**9)
    first = KeypointStore(files, pictures).features(works)
    read = KeypointFiles.read

    def swept_before_it_is_read(files: KeypointFiles, image: str) -> LocalFeatures:
        files.remove(image)
        return read(files, image)

    def swept_after_it_was_read(files: KeypointFiles, image: str) -> LocalFeatures:
        found = read(files, image)
        files.remove(image)
        return found

    for reading, asked in ((swept_after_it_was_read, 4), (swept_before_it_is_read, 8)):
        monkeypatch.setattr(KeypointFiles, "read", reading)
        again = KeypointStore(files, pictures).features(works)
        assert all(same_features(again[work.id], first[work.id]) for work in works)
        assert len(pictures.asked) == asked


def test_a_full_disk_is_left_alone_and_stops_nobody_who_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index.disk_space.free_bytes", lambda _: 1 << 30)
    files, work = KeypointFiles(tmp_path, 10**9), work_of(1)
    assert len(KeypointStore(files, Pictures()).features([work])[work.id]) > 100
    with pytest.raises(DiskFull):
        files.write(work.image_sha256 or "", _features())
    assert files.total_bytes() == 0
