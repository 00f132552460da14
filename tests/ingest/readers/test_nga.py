"""The museum's export: what becomes of each kind of row, and of its dirt."""

from pathlib import Path
from typing import Any

import pytest

from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from ingest.readers.nga import NgaReader
from ingest.readers.reader import UnreadableSource
from ingest.survey import survey
from tests.ingest.readers.contract import ReaderContract
from tests.ingest.readers.nga_tables import COLUMNS, image_of, painting, write_export
from tests.pictures import draw

THEME = {"termtype": "Theme"}


class TestNga(ReaderContract):
    def make(self, folder: Path, works: int) -> NgaReader:
        (folder / "images").mkdir()
        for number in range(works):
            draw(number).save(folder / "images" / f"uuid-{number}.png")
        write_export(
            folder / "data",
            objects=[painting(number) for number in range(works + 1)],
            published_images=[image_of(number) for number in range(works + 1)],
            objects_terms=[
                {"objectid": number, **THEME, "term": ("portrait", "marine")[number % 2]}
                for number in range(0, works, 3)
            ],
        )
        return NgaReader(data=folder / "data", images=folder / "images")

    def missing(self, folder: Path) -> NgaReader:
        return NgaReader(data=folder)


def _items(folder: Path, **options: Any) -> tuple[dict[str, ArtworkRecord], list[Failure]]:
    items = list(NgaReader(data=folder, **options).read())
    return (
        {item.source_id: item for item in items if isinstance(item, ArtworkRecord)},
        [item for item in items if isinstance(item, Failure)],
    )


def _one(folder: Path, **tables: Any) -> ArtworkRecord:
    """Return the record of one painting with an image."""
    tables = {"objects": [painting(1)], "published_images": [image_of(1)]} | tables
    records, failures = _items(write_export(folder, **tables))
    assert not failures
    return records["1"]


def test_a_painting_has_all_that_its_row_says(tmp_path: Path) -> None:
    facts = {
        "title": "The <i>Alba</i> Madonna ",
        "displaydate": "c. 1510/1512",
        "beginyear": "1510",
        "endyear": "1512",
        "medium": "oil on panel",
        "creditline": "Andrew W. Mellon Collection",
        "provenancetext": 'Bought at "The Hague",\nand given.',
        "attribution": "Raphael",
    }
    record = _one(tmp_path, objects=[painting(1, **facts)])
    assert (record.source, record.source_id) == ("nga", "1")
    assert (record.title, record.artist, record.year) == ("The Alba Madonna", "Raphael", 1510)
    assert record.extra["year_end"] == 1512
    kept = ("displaydate", "medium", "creditline", "provenancetext", "accessionnum")
    assert [record.extra[name] for name in kept] == [
        *(facts[name] for name in kept[:-1]),
        "1937.1.1",
    ]


@pytest.mark.parametrize(
    ("image", "size", "address"),
    [
        ({}, 1024, "https://images.example/iiif/uuid-1/full/!1024,1024/0/default.jpg"),
        ({}, 300, "https://images.example/iiif/uuid-1/full/!300,300/0/default.jpg"),
        (
            {"maxpixels": "640.0"},
            1024,
            "https://images.example/iiif/uuid-1/full/!640,640/0/default.jpg",
        ),
        ({"iiifurl": "http://x.example/1/"}, 9, "http://x.example/1/full/!9,9/0/default.jpg"),
    ],
)
def test_an_image_is_asked_for_at_its_size(
    tmp_path: Path, image: dict[str, str], size: int, address: str
) -> None:
    write_export(tmp_path, objects=[painting(1)], published_images=[image_of(1, **image)])
    records, _ = _items(tmp_path, size=size)
    assert records["1"].image_location == address
    assert records["1"].image_signature == "2024-01-01"


def test_genre_style_and_school_come_from_the_terms(tmp_path: Path) -> None:
    terms = [
        {"termtype": "School", "term": "<i>Umbrian</i>"},
        {"termtype": "Style", "term": "High Renaissance", "visualbrowserstyle": "Renaissance"},
        {"termtype": "Theme", "term": "saint's life", "visualbrowsertheme": "religious"},
        {"termtype": "Theme", "term": "donor", "visualbrowsertheme": "portrait"},
        {"termtype": "Theme", "term": "donor", "visualbrowsertheme": "portrait"},
        {"termtype": "Keyword", "term": "lamb"},
    ]
    record = _one(tmp_path, objects_terms=[{"objectid": 1, **term} for term in terms])
    assert (record.genre, record.style, record.school) == ("portrait", "Renaissance", "Umbrian")
    assert record.extra["genres"] == ["portrait", "religious"]
    assert record.extra["terms"] == {
        "Keyword": ["lamb"],
        "School": ["Umbrian"],
        "Style": ["High Renaissance"],
        "Theme": ["donor", "saint's life"],
    }


