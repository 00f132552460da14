"""An exported folder that was damaged or made by somebody else: refused before anything of it."""

import json
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.tampering import DEEP, TAMPERINGS, rewrite, sign, with_column
from catalog.tables import row_counts
from deployment import Deployment
from embedders import read_own_models
from maintenance.moving.export import export
from maintenance.moving.fill import fill
from maintenance.moving.manifest import MANIFEST
from maintenance.moving.origin import MoveRefused
from maintenance.moving.parquet_folder import ParquetFolder
from maintenance.moving.verification import check_contents
from settings import Settings
from tests.conftest import TINY_MODELS
from tests.maintenance.moving.conftest import OWN, collection, make_own_models, take_in
from tests.pictures import make_folder

POINTS = "points/part-0000.parquet"
THUMBNAILS = "thumbnails/part-0000.parquet"
ARTWORKS = "catalog/artworks.parquet"


def _import(folder: Path, target: Deployment) -> None:
    exported = ParquetFolder(folder)
    exported.check_files()
    exported.check_models(lambda _: None)
    check_contents(exported)
    fill(collection(target), exported)


def _first(column: str, value: object) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        return with_column(table, column, [value, *table.column(column).to_pylist()[1:]])

    return change


def _truncated(folder: Path) -> None:
    path = folder / POINTS
    path.write_bytes(path.read_bytes()[:-100])
    sign(folder)


def _of_another_kind(folder: Path) -> None:
    (folder / THUMBNAILS).write_bytes((folder / POINTS).read_bytes())
    sign(folder)


def _twice(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(0, 1), table.slice(0, table.num_rows - 1)])


def _turned(table: pa.Table) -> pa.Table:
    return with_column(table, "edge_grid", table.column("edge_grid").to_pylist()[::-1])


def _shorter(table: pa.Table) -> pa.Table:
    place = table.schema.get_field_index("edge_grid")
    rows = [row[:-1] for row in table.column("edge_grid").to_pylist()]
    kind = pa.list_(pa.float32(), len(rows[0]))
    return table.set_column(place, pa.field("edge_grid", kind), pa.array(rows, kind))


def _not_a_number(table: pa.Table) -> pa.Table:
    rows = table.column("edge_grid").to_pylist()
    return _first("edge_grid", [float(np.nan), *rows[0][1:]])(table)


TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (_truncated, POINTS),
    "of another kind": (_of_another_kind, THUMBNAILS),
    "a work twice": (lambda folder: rewrite(folder, POINTS, _twice), POINTS),
    "vectors of other works": (lambda folder: rewrite(folder, POINTS, _turned), "searches"),
    "vectors of another length": (lambda folder: rewrite(folder, POINTS, _shorter), POINTS),
    "not a number": (lambda folder: rewrite(folder, POINTS, _not_a_number), POINTS),
    "no id": (lambda folder: rewrite(folder, POINTS, _first("id", "7")), POINTS),
    "no payload": (lambda folder: rewrite(folder, POINTS, _first("payload", "[]")), POINTS),
    "deep": (lambda folder: rewrite(folder, POINTS, _first("payload", DEEP)), POINTS),
    "no thumbnail": (lambda folder: rewrite(folder, THUMBNAILS, _first("jpeg", b"x")), THUMBNAILS),
    "no name": (lambda folder: rewrite(folder, THUMBNAILS, _first("sha256", "../x")), THUMBNAILS),
    "NUL": (lambda folder: rewrite(folder, ARTWORKS, _first("title", "a\0b")), ARTWORKS),
    "a work twice in the catalog": (lambda folder: rewrite(folder, ARTWORKS, _twice), "artworks"),
    "of no source": (
        lambda folder: rewrite(folder, ARTWORKS, _first("source", "nowhere")),
        "artworks|rows",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", TAMPERED)
def test_what_no_export_writes_is_refused_whatever_its_checksums_say(
    exported: Path, other_home: Deployment, kind: str
) -> None:
    tamper, said = TAMPERED[kind]
    tamper(exported)
    with pytest.raises(MoveRefused, match=said):
        _import(exported, other_home)
    _assert_untouched(other_home)


@pytest.mark.slow
def test_drawn_tamperings_are_refused_or_harmless(
    exported: Path, other_home: Deployment, tmp_path: Path
) -> None:
    chance = random.Random(7)
    for number, tamper in enumerate(TAMPERINGS.values()):
        folder = Path(shutil.copytree(exported, tmp_path / str(number)))
        tamper(folder, chance)
        with suppress(MoveRefused):
            tampered = ParquetFolder(folder)
            tampered.check_files()
            tampered.own_models()
            tampered.check_models(lambda _: None)
            check_contents(tampered)
    _assert_untouched(other_home)


def _assert_untouched(target: Deployment) -> None:
    with target.database.transaction() as session:
        assert not any(row_counts(session).values())
    assert not target.index.specs
    assert list(target.image_store.hashes()) == []
    assert list(collection(target).files()) == []


def test_no_file_is_opened_before_its_checksum_is_known(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (exported / ARTWORKS).write_bytes(b"PAR1 and no more")
    monkeypatch.setattr(pq, "ParquetFile", None)
    monkeypatch.setattr(pq, "read_schema", None)
    with pytest.raises(MoveRefused, match=r"artworks\.parquet is missing or damaged"):
        ParquetFolder(exported).check_files()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"vectors": [{"model": "../x", "dimension": 3, "fingerprint": "f"}]}, "is damaged"),
        ({"vectors": []}, "contradicts itself"),
        ({"contents": 3}, "is damaged"),
        ({"contents": {"points": 10**30}}, "is damaged"),
        ({"files": {"points/\x1b[31m": "0" * 64}}, "names the file"),
        ({"files": {"/etc/passwd": "0" * 64}}, "names the file"),
        ({"files": {"points//part": "0" * 64}}, "names the file"),
        ({"files": []}, "is damaged"),
        ({"format": True}, "is damaged"),
    ],
)
def test_a_manifest_is_believed_in_nothing(
    exported: Path, change: dict[str, object], said: str
) -> None:
    manifest = json.loads((exported / MANIFEST).read_text())
    (exported / MANIFEST).write_text(json.dumps(manifest | change))
    with pytest.raises(MoveRefused, match=said):
        ParquetFolder(exported)


@pytest.mark.parametrize("text", ["", "{", DEEP, '{"format": 1e999}', "\ud800"])
def test_what_is_no_manifest_at_all_is_said_to_be_damaged(exported: Path, text: str) -> None:
    (exported / MANIFEST).write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(MoveRefused, match=r"collection\.json is damaged"):
        ParquetFolder(exported)


def test_a_link_out_of_the_folder_is_not_followed(exported: Path, tmp_path: Path) -> None:
    (exported / POINTS).rename(tmp_path / "elsewhere")
    (exported / POINTS).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MoveRefused, match="is a link"):
        ParquetFolder(exported).check_files()


def test_a_model_that_lies_beside_the_export_is_not_taken_for_one_of_it(exported: Path) -> None:
    described = json.loads((exported / "models" / OWN / "model.json").read_text())
    stranger = exported / "models" / "stranger"
    stranger.mkdir()
    (stranger / "model.json").write_text(json.dumps(described | {"name": "stranger"}))
    assert {model.description.name for model in read_own_models(exported / "models")[0]} == {
        "stranger",
        "tuned",
        OWN,
    }
    own = ParquetFolder(exported).own_models()
    assert {model.description.name for model in own} == {"tuned", OWN}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one collection was exported to, for all tests."""
    folder = tmp_path_factory.mktemp("written")
    with Deployment(Settings(home=folder / "home", models=TINY_MODELS)) as deployment:
        take_in(deployment, make_folder(folder / "pictures", 24))
        make_own_models(deployment)
        export(collection(deployment), folder / "exported")
    return folder / "exported"


@pytest.fixture
def exported(written: Path, tmp_path: Path) -> Path:
    """A copy of it, to be tampered with."""
    return Path(shutil.copytree(written, tmp_path / "exported"))
