"""The folder of downloaded images."""

import os
from pathlib import Path

from ingest.originals import KnownAddress, Originals
from ingest.place import Place

KNOWN = KnownAddress(
    sha256="0" * 64, signature=None, etag='"1"', last_modified=None, asked_at=1_700_000_000.0
)
URL = "https://curator:s3cret@museum.example/../../etc/passwd?key=s3cret"


def test_an_address_leaves_neither_its_path_nor_its_secrets_on_the_disk(tmp_path: Path) -> None:
    originals = Originals(tmp_path / "originals")
    originals.remember(URL, KNOWN)
    assert originals.known(URL) == KNOWN
    [note] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert note.is_relative_to(tmp_path / "originals" / "addresses")
    assert "passwd" not in note.name
    assert "s3cret" not in note.name + note.read_text()


def test_a_note_that_cannot_be_read_is_as_none(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    originals.remember(URL, KNOWN)
    [note] = (tmp_path / "addresses").glob("*/*")
    for text in ("", "{", "[]", '{"sha256": "0", "colour": "red"}', "\0"):
        note.write_text(text)
        assert originals.known(URL) is None


def test_what_a_killed_process_left_is_cleared_and_what_another_writes_is_not(
    tmp_path: Path,
) -> None:
    originals = Originals(tmp_path)
    left, written = originals.new_file(), originals.new_file()
    os.utime(left, (1_700_000_000, 1_700_000_000))
    originals.clear_unfinished()
    assert not left.exists()
    assert written.exists()
    Originals(tmp_path / "elsewhere").clear_unfinished()


def test_what_one_machine_downloaded_and_learnt_is_there_for_the_others(tmp_path: Path) -> None:
    store = Place(f"memory://originals-{tmp_path.name}")
    one, other = (Originals(tmp_path / name, shared=store) for name in ("one", "other"))
    file = one.new_file()
    file.write_text("an image")
    one.accept(file, KNOWN.sha256)
    one.remember(URL, KNOWN)
    assert one.path(KNOWN.sha256).read_text() == "an image"
    assert not other.path(KNOWN.sha256).exists(), "only what is read is fetched"
    assert other.fetched(KNOWN.sha256).read_text() == "an image"
    assert not other.fetched("1" * 64).exists()
    # What another learnt later counts, or old and new images would be embedded in turn.
    later = KnownAddress(**{**vars(KNOWN), "sha256": "2" * 64})
    other.remember(URL, later)
    assert one.known(URL) == later
    assert dict(one.notes()) == dict(other.notes())
    assert len(dict(one.notes())) == 1
    other.remember(URL, KNOWN)
    other.forget(URL)
    assert one.known(URL) is None
    one.path(KNOWN.sha256).unlink()
    assert not one.fetched(KNOWN.sha256).exists()


def test_a_note_that_names_no_hash_leads_nowhere(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    originals.remember(URL, KnownAddress(**{**vars(KNOWN), "sha256": "../../../x"}))
    assert originals.known(URL) is None