def test_terms_stand_in_where_the_museum_has_nothing_to_browse_by(tmp_path: Path) -> None:
    terms = [{"termtype": "Theme", "term": "marine"}, {"termtype": "Style", "term": "Tonalist"}]
    record = _one(tmp_path, objects_terms=[{"objectid": 1, **term} for term in terms])
    assert (record.genre, record.style) == ("marine", "Tonalist")


def test_the_artist_is_the_first_constituent_and_the_qualifier_is_kept_apart(
    tmp_path: Path,
) -> None:
    link = {"objectid": 1, "roletype": "artist"}
    record = _one(
        tmp_path,
        objects=[painting(1, attribution="Workshop of Raphael, with Giulio Romano")],
        objects_constituents=[
            {**link, "constituentid": 8, "displayorder": 10},
            {**link, "constituentid": 7, "displayorder": 2, "prefix": "Workshop of"},
            {**link, "constituentid": 9, "displayorder": 1, "roletype": "donor"},
        ],
        constituents=[
            {"constituentid": 7, "forwarddisplayname": "Raphael", "beginyear": 1483},
            {"constituentid": 8, "forwarddisplayname": "Giulio Romano"},
            {"constituentid": 9, "forwarddisplayname": "Andrew W. Mellon"},
        ],
    )
    assert (record.artist, record.extra["artist_qualifier"]) == ("Raphael", "Workshop of")
    assert record.extra["attribution"] == "Workshop of Raphael, with Giulio Romano"
    people = record.extra["constituents"]
    names = [person["forwarddisplayname"] for person in people]
    assert names == ["Andrew W. Mellon", "Raphael", "Giulio Romano"]
    assert people[1]["born"] == "1483"


def test_without_a_constituent_the_attribution_names_the_artist(tmp_path: Path) -> None:
    record = _one(
        tmp_path, objects=[painting(1, attribution="Rembrandt Workshop (Probably Drost)")]
    )
    assert record.artist == "Rembrandt"
    assert record.extra["artist_qualifier"] == "Workshop (Probably Drost)"


def test_objects_without_the_wanted_image_are_left_out_and_counted(tmp_path: Path) -> None:
    write_export(
        tmp_path,
        objects=[
            *(painting(number) for number in range(1, 6)),
            painting(6, classification="Print"),
            painting(7, classification="painting ", isvirtual=1),
        ],
        published_images=[
            image_of(1, sequence=2, uuid="second"),
            image_of(1, sequence=1, uuid="closed", openaccess=0),
            image_of(1, sequence=1, uuid="first"),
            image_of(2, openaccess=0),
            image_of(3, viewtype="alternate"),
            image_of(5, iiifurl=""),
            image_of(6),
            image_of(7),
            image_of(99),
            image_of("", uuid="of nothing"),  # type: ignore[arg-type]
        ],
    )
    reader = NgaReader(data=tmp_path)
    found = survey(reader)
    assert [record.source_id for record in found.first] == ["1", "7"]
    assert found.first[0].file == "first.jpg"
    assert [(group.reason, group.count) for group in found.failures] == [
        ("no address of its image", 1)
    ]
    assert found.left_out == {
        "object whose image is not open access": 1,
        "object without a primary image": 2,
        "object of another classification": 1,
        "primary image of no object": 2,
    }
    everything, _ = _items(tmp_path, open_access_only=False, classification="any")
    assert set(everything) == {"1", "2", "6", "7"}


def test_the_same_object_twice_is_one_and_another_of_its_id_a_failure(tmp_path: Path) -> None:
    write_export(
        tmp_path,
        objects=[painting(1), painting(1), painting(2), painting(2, title="Other")],
        published_images=[image_of(1), image_of(2)],
    )
    reader = NgaReader(data=tmp_path)
    items = list(reader.read())
    assert [type(item) for item in items] == [ArtworkRecord, ArtworkRecord, Failure]
    assert reader.left_out == {"the same object again": 1}
    assert list(reader.read()) == items
    assert reader.left_out == {"the same object again": 1}  # of this reading alone


def test_ids_that_went_through_a_spreadsheet_still_join(tmp_path: Path) -> None:
    record = _one(
        tmp_path,
        published_images=[image_of(1, depictstmsobjectid="1.0")],
        objects_terms=[{"objectid": " 1.0", **THEME, "term": "marine"}],
    )
    assert record.genre == "marine"


