"""The reader of any CSV or Parquet."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from ingest.readers.csv_file import CsvReader
from ingest.readers.reader import UnreadableSource
from tests.ingest.readers.contract import ReaderContract
from tests.pictures import draw, write_table


def _records(reader: CsvReader) -> list[ArtworkRecord]:
    return [item for item in reader.read() if isinstance(item, ArtworkRecord)]


def _reasons(reader: CsvReader) -> list[str]:
    return [item.reason for item in reader.read() if isinstance(item, Failure)]


def _rows(folder: Path, works: int) -> list[dict[str, str]]:
    for number in range(works):
        draw(number).save(folder / f"{number}.png")
    return [
        {"Bild": f"{number}.png", "Titel": f"Werk {number}", "Kuenstler": "Böcklin", "Saal": "4"}
        for number in range(works)
    ]


MAP = {"image": "Bild", "title": "Titel", "artist": "kuenstler"}


class TestCsv(ReaderContract):
    def make(self, folder: Path, works: int) -> CsvReader:
        rows = _rows(folder, works)
        write_table(folder / "works.csv", [*rows, {**rows[0], "Titel": "the same picture"}])
        return CsvReader(folder / "works.csv", map=MAP, source="test")

    def missing(self, folder: Path) -> CsvReader:
        return CsvReader(folder / "works.csv")


class TestParquet(TestCsv):
    def make(self, folder: Path, works: int) -> CsvReader:
        rows = _rows(folder, works)
        table = pa.Table.from_pylist([*rows, {**rows[0], "Bild": None}])
        pq.write_table(table, folder / "works.parquet")
        return CsvReader(folder / "works.parquet", map=MAP, source="test")


def test_columns_are_mapped_and_the_others_are_kept(tmp_path: Path) -> None:
    write_table(tmp_path / "works.csv", _rows(tmp_path, 1))
    (record,) = _records(CsvReader(tmp_path / "works.csv", map=MAP))
    assert (record.title, record.artist, record.source) == ("Werk 0", "Böcklin", "works")
    assert record.image_location == str(tmp_path / "0.png")
    assert record.extra == {"saal": "4"}


def test_columns_called_like_fields_need_no_mapping(tmp_path: Path) -> None:
    row = {"File": "a/b.jpg", "Artist": "Monet", "YEAR": "c. 1890", "id": "7", "source": "north"}
    write_table(tmp_path / "works.csv", [row])
    (record,) = _records(CsvReader(tmp_path / "works.csv"))
    assert (record.artist, record.year, record.source_id) == ("Monet", 1890, "7")
    assert (record.source, record.title, record.extra) == ("north", "b", {"year": "c. 1890"})


def test_a_source_that_is_given_goes_before_the_column(tmp_path: Path) -> None:
    write_table(tmp_path / "works.csv", [{"file": "a.jpg", "source": "north"}])
    (record,) = _records(CsvReader(tmp_path / "works.csv", source="mine"))
    assert (record.source, record.extra) == ("mine", {"source": "north"})


@pytest.mark.parametrize(
    ("image", "location"),
    [
        ("https://museum.example/iiif/1/full/!900,900/0/default.jpg", None),
        ("http://museum.example/1.jpg?size=9#x", None),
        ("file:///data/a%20b.jpg", "/data/a b.jpg"),
        ("/data/a.jpg", "/data/a.jpg"),
    ],
)
def test_images_are_files_or_addresses(tmp_path: Path, image: str, location: str | None) -> None:
    write_table(tmp_path / "works.csv", [{"image": image}])
    (record,) = _records(CsvReader(tmp_path / "works.csv", allow_outside=True))
    assert record.image_location == (location or image)
    assert record.source_id == record.file == image


@pytest.mark.parametrize(
    ("signed", "plain"),
    [
        (
            "https://m.example/1.jpg?X-Amz-Algorithm=AWS4&X-Amz-Date=1&X-Amz-Expires=9&X-Amz-"
            "SignedHeaders=host&X-Amz-Signature=ab",
            "https://m.example/1.jpg",
        ),
        (
            "https://m.example/1.jpg?width=900&Expires=1&Signature=ab&Key-Pair-Id=K#x",
            "https://m.example/1.jpg?width=900#x",
        ),
        (
            "https://m.example/1.jpg?sv=2&sr=b&sp=r&se=9&id=4&sig=a%3D",
            "https://m.example/1.jpg?id=4",
        ),
        ("https://m.example/get?id=4&token=ab", "https://m.example/get?id=4"),
        (
            "https://m.example/1.jpg?expires=never&st=9",
            "https://m.example/1.jpg?expires=never&st=9",
        ),
        (
            "https://m.example/1.jpg?sr=b&x-oss-process=w&signature=1",
            "https://m.example/1.jpg?sr=b&x-oss-process=w",
        ),
    ],
)
def test_a_work_is_the_same_however_its_address_is_signed(
    tmp_path: Path, signed: str, plain: str
) -> None:
    write_table(tmp_path / "works.csv", [{"image": signed, "also": signed}])
    (record,) = _records(CsvReader(tmp_path / "works.csv"))
    # It is asked for as it is signed, and known without that.
    assert record.image_location == signed
    assert record.source_id == record.file == record.extra["also"] == plain


def test_relative_paths_begin_at_the_folder_that_is_named(tmp_path: Path) -> None:
    write_table(tmp_path / "works.csv", [{"image": "x/a.jpg"}])
    (record,) = _records(CsvReader(tmp_path / "works.csv", images=tmp_path / "pictures"))
    assert record.image_location == str(tmp_path / "pictures" / "x" / "a.jpg")


def test_bad_rows_are_failures_that_say_why(tmp_path: Path) -> None:
    images = ["a.jpg", " ", "ftp://museum.example/b.jpg", "a.jpg", "x" * 3000, "c\0.jpg"]
    write_table(tmp_path / "works.csv", [{"image": image, "title": "t"} for image in images])
    reader = CsvReader(tmp_path / "works.csv")
    assert [record.file for record in _records(reader)] == ["a.jpg"]
    assert _reasons(reader) == [
        "no image named",
        "neither a file nor an address of the web: ftp://",
        "work listed twice",
        "source_id is longer than 2000 characters",
        "file holds a NUL character",
    ]


def test_values_of_a_parquet_file_are_kept_as_json_holds_them(tmp_path: Path) -> None:
    row = {
        "image": "a.jpg",
        "artist": ["Rubens", "Brueghel"],
        "year": 1617.0,
        "shown": date(1999, 5, 1),
        "value": float("nan"),
        "sizes": [{"cm": 12.5}],
        "blob": b"1234",
        "nothing": [],
    }
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "works.parquet")
    (record,) = _records(CsvReader(tmp_path / "works.parquet"))
    assert (record.artist, record.year) == ("Rubens, Brueghel", 1617)
    assert record.extra == {"shown": "1999-05-01", "sizes": [{"cm": 12.5}], "blob": "(4 bytes)"}


def test_images_inside_a_parquet_file_are_not_taken_for_paths(tmp_path: Path) -> None:
    rows = [{"image": {"bytes": b"123", "path": "a.jpg"}}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "works.parquet")
    reader = CsvReader(tmp_path / "works.parquet")
    assert _reasons(reader) == ["the image is in the table itself: write it to a file first"]


def test_columns_without_a_name_and_with_the_same_one_are_all_kept(tmp_path: Path) -> None:
    (tmp_path / "works.csv").write_text(",image,note,note\n0,a.jpg,one,two,three\n")
    (record,) = _records(CsvReader(tmp_path / "works.csv"))
    assert record.extra == {"column 1": "0", "note": "one", "note (2)": "two", "(more)": "three"}


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("titel,bild\nx,a.jpg\n", {}, "--map image=COLUMN. It has titel, bild"),
        ("titel,bild\n", {"map": {"image": "Foto"}}, "no column 'Foto'. It has titel, bild"),
        ("file\n", {"map": {"painter": "file"}}, "no field is called 'painter'.*artist"),
        ("", {}, "is empty"),
        ('file,"title\na.jpg,x', {}, "first line a quotation mark is left open"),
        ("PK\3\4 and more", {}, "is a workbook.*: save the table as CSV in UTF-8"),
        (",".join(["file"] * 5001), {}, "5,001 columns, and no more than 5,000"),
        ("PAR1 but not really", {}, "damaged Parquet file"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(
    tmp_path: Path, text: str, options: dict[str, dict[str, str]], message: str
) -> None:
    (tmp_path / "works.csv").write_text(text)
    with pytest.raises(UnreadableSource, match=message):
        _records(CsvReader(tmp_path / "works.csv", **options))  # type: ignore[arg-type]


@pytest.mark.slow
def test_an_open_quotation_mark_takes_no_other_row_with_it(tmp_path: Path) -> None:
    lines = [
        "file,title",
        'a.jpg,"of\ntwo lines"',
        'b.jpg,"open',
        "c.jpg,good",
        'd.jpg,"closed, and ""well"""',
        'e.jpg,"open',
        "f.jpg,good",
        "x" * 2**24,
        "g.jpg,good",
    ]
    (tmp_path / "works.csv").write_text("\n".join(lines))
    reader = CsvReader(tmp_path / "works.csv")
    assert [record.file for record in _records(reader)] == [f"{name}.jpg" for name in "acdfg"]
    assert _records(reader)[0].title == "of two lines"
    assert _reasons(reader)[:2] == ["a quotation mark is left open"] * 2
    assert len(_reasons(reader)) == 3


