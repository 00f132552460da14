"""`vasari duplicates` as a curator uses it."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from settings import Settings
from tests.reproductions import paint, photographed
from tests.ui.test_cli import Vasari

PAINTINGS = {
    "apple": paint(1),
    "apple again": photographed(paint(1), warm=1.1),
    "pear": paint(2),
    "<i>quince</i>": paint(3),
}


@pytest.fixture
def vasari(settings: Settings, tmp_path: Path) -> Vasari:
    folder = tmp_path / "works"
    folder.mkdir()
    rows = ["file,title"]
    for number, (title, pixels) in enumerate(PAINTINGS.items()):
        Image.fromarray(pixels).save(folder / f"{number}.jpg", quality=92)
        rows.append(f"{number}.jpg,{title}")
    Image.fromarray(photographed(paint(3))).save(folder / "9.jpg")
    rows.append("9.jpg,<i>quince</i>")
    (folder / "works.csv").write_text("\n".join(rows))
    filled = Vasari(settings)
    filled.json("ingest", "folder", folder)
    return filled


@pytest.mark.slow
def test_groups_come_with_evidence_and_change_nothing(vasari: Vasari) -> None:
    before = vasari.json("artworks", "list")
    found = vasari.json("duplicates")
    titles = [[work["title"] for work in group["works"]] for group in found["groups"]]
    assert sorted(map(sorted, titles)) == [["<i>quince</i>"] * 2, ["apple", "apple again"]]
    for group in found["groups"]:
        assert not group["marked"]
        (link,) = group["links"]
        assert {link["first"], link["second"]} == {work["id"] for work in group["works"]}
        assert link["reason"] == "same picture"
        assert link["agreement"]["inliers"] > 20
        assert link["agreement"]["detail"] > 0.7
    assert found["works"] == 5
    assert vasari.json("artworks", "list") == before


@pytest.mark.slow
def test_the_page_shows_the_pictures_and_lets_no_title_write_into_it(
    vasari: Vasari, tmp_path: Path
) -> None:
    page = tmp_path / "shown" / "duplicates.html"
    vasari("duplicates", "--html", page)
    text = page.read_text("utf-8")
    assert text.count('<img src="data:image/jpeg;base64,') == 4
    assert "&lt;i&gt;quince&lt;/i&gt;" in text
    assert "<i>" not in text
    assert "://" not in text


@pytest.mark.slow
def test_a_curator_marks_a_group_and_takes_it_back(vasari: Vasari) -> None:
    ids = [work["id"] for work in vasari.json("duplicates")["groups"][0]["works"]]
    assert sorted(vasari.json("duplicates", "mark", *ids)["marked"]) == sorted(ids)
    marked = {
        frozenset(work["id"] for work in group["works"]): group["marked"]
        for group in vasari.json("duplicates")["groups"]
    }
    assert marked[frozenset(ids)]
    for one, other in (ids, ids[::-1]):
        shown = vasari.json("artworks", "show", one)
        assert [record["id"] for record in shown["reproductions"]] == [other]
    assert f"{other}" in vasari("artworks", "show", one)
    assert "1 more reproduction of this work" in vasari("artworks", "show", one)
    assert sorted(marked.values()) == [False, True]
    assert sorted(vasari.json("duplicates", "unmark", ids[0])["unmarked"]) == sorted(ids)
    assert not any(group["marked"] for group in vasari.json("duplicates")["groups"])


@pytest.mark.slow
def test_a_group_that_is_dismissed_is_not_reported_until_that_is_taken_back(
    vasari: Vasari, tmp_path: Path
) -> None:
    before = vasari.json("duplicates")
    ids, others = (sorted(work["id"] for work in group["works"]) for group in before["groups"])
    assert vasari.json("duplicates", "dismiss", *ids) == {"dismissed": 1}
    found = vasari.json("duplicates")
    assert [sorted(work["id"] for work in group["works"]) for group in found["groups"]] == [others]
    assert (before["dismissed"], found["dismissed"]) == (0, 1)
    (pair,) = vasari.json("duplicates", "dismissed")["dismissed"]
    assert [work["id"] for work in pair["works"]] == ids
    for said in (vasari("duplicates"), vasari("duplicates", "dismissed")):
        assert "1 pair" in " ".join(said.split())

    assert vasari.json("duplicates", "undismiss", ids[0]) == {"undismissed": 1}
    assert vasari.json("duplicates") == before
    vasari("duplicates", "--html", tmp_path / "page.html")
    assert f"duplicates dismiss {before['groups'][0]['works'][0]['id']}" in (
        tmp_path / "page.html"
    ).read_text("utf-8")


@pytest.mark.slow
def test_of_equal_files_only_those_that_were_told_apart_are_not_reported(
    vasari: Vasari, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    for name in "abc":
        shutil.copy(tmp_path / "works" / "2.jpg", copies / f"{name}.jpg")
    vasari.json("ingest", "folder", copies)
    same = [
        work["id"] for work in vasari.json("artworks", "list", "--source", "copies")["artworks"]
    ]
    (pear,) = [
        work["id"]
        for work in vasari.json("artworks", "list")["artworks"]
        if work["title"] == "pear"
    ]

    def linked() -> set[str]:
        groups = [
            {work["id"] for work in group["works"]} for group in vasari.json("duplicates")["groups"]
        ]
        return next((ids for ids in groups if ids & {*same, pear}), set())

    assert linked() == {*same, pear}
    vasari.json("duplicates", "dismiss", pear, same[0])
    assert linked() == {*same, pear}
    for other in same[1:]:
        vasari.json("duplicates", "dismiss", pear, other)
    assert linked() == set(same)


@pytest.mark.slow
def test_what_cannot_be_marked_is_refused_in_plain_words(vasari: Vasari) -> None:
    known = vasari.json("artworks", "list")["artworks"][0]["id"]
    stranger = "00000000-0000-0000-0000-000000000000"
    for ids, reason in [
        ([known], "at least two"),
        ([known, "nothing"], "artworks list"),
        ([known, stranger], stranger),
    ]:
        assert reason in vasari.json("duplicates", "mark", *ids, code=1)["error"]