def test_rows_that_do_not_fit_are_failures_and_the_others_are_read(tmp_path: Path) -> None:
    write_export(tmp_path, objects=[painting(1)], published_images=[image_of(1)])
    with (tmp_path / "objects.csv").open("a", encoding="utf-8") as file:
        file.write("2,too,few\n")
    records, failures = _items(tmp_path)
    assert set(records) == {"1"}
    assert [failure.reason for failure in failures] == ["row does not fit the table's header"]
    assert "3 values for 30 columns" in failures[0].detail


def test_an_export_in_another_encoding_is_read(tmp_path: Path) -> None:
    write_export(tmp_path, objects=[painting(1, title="Nymphéas")], published_images=[image_of(1)])
    path = tmp_path / "objects.csv"
    path.write_bytes(path.read_text("utf-8").encode("cp1252"))
    records, _ = _items(tmp_path)
    assert records["1"].title == "Nymphéas"


@pytest.mark.parametrize("name", ["uuid-1.png", "1.jpg", "1937.1.1.tif"])
def test_images_of_a_folder_are_found_by_any_of_their_names(tmp_path: Path, name: str) -> None:
    write_export(tmp_path / "d", objects=[painting(1)], published_images=[image_of(1)])
    (tmp_path / "i" / "deep").mkdir(parents=True)
    (tmp_path / "i" / "deep" / name).write_bytes(b"x")
    records, failures = _items(tmp_path / "d", images=tmp_path / "i")
    assert not failures
    assert records["1"].image_location == str(tmp_path / "i" / "deep" / name)


def test_the_museums_repository_can_be_named_as_it_is(tmp_path: Path) -> None:
    write_export(tmp_path / "data", objects=[painting(1)], published_images=[image_of(1)])
    assert set(_items(tmp_path)[0]) == {"1"}


def test_empty_tables_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="There are none"):
        _items(write_export(tmp_path))


def test_a_missing_table_or_column_is_named(tmp_path: Path) -> None:
    write_export(tmp_path, objects=[painting(1)])
    (tmp_path / "objects_terms.csv").unlink()
    with pytest.raises(UnreadableSource, match=r"lacks objects_terms.csv"):
        _items(tmp_path)
    (tmp_path / "objects_terms.csv").write_text("objectid,term\n")
    with pytest.raises(UnreadableSource, match=r"no column termtype. It has objectid, term"):
        _items(tmp_path)


def test_an_older_export_does_not_say_what_is_open(tmp_path: Path) -> None:
    write_export(tmp_path, objects=[painting(1)])
    columns = [name for name in COLUMNS["published_images"] if name != "openaccess"]
    row = {"uuid": "u", "viewtype": "primary", "depictstmsobjectid": "1", "iiifurl": "https://i/u"}
    lines = [",".join(columns), ",".join(row.get(name, "") for name in columns)]
    (tmp_path / "published_images.csv").write_text("\n".join(lines))
    with pytest.raises(UnreadableSource, match=r"no column openaccess.*--all-images"):
        _items(tmp_path)
    assert set(_items(tmp_path, open_access_only=False)[0]) == {"1"}


def test_an_unknown_classification_is_answered_with_those_there_are(tmp_path: Path) -> None:
    rows = [painting(1), painting(2, classification="Print"), painting(3)]
    write_export(tmp_path, objects=rows)
    with pytest.raises(UnreadableSource, match=r"'fresco'. There are Painting, Print"):
        _items(tmp_path, classification="fresco")


def test_titles_and_artists_that_are_empty_are_no_obstacle(tmp_path: Path) -> None:
    record = _one(tmp_path, objects=[painting(1, title="", attribution="", displaydate="1660s")])
    assert (record.title, record.artist, record.year) == ("without title (1937.1.1)", None, 1660)
    assert record.extra["displaydate"] == "1660s"


def test_an_open_quotation_mark_swallows_no_other_object(tmp_path: Path) -> None:
    numbers = range(1, 40)
    write_export(
        tmp_path,
        objects=[painting(number) for number in numbers],
        published_images=[image_of(number) for number in numbers],
    )
    objects = tmp_path / "objects.csv"
    lines = objects.read_text("utf-8").splitlines()
    for row in (7, 20):
        lines[row] = lines[row].replace("Work ", '"Work ')
    objects.write_text("\n".join(lines), "utf-8")
    records, failures = _items(tmp_path)
    assert sorted(records, key=int) == [str(number) for number in numbers if number not in (7, 20)]
    assert {failure.reason for failure in failures} == {"a quotation mark is left open"}
    # One that only ends with the file goes past Arrow's block.
    objects.write_text("\n".join(lines) + "\n" + "x" * (5 << 20), "utf-8")
    assert _items(tmp_path)[0] == records
