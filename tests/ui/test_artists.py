"""`vasari artists` as a curator uses it, on both engines."""

from pathlib import Path

import pytest

from settings import Settings
from tests.pictures import draw, write_table
from tests.ui.test_cli import Vasari

NAMES = ("Vincent van Gogh", "Винсент Ван Гог", "Vangogh", "Claude Monet", "Vincent van Gogh")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "works"
    (made / "images").mkdir(parents=True)
    rows = []
    for number, artist in enumerate(NAMES):
        draw(number).save(made / f"images/{number}.jpg")
        rows.append({"file": f"images/{number}.jpg", "title": f"Work {number}", "artist": artist})
    write_table(made / "works.csv", rows)
    return made


@pytest.fixture
def vasari(settings: Settings, folder: Path) -> Vasari:
    filled = Vasari(settings)
    filled.json("ingest", "folder", folder)
    return filled


def _found(vasari: Vasari, folder: Path, name: str) -> int:
    """Return how many works a search under a filter finds: what the index knows."""
    answer = vasari.json("search", folder / "images/0.jpg", "--artist", name)
    counts = {len(found["hits"]) for found in answer["models"].values()}
    (count,) = counts
    return count


@pytest.mark.slow
def test_suggestions_are_applied_only_where_a_confidence_is_stated(
    vasari: Vasari, folder: Path
) -> None:
    report = vasari.json("artists", "suggest")
    assert report["applied"] == 0
    (found,) = report["suggestions"]
    assert found["into"]["name"] == "Vincent van Gogh"
    assert {artist["name"] for artist in found["others"]} == set(NAMES[1:3])
    assert all(link["reasons"] for link in found["links"])
    assert vasari.json("artists", "list")["total"] == 4
    assert "Nothing was changed" in vasari("artists", "suggest")

    assert "at least" in vasari.json("artists", "suggest", "--apply", "0.2", code=1)["error"]
    sure = vasari.json("artists", "suggest", "--apply", "0.95")
    assert sure["applied"] == 1
    assert [item["others"][0]["name"] for item in sure["suggestions"]] == ["Vangogh"]
    assert vasari.json("artists", "suggest", "--apply", "0.8")["applied"] == 1
    assert vasari.json("artists", "suggest")["suggestions"] == []
    for name in NAMES[:3]:
        assert _found(vasari, folder, name) == 4
    facets = vasari.json("artworks", "facets")["facets"]["artist"]
    assert facets == {"Vincent van Gogh": 4, "Claude Monet": 1}


@pytest.mark.slow
def test_a_curator_merges_renames_and_splits_and_searches_follow(
    vasari: Vasari, folder: Path
) -> None:
    merged = vasari.json("artists", "merge", "vincent VAN gogh", "Vangogh", NAMES[1])
    assert (merged["name"], merged["works"]) == ("Vincent van Gogh", 4)
    assert set(merged["names"]) == set(NAMES[:3])
    assert _found(vasari, folder, "Vangogh") == 4

    renamed = vasari.json("artists", "rename", "Vangogh", "Van Gogh, Vincent")
    assert renamed["name"] == "Van Gogh, Vincent"
    for name in (*NAMES[:3], "Van Gogh, Vincent"):
        assert _found(vasari, folder, name) == 4
    work = vasari.json("artworks", "list", "--artist", NAMES[1])["artworks"][0]
    assert work["artist"] == "Van Gogh, Vincent"

    apart = vasari.json("artists", "split", "Vangogh")
    assert (apart["name"], apart["works"]) == ("Vangogh", 1)
    vasari.json("ingest", "folder", folder)
    assert _found(vasari, folder, "Vangogh") == 1
    assert _found(vasari, folder, NAMES[1]) == 3


@pytest.mark.slow
def test_a_work_keeps_the_spelling_of_its_source(vasari: Vasari) -> None:
    vasari.json("artists", "merge", "Vincent van Gogh", NAMES[1])
    works = vasari.json("artworks", "list", "--artist", NAMES[1])["artworks"]
    details = [vasari.json("artworks", "show", work["id"]) for work in works]
    assert {item["artist"] for item in details} == {"Vincent van Gogh"}
    assert {item["artist_as_given"] for item in details} == set(NAMES[:2])
    work = next(item["id"] for item in details if item["artist_as_given"] == NAMES[0])
    hits = vasari.json("search", work, "--artist", NAMES[0])["models"]["colour_grid"]["hits"]
    assert NAMES[1] in {hit["artist_as_given"] for hit in hits}
    shown = " ".join(vasari("search", work, "-m", "colour_grid").split())
    assert f"catalogued as {NAMES[1].split()[0]}" in shown


@pytest.mark.slow
def test_a_list_is_searched_in_all_spellings(vasari: Vasari) -> None:
    vasari.json("artists", "merge", "Vincent van Gogh", NAMES[1], "Vangogh")
    for text in ("ван гог", "VANGOGH", "vincent"):
        (found,) = vasari.json("artists", "list", "--search", text)["artists"]
        assert found["name"] == "Vincent van Gogh"
    assert vasari.json("artists", "list", "--limit", "1")["total"] == 2
    assert "Винсент Ван Гог" in " ".join(vasari("artists", "list").split())


@pytest.mark.slow
def test_who_is_not_known_is_refused_in_plain_words(vasari: Vasari) -> None:
    said = vasari.json("artists", "merge", "Vincent van Gogh", "Claude Mone", code=1)["error"]
    assert "Did you mean “Claude Monet”" in said
    said = vasari.json("artists", "rename", "Vangogh", "Claude Monet", code=1)["error"]
    assert "artists merge" in said
    said = vasari.json("artists", "split", "Claude Monet", code=1)["error"]
    assert "artists rename" in said
