"""No path and no link in somebody else's source has another file of this machine read."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from ingest.readers.csv_file import CsvReader
from ingest.readers.files import CLOSED_FOLDER, LINKED_FOLDER, OUTSIDE
from ingest.readers.folder import FolderReader
from ingest.readers.nga import NgaReader
from ingest.readers.reader import Reader, UnreadableSource
from ingest.readers.table import UNREADABLE_CSV
from ingest.readers.wikiart import WikiArtReader
from tests.ingest.readers.nga_tables import image_of, painting, write_export
from tests.pictures import draw, write_table


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A picture beside the source's folder."""
    file = tmp_path / "secret.png"
    draw(1).save(file)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one picture."""
    folder = tmp_path / "source"
    folder.mkdir()
    draw(2).save(folder / "good.png")
    return folder


def _outcome(reader: Reader) -> tuple[list[str], list[str]]:
    """Return the locations that are read, and the reasons of the others."""
    items = list(reader.read())
    return (
        [item.image_location for item in items if isinstance(item, ArtworkRecord)],
        [item.reason for item in items if isinstance(item, Failure)],
    )


def _csv(folder: Path, images: list[str]) -> Path:
    write_table(folder / "works.csv", [{"image": image} for image in images])
    return folder / "works.csv"


def test_a_table_names_images_of_its_own_folder_only(folder: Path, secret: Path) -> None:
    (folder / "link.png").symlink_to(secret)
    (folder / "own link.png").symlink_to("good.png")
    (folder / "up").symlink_to(folder.parent)
    out = ["../secret.png", str(secret), f"file://{secret}", "link.png", "up/secret.png"]
    own = ["good.png", str(folder / "good.png"), "x/../good.png", "own link.png"]
    table = _csv(folder, [*out, *own])
    assert _outcome(CsvReader(table)) == ([str(folder / "good.png")] * 4, [OUTSIDE] * 5)
    locations, reasons = _outcome(CsvReader(table, allow_outside=True))
    assert (len(locations), reasons) == (9, [])
    # Another folder of images may be named, and then it is that one which nothing leads out of.
    assert _outcome(CsvReader(table, images=folder.parent))[1] == [OUTSIDE]


def test_a_link_that_is_turned_elsewhere_after_it_was_read_changes_nothing(
    folder: Path, secret: Path
) -> None:
    link = folder / "link.png"
    link.symlink_to("good.png")
    (location,), _ = _outcome(CsvReader(_csv(folder, ["link.png"])))
    link.unlink()
    link.symlink_to(secret)
    assert Path(location).read_bytes() == (folder / "good.png").read_bytes()


def test_a_folder_that_is_reached_through_a_link_keeps_its_name(folder: Path) -> None:
    (folder.parent / "linked").symlink_to(folder)
    locations, _ = _outcome(FolderReader(folder.parent / "linked"))
    assert locations == [str(folder.parent / "linked" / "good.png")]


def test_links_out_of_a_folder_are_failures_and_linked_folders_are_counted(
    folder: Path, secret: Path
) -> None:
    (folder / "link.png").symlink_to(secret)
    (folder / "more").symlink_to(folder.parent)
    reader = FolderReader(folder)
    assert _outcome(reader) == ([str(folder / "good.png")], [OUTSIDE])
    assert reader.left_out == {LINKED_FOLDER: 1}
    allowed = FolderReader(folder, allow_outside=True)
    assert _outcome(allowed) == ([str(folder / "good.png"), str(folder / "link.png")], [])
    rows = [{"file": name, "title": "t"} for name in ("../secret.png", str(secret), "..odd.png")]
    write_table(folder / "works.csv", rows)
    assert _outcome(reader) == ([str(folder / "..odd.png")], [OUTSIDE] * 2)
    assert len(_outcome(allowed)[0]) == 3


def test_a_folder_that_may_not_be_read_is_counted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "closed").mkdir()
    real = os.scandir

    def scandir(path: str) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(path)
        return real(path)

    reader = FolderReader(folder)
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scandir)  # whoever is root may read everything
        assert len(_outcome(reader)[0]) == 1
    assert reader.left_out == {CLOSED_FOLDER: 1}


def test_links_out_of_the_folders_of_museums_exports_are_failures(
    folder: Path, secret: Path
) -> None:
    (folder / "Cubism").mkdir()
    (folder / "Cubism" / "a_b.jpg").symlink_to(secret)
    assert _outcome(WikiArtReader(folder)) == ([], [OUTSIDE])
    assert len(_outcome(WikiArtReader(folder, allow_outside=True))[0]) == 1
    (folder / "uuid-1.png").symlink_to(secret)
    data = write_export(folder / "data", objects=[painting(1)], published_images=[image_of(1)])
    assert _outcome(NgaReader(data=data, images=folder)) == ([], [OUTSIDE])
    assert len(_outcome(NgaReader(data=data, images=folder, allow_outside=True))[0]) == 1


def test_only_regular_files_are_read_as_tables(folder: Path) -> None:
    os.mkfifo(folder / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket.csv"))
        for path, kind in (
            (folder / "pipe.csv", "a named pipe"),
            (folder / "socket.csv", "a socket"),
            (folder, "a folder"),
            (Path("/dev/zero"), "a device"),
        ):
            for reader in (CsvReader(path), FolderReader(folder, table=path)):
                with pytest.raises(UnreadableSource, match=f"is {kind}, not a file: save"):
                    list(reader.read())
    # Found by themselves, they are none of the folder's tables, and that is said.
    reader = FolderReader(folder)
    assert len(_outcome(reader)[0]) == 1
    assert reader.left_out == {UNREADABLE_CSV: 2}
    for name in ("x" * 5000, "a\0.csv"):
        with pytest.raises(UnreadableSource, match="cannot be read: "):
            list(CsvReader(folder / name).read())
