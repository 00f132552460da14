"""Counts of what a filter leaves, on the command line."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from settings import Settings
from tests.pictures import ARTISTS
from tests.ui.test_cli import Vasari

FIELDS = ("artist", "genre", "style", "school", "source")


@pytest.fixture
def vasari(settings: Settings, pictures: Path) -> Vasari:
    filled = Vasari(settings)
    filled.json("ingest", "folder", pictures)
    return filled


def _expected(works: list[dict[str, Any]], field: str) -> dict[str, int]:
    return dict(Counter(work[field] for work in works if work[field] is not None))


@pytest.mark.slow
@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"artist": [ARTISTS[1]]},
        {"artist": [ARTISTS[0], ARTISTS[2]], "style": ["Wave"]},
        {"not-artist": [ARTISTS[3]], "not-genre": ["portrait"]},
        {"year-from": ["1853"], "year-to": ["1866"]},
        {"style": ["Grid"], "not-source": ["south"], "year-from": ["1855"]},
        {"artist": ["Nobody"]},
    ],
)
def test_each_count_is_what_a_listing_with_that_value_instead_would_be(
    vasari: Vasari, conditions: dict[str, list[str]]
) -> None:
    def listed(*without: str) -> list[dict[str, Any]]:
        kept = {name: values for name, values in conditions.items() if name not in without}
        return list(vasari.json("artworks", "list", *_options(kept))["artworks"])

    found = vasari.json("artworks", "facets", *_options(conditions))
    assert found["total"] == len(listed())
    assert tuple(found["facets"]) == FIELDS
    for field, counts in found["facets"].items():
        assert counts == _expected(listed(field, f"not-{field}"), field)
        assert list(counts.values()) == sorted(counts.values(), reverse=True)
        assert found["distinct"][field] == len(counts)


def _options(conditions: dict[str, list[str]]) -> list[str]:
    return [
        part
        for name, values in conditions.items()
        for value in values
        for part in (f"--{name}", value)
    ]


@pytest.mark.slow
def test_only_searchable_works_are_counted(
    tiny_settings: Settings, pictures: Path, tmp_path: Path
) -> None:
    (pictures / "images" / "000.jpg").write_bytes(b"no picture")
    vasari = Vasari(tiny_settings)
    vasari.json("ingest", "folder", pictures)
    found = vasari.json("artworks", "facets")
    assert (found["total"], sum(found["facets"]["source"].values())) == (23, 23)


@pytest.mark.slow
def test_the_most_frequent_values_are_shown_first_and_the_rest_is_owned_to(
    tiny_settings: Settings, pictures: Path
) -> None:
    vasari = Vasari(tiny_settings)
    vasari.json("ingest", "folder", pictures)
    found = vasari.json("artworks", "facets", "--limit", "1", "--not-artist", ARTISTS[0])
    assert [len(counts) for counts in found["facets"].values()] == [1, 1, 1, 0, 1]
    assert found["distinct"]["artist"] == 4
    shown = vasari("artworks", "facets", "--limit", "3")
    assert "and 1 more" in shown
    assert "24 works pass the filter" in shown
    assert "school" not in shown
