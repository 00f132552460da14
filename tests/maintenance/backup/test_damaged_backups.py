"""What happens to a backup where it lies: a flipped byte, a lost file, another key."""

import os
from pathlib import Path

import fsspec
import pytest

from deployment import Deployment
from maintenance.backup.encryption import Key, NoKey, read_key, sealed_size
from maintenance.backup.place import BackupPlace, BackupRefused
from maintenance.backup.restoring import verify
from maintenance.backup.vault import Vault, part_name
from maintenance.moving.origin import MoveRefused
from settings import Settings
from tests.conftest import TINY_MODELS
from tests.maintenance.backup.conftest import back_up, bring_back, files_in
from tests.maintenance.moving.conftest import (
    assert_the_same,
    catalog_is_empty,
    fill_with_everything,
    take_in,
)

KEY = Key(bytes(range(32)))


def _faults(place: Path, key: Key | None = None) -> tuple[str, ...]:
    return verify(Vault(BackupPlace(str(place)), key)).faults


@pytest.mark.slow
@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "sealed"])
def test_a_flipped_byte_is_found_in_every_file_and_the_file_is_named(
    embedded: Deployment, other_home: Deployment, pictures: Path, place: Path, key: Key | None
) -> None:
    fill_with_everything(embedded, pictures)
    made = back_up(embedded, place, key)
    kinds = {
        name.partition("/")[0]: part_name(sha256, key)
        for name, sha256 in Vault(BackupPlace(str(place)), key)
        .read(made.backup, place.parent / "read")
        .manifest.files.items()
    }
    assert kinds.keys() == {
        "catalog", "points", "vectors", "thumbnails", "models", "evaluations",
        "addresses.parquet", "searches.parquet",
    }  # fmt: skip
    names = files_in(place)
    for number, (name, data) in enumerate(sorted(names.items())):
        at = [0, len(data) // 2, len(data) - 1][number % 3]
        (place / name).write_bytes(data[:at] + bytes([data[at] ^ 16]) + data[at + 1 :])
        (fault,) = _faults(place, key)
        assert fault.startswith(f"{name}: "), fault
        if name in (*kinds.values(), f"backups/{made.backup}"):
            with pytest.raises(BackupRefused, match=name):
                bring_back(other_home, place, key)
        (place / name).write_bytes(data)
    lost = kinds["points"]
    (place / lost).unlink()
    assert _faults(place, key) == (f"{lost}: it is missing in {place}",)
    assert catalog_is_empty(other_home)
    assert not other_home.index.specs


@pytest.mark.slow
def test_a_fault_in_an_older_backup_is_found_too(
    embedded: Deployment, other_home: Deployment, pictures: Path, place: Path
) -> None:
    take_in(embedded, pictures)
    back_up(embedded, place)
    first = {name for name in files_in(place) if name.startswith("parts/")}
    (embedded.settings.home / "evaluations").mkdir()
    (embedded.settings.home / "evaluations" / "facts.json").write_text("{}")
    embedded.index.delete([next(embedded.index.ids())])
    back_up(embedded, place)
    vault = Vault(BackupPlace(str(place)))
    newest = vault.read(vault.ids()[-1], place.parent / "read").manifest.files
    only = next(name for name in first if name.rpartition("/")[2] not in newest.values())
    (place / only).write_bytes(b"PAR1")
    assert [fault.partition(":")[0] for fault in _faults(place)] == [only]
    bring_back(other_home, place)


@pytest.mark.slow
def test_nothing_is_read_off_a_sealed_backup_without_its_key(
    embedded: Deployment, other_home: Deployment, pictures: Path, place: Path
) -> None:
    take_in(embedded, pictures)
    back_up(embedded, place, KEY)
    again = back_up(embedded, place, KEY, incremental=True)
    files = files_in(place)
    assert again.bytes < sum(map(len, files.values())) / 4
    plain = {path.read_bytes()[40:200] for path in embedded.image_store.folder.rglob("*.jpg")}
    plain |= {b"PAR1", b"Picture", b"colour_grid", b"catalog/", bytes(range(32))}
    assert not [name for name, data in files.items() for text in plain if text in data]
    with pytest.raises(BackupRefused, match="VASARI_BACKUP_KEY_FILE"):
        bring_back(other_home, place)
    with pytest.raises(BackupRefused, match="made with another key"):
        bring_back(other_home, place, Key(bytes(32)))
    bring_back(other_home, place, KEY)
    assert_the_same(embedded, other_home)


def test_sealed_files_are_as_long_as_is_said_and_their_chunks_are_in_order(tmp_path: Path) -> None:
    for size in (0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 19):
        data = os.urandom(size)
        (tmp_path / "plain").write_bytes(data)
        with (tmp_path / "plain").open("rb") as source, (tmp_path / "sealed").open("wb") as to:
            KEY.seal(source, to)
        assert (tmp_path / "sealed").stat().st_size == sealed_size(size)
        with (tmp_path / "sealed").open("rb") as source, (tmp_path / "opened").open("wb") as to:
            KEY.open(source, to)
        assert (tmp_path / "opened").read_bytes() == data


@pytest.mark.parametrize("text", ["", "secret", "zz" * 32, "ab" * 31])
def test_a_key_is_64_digits_and_is_not_repeated_in_the_message(text: str) -> None:
    with pytest.raises(NoKey) as refused:
        read_key(text)
    assert not text or text not in str(refused.value)
    assert read_key("AB" * 32 + "\n").name_of("x") == Key(b"\xab" * 32).name_of("x")


@pytest.mark.slow
@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "sealed"])
def test_a_place_may_be_whatever_fsspec_has_an_address_for(
    embedded: Deployment, other_home: Deployment, pictures: Path, tmp_path: Path, key: Key | None
) -> None:
    take_in(embedded, pictures)
    address = f"memory://museum-{tmp_path.name}"
    back_up(embedded, address, key)
    back_up(embedded, address, key, incremental=True)
    last = back_up(embedded, address, key, keep=1)
    assert len(last.removed) == 2
    assert verify(Vault(BackupPlace(address), key)).sound
    bring_back(other_home, address, key)
    assert_the_same(embedded, other_home)
    memory = fsspec.filesystem("memory")
    part = max(memory.find(f"/museum-{tmp_path.name}/parts"), key=memory.size)
    memory.pipe_file(part, b"else")
    (fault,) = verify(Vault(BackupPlace(address), key)).faults
    assert part.rpartition("/")[2] in fault


