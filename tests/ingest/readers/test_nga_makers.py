"""Who the museum's own authority says the artist of a work is."""

from pathlib import Path

import pytest

from catalog.record import ArtworkRecord, Maker
from ingest.readers.nga import NgaReader
from tests.ingest.readers.nga_tables import image_of, painting, write_export

LINK = {"objectid": 1, "roletype": "artist", "displayorder": 1}


def _maker(folder: Path, person: dict[str, object], **link: object) -> Maker | None:
    data = write_export(
        folder / "export",
        objects=[painting(1, attribution=str(person["forwarddisplayname"]))],
        published_images=[image_of(1)],
        objects_constituents=[LINK | {"constituentid": person["constituentid"]} | link],
        constituents=[person],
    )
    (record,) = [item for item in NgaReader(data=data).read() if isinstance(item, ArtworkRecord)]
    return record.maker


@pytest.mark.parametrize(
    ("years", "life"),
    [
        ({"beginyear": 1483, "endyear": 1520}, (1483, 1520)),
        ({"beginyear": 1945}, (1945, None)),
        ({"beginyear": 1855, "endyear": 1995}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_an_artist_comes_with_number_and_life(
    tmp_path: Path, years: dict[str, object], life: tuple[int | None, int | None]
) -> None:
    person = {"constituentid": 7, "forwarddisplayname": "Raphael", **years}
    assert _maker(tmp_path, person) == Maker(source_id="7", born=life[0], died=life[1])


def test_a_work_of_the_workshop_is_filed_under_the_artist_whom_the_link_names(
    tmp_path: Path,
) -> None:
    person = {"constituentid": 7, "forwarddisplayname": "Raphael"}
    assert _maker(tmp_path, person, prefix="Workshop of") == Maker(source_id="7")


def test_the_number_of_a_workshop_is_not_the_artist_s(tmp_path: Path) -> None:
    person = {"constituentid": 8, "forwarddisplayname": "Rembrandt Workshop"}
    assert _maker(tmp_path, person) is None
