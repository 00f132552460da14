"""The map on the page, in a real browser, held against what the API says of it."""

import csv
import io
import math
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.artworks import ArtworkFacts
from catalog.models import now
from deployment import Deployment
from search.maps.area import MapArea
from search.maps.stored import StoredMap, id_bytes
from tests.ui.served_page import (
    HOSTILE,
    MODELS,
    WORKS,
    fill,
    make_pictures,
    page_settings,
    served,
)
from tests.ui.test_accessibility import grave_findings
from tests.ui.visiting import choose, press, settle, similar, tiles, visit

FIRST, SECOND = MODELS


@pytest.fixture(scope="module")
def mapped_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the same collection, with maps on which each work's place is known.

    Under the first model works lie on a circle, under the second on a line. A copy lies beside it.
    """
    folder = tmp_path_factory.mktemp("mapped")
    pictures = make_pictures(folder / "pictures")
    with Deployment(page_settings(folder / "home")) as deployment:
        fill(deployment, pictures)
        works = sorted(deployment.index.ids())
        turns = np.arange(len(works)) / len(works) * 2 * math.pi
        circle = np.column_stack([np.cos(turns), np.sin(turns)]) * 25_000 + 32_768
        steps = np.linspace(4_000, 60_000, len(works))
        line = np.column_stack([steps, np.full(len(works), 32_768)])
        for model, places in ((FIRST, circle), (SECOND, line)):
            deployment.map_store.save(
                StoredMap(
                    model=model,
                    fingerprint=deployment.index.specs[model].fingerprint,
                    ids=id_bytes(works),
                    positions=places.astype(np.uint16),
                    fitted=len(works),
                    drawn_at=now(),
                    seed=0,
                )
            )
    shutil.copytree(folder / "home", folder / "closed")
    return folder / "home"


@pytest.fixture(scope="module")
def mapped(mapped_home: Path, weights: Path) -> Iterator[str]:
    """Where the page of the collection with maps is served."""
    with served(mapped_home, weights) as where:
        yield where


def _visit(page: Page, address: str) -> None:
    visit(page, address)
    expect(page.locator(".maps[data-state=ready]")).to_be_visible()
    settle(page)


def _pane(page: Page, expression: str, number: int = 0) -> Any:
    return page.locator(".maps").evaluate(
        f"(root) => {{ const pane = root.atlas.panes[{number}]; return {expression}; }}"
    )


def _draw_around(page: Page, corners: Sequence[tuple[float, float]], number: int = 0) -> None:
    """Draw a line around a part of a map, in shares of its stage's sides."""
    page.get_by_role("button", name="Draw around works").click()
    stage = page.locator(".stage").nth(number)
    box = stage.bounding_box()
    assert box is not None
    before = page.url
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in [*places[1:], places[0]]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    page.wait_for_url(lambda url: url != before)
    settle(page)


RIGHT_HALF = [(0.55, 0.02), (0.98, 0.02), (0.98, 0.98), (0.55, 0.98)]


def _area(page: Page) -> MapArea:
    return MapArea.read(httpx.URL(page.url).params["area"])


def _listed(mapped: str, area: MapArea) -> list[dict[str, Any]]:
    found = httpx.get(f"{mapped}/api/maps/{area.model}/works", params={"area": str(area.area)})
    works: list[dict[str, Any]] = found.json()["works"]
    return works


def test_works_that_are_drawn_around_are_those_that_the_server_finds(
    page: Page, mapped: str, works: dict[str, ArtworkFacts]
) -> None:
    _visit(page, f"{mapped}/map")
    assert _pane(page, "pane.points.count") == WORKS
    _draw_around(page, RIGHT_HALF)
    listed = _listed(mapped, _area(page))
    assert 2 < len(listed) < WORKS - 2
    expect(page.locator(".maps [role=status]")).to_have_text(f"{len(listed)} works chosen")
    wall = page.locator(".v-wall .v-tile")
    assert wall.locator(".v-work").all_inner_texts() == [work["title"] for work in listed]
    # Whoever is given the address sees the same.
    address = page.url
    _visit(page, address)
    expect(wall).to_have_count(len(listed))
    expect(page.locator(".maps [role=status]")).to_have_text(f"{len(listed)} works chosen")
    press(page, "map-clear")
    expect(wall).to_have_count(0)
    expect(page.locator(".maps [role=status]")).to_have_text("")
    assert "area" not in page.url