def test_a_table_of_nothing_but_open_quotation_marks_comes_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "works.csv").write_text("file,title\n" + 'a,"b"c\n"d\n' * 5000)
    reasons = _reasons(CsvReader(tmp_path / "works.csv"))
    assert reasons[-1] == "the rest is not read, since too many rows have an open quotation mark"


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_tables_are_read_in_encodings_with_and_without_a_mark(
    tmp_path: Path, encoding: str
) -> None:
    text = "file,title\na.jpg,Böcklin\nb.jpg,睡蓮\n".encode(encoding)
    (tmp_path / "works.csv").write_bytes(text)
    records = _records(CsvReader(tmp_path / "works.csv"))
    assert [record.title for record in records] == ["Böcklin", "睡蓮"]


def test_values_that_python_cannot_hold_are_kept_as_text(tmp_path: Path) -> None:
    late = pa.array([2**40], pa.timestamp("s"))
    bad = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")]
    )
    table = pa.table({"image": ["a.jpg"], "late": late, "title": bad})
    pq.write_table(table, tmp_path / "works.parquet")
    (record,) = _records(CsvReader(tmp_path / "works.parquet"))
    assert record.title == "a\ufffd"
    assert "1099511627776" in record.extra["late"]


def test_a_damaged_group_of_rows_takes_no_other_with_it(tmp_path: Path) -> None:
    path = tmp_path / "works.parquet"
    images = [f"{number}.jpg" for number in range(300)]
    table = pa.table({"image": images})
    pq.write_table(table, path, row_group_size=100, compression="none", use_dictionary=False)
    data = bytearray(path.read_bytes())
    group = pq.ParquetFile(path).metadata.row_group(1).column(0)
    for place in range(group.data_page_offset, group.data_page_offset + 40):
        data[place] ^= 0xFF
    path.write_bytes(data)
    reader = CsvReader(path)
    assert [record.file for record in _records(reader)] == images[:100] + images[200:]
    assert _reasons(reader) == ["the file is damaged here, and these rows are not read"]
