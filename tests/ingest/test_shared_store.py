"""Two homes and one store: what one machine makes, the other shows, embeds and repairs."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Timer

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from catalog.artworks import ArtworkFacts, list_artworks
from catalog.filters import Filter
from deployment import Deployment
from ingest.image_store import ImageStore, is_as_written
from ingest.job import ingest
from ingest.outages import Outage
from ingest.place import Place, PlaceRefused, PlaceUnreachable
from ingest.progress import NullProgress
from ingest.readers.folder import FolderReader
from maintenance.drift import Drift, find_drift
from maintenance.reconcile import Repair, repair
from settings import Settings
from tests.pictures import draw
from ui.api.application import Operations, application

SHA256 = "ab" * 32


@pytest.fixture
def memory(tmp_path: Path) -> Place:
    """A place that is neither a folder nor anybody else's."""
    return Place(f"memory://store-{tmp_path.name}")


def test_a_thumbnail_that_one_machine_makes_is_there_for_the_others(
    memory: Place, tmp_path: Path
) -> None:
    one, other = (ImageStore(tmp_path / name, memory) for name in ("one", "other"))
    assert not other.fetched(SHA256).exists()
    assert not other.holds(SHA256)
    made = one.save_thumbnail(SHA256, draw(1)).read_bytes()
    assert other.holds(SHA256)
    assert other.read(SHA256) == made
    assert not other.thumbnail_path(SHA256).exists(), "only what is looked at is fetched"
    assert other.fetched(SHA256).read_bytes() == made
    assert list(other.hashes()) == list(one.hashes()) == [SHA256]
    other.remove(SHA256)
    assert list(one.hashes()) == []
    assert not other.fetched(SHA256).exists()


