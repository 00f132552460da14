"""What is special to the embedded engine: its folder, its lock, and what a kill leaves behind."""

from pathlib import Path

import numpy as np
import pytest

from catalog.filters import Filter
from search.edge import EdgeIndex
from search.index import IndexFault, IndexPoint, VectorSpec
from tests.search.test_index_contract import BROAD, NAMESPACE, NARROW

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


def test_a_generation_that_a_kill_left_half_made_is_swept_away(tmp_path: Path) -> None:
    _filled(tmp_path)
    for leftover in ("generation-0002.building", "generation-0002"):
        (tmp_path / leftover / "shard").mkdir(parents=True)
    index = EdgeIndex(tmp_path)
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