def test_two_maps_share_one_choice(page: Page, mapped: str) -> None:
    _visit(page, f"{mapped}/map?map={FIRST}&map={SECOND}")
    expect(page.locator(".pane")).to_have_count(2)
    _draw_around(page, RIGHT_HALF)
    chosen = {work["id"] for work in _listed(mapped, _area(page))}
    assert _ids(page, 0) == _ids(page, 1) == chosen
    # Drawn on the other one, which puts them on a line.
    _draw_around(page, [(0.02, 0.3), (0.4, 0.3), (0.4, 0.7), (0.02, 0.7)], 1)
    area = _area(page)
    assert area.model == SECOND
    other = {work["id"] for work in _listed(mapped, area)}
    assert other != chosen
    assert _ids(page, 0) == _ids(page, 1) == other


def _ids(page: Page, number: int) -> set[str]:
    places = _pane(page, "[...pane.chosen.keys()].filter((i) => pane.chosen[i])", number)
    data = _pane(page, "[...new Uint8Array(pane.ids.buffer)]", number)
    return {str(UUID(bytes=bytes(data[16 * place : 16 * place + 16]))) for place in places}


def test_colours_are_explained_by_a_legend_that_counts(page: Page, mapped: str) -> None:
    _visit(page, f"{mapped}/map?map={FIRST}&by=style")
    facets = httpx.get(f"{mapped}/api/facets").json()
    for by in ("style", "artist"):
        if by != "style":
            page.locator("[class*='st-key-map-by-'] [role=combobox]").click()
            page.get_by_role("option", name=by.capitalize(), exact=True).click()
            settle(page)
        legend = page.locator(".legend button")
        for value in facets[by][:3]:
            expect(legend.filter(has_text=value["value"]).first).to_contain_text(
                str(value["count"])
            )
        assert f"by={by}" in page.url
        first = legend.first
        first.click()
        expect(first).to_have_attribute("aria-pressed", "true")
        lit = _pane(page, "[...pane.categories.keys()].filter((i) => pane.isLit(i)).length")
        assert lit == facets[by][0]["count"]
        first.click()
    assert HOSTILE not in page.locator(".legend").inner_html()


def test_the_chosen_works_are_downloaded_as_a_table(
    page: Page, mapped: str, works: dict[str, ArtworkFacts]
) -> None:
    _visit(page, f"{mapped}/map?map={FIRST}")
    page.get_by_role("button", name="Choose what is in view").click()
    expect(page.locator(".maps [role=status]")).to_have_text(f"{WORKS} works chosen")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as a table").click()
    text = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows.keys() == {str(work.id) for work in works.values()}
    for work in works.values():
        row = rows[str(work.id)]
        assert (row["title"], row["artist"]) == (work.title, work.artist)
        assert row["year"] == ("" if work.year is None else str(work.year))


def test_a_search_keeps_to_the_works_that_were_chosen(page: Page, mapped: str) -> None:
    _visit(page, f"{mapped}/map?map={FIRST}")
    _draw_around(page, RIGHT_HALF)
    chosen = {work["title"] for work in _listed(mapped, _area(page))}
    press(page, "map-search")
    expect(page.locator(".st-key-filter-within")).to_contain_text(f"{len(chosen)} works")
    expect(tiles(page, "collection")).to_have_count(len(chosen))
    settle(page)
    similar(page, "collection").first.click()
    expect(tiles(page, FIRST)).to_have_count(len(chosen) - 1)
    for model in MODELS:
        found = tiles(page, model).locator(".v-work").all_inner_texts()
        assert set(found) < chosen
    address = page.url
    press(page, "drop-area")
    expect(tiles(page, FIRST)).to_have_count(10)
    visit(page, address)
    expect(tiles(page, FIRST)).to_have_count(len(chosen) - 1)


def test_the_works_that_were_chosen_are_browsed(page: Page, mapped: str) -> None:
    _visit(page, f"{mapped}/map?map={FIRST}")
    _draw_around(page, RIGHT_HALF)
    chosen = {work["title"]: work["style"] for work in _listed(mapped, _area(page))}
    press(page, "map-browse")
    wall = page.locator(".v-wall .v-tile")
    expect(page.locator(".v-heading").first).to_have_text("The collection")
    expect(wall).to_have_count(len(chosen))
    assert set(wall.locator(".v-work").all_inner_texts()) == set(chosen)
    settle(page)
    choose(page, "filter-style", "Wave")
    expect(wall).to_have_count(sum(style == "Wave" for style in chosen.values()))
    visit(page, page.url)
    expect(wall).to_have_count(sum(style == "Wave" for style in chosen.values()))
    page.locator(".st-key-clear-filters button").click()
    expect(wall).to_have_count(WORKS)