def test_what_cannot_be_shared_does_not_count_as_stored(
    memory: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PlaceUnreachable("away")

    store = ImageStore(tmp_path, memory)
    with monkeypatch.context() as away:
        away.setattr(Place, "put", fail)
        with pytest.raises(PlaceUnreachable):
            store.save_thumbnail(SHA256, draw(1))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    store.save_thumbnail(SHA256, draw(1))
    assert ImageStore(tmp_path / "other", memory).holds(SHA256)


def test_what_is_damaged_in_the_store_is_not_fetched_and_can_be_sent_again(
    memory: Place, tmp_path: Path
) -> None:
    one, other = (ImageStore(tmp_path / name, memory) for name in ("one", "other"))
    one.save_thumbnail(SHA256, draw(1))
    (tmp_path / "half").write_bytes(one.thumbnail_path(SHA256).read_bytes()[:-9])
    memory.put(f"thumbnails/ab/{SHA256}.jpg", tmp_path / "half")
    assert not other.fetched(SHA256).exists()
    assert not is_as_written(one.read(SHA256) or b"")
    assert not other.send_again(SHA256)
    assert one.send_again(SHA256)
    assert is_as_written(one.read(SHA256) or b"")
    assert other.fetched(SHA256).exists()


def test_a_name_that_is_no_hash_leads_nowhere(memory: Place, tmp_path: Path) -> None:
    store = ImageStore(tmp_path, memory)
    for ask in (store.fetched, store.holds, store.read, store.remove, store.written_at):
        with pytest.raises(ValueError, match="not a SHA-256"):
            ask("../../x")


def test_a_store_that_cannot_be_is_refused_without_its_secrets(tmp_path: Path) -> None:
    for address in ("nowhere://user:secret@host/x", "s3n0://x?key=secret"):
        with pytest.raises(PlaceRefused) as refused:
            Place(address)
        assert "secret" not in str(refused.value)
    settings = Settings(home=tmp_path, store_url=SecretStr("s3://user:secret@bucket/x"))
    assert "user:secret" not in repr(settings)


@pytest.fixture
def homes(
    tiny_settings: Settings, pictures: Path, tmp_path: Path
) -> Iterator[Sequence[Deployment]]:
    """A collection that one home took in, and a second one that has everything but pictures."""
    store = SecretStr(f"file://{tmp_path / 'store'}")
    here = tiny_settings.model_copy(update={"store_url": store, "models": ("edge_grid",)})
    with Deployment(here) as one:
        ingest(FolderReader(pictures), one.ingest_context([one.embedder("edge_grid")]))
    there = here.model_copy(update={"home": tmp_path / "other"})
    subprocess.run(["cp", "-a", here.home, there.home], check=True)
    shutil.rmtree(there.home / "thumbnails")
    with Deployment(here) as one, Deployment(there) as other:
        yield one, other


def _works(deployment: Deployment) -> tuple[ArtworkFacts, ...]:
    with deployment.database.transaction() as session:
        return list_artworks(session, Filter()).artworks


def _drift(of: Deployment) -> Drift:
    return find_drift(of.database, of.index, of.image_store, of.registry)


def _repair(of: Deployment, drift: Drift) -> Repair:
    return repair(drift, of.ingest_context([]), of.embedder)


@pytest.mark.slow
def test_the_page_of_another_machine_shows_what_this_one_took_in_and_does_without_in_an_outage(
    homes: Sequence[Deployment], tmp_path: Path
) -> None:
    one, other = homes
    first, second = _works(other)[:2]
    served = application(Operations(other.settings, lambda: other))
    with TestClient(served, raise_server_exceptions=False) as program:
        answer = program.get(f"/images/{first.id}/thumbnail")
        kept = one.image_store.thumbnail_path(str(first.image_sha256))
        assert answer.content == kept.read_bytes()
        shutil.move(tmp_path / "store", tmp_path / "away")
        (tmp_path / "store").write_text("no folder")
        assert program.get(f"/images/{first.id}/thumbnail").content == answer.content
        assert program.get(f"/images/{second.id}/256").status_code == 503
        assert program.get(f"/api/artworks/{second.id}").status_code == 200
        Path(second.image_location).unlink()
        with pytest.raises(PlaceUnreachable):
            other.large_pictures.of(second).first.result(timeout=30)
        (tmp_path / "store").unlink()
        shutil.move(tmp_path / "away", tmp_path / "store")
        assert program.get(f"/images/{second.id}/256").status_code == 200


@pytest.mark.slow
def test_reconcile_on_any_machine_finds_and_mends_what_the_store_has_lost(
    homes: Sequence[Deployment], tmp_path: Path
) -> None:
    one, other = homes
    assert not _drift(other)
    lost, damaged = (str(work.image_sha256) for work in _works(one)[:2])
    kept = tmp_path / "store" / "thumbnails"
    whole = (kept / lost[:2] / f"{lost}.jpg").read_bytes()
    (kept / lost[:2] / f"{lost}.jpg").unlink()
    (kept / damaged[:2] / f"{damaged}.jpg").write_bytes(b"no picture")
    for machine in (one, other):
        drift = _drift(machine)
        assert list(drift.missing_thumbnails) == [lost]
        assert list(drift.damaged_thumbnails) == [damaged]
    # One has them in its home still; the other makes them of the images.
    assert _repair(other, drift).remade_thumbnails == 2
    assert not _drift(one)
    assert other.image_store.read(lost) == whole
    (kept / lost[:2] / f"{lost}.jpg").unlink()
    for work in _works(one):
        Path(work.image_location).unlink()
    assert _repair(one, _drift(one)).remade_thumbnails == 1
    assert one.image_store.read(lost) == whole


class _Away(NullProgress):
    """Lets the store come back once it has been waited for."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self.heard: list[str] = []

    def waiting(self, server: str, seconds: float) -> None:
        self.heard.append(server)
        Timer(1.0, self._store.unlink).start()

    def going_on(self) -> None:
        self.heard.append("going on")


@pytest.mark.slow
def test_a_job_waits_for_the_store_and_goes_on(
    tiny_settings: Settings, pictures: Path, tmp_path: Path
) -> None:
    (tmp_path / "store").write_text("no folder")
    store = SecretStr(f"file://{tmp_path / 'store'}")
    settings = tiny_settings.model_copy(update={"store_url": store})
    with Deployment(settings) as deployment:
        context = deployment.ingest_context([deployment.embedder("edge_grid")])
        progress = _Away(tmp_path / "store")
        summary = ingest(FolderReader(pictures), context, progress)
        assert (summary.added, summary.failed) == (24, 0)
        assert progress.heard == ["store", "going on"]
        assert len(list(deployment.image_store.hashes())) == 24


@pytest.mark.slow
def test_a_job_whose_store_stays_away_ends_and_loses_nothing(
    tiny_settings: Settings, pictures: Path, tmp_path: Path
) -> None:
    (tmp_path / "store").write_text("no folder")
    changed = {
        "store_url": SecretStr(f"file://{tmp_path / 'store'}"),
        "outage_patience_seconds": 0,
    }
    with Deployment(tiny_settings.model_copy(update=changed)) as deployment:
        context = deployment.ingest_context([deployment.embedder("edge_grid")])
        with pytest.raises(Outage, match="Nothing is lost"):
            ingest(FolderReader(pictures), context)
        (tmp_path / "store").unlink()
        assert ingest(FolderReader(pictures), context).added == 24