def test_a_place_that_cannot_be_is_refused_without_its_secrets(tmp_path: Path) -> None:
    for address in ("nowhere://user:secret@host/x", "s3n0://x?key=secret"):
        with pytest.raises(BackupRefused) as refused:
            BackupPlace(address)
        assert "secret" not in str(refused.value)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BackupRefused, match="cannot be used"):
        BackupPlace(f"file://{tmp_path}/file").put("parts/x", tmp_path / "file")
    with pytest.raises(BackupRefused, match="holds no backup"):
        verify(Vault(BackupPlace(str(tmp_path / "empty"))))


@pytest.mark.slow
def test_what_is_half_written_is_no_backup(
    embedded: Deployment, pictures: Path, place: Path, tmp_path: Path
) -> None:
    take_in(embedded, pictures)
    made = back_up(embedded, place)
    data = (place / "backups" / made.backup).read_bytes()
    (place / "backups" / f".{made.backup}.x.part").write_bytes(data[:50])
    assert Vault(BackupPlace(str(place))).ids() == [made.backup]
    back_up(embedded, place, incremental=True)
    assert not list(place.rglob("*.part"))
    settings = Settings(home=tmp_path / "third", models=TINY_MODELS)
    with Deployment(settings) as third, pytest.raises((BackupRefused, MoveRefused)):
        bring_back(third, place, backup_id="20260101T000000000000Z-0123456789abcdef")
