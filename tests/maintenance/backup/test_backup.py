"""A collection backed up, destroyed and brought back on the same engines and on others."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select, update

from catalog.filters import Filter
from catalog.models import Artwork, EmbeddingTask, Projection, TaskState
from deployment import Deployment
from ingest.image_store import ImageStore
from maintenance.backup import making
from maintenance.backup.making import BackupFailed
from maintenance.backup.place import BackupPlace, BackupRefused
from maintenance.backup.restoring import verify
from maintenance.backup.snapshot import PointsRead, read_points
from maintenance.backup.vault import Vault
from maintenance.curation import delete, edit
from maintenance.moving import fill as filling
from maintenance.moving.origin import MoveRefused
from tests.maintenance.backup.conftest import back_up, bring_back, files_in
from tests.maintenance.moving.conftest import (
    OWN,
    assert_the_same,
    catalog_is_empty,
    collection,
    drift_of,
    fill_with_everything,
    take_in,
)
from tests.pictures import draw, make_folder

WAITING = frozenset({"embedding_tasks"})


def _pending(deployment: Deployment) -> set[tuple[str, str]]:
    task = EmbeddingTask
    with deployment.database.transaction() as session:
        found = session.execute(
            select(Artwork.title, task.model)
            .join(Artwork, Artwork.id == task.artwork_id)
            .where(task.state == TaskState.PENDING)
        )
        return {(title, model) for title, model in found}


def test_a_backup_of_servers_comes_back_on_embedded_engines_whole(
    served: Deployment, other_home: Deployment, pictures: Path, place: Path
) -> None:
    fill_with_everything(served, pictures)
    made = back_up(served, place, alias="paintings")
    assert (made.artworks, made.points, made.thumbnails) == (23, 22, 22)
    vault = Vault(BackupPlace(str(place)))
    found = verify(vault)
    assert found.sound, found.faults
    about = vault.read(made.backup, place.parent / "read").manifest.backup
    assert about is not None
    assert about.index.model_dump() == {
        "engine": "server",
        "alias": "paintings",
        "generation": served.index.status().generation,
    }
    restored = bring_back(other_home, place)
    assert (restored.backup, restored.points, restored.pending) == (made.backup, 22, 1)
    assert_the_same(served, other_home, but_for=WAITING)
    # A vector that was missing already is made by the next ingest, and nothing else is.
    assert _pending(other_home) == {("Picture 9", "edge_grid")}
    assert take_in(other_home, pictures) == {"colour_grid": 0, "edge_grid": 1}
    assert not drift_of(other_home)
    assert not (other_home.settings.home / "restore.unfinished").exists()


def test_a_backup_of_embedded_engines_comes_back_on_servers_whole(
    embedded: Deployment, served: Deployment, pictures: Path, place: Path
) -> None:
    take_in(embedded, pictures)
    keypoints = embedded.settings.home / "keypoints" / "sift-1" / "ab" / "ab.npz"
    keypoints.parent.mkdir(parents=True)
    keypoints.write_bytes(b"found")
    back_up(embedded, place)
    made = back_up(embedded, place, incremental=True, with_keypoints=True)
    assert bring_back(served, place).points == made.points == 24
    assert_the_same(embedded, served)
    assert (served.settings.home / "keypoints/sift-1/ab/ab.npz").read_bytes() == b"found"
    assert take_in(served, pictures) == {"colour_grid": 0, "edge_grid": 0}


@pytest.mark.slow
def test_a_backup_that_is_made_while_an_ingest_runs_is_completed_by_the_next(
    deployment: Deployment, other_home: Deployment, tmp_path: Path, place: Path
) -> None:
    pictures = make_folder(tmp_path / "many", 120)
    running = threading.Thread(target=take_in, args=(deployment, pictures))
    running.start()
    held: list[int] = []
    while running.is_alive():
        with suppress(BackupRefused):  # there is nothing to back up yet
            held.append(back_up(deployment, place, incremental=True).points)
    running.join()
    assert held
    newest = len(Vault(BackupPlace(str(place))).ids())
    assert newest == len(held)
    for number, backup_id in enumerate(Vault(BackupPlace(str(place))).ids()[-3:]):
        settings = other_home.settings.model_copy(update={"home": tmp_path / f"back-{number}"})
        with Deployment(settings) as back:
            bring_back(back, place, backup_id=backup_id)
            assert not drift_of(back)
            take_in(back, pictures)
            assert back.index.status().points == 120
            assert not drift_of(back)
            with back.database.transaction() as session:
                open_tasks = session.scalars(
                    select(EmbeddingTask).where(EmbeddingTask.state != TaskState.DONE)
                ).all()
            assert not open_tasks


def test_a_backup_of_the_first_moments_of_an_ingest_comes_back_though_no_work_is_done(
    embedded: Deployment, other_home: Deployment, pictures: Path, place: Path
) -> None:
    take_in(embedded, pictures)
    with embedded.database.transaction() as session:
        session.execute(update(EmbeddingTask).values(state=TaskState.PENDING))
    back_up(embedded, place)
    assert verify(Vault(BackupPlace(str(place)))).sound
    assert bring_back(other_home, place).points == 24
    take_in(other_home, pictures)
    assert not _pending(other_home)
    assert not drift_of(other_home)


def test_what_changes_between_catalog_and_vectors_waits_to_be_embedded(
    embedded: Deployment,
    other_home: Deployment,
    pictures: Path,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_in(embedded, pictures)
    with embedded.database.transaction() as session:
        works = {work.title: work.id for work in session.scalars(select(Artwork))}

    def meanwhile(*arguments: Any) -> Iterator[PointsRead]:
        draw(77).save(pictures / "images" / "003.jpg")
        take_in(embedded, pictures)
        delete(embedded.database, embedded.index, embedded.image_store, works["Picture 6"])
        edit(embedded.database, embedded.index, works["Picture 5"], {"artist": "Later"})
        return read_points(*arguments)

    monkeypatch.setattr(making, "read_points", meanwhile)
    made = back_up(embedded, place)
    assert (made.artworks, made.points, made.pending) == (24, 23, 2)
    bring_back(other_home, place)
    artists = {point.payload["artist"] for point in other_home.index.points(with_vectors=False)}
    assert "Later" not in artists
    models = ("colour_grid", "edge_grid")
    assert _pending(other_home) == {
        (title, model) for title in ("Picture 3", "Picture 6") for model in models
    }
    assert take_in(other_home, pictures) == {"colour_grid": 2, "edge_grid": 2}
    assert not drift_of(other_home)


def test_a_backup_is_begun_again_where_projections_were_fitted_meanwhile(
    embedded: Deployment, pictures: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_with_everything(embedded, pictures)
    attempts: list[int] = []

    def meanwhile(*arguments: Any) -> Iterator[PointsRead]:
        attempts.append(1)
        if len(attempts) <= times:
            with embedded.database.transaction() as session:
                session.execute(update(Projection).values(version=next(embedded.index.ids())))
            embedded.index.delete([next(embedded.index.ids())])
        return read_points(*arguments)

    monkeypatch.setattr(making, "read_points", meanwhile)
    times = 1
    back_up(embedded, place)
    assert len(attempts) == 2
    times = 100
    with pytest.raises(BackupFailed, match="given other vectors"):
        back_up(embedded, place)
    assert len(Vault(BackupPlace(str(place))).ids()) == 1


@pytest.mark.slow
def test_only_what_has_changed_is_copied_again(
    embedded: Deployment, pictures: Path, place: Path
) -> None:
    take_in(embedded, pictures)
    back_up(embedded, place)
    before = files_in(place)
    again = back_up(embedded, place, incremental=True)
    assert [name for name in files_in(place).keys() - before.keys() if "parts" in name] == []
    assert again.bytes == len(files_in(place)[f"backups/{again.backup}"])

    take_in(embedded, make_folder(pictures, 26))
    made = back_up(embedded, place, incremental=True)
    assert made.points == 26
    assert files_in(place).items() >= before.items()
    copied = _thumbnails(place, files_in(place).keys() - before.keys())
    # The last part has grown by the new ones; all others are the ones that were there.
    assert 2 <= len(copied) <= 10
    assert len(copied - _thumbnails(place, before.keys())) == 2


def _thumbnails(place: Path, names: Iterable[str]) -> set[str]:
    parts = [place / name for name in names if name.startswith("parts/")]
    tables = [pq.read_table(part) for part in parts if part.read_bytes().startswith(b"PAR1")]
    return {
        sha256
        for table in tables
        if "jpeg" in table.schema.names
        for sha256 in table.column("sha256").to_pylist()
    }


def test_what_lies_there_is_read_unless_it_is_said_to_be_whole(
    embedded: Deployment, other_home: Deployment, pictures: Path, place: Path
) -> None:
    take_in(embedded, pictures)
    back_up(embedded, place)
    part = max(place.glob("parts/*/*"), key=lambda path: path.stat().st_size)
    whole = part.read_bytes()
    part.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    back_up(embedded, place, incremental=True)
    assert part.read_bytes() != whole
    back_up(embedded, place)
    assert part.read_bytes() == whole
    bring_back(other_home, place)


def test_nothing_is_brought_back_over_another_collection(
    embedded: Deployment, other_home: Deployment, pictures: Path, place: Path
) -> None:
    take_in(embedded, pictures)
    back_up(embedded, place)
    take_in(other_home, make_folder(pictures.parent / "theirs", 5))
    with pytest.raises(MoveRefused, match="name a database that is new"):
        bring_back(other_home, place)
    assert other_home.index.status().points == 5
    assert not (other_home.settings.home / "restore.unfinished").exists()


def test_a_backup_or_a_restore_that_was_killed_is_begun_again(
    embedded: Deployment,
    other_home: Deployment,
    pictures: Path,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_in(embedded, pictures)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            back_up(embedded, place)
    with pytest.raises(BackupRefused, match="holds no backup"):
        bring_back(other_home, place)
    written = files_in(place)
    made = back_up(embedded, place)
    assert made.bytes < sum(map(len, written.values())) / 2

    with monkeypatch.context() as patched:
        patched.setattr(filling, "differing_searches", killed)
        with pytest.raises(KeyboardInterrupt):
            bring_back(other_home, place)
    assert catalog_is_empty(other_home)
    bring_back(other_home, place)
    assert_the_same(embedded, other_home)


@pytest.mark.slow
def test_older_backups_go_with_the_parts_that_nobody_names(
    embedded: Deployment, other_home: Deployment, pictures: Path, place: Path
) -> None:
    take_in(embedded, pictures)
    made = [back_up(embedded, place).backup]
    for number in range(3):
        with embedded.database.transaction() as session:
            session.execute(update(Artwork).values(image_width=number + 1))
        made.append(back_up(embedded, place, incremental=True).backup)
    stray = place / "parts" / "zz" / "stray"
    stray.parent.mkdir()
    stray.write_bytes(b"of a backup that was killed")
    last = back_up(embedded, place, incremental=True, keep=2)
    assert last.removed == tuple(made[:3])
    vault = Vault(BackupPlace(str(place)))
    assert vault.ids() == [made[3], last.backup]
    assert not stray.exists()
    assert verify(vault).sound
    bring_back(other_home, place, backup_id=made[3])
    with pytest.raises(BackupRefused, match="has no backup"):
        bring_back(other_home, place, backup_id=made[0])


def test_a_thumbnail_that_is_damaged_is_left_out(
    embedded: Deployment, other_home: Deployment, pictures: Path, place: Path
) -> None:
    take_in(embedded, pictures)
    store = embedded.image_store
    sha256 = next(store.hashes())
    store.thumbnail_path(sha256).write_bytes(b"no picture")
    assert back_up(embedded, place).thumbnails == 23
    bring_back(other_home, place)
    assert sha256 not in set(ImageStore(other_home.image_store.folder).hashes())
    hits = other_home.index.nearest(
        "edge_grid",
        next(iter(embedded.index.vectors("edge_grid", list(embedded.index.ids())).values())),
        wanted=Filter(),
        top=3,
    )
    assert len(hits) == 3


def test_own_models_and_evaluations_come_back(
    embedded: Deployment, other_home: Deployment, pictures: Path, place: Path
) -> None:
    fill_with_everything(embedded, pictures)
    back_up(embedded, place)
    bring_back(other_home, place)
    other_home.look_for_own_models()
    assert OWN in other_home.registry
    assert dict(collection(other_home).files()).keys() == dict(collection(embedded).files()).keys()


def test_a_backup_that_could_not_be_read_is_none(
    embedded: Deployment, pictures: Path, place: Path
) -> None:
    take_in(embedded, pictures)
    strange = embedded.settings.home / "evaluations" / "a\nb"
    strange.parent.mkdir()
    strange.write_text("{}")
    with pytest.raises(BackupRefused, match="names the file"):
        back_up(embedded, place)
    assert Vault(BackupPlace(str(place))).ids() == []
