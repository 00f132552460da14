"""What of a map is shown: the works that are there, in colours, and in an area."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from catalog.filters import KEYWORD_FIELDS
from catalog.labels import NO_YEAR, Labels
from catalog.models import now
from deployment import Deployment
from maintenance.curation import delete, edit
from search.maps.area import MOST_CORNERS, Area, InvalidArea
from search.maps.colours import colours, facets_of
from search.maps.shown import NoMap, ShownMap
from search.maps.stored import SIDE, StoredMap, id_bytes, places_among

MODEL = "colour_grid"


def _draw(deployment: Deployment) -> list[UUID]:
    """Put the works on a line, in the order of their ids."""
    works = sorted(deployment.index.ids())
    steps = np.arange(len(works)) * 1000
    spec = deployment.index.specs[MODEL]
    deployment.map_store.save(
        StoredMap(
            model=MODEL,
            fingerprint=spec.fingerprint,
            ids=id_bytes(works),
            positions=np.column_stack([steps, steps]).astype(np.uint16),
            fitted=len(works),
            drawn_at=now(),
            seed=0,
        )
    )
    return works


def _shown(years: list[int | None], styles: list[str | None]) -> ShownMap:
    values = tuple(dict.fromkeys(style for style in styles if style is not None))
    count = len(years)
    codes = np.array([-1 if style is None else values.index(style) for style in styles], np.int32)
    nothing = np.full(count, -1, np.int32)
    ids = id_bytes(sorted(uuid4() for _ in range(count)))
    return ShownMap(
        model=MODEL,
        version="",
        ids=ids,
        positions=np.zeros((count, 2), np.uint16),
        labels=Labels(
            ids=ids,
            values=dict.fromkeys(KEYWORD_FIELDS, ()) | {"style": values},
            codes=dict.fromkeys(KEYWORD_FIELDS, nothing) | {"style": codes},
            years=np.array([NO_YEAR if year is None else year for year in years], np.int32),
        ),
        rows=np.arange(count),
        fitted=count,
        drawn_at=now(),
    )


def test_a_map_shows_the_works_that_are_there_as_they_are_labelled_now(
    filled: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.maps.shown.FRESH_SECONDS", 0.0)
    with pytest.raises(NoMap, match="no map of colour_grid"):
        filled.maps.show(filled.index, MODEL)
    assert filled.maps.drawn(filled.index) == []
    works = _draw(filled)
    assert filled.maps.drawn(filled.index) == [MODEL]
    shown = filled.maps.show(filled.index, MODEL)
    assert filled.maps.show(filled.index, MODEL) is shown
    assert shown.works == 24
    assert {item.label: item.count for item in colours(shown, "style").legend} == {
        "Grid": 8,
        "Wave": 8,
        "Dots": 8,
    }
    edit(filled.database, filled.index, works[3], {"style": "New"})
    delete(filled.database, filled.index, filled.image_store, works[0])
    later = filled.maps.show(filled.index, MODEL)
    assert later.works == 23
    assert later.version != shown.version
    assert later.places_of([works[1], works[0], works[5]]) == [0, 4]
    assert later.positions[0].tolist() == [1000, 1000]
    labels = [item.label for item in colours(later, "style").legend]
    assert labels[-1] == "New"
    place = later.places_of([works[3]])[0]
    assert labels[colours(later, "style").categories[place]] == "New"


def test_an_area_holds_what_lies_inside_and_travels_as_text(filled: Deployment) -> None:
    works = _draw(filled)
    shown = filled.maps.show(filled.index, MODEL)
    area = Area(((1500, 0), (6500, 0), (6500, 60000), (1500, 60000)))
    assert Area.read(str(area)) == area
    inside = shown.works_at(shown.within(area))
    assert set(inside) == set(works[2:7])
    assert inside[0] == works[4], "the middle first"
    assert not len(shown.within(Area(((1, 0), (2, 0), (2, 1)))))


def test_an_area_with_a_dent_leaves_out_what_lies_in_the_dent() -> None:
    horseshoe = Area(((0, 0), (90, 0), (90, 90), (60, 90), (60, 30), (30, 30), (30, 90), (0, 90)))
    positions = np.array([[15, 50], [45, 50], [75, 50], [45, 15], [100, 50]], np.uint16)
    assert horseshoe.holds(positions).tolist() == [True, False, True, True, False]


@pytest.mark.parametrize(
    "text", ["", "!", "AAAA", "AAAAAAAAA", "é" * 16, "A" * 16 * (MOST_CORNERS + 1)]
)
def test_what_is_no_area_is_refused(text: str) -> None:
    with pytest.raises(InvalidArea):
        Area.read(text)


def test_an_area_on_the_edge_of_the_map_is_one_and_one_off_it_is_not() -> None:
    assert Area(((0, 0), (SIDE - 1, 0), (SIDE - 1, SIDE - 1))).corners
    with pytest.raises(InvalidArea, match="not on the map"):
        Area(((0, 0), (SIDE, 0), (1, 1)))


def test_rare_values_and_works_without_one_have_colours_of_their_own() -> None:
    styles = ["a", "b", "b", None, "c", "c", "c", "d"]
    found = colours(_shown([None] * 8, styles), "style", most=2)
    assert [(item.kind, item.label, item.count) for item in found.legend] == [
        ("value", "c", 3),
        ("value", "b", 2),
        ("other", "", 2),
        ("none", "", 1),
    ]
    assert found.categories.tolist() == [2, 1, 1, 3, 0, 0, 0, 2]
    everything = colours(_shown([None] * 8, styles), "style", most=4)
    assert [item.label for item in everything.legend] == ["c", "b", "a", "d", ""]


def test_years_have_one_colour_a_span() -> None:
    years = [None, -300, *range(1800, 1900), 1999]
    found = colours(_shown(years, [None] * len(years)), "year", most=5)
    assert [item.label for item in found.legend] == [
        "to 1819",
        "1820–1839",
        "1840–1859",
        "1860–1879",
        "from 1880",
        "",
    ]
    assert found.categories[:3].tolist() == [5, 0, 0]
    assert found.categories[-1] == 4
    nothing = colours(_shown([None, None], ["a", "b"]), "year")
    assert [item.kind for item in nothing.legend] == ["none"]


def test_only_facets_that_tell_works_apart_are_offered() -> None:
    assert facets_of(_shown([1800, None, 1900], ["a", "a", None])) == ["year"]
    assert facets_of(_shown([1800, 1800, 1800], ["a", "b", None])) == ["style"]


def test_ids_are_found_wherever_they_are() -> None:
    works = sorted(uuid4() for _ in range(50))
    ids = id_bytes(works)
    asked = [works[7], uuid4(), works[49], works[0]]
    assert places_among(ids, id_bytes(asked)).tolist() == [7, -1, 49, 0]
    assert places_among(id_bytes([]), ids).tolist() == [-1] * 50


def test_only_the_latest_maps_of_a_model_are_kept(tmp_path: Path, filled: Deployment) -> None:
    works = sorted(filled.index.ids())
    for number in range(3):
        filled.map_store.save(
            StoredMap(
                model=MODEL,
                fingerprint=f"{number:016x}",
                ids=id_bytes(works),
                positions=np.zeros((24, 2), np.uint16),
                fitted=24,
                drawn_at=now(),
                seed=0,
            )
        )
    folder = filled.map_store.path(filled.index.specs[MODEL]).parent
    assert {path.name for path in folder.iterdir()} == {
        f"{MODEL}-{number:016x}.npz" for number in (1, 2)
    }
    with np.load(folder / f"{MODEL}-{2:016x}.npz", allow_pickle=False) as held:
        assert json.loads(str(held["told"]))["fitted"] == 24
