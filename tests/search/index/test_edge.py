"""What is special to the embedded engine: its folder, its lock, and what a kill leaves behind."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from catalog.batching import batched
from catalog.filters import Filter
from search.index.contract import IndexFault, IndexInUse, IndexPoint, VectorSpec
from search.index.disk_space import DiskFull
from search.index.edge import EdgeIndex
from search.index.edge.seal import Seal
from search.index.edge.shard import asked
from search.index.folder_lock import folder_lock
from tests.search.index.world import BROAD, NAMESPACE, NARROW, drawn_world

POINT = IndexPoint(
    id=NAMESPACE,
    vectors={"broad": np.eye(64, dtype=np.float32)[0], "narrow": np.eye(16, dtype=np.float32)[0]},
    payload={"source": "nga"},
)


def _filled(folder: Path) -> None:
    index = EdgeIndex(folder)
    index.ensure([BROAD, NARROW])
    index.upsert([POINT])
    index.close()


def test_what_was_written_is_there_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    _filled(tmp_path)
    index = EdgeIndex(tmp_path)
    assert list(index.specs.values()) == [BROAD, NARROW]
    found = index.nearest("broad", POINT.vectors["broad"], wanted=Filter(), top=1)
    assert [hit.id for hit in found] == [POINT.id]
    index.close()


@pytest.mark.slow
def test_graphs_are_built_while_much_is_written_and_segments_stay_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index.edge.index.LARGEST_SEGMENT_KB", 1_200)
    monkeypatch.setattr("search.index.edge.generations.LARGEST_SEGMENT_KB", 1_200)
    index = EdgeIndex(tmp_path)
    index.ensure([BROAD, NARROW])
    pages = list(batched(drawn_world(11_000).points, 1_000))
    for page in pages[:7]:
        index.upsert(page)
    assert index.status().vectors["broad"].indexed == 5_000
    index.close()
    # What an earlier process wrote and built no graphs of is counted too.
    index = EdgeIndex(tmp_path)
    for page in pages[7:]:
        index.upsert(page)
    assert index.status().vectors["broad"].indexed == 10_000
    index.close()


@pytest.mark.slow
def test_a_generation_that_a_kill_left_half_made_is_swept_away(tmp_path: Path) -> None:
    _filled(tmp_path)
    for leftover in ("generation-0002.building", "generation-0002"):
        (tmp_path / leftover / "shard").mkdir(parents=True)
    half = tmp_path / "generation-0001" / "shard" / "temp_segments" / "segment_builder_1"
    half.mkdir(parents=True)
    (half / "id_tracker.deleted").write_bytes(bytes(8))
    Seal(tmp_path / "generation-0001").put_on(optimized=True)
    index = EdgeIndex(tmp_path)
    assert not half.exists()
    assert sorted(path.name for path in tmp_path.glob("generation-*")) == ["generation-0001"]
    index.ensure([VectorSpec(model="third", dimension=4, fingerprint="f3")])
    assert index.status().generation == 2
    assert index.status().points == 1
    assert sorted(path.name for path in tmp_path.glob("generation-*")) == ["generation-0002"]
    index.close()


def test_a_broken_folder_is_an_error_with_a_way_out_and_stays_unlocked(tmp_path: Path) -> None:
    _filled(tmp_path)
    (tmp_path / "generation-0001" / "specs.json").write_text("{")
    for _ in range(2):
        with pytest.raises(IndexFault, match="run the ingest again"):
            EdgeIndex(tmp_path)


BROKEN = (b"", b"\xff\xfe", b"one", b"1\n2", b"null")


def test_a_pointer_that_holds_no_number_is_named_and_nothing_is_swept_away(
    tmp_path: Path,
) -> None:
    _filled(tmp_path)
    for name in ("former", "next", "current"):
        for content in BROKEN:
            (tmp_path / name).write_bytes(content)
            with pytest.raises(IndexFault, match="Write the right number into the file") as raised:
                EdgeIndex(tmp_path)
            assert f"{tmp_path / name} is damaged" in str(raised.value)
            assert "generation-0001" in str(raised.value)
        (tmp_path / name).write_text("1")
    index = EdgeIndex(tmp_path)
    assert index.status().points == 1
    index.close()


def test_a_lost_pointer_to_the_generation_in_use_is_found_again(tmp_path: Path) -> None:
    _filled(tmp_path)
    (tmp_path / "current").unlink()
    index = EdgeIndex(tmp_path)
    assert (index.status().generation, index.status().points) == (1, 1)
    index.close()
    assert (tmp_path / "current").read_text() == "1"


def test_a_generation_that_is_gone_is_said_with_the_way_out(tmp_path: Path) -> None:
    _filled(tmp_path)
    shutil.rmtree(tmp_path / "generation-0001")
    with pytest.raises(IndexFault, match=r"generation-0001, which is missing.* ingest again"):
        EdgeIndex(tmp_path)


@pytest.mark.slow
def test_a_damaged_generation_beside_the_one_in_use_costs_no_more_than_itself(
    tmp_path: Path,
) -> None:
    _filled(tmp_path)
    index = EdgeIndex(tmp_path)
    index.next_generation([BROAD]).close()
    index.switch()
    shutil.rmtree(tmp_path / "generation-0001")
    with pytest.raises(IndexFault, match="--discard-former"):
        index.former_generation()
    index.discard_former()
    index.next_generation([NARROW]).close()
    (tmp_path / "generation-0003" / "specs.json").write_text("[")
    begun = index.next_generation([NARROW])
    assert list(begun.specs) == ["narrow"]
    begun.close()
    index.close()


def test_a_folder_that_is_removed_while_it_is_open_is_said(tmp_path: Path) -> None:
    index = EdgeIndex(tmp_path / "index")
    index.ensure([BROAD, NARROW])
    shutil.rmtree(tmp_path / "index")
    with pytest.raises(IndexFault, match="was removed while it was open"):
        index.upsert([POINT])
    with pytest.raises(IndexFault, match="was removed while it was open"):
        index.close()


@pytest.mark.parametrize("content", ["", "[1]", "7", "{", '{"pid": 1}'])
def test_a_damaged_note_of_who_holds_the_folder_is_no_obstacle(
    tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.index.folder_lock.PATIENCE_SECONDS", 0.05)
    index = EdgeIndex(tmp_path)
    (tmp_path / "holder.json").write_text(content)
    with pytest.raises(IndexInUse, match="open in another process"), folder_lock(tmp_path):
        pass
    index.close()


def test_files_of_the_engine_that_are_damaged_are_an_error_with_a_way_out(tmp_path: Path) -> None:
    _filled(tmp_path)
    for name in ("segment.json", "*tracker.mappings"):
        (path,) = tmp_path.rglob(name)
        whole = path.read_bytes()
        path.write_bytes(b"\xff" * 200)
        with pytest.raises(IndexFault, match="run the ingest again"):
            EdgeIndex(tmp_path)
        path.write_bytes(whole)
    EdgeIndex(tmp_path).close()


def test_a_panic_of_the_engine_is_an_error_too_and_ctrl_c_is_not(tmp_path: Path) -> None:
    class PanicException(BaseException):
        """As the engine's, which cannot be imported."""

    def fail(error: BaseException) -> None:
        raise error

    with pytest.raises(IndexFault, match="out of range"):
        asked(tmp_path, fail, PanicException("index out of range"))
    with pytest.raises(KeyboardInterrupt):
        asked(tmp_path, fail, KeyboardInterrupt())
    with pytest.raises(DiskFull, match="same command again"):
        asked(tmp_path, fail, Exception("IO Error: No space left on device (os error 28)"))


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a small file system, with options."""
    folder = tmp_path / "mounted"
    folder.mkdir()

    def mount(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("this user may not mount a file system")
        return folder

    yield mount
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)


def test_a_folder_that_cannot_be_written_to_is_said(mounted: Callable[[str], Path]) -> None:
    with pytest.raises(IndexFault, match=r"Read-only file system.*name another home"):
        EdgeIndex(mounted("ro") / "index")


def test_who_holds_the_index_is_kept_without_secrets_and_for_this_account_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "holder.json").write_text("left behind, and open to all")
    command = ["/bin/vasari", "promote", "--to-database", "postgresql://ann:s3cret@host/name"]
    monkeypatch.setattr("sys.argv", command)
    with folder_lock(tmp_path):
        held = (tmp_path / "holder.json").read_text()
        mode = (tmp_path / "holder.json").stat().st_mode
    assert "vasari promote --to-database postgresql://" in held
    assert "s3cret" not in held
    assert mode & 0o077 == 0
