"""Damage at rest: noticed whatever byte of the embedded index it is, and left out."""

import random
import subprocess
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from catalog.filters import Filter
from search.index.contract import IndexFault, IndexPoint, Vector
from search.index.edge import EdgeIndex
from search.index.edge.seal import Seal, suspect_vectors
from tests.search.index.world import BROAD, NARROW

WORKS = [UUID(int=number + 1) for number in range(20)]


def _unit(dimension: int, seed: int) -> Vector:
    vector = np.random.default_rng(seed).normal(size=dimension).astype(np.float32)
    unit: Vector = vector / np.linalg.norm(vector)
    return unit


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed index of twenty points."""
    folder = tmp_path_factory.mktemp("sealed")
    index = EdgeIndex(folder)
    index.ensure([BROAD, NARROW])
    index.upsert(
        [
            IndexPoint(
                id=work,
                vectors={"broad": _unit(64, number), "narrow": _unit(16, number)},
                payload={"source": "nga"},
            )
            for number, work in enumerate(WORKS)
        ]
    )
    index.optimize()
    index.close()
    return folder


@pytest.fixture
def folder(sealed: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    # Keeps the holes in files, which are 200 MB large.
    subprocess.run(["cp", "-a", str(sealed), str(tmp_path / "index")], check=True)
    return tmp_path / "index"


def _flip(path: Path, rng: random.Random, share: float = 0.02) -> None:
    """Flip some of a file's bytes that hold something."""
    data = bytearray(path.read_bytes())
    filled = [place for place, byte in enumerate(data[: 1 << 16]) if byte]
    for place in rng.sample(filled, max(1, int(share * len(filled)))):
        data[place] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


@pytest.mark.slow
def test_opening_and_asking_breaks_no_seal_and_writing_makes_a_new_one(folder: Path) -> None:
    def is_sealed() -> bool:
        return Seal(folder / "generation-0001").whole

    for _ in range(2):
        index = EdgeIndex(folder)
        assert index.nearest("broad", _unit(64, 0), wanted=Filter(), top=1)[0].id == WORKS[0]
        index.optimize()
        assert index.damaged_files() == []
        index.close()
        assert is_sealed()
    index = EdgeIndex(folder)
    index.set_payload({WORKS[0]: {"source": "met"}})
    assert not is_sealed()
    index.close()
    assert is_sealed()
    assert Seal(folder / "generation-0001").damaged() == []


def test_a_vector_that_a_disk_changed_is_noticed_and_nothing_is_written_beside_it(
    folder: Path,
) -> None:
    (path,) = folder.rglob("vector_storage-broad/vectors/chunk_0.mmap")
    _flip(path, random.Random(7))
    for _ in range(2):
        index = EdgeIndex(folder)
        (name,) = index.damaged_files()
        assert "vector_storage-broad" in name
        with pytest.raises(IndexFault, match=r"vasari reconcile --fix"):
            index.delete([WORKS[0]])
        index.close()


@pytest.mark.slow
def test_what_is_in_no_damaged_file_is_kept_as_it_is(folder: Path) -> None:
    (path,) = folder.rglob("vector_storage-broad/vectors/chunk_0.mmap")
    _flip(path, random.Random(8))
    index = EdgeIndex(folder)
    narrow = index.vectors("narrow", WORKS)
    index.mend()
    assert index.damaged_files() == []
    assert index.vectors("broad", WORKS) == {}
    kept = index.vectors("narrow", WORKS)
    assert all(np.array_equal(kept[work], narrow[work]) for work in WORKS)
    assert index.held(WORKS) == set(WORKS)
    index.close()
    assert [path.name for path in folder.glob("generation-*")] == ["generation-0002"]


@pytest.mark.slow
def test_every_file_of_a_generation_is_under_the_seal(folder: Path) -> None:
    rng = random.Random(9)
    generation = folder / "generation-0001"
    # What the engine carries over into other files when it opens a shard has no need of it.
    files = [
        path
        for path in sorted(generation.rglob("*"))
        if path.is_file() and path.stat().st_size and "journal" not in path.name
    ]
    for path in rng.sample(files, 30):
        place = rng.randrange(path.stat().st_size)
        with path.open("rb+") as file:
            file.seek(place)
            (byte,) = file.read(1)
            file.seek(place)
            file.write(bytes([byte ^ 0x15]))
            file.flush()
            assert Seal(generation).damaged(), path
            file.seek(place)
            file.write(bytes([byte]))
    assert Seal(generation).damaged() == []


def test_a_file_that_was_cut_short_is_not_given_to_the_engine(folder: Path) -> None:
    (path,) = folder.rglob("vector_storage-broad/vectors/chunk_0.mmap")
    with path.open("rb+") as file:
        file.truncate(100)
    with pytest.raises(IndexFault, match=r"cut short.*run the ingest again"):
        EdgeIndex(folder)


def test_a_note_of_the_engine_that_was_changed_is_not_given_to_it(folder: Path) -> None:
    # With these bytes the engine of today never comes back, or takes all memory.
    path = next(folder.rglob("status.dat"))
    path.write_bytes(bytes(byte ^ 0x40 for byte in path.read_bytes()))
    with pytest.raises(IndexFault, match=r"status\.dat is not as it was.*run the ingest again"):
        EdgeIndex(folder)


def test_only_vectors_that_damage_may_have_reached_are_suspect() -> None:
    names = {"broad", "narrow"}
    segment = "shard/segments/1"
    for files, suspects in (
        ([f"{segment}/vector_storage-broad/matrix.dat"], {"broad"}),
        ([f"{segment}/vector_storage-broad/quantized.data"], set[str]()),
        ([f"{segment}/vector_index-broad/graph.bin", "shard/wal/open-1"], set[str]()),
        ([f"{segment}/payload_index/x/page_0.dat"], set[str]()),
        ([f"{segment}/id_tracker.mappings"], names),
        ([f"{segment}/segment.json"], names),
    ):
        assert suspect_vectors(files, names) == suspects


def test_a_file_with_holes_has_the_checksum_of_one_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(5 << 20) + b"end")
    seal = Seal(tmp_path)
    seal.put_on(optimized=True)
    (tmp_path / "file").unlink()
    with (tmp_path / "file").open("wb") as file:
        file.seek(5 << 20)
        file.write(b"end")
    assert seal.damaged() == []
    assert seal.optimized
    (tmp_path / "seal.json").write_text("{}")
    assert seal.damaged() == ["seal.json"]