def test_what_was_asked_is_marked_and_a_work_leads_to_those_like_it(
    page: Page, mapped: str, works: dict[str, ArtworkFacts]
) -> None:
    asked = works["002.jpg"]
    visit(page, f"{mapped}/?work={asked.id}&top=4")
    expect(tiles(page, FIRST)).to_have_count(4)
    page.locator(".st-key-page-to-map a").click()
    expect(page.locator(".maps[data-state=ready]")).to_be_visible()
    expect(page.locator(".st-key-map-asked")).to_contain_text(asked.title)
    settle(page)
    order = [str(work) for work in sorted(work.id for work in works.values())]
    similar_to = httpx.get(f"{mapped}/api/artworks/{asked.id}/similar?top=4").json()
    hits = similar_to["models"][FIRST]["hits"]
    assert [order[place] for place in _pane(page, "pane.told.hits")] == [hit["id"] for hit in hits]
    assert [order[place] for place in _pane(page, "pane.told.examples")] == [str(asked.id)]

    # The hostile title is text, here as everywhere.
    hostile = works["005.jpg"]
    x, y = _pane(page, f"pane.placeOf({order.index(str(hostile.id))})")
    stage = page.locator(".stage")
    stage.hover(position={"x": x + 2, "y": y + 2})
    expect(page.locator(".card b")).to_have_text(hostile.title)
    stage.click(position={"x": x + 2, "y": y + 2})
    page.get_by_role("button", name="Find works like it").click()
    expect(page.locator(".st-key-query h2").first).to_have_text(hostile.title)
    assert f"work={hostile.id}" in page.url


def test_the_map_is_moved_and_chosen_from_by_keyboard(page: Page, mapped: str) -> None:
    _visit(page, f"{mapped}/map?map={FIRST}")
    stage = page.get_by_role("application", name="Map of 12 works")
    for _ in range(3):
        stage.press("ArrowRight")
    assert _pane(page, "pane.view.x") > 50_000
    for _ in range(3):
        stage.press("+")
    # A few are in view: their pictures take the places of points.
    shown = page.locator(".pictures img")
    expect(shown.first).to_be_visible()
    expect(shown.first).to_have_js_property("complete", value=True)
    button = page.get_by_role("button", name="Choose what is in view")
    button.press("Enter")
    expect(page.locator(".st-key-map-actions")).to_be_visible()
    settle(page)
    count = len(_listed(mapped, _area(page)))
    assert 0 < count < WORKS
    expect(shown).to_have_count(count)
    stage.press("Escape")
    expect(page.locator(".st-key-map-actions")).to_have_count(0)
    stage.press("0")
    assert _pane(page, "pane.view.zoom") == 1


def test_the_map_fits_a_telephone(page: Page, mapped: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    _visit(page, f"{mapped}/map?map={FIRST}&map={SECOND}")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    expect(page.locator(".pane")).to_have_count(2)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_map_keeps_nobody_out(browser: Browser, mapped: str, theme: str) -> None:
    window = browser.new_context(color_scheme="dark" if theme == "dark" else "light")
    page = window.new_page()
    _visit(page, f"{mapped}/map?map={FIRST}&map={SECOND}")
    _draw_around(page, RIGHT_HALF)
    assert grave_findings(page) == []
    # Points are told from the ground by the theme's own colours.
    dark = _pane(page, "pane.atlas.background")
    assert (int(dark[1:3], 16) < 80) == (theme == "dark")
    window.close()


@pytest.mark.parametrize(
    "parameters", ["map=nothing&by=title&area=x", "map=<b>&by=&area=colour_grid~AAAA&work=x"]
)
def test_an_address_that_makes_no_sense_shows_the_usual_map(
    page: Page, mapped: str, parameters: str
) -> None:
    _visit(page, f"{mapped}/map?{parameters}")
    assert _pane(page, "pane.told.model") == FIRST


def test_where_the_api_needs_a_key_the_page_has_its_own(
    page: Page, mapped_home: Path, weights: Path, works: dict[str, ArtworkFacts]
) -> None:
    with served(
        mapped_home.parent / "closed", weights, more={"VASARI_READ_NEEDS_KEY": "true"}
    ) as address:
        assert httpx.get(f"{address}/api/maps").status_code == 401
        _visit(page, f"{address}/map?map={FIRST}")
        x, y = _pane(page, "pane.placeOf(0)")
        page.locator(".stage").hover(position={"x": x, "y": y})
        first = min(works.values(), key=lambda work: work.id)
        expect(page.locator(".card b")).to_have_text(first.title)
        expect(page.locator(".card img")).to_have_attribute("src", re.compile("^blob:"))
        made = {"Authorization": "Bearer page_99999999999_0"}
        assert httpx.get(f"{address}/api/maps", headers=made).status_code == 401
        page.goto("about:blank")


def test_visitors_read_that_there_is_no_map_yet(page: Page, address: str) -> None:
    visit(page, f"{address}/map")
    expect(page.locator(".v-notice")).to_contain_text("There is no map of this collection yet.")
    expect(page.locator(".st-key-draw-map")).to_have_count(0)
