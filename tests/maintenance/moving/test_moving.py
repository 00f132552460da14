"""A collection moved to servers, or through a folder: all of it arrives, or it fails."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update

from catalog.models import Artwork
from catalog.tables import table_names
from deployment import Deployment
from maintenance.moving import fill as filling
from maintenance.moving.export import export
from maintenance.moving.fill import fill
from maintenance.moving.manifest import MANIFEST
from maintenance.moving.origin import Collection, Contents, MoveFailed, MoveRefused
from maintenance.moving.parquet_folder import ParquetFolder
from maintenance.moving.verification import check_contents
from search.index.contract import FingerprintMismatch, IndexPoint, VectorSpec
from tests.maintenance.moving.conftest import (
    OWN,
    all_rows,
    assert_the_same,
    catalog_is_empty,
    collection,
    fill_with_everything,
    make_own_models,
    take_in,
)


def test_an_embedded_collection_moves_to_servers_and_nothing_is_embedded_again(
    embedded: Deployment, served: Deployment, pictures: Path
) -> None:
    fill_with_everything(embedded, pictures)
    moved = fill(collection(served), collection(embedded))
    assert moved == collection(embedded).contents()
    assert (moved.points, moved.rows["artworks"], moved.thumbnails) == (22, 23, 22)
    # Nothing that a curator did is an empty table by chance.
    done = ("same_works", "different_works", "corrections", "deleted_artworks", "artist_names")
    assert all(moved.rows[table] for table in (*done, "projections"))
    assert OWN in moved.vectors
    assert served.originals.known("https://museum.example/1.jpg") is not None
    assert [name for name, _ in collection(served).files()] == [
        "evaluations/20260101-retrieval/facts.json",
        "models/tuned/weights.safetensors",
        f"models/{OWN}/model.json",
        "models/tuned/model.json",
    ]
    assert_the_same(embedded, served)

    # Also the numbers that Postgres gives out go on: this job writes a failure of its own.
    assert take_in(served, pictures) == {"colour_grid": 0, "edge_grid": 0}
    assert len(all_rows(served)["job_failures"]) > len(all_rows(embedded)["job_failures"])


@pytest.mark.slow
def test_both_collections_of_a_move_know_their_own_models(
    embedded: Deployment, pictures: Path, tmp_path: Path
) -> None:
    take_in(embedded, pictures)
    make_own_models(embedded)
    settings = embedded.settings.model_copy(update={"home": tmp_path / "other"})
    with Deployment(settings) as target:
        assert (OWN in embedded.registry, OWN in target.registry) == (True, False)
        fill(collection(target), collection(embedded))
        assert_the_same(embedded, target)
        picture = pictures / "images" / "000.jpg"
        vectors = [opened.embedder(OWN).embed([picture]) for opened in (embedded, target)]
        np.testing.assert_array_equal(vectors[0], vectors[1])


def test_a_move_that_was_killed_is_begun_again_by_the_same_command(
    embedded: Deployment, served: Deployment, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_with_everything(embedded, pictures)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(filling, "differing_searches", killed)
        with pytest.raises(KeyboardInterrupt):
            fill(collection(served), collection(embedded))
    assert served.index.status().points == 22
    assert catalog_is_empty(served)
    fill(collection(served), collection(embedded))
    assert_the_same(embedded, served)


@pytest.mark.slow
def test_a_move_that_was_killed_when_all_was_written_is_found_done(
    embedded: Deployment, other_home: Deployment, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_with_everything(embedded, pictures)
    moved = fill(collection(other_home), collection(embedded))
    monkeypatch.setattr(filling, "_write_points", None)
    assert fill(collection(other_home), collection(embedded)) == moved
    with other_home.database.transaction() as session:
        session.execute(update(Artwork).values(title="Another's"))
    with pytest.raises(MoveRefused, match=r"is not empty \("):
        fill(collection(other_home), collection(embedded))


@pytest.mark.slow
def test_a_home_with_models_of_its_own_is_left_alone(
    embedded: Deployment, other_home: Deployment, pictures: Path
) -> None:
    take_in(embedded, pictures)
    theirs = other_home.models_dir / "theirs" / "model.json"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("{}")
    with pytest.raises(MoveRefused, match=r"it has models/theirs/model\.json"):
        fill(collection(other_home), collection(embedded))
    assert catalog_is_empty(other_home)
    # A folder that is used as it is may hold them.
    fill(collection(other_home), collection(embedded), with_files=False)


def test_a_server_with_other_works_is_left_alone(
    embedded: Deployment, served: Deployment, pictures: Path
) -> None:
    take_in(embedded, pictures)
    served.index.ensure(list(embedded.index.specs.values()))
    stranger = next(embedded.index.points(with_vectors=True))
    embedded.index.delete([stranger.id])
    served.index.upsert([stranger])
    with pytest.raises(MoveRefused, match="holds what this collection does not"):
        fill(collection(served), collection(embedded))
    assert catalog_is_empty(served)
    assert list(served.index.ids()) == [stranger.id]


class _Garbling(Collection):
    """Sends every vector with its numbers in another order."""

    def points(self) -> Iterator[IndexPoint]:
        for point in super().points():
            vectors = {name: vector[::-1].copy() for name, vector in point.vectors.items()}
            vectors |= {name: np.roll(vector, len(vectors)) for name, vector in vectors.items()}
            first = next(iter(vectors.values()))
            first[: len(first) // 2] *= -1
            yield replace(point, vectors=vectors)


class _Losing(Collection):
    """Sends all points but the first."""

    def points(self) -> Iterator[IndexPoint]:
        points = super().points()
        next(points)
        return points


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sender", "said"),
    [(_Losing, "24 points were sent and 23 are there"), (_Garbling, "are answered otherwise")],
)
def test_what_does_not_arrive_as_it_was_is_never_said_to_be_done(
    embedded: Deployment,
    other_home: Deployment,
    pictures: Path,
    sender: type[Collection],
    said: str,
) -> None:
    take_in(embedded, pictures)
    origin = sender(**vars(collection(embedded)))
    with pytest.raises(MoveFailed, match=said):
        fill(collection(other_home), origin)
    assert catalog_is_empty(other_home)


@pytest.mark.slow
def test_a_collection_goes_through_a_folder_whole(
    deployment: Deployment, other_home: Deployment, pictures: Path, tmp_path: Path
) -> None:
    fill_with_everything(deployment, pictures)
    folder = tmp_path / "exported"
    written = export(collection(deployment), folder)
    check_contents(ParquetFolder(folder))
    assert fill(collection(other_home), ParquetFolder(folder)) == written
    assert_the_same(deployment, other_home)
    assert take_in(other_home, pictures) == {"colour_grid": 0, "edge_grid": 0}


@pytest.fixture
def exported(embedded: Deployment, pictures: Path, tmp_path: Path) -> Path:
    """A folder that a collection was exported to."""
    take_in(embedded, pictures)
    export(collection(embedded), tmp_path / "exported")
    return tmp_path / "exported"


@pytest.mark.slow
def test_pandas_reads_what_is_exported(exported: Path, embedded: Deployment) -> None:
    works = pd.read_parquet(exported / "catalog" / "artworks.parquet").set_index("id")
    points = pd.read_parquet(exported / "points", columns=["id", "edge_grid"]).set_index("id")
    assert set(works.index) == set(points.index)
    assert sorted(works["title"]) == sorted(f"Picture {number}" for number in range(24))
    for point in embedded.index.points(with_vectors=True):
        vector = points.loc[str(point.id), "edge_grid"]
        assert np.array_equal(np.asarray(vector), point.vectors["edge_grid"])
    manifest = json.loads((exported / MANIFEST).read_text())
    assert {VectorSpec(**item) for item in manifest["vectors"]} == set(
        embedded.index.specs.values()
    )


@pytest.mark.slow
def test_a_folder_that_is_there_is_not_written_over(exported: Path, embedded: Deployment) -> None:
    before = (exported / MANIFEST).read_bytes()
    with pytest.raises(MoveRefused, match="is there already"):
        export(collection(embedded), exported)
    assert (exported / MANIFEST).read_bytes() == before
    assert not exported.with_name("exported.unfinished").exists()


@pytest.mark.slow
def test_a_damaged_folder_and_other_weights_are_refused(
    exported: Path, other_home: Deployment
) -> None:
    folder = ParquetFolder(exported)
    folder.check_files()
    folder.check_models(lambda model: other_home.embedder(model).fingerprint)
    check_contents(folder)
    with pytest.raises(MoveRefused, match="the installed weights are other"):
        folder.check_models(lambda _: "other")
    part = exported / "points" / "part-0000.parquet"
    part.write_bytes(part.read_bytes()[:-100])
    with pytest.raises(MoveRefused, match=r"part-0000\.parquet is missing or damaged"):
        folder.check_files()
    with pytest.raises(MoveRefused, match="is no exported collection"):
        ParquetFolder(exported / "points")


@pytest.mark.slow
def test_a_collection_of_other_weights_is_not_mixed_into(
    exported: Path, other_home: Deployment
) -> None:
    other_home.index.ensure([VectorSpec(model="edge_grid", dimension=8, fingerprint="f")])
    with pytest.raises(FingerprintMismatch):
        fill(collection(other_home), ParquetFolder(exported))


@pytest.mark.slow
def test_a_newer_vasari_s_folder_is_refused(exported: Path) -> None:
    manifest = json.loads((exported / MANIFEST).read_text())
    for change, said in (
        ({"format": 2}, "has format 2"),
        ({"contents": manifest["contents"] | {"rows": {"visions": 3}}}, "has no visions"),
        ({"files": {"../catalog.db": "0" * 64}}, "names the file"),
    ):
        (exported / MANIFEST).write_text(json.dumps(manifest | change))
        with pytest.raises(MoveRefused, match=said):
            ParquetFolder(exported).check_files()


def test_nothing_is_moved_of_an_empty_collection(
    embedded: Deployment, other_home: Deployment, tmp_path: Path
) -> None:
    with pytest.raises(MoveRefused, match="the index is empty"):
        fill(collection(other_home), collection(embedded))
    with pytest.raises(MoveRefused, match="the index is empty"):
        export(collection(embedded), tmp_path / "exported")
    assert not (tmp_path / "exported").exists()
    assert collection(embedded).contents() == Contents(
        rows=dict.fromkeys(table_names(), 0), points=0, vectors={}, thumbnails=0
    )
