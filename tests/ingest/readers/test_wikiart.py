"""WikiArt as it is distributed: folders and lists with their dirt, or one folder with a table."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from catalog.jobs import Failure
from catalog.record import ArtworkRecord, artwork_id
from ingest.readers.mojibake import NameIndex, repaired
from ingest.readers.reader import UnreadableSource
from ingest.readers.wikiart import WikiArtReader
from tests.ingest.readers.contract import ReaderContract
from tests.pictures import draw, write_table

REAL = Path(__file__).resolve().parents[4] / "shared" / "wikiart"
SOROLLA = "Impressionism/joaquã\xadn-sorolla_my-family-1901.jpg"
SOROLLA_MEANT = "Impressionism/joaquín-sorolla_my-family-1901.jpg"


class TestStyles(ReaderContract):
    def make(self, folder: Path, works: int) -> WikiArtReader:
        names = [f"Pop_Art/ada-example_picture-{number}-1962.jpg" for number in range(works)]
        _save(folder, names)
        (folder / "genre_class.txt").write_text("0 cityscape\n1 still_life\n")
        lines = [f"{name},{number % 2}" for number, name in enumerate(names[: works // 2])]
        (folder / "genre_val.csv").write_text("\n".join([*lines, "Pop_Art/not-there.jpg,1"]))
        return WikiArtReader(folder)

    def missing(self, folder: Path) -> WikiArtReader:
        return WikiArtReader(folder)


class TestPieces(TestStyles):
    def make(self, folder: Path, works: int) -> WikiArtReader:
        names = [f"ada-example_picture-{number}.jpg" for number in range(works)]
        _save(folder / "wikiart", names)
        rows = [_piece(name) for name in [*names, "not-there.jpg"]]
        write_table(folder / "wikiart_art_pieces.csv", rows)
        return WikiArtReader(folder)


def _save(folder: Path, names: Sequence[str]) -> None:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(number).save(path)


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def _piece(name: str, **facts: str) -> dict[str, str]:
    return {
        "artist": "Ada Example",
        "style": "Pop Art",
        "genre": "portrait",
        "movement": "",
        "tags": "sun, sea",
        "url": "https://www.wikiart.org/en/ada-example/the-sun-at-sea-1962",
        "img": f"https://uploads.example/{name}",
        "file_name": name,
    } | facts


def _items(folder: Path, **options: Any) -> tuple[dict[str, ArtworkRecord], dict[str, str]]:
    """Return file -> record, and item -> reason of what failed."""
    items = list(WikiArtReader(folder, **options).read())
    return (
        {item.file: item for item in items if isinstance(item, ArtworkRecord)},
        {item.item: item.reason for item in items if isinstance(item, Failure)},
    )


@pytest.mark.parametrize(
    ("file", "artist", "title", "year"),
    [
        ("Baroque/rembrandt_night-watch-1642.jpg", "Rembrandt", "Night watch", 1642),
        ("Pop_Art/vincent-van-gogh_untitled-1958-1.jpg", "Vincent van Gogh", "Untitled", 1958),
        ("Pop_Art/la-x_no-8-27.jpg", "La X", "No 8 27", None),
        ("Pop_Art/a_figures-in-the-village(1).jpg", "A", "Figures in the village", None),
        ("Pop_Art/a_no-1042-1991.jpg", "A", "No 1042", 1991),
        ("Pop_Art/a_1984.jpg", "A", "1984", None),
        ("Pop_Art/no-artist-1900.jpg", None, "No artist", 1900),
    ],
)
def test_a_name_tells_artist_title_and_year(
    tmp_path: Path, file: str, artist: str | None, title: str, year: int | None
) -> None:
    _touch(tmp_path, file)
    record = _items(tmp_path)[0][file]
    assert (record.artist, record.title, record.year) == (artist, title, year)
    assert record.style == file.split("/", maxsplit=1)[0].replace("_", " ")


def test_lists_add_genre_and_the_spelling_of_the_artist(tmp_path: Path) -> None:
    file = "Art_Nouveau_Modern/m-k-ciurlionis_sonata-1908.jpg"
    _touch(tmp_path / "images", file, "Cubism/a_b.jpg")
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "genre_class.txt").write_text("0 abstract_painting\n")
    (lists / "genre_train.csv").write_text(f"{file},0\r\n")
    (lists / "artist_class.txt").write_text("4 M._K._Ciurlionis\n")
    (lists / "artist_val.txt").write_text(f"(Path to image),, (Groundtruth class)\n\n{file},,4\n")
    (lists / "style_class.txt").write_text("3 Art_Nouveau\n")
    (lists / "style_val.csv").write_text(f"{file},3\n")
    records, failures = _items(tmp_path / "images", lists=lists)
    assert not failures
    assert (records[file].genre, records[file].artist) == ("abstract painting", "M. K. Ciurlionis")
    assert (records[file].style, records[file].extra["style_class"]) == (
        "Art Nouveau Modern",
        "Art Nouveau",
    )
    assert records["Cubism/a_b.jpg"].genre is None


def test_lines_that_say_nothing_are_failures_but_a_heading_is_not(tmp_path: Path) -> None:
    _touch(tmp_path, "Cubism/a_b.jpg")
    (tmp_path / "genre_val.csv").write_text("path,class\nCubism/a_b.jpg,99\n\n,,\nnothing\n")
    records, failures = _items(tmp_path)
    assert failures == {"genre_val.csv, line 5": "not a file and the number of a class"}
    assert records["Cubism/a_b.jpg"].genre == "genre 99"


@pytest.mark.parametrize(
    "on_disk",
    [
        SOROLLA,
        SOROLLA_MEANT,
        "Impressionism/joaqui\u0301n-sorolla_my-family-1901.jpg",
        "Impressionism/joaquin-sorolla_my-family-1901.jpg",
        "Impressionism/joaqun-sorolla_my-family-1901.jpg",
        "Impressionism/joaqu#U00edn-sorolla_my-family-1901.jpg",
    ],
)
def test_a_name_that_suffered_is_found_and_has_the_same_id(tmp_path: Path, on_disk: str) -> None:
    _touch(tmp_path, on_disk)
    (tmp_path / "genre_class.txt").write_text("6 portrait\n")
    (tmp_path / "genre_val.csv").write_text(f"{SOROLLA},6\n", "utf-8")
    records, failures = _items(tmp_path)
    assert not failures
    record = records[SOROLLA_MEANT]
    assert record.id == artwork_id("wikiart", SOROLLA_MEANT)
    assert (record.artist, record.genre) == ("Joaquín Sorolla", "portrait")
    assert record.image_location == str(tmp_path / on_disk)
    assert Path(record.image_location).exists()


def test_two_listed_names_never_share_a_file(tmp_path: Path) -> None:
    _touch(tmp_path, "Cubism/jose_x.jpg")
    (tmp_path / "genre_val.csv").write_text("Cubism/josã©_x.jpg,1\nCubism/jose_x.jpg,0\n", "utf-8")
    records, failures = _items(tmp_path)
    assert set(records) == {"Cubism/jose_x.jpg"}
    assert failures == {"Cubism/josã©_x.jpg": "listed, but not in the folder"}


def test_a_name_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    _touch(tmp_path, "Cubism/a_b.jpg")
    with open(os.fsencode(tmp_path) + b"/Cubism/jos\xe9_c.jpg", "wb"):  # noqa: PTH123 - bytes
        pass
    records, failures = _items(tmp_path)
    assert set(records) == {"Cubism/a_b.jpg"}
    (reason,) = failures.values()
    assert "not valid UTF-8" in reason


def test_a_table_describes_one_folder(tmp_path: Path) -> None:
    name = "ada-example_the-sun-at-sea.jpg"
    _touch(tmp_path, name, "deep/er/joaquín.jpg", "unlisted.jpg")
    rows = [
        _piece(name),
        _piece("joaquã\xadn.jpg", url=""),
        _piece(name),
        _piece("gone.jpg"),
        _piece(""),
    ]
    write_table(tmp_path / "wikiart_art_pieces.csv", rows)
    reader = WikiArtReader(tmp_path)
    items = list(reader.read())
    records = [item for item in items if isinstance(item, ArtworkRecord)]
    first = records[0]
    assert (first.title, first.year, first.artist) == ("The sun at sea", 1962, "Ada Example")
    assert first.extra == {"tags": "sun, sea", "url": rows[0]["url"], "img": rows[0]["img"]}
    assert [record.file for record in records] == [name, "joaquín.jpg"]
    assert [item.reason for item in items if isinstance(item, Failure)] == [
        "file listed twice",
        "listed, but not in the folder",
        "no file named",
    ]
    assert reader.left_out == {"image file that the table does not list": 1}


def test_a_table_with_other_columns_is_refused_by_their_names(tmp_path: Path) -> None:
    write_table(tmp_path / "wikiart_art_pieces.csv", [{"artist": "a", "file": "b"}])
    with pytest.raises(UnreadableSource, match=r"no column style, genre, file_name. It has artist"):
        _items(tmp_path)


def test_images_outside_the_styles_are_left_out(tmp_path: Path) -> None:
    _touch(tmp_path, "Cubism/a_b.jpg", "cover.jpg")
    reader = WikiArtReader(tmp_path)
    assert len(list(reader.read())) == 1
    assert reader.left_out == {"image file outside the folders of styles": 1}


def test_only_what_was_decoded_wrongly_is_repaired() -> None:
    assert repaired("arnold-bã¶cklin") == repaired("arnold-bÃ¶cklin") == "arnold-böcklin"
    for name in ("joão", "château", "Ångström", "plain", "ãÂ", ""):
        assert repaired(name) == name


def test_a_name_that_could_be_two_files_is_neither() -> None:
    names = NameIndex(["jose.jpg", "josé.jpg"])
    assert names.find("josè.jpg") is None
    assert names.find("josé.jpg") == "josé.jpg"


@pytest.mark.slow
def test_the_real_lists_are_read_whole_and_their_names_found_as_they_were_meant(
    tmp_path: Path,
) -> None:
    if not REAL.is_dir():
        pytest.skip("the real lists of WikiArt are not on this machine")
    text = (REAL / "genre_val.csv").read_text("utf-8")
    listed = [line.rpartition(",")[0] for line in text.splitlines()][::60]
    odd = [line.rpartition(",")[0] for line in text.splitlines() if not line.isascii()]
    files = list(dict.fromkeys(repaired(name) for name in [*listed, *odd]))
    _touch(tmp_path, *files)
    records, failures = _items(tmp_path, lists=REAL)
    assert set(records) == set(files)
    assert all(record.genre and record.artist for record in records.values())
    assert set(failures.values()) == {"listed, but not in the folder"}
    assert not set(failures) & {*listed, *odd}
    every = {
        line.rpartition(",")[0].rstrip(",")
        for name in ("genre_val.csv", "style_val.csv", "artist_val.txt")
        for line in (REAL / name).read_text("utf-8").splitlines()
        if ".jpg" in line
    }
    assert len(records) + len(failures) == len(every)
