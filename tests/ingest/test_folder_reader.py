"""The folder reader: what it reads, what it makes of names, and what it refuses."""

import os
from pathlib import Path

import pytest

from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from ingest.readers.files import OUTSIDE
from ingest.readers.folder import FolderReader
from ingest.readers.reader import UnreadableSource
from ingest.readers.text import parse_year, title_from_name
from tests.pictures import draw, write_table


def _records(reader: FolderReader) -> list[ArtworkRecord]:
    return [item for item in reader.read() if isinstance(item, ArtworkRecord)]


def _failures(reader: FolderReader) -> list[Failure]:
    return [item for item in reader.read() if isinstance(item, Failure)]


def _save(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(1).save(path)


def test_images_at_any_depth_are_read_by_name(tmp_path: Path) -> None:
    for name in ("b.png", "a/deep/er/c.JPG", "a/d.webp", "notes.txt", ".hidden.png", ".git/e.png"):
        path = tmp_path / "Sammlung" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    records = _records(FolderReader(tmp_path / "Sammlung"))
    assert [record.file for record in records] == ["b.png", "a/d.webp", "a/deep/er/c.JPG"]
    assert {record.source for record in records} == {"Sammlung"}


def test_a_title_comes_from_the_files_name() -> None:
    assert title_from_name("claude-monet_water--lilies\n1906") == "claude monet water lilies 1906"
    assert title_from_name("---") == "---"


def test_names_of_subfolders_stand_for_fields(tmp_path: Path) -> None:
    _save(tmp_path / "Cubism" / "Juan Gris" / "violin.png")
    (record,) = _records(FolderReader(tmp_path, label_from=("style", "artist")))
    assert (record.style, record.artist, record.title) == ("Cubism", "Juan Gris", "violin")


def test_a_csv_describes_the_images_and_its_other_columns_are_kept(pictures: Path) -> None:
    records = _records(FolderReader(pictures))
    assert len(records) == 24
    first = records[1]
    assert (first.artist, first.year, first.source) == ("Илья Репин", 1851, "south")
    assert first.extra == {"inventory": "INV.1"}
    assert records[2].genre is None
    assert records[4].year is None


def test_a_csv_that_only_lists_files_is_no_description(pictures: Path) -> None:
    write_table(pictures / "pairs.csv", [{"group": "1", "file": "images/000.jpg"}])
    assert len(_records(FolderReader(pictures))) == 24


def test_of_several_descriptions_one_must_be_chosen(pictures: Path) -> None:
    write_table(pictures / "more.csv", [{"file": "images/000.jpg", "title": "Other"}])
    with pytest.raises(UnreadableSource, match=r"more.csv, works.csv.*--csv"):
        _records(FolderReader(pictures))
    (record,) = _records(FolderReader(pictures, table=pictures / "more.csv"))
    assert record.title == "Other"


def test_images_that_the_csv_does_not_list_are_counted(pictures: Path) -> None:
    _save(pictures / "images" / "surplus.png")
    reader = FolderReader(pictures)
    assert len(_records(reader)) == 24
    assert reader.left_out == {"image file that the CSV does not list": 1}


def test_rows_that_name_no_image_of_the_folder_are_failures(pictures: Path) -> None:
    rows = [
        {"file": "", "title": "nothing"},
        {"file": "../../etc/passwd", "title": "outside"},
        {"file": "/etc/passwd", "title": "outside too"},
        {"file": "images/000.jpg", "title": "good"},
        {"file": "images/../images/000.jpg", "title": "the same again"},
        {"file": "images/001.jpg", "title": "long", "artist": "x" * 600},
    ]
    write_table(pictures / "works.csv", [{"artist": "", **row} for row in rows])
    reader = FolderReader(pictures)
    assert [record.title for record in _records(reader)] == ["good"]
    assert [failure.reason for failure in _failures(reader)] == [
        "no file named",
        OUTSIDE,
        OUTSIDE,
        "file listed twice",
        "artist is longer than 500 characters",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_files_as_spreadsheets_write_them(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    lines = [["File", " Title ", "Artist"], ["a.png", "Nympheas\u00e9", "B\u00f6cklin"]]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    (tmp_path / "works.csv").write_bytes(text.encode(encoding))
    _save(tmp_path / "a.png")
    (record,) = _records(FolderReader(tmp_path))
    assert (record.title, record.artist) == ("Nympheasé", "Böcklin")


def test_decomposed_accents_become_composed_ones(tmp_path: Path) -> None:
    _save(tmp_path / "a.png")
    write_table(tmp_path / "works.csv", [{"file": "a.png", "artist": "Bo\u0308cklin  "}])
    assert _records(FolderReader(tmp_path))[0].artist == "Böcklin"


@pytest.mark.parametrize(
    ("given", "year", "kept"),
    [
        ("1889", 1889, None),
        ("1889.0", 1889, None),
        (" 800 ", 800, None),
        ("c. 1527/1528 or c. 1532/1534", 1527, "c. 1527/1528 or c. 1532/1534"),
        ("1660s", 1660, "1660s"),
        ("late 16th century", None, "late 16th century"),
        ("18890101", None, "18890101"),
        ("99999", None, "99999"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_years_are_read_from_dates_and_the_date_is_kept(
    given: str | None, year: int | None, kept: str | None
) -> None:
    assert parse_year(given) == (year, kept)


def test_a_name_that_is_not_utf8_is_a_failure(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.png"
    with open(name, "wb") as file:  # noqa: PTH123 - the name is bytes
        file.write(b"x")
    (failure,) = _failures(FolderReader(tmp_path))
    assert "not valid UTF-8" in failure.reason
    failure.item.encode()


def test_an_empty_folder_and_none_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="no image files"):
        _records(FolderReader(tmp_path))
    with pytest.raises(UnreadableSource, match="not a folder"):
        _records(FolderReader(tmp_path / "nowhere"))
