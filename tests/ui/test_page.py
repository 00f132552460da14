"""The web page in a real browser, on a small collection of drawn pictures."""

from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from catalog.artworks import ArtworkFacts
from deployment import Deployment
from errors import UNREACHABLE
from tests.pictures import facts
from tests.ui.served_page import (
    HOSTILE,
    HOSTILE_ARTIST,
    MODELS,
    WORKS,
    fill,
    make_pictures,
    page_settings,
    served,
)
from tests.ui.visiting import all_loaded, choose, picture, similar, tiles, upload, visit

TITLES = ("Colour grid", "Edge grid")


def test_an_upload_is_answered_by_both_models_side_by_side(
    page: Page, address: str, tmp_path: Path
) -> None:
    visit(page, address)
    expect(page.locator(".v-size")).to_contain_text(f"{WORKS} works")
    upload(page, "mine.jpg", picture(3, tmp_path))
    expect(page.locator(".v-query img")).to_be_visible()
    for model, title in zip(MODELS, TITLES, strict=True):
        expect(page.locator(f".st-key-model-{model} h2")).to_have_text(title)
        expect(tiles(page, model)).to_have_count(10)
        first = tiles(page, model).first
        expect(first).to_contain_text("Picture 3")
        expect(first).to_contain_text(f"1st under {TITLES[1 - TITLES.index(title)]}")
        expect(first).to_contain_text("found by both")
        cosine = float(first.locator(".v-numbers dd").nth(1).text_content() or "")
        assert cosine > 0.95
    assert all_loaded(page.locator(".v-frame img, .v-query img"))
    left, right = (page.locator(f".st-key-model-{model}").bounding_box() for model in MODELS)
    assert left is not None
    assert right is not None
    assert abs(left["y"] - right["y"]) < 2
    assert left["x"] + left["width"] <= right["x"]

    rows = page.locator(".st-key-statistics tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("td")).to_have_count(10)
    expect(page.locator(".st-key-query")).to_contain_text("overlap@10 = ")
    expect(page.locator(".st-key-agreement .v-measures b")).to_have_count(3)
    expect(page.locator(".st-key-statistics")).to_contain_text("embedding it")
    expect(page.locator(".st-key-chart").locator("canvas, svg.marks").first).to_be_visible()


def test_a_filter_leaves_only_works_that_pass_and_keeps_the_query(
    page: Page, address: str, tmp_path: Path
) -> None:
    visit(page, address)
    upload(page, "mine.jpg", picture(3, tmp_path))
    expect(tiles(page, MODELS[0])).to_have_count(10)
    choose(page, "filter-source", "south")
    for model in MODELS:
        expect(tiles(page, model)).to_have_count(WORKS // 2)
        expect(tiles(page, model).locator(".v-source", has_text="south")).to_have_count(WORKS // 2)
    # The counts of the other fields follow, and a choice outlives the change of its own count.
    choose(page, "filter-style", "Wave")
    expect(tiles(page, MODELS[0])).to_have_count(2)
    expect(page.locator(".st-key-filter-source")).to_contain_text("south (2)")
    page.locator(".st-key-clear-filters button").click()
    expect(tiles(page, MODELS[0])).to_have_count(10)
    expect(page.locator(".st-key-filter-source")).not_to_contain_text("south")


def test_years_are_limited_only_when_asked_for(page: Page, address: str) -> None:
    visit(page, address)
    expect(tiles(page, "collection")).to_have_count(WORKS)
    page.locator(".st-key-filter-years label").first.click()
    undated = sum(not facts(number)["year"] for number in range(WORKS))
    expect(tiles(page, "collection")).to_have_count(WORKS - undated)


def test_a_visitor_wanders_from_work_to_work_and_can_share_where_they_are(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    visit(page, address)
    start = works["002.jpg"]
    assert all_loaded(page.locator(".v-frame img"))
    tiles(page, "collection").locator(f"button[data-of='{start.id}']").click()
    expect(page.locator(".st-key-query h2").first).to_have_text(start.title)
    expect(tiles(page, MODELS[0])).to_have_count(10)
    expect(tiles(page, MODELS[0]).filter(has_text=start.title)).to_have_count(0)
    page.wait_for_url(f"**/?work={start.id}")

    next_work = tiles(page, MODELS[1]).nth(8).locator(".v-work").inner_text()
    similar(page, MODELS[1]).nth(8).click()
    expect(page.locator(".st-key-query h2").first).to_have_text(next_work)
    # The answer stands at the top of the page, wherever the click was.
    expect(page.locator(".st-key-query h2").first).to_be_in_viewport()

    shared = page.url
    UUID(shared.rpartition("=")[2])
    visit(page, shared)
    expect(page.locator(".st-key-query h2").first).to_have_text(next_work)
    page.locator(".st-key-back button").click()
    expect(tiles(page, "collection")).to_have_count(WORKS)
    expect(page).to_have_url(f"{address}/")


def test_a_click_below_a_field_that_is_being_filled_in_is_not_lost(
    page: Page, address: str
) -> None:
    visit(page, address)
    # Its chip is so long that the field needs a second row to be typed into.
    choose(page, "filter-artist", "Mallory")
    expect(tiles(page, "collection")).to_have_count(1)
    page.locator(".st-key-filter-years label").first.click()
    expect(page.locator(".st-key-filter-years [data-testid='stSlider']")).to_be_visible()


def test_a_work_is_found_by_its_title(page: Page, address: str) -> None:
    visit(page, address)
    choose(page, "title", "Picture 7")
    expect(page.locator(".st-key-query h2").first).to_have_text("Picture 7")
    assert "work=" in page.url


def test_titles_and_names_are_shown_as_they_are_and_never_run(
    page: Page, address: str, works: dict[str, ArtworkFacts], tmp_path: Path
) -> None:
    visit(page, address)
    in_grid = tiles(page, "collection").filter(has_text=HOSTILE_ARTIST)
    expect(in_grid.locator(".v-work")).to_have_text(HOSTILE)
    expect(in_grid.locator(".v-by")).to_contain_text(HOSTILE_ARTIST)
    choose(page, "filter-artist", "Mallory")
    expect(page.locator(".st-key-filter-artist")).to_contain_text(f"{HOSTILE_ARTIST} (1)")
    expect(tiles(page, "collection")).to_have_count(1)
    page.locator(".st-key-clear-filters button").click()
    expect(tiles(page, "collection")).to_have_count(WORKS)
    choose(page, "title", "onerror")
    expect(page.locator(".st-key-query h2").first).to_have_text(HOSTILE)
    visit(page, f"{address}/?work={works['004.jpg'].id}")
    expect(tiles(page, MODELS[0]).first).to_be_visible()
    upload(page, "<img src=x onerror=alert(3)>.jpg", picture(5, tmp_path))
    expect(page.locator(".st-key-query h2").first).to_contain_text("alert(3)")
    expect(tiles(page, MODELS[0]).first.locator(".v-work")).to_have_text(HOSTILE)
    expect(page.locator("img[src='x']")).to_have_count(0)
    expect(page.locator("a[href^='javascript']")).to_have_count(0)
    expect(page.locator(".v-tile b, .v-tile strong, .v-tile a:not(.v-to-work)")).to_have_count(0)


def test_a_filter_that_leaves_nothing_offers_to_be_cleared(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    visit(page, f"{address}/?work={works['005.jpg'].id}")
    choose(page, "filter-artist", "Mallory")
    expect(page.locator(".st-key-nothing-passes")).to_contain_text("No other work passes")
    page.locator(".st-key-clear-filters-here button").click()
    expect(tiles(page, MODELS[0])).to_have_count(10)


def test_an_upload_that_is_no_picture_is_refused_in_plain_words(page: Page, address: str) -> None:
    visit(page, address)
    upload(page, "broken.jpg", b"this is no picture at all")
    expect(page.get_by_role("alert").filter(has_text="not an image")).to_be_visible()
    expect(tiles(page, "collection")).to_have_count(WORKS)
    expect(page.locator("body")).not_to_contain_text("Traceback")


@pytest.mark.parametrize("named", ["../../etc/passwd", "12345678-1234-5678-1234-567812345678"])
def test_an_address_that_names_no_work_says_so(page: Page, address: str, named: str) -> None:
    visit(page, f"{address}/?work={named}")
    expect(page.locator(".v-notice")).to_contain_text("is not in the collection")
    page.locator(".st-key-back button").click()
    expect(tiles(page, "collection")).to_have_count(WORKS)


def test_a_model_without_its_weights_is_named_and_the_others_go_on(
    page: Page, address: str, works: dict[str, ArtworkFacts], tmp_path: Path
) -> None:
    visit(page, address)
    upload(page, "mine.jpg", picture(3, tmp_path))
    page.get_by_role("button", name="ResNet-50").click()
    expect(page.get_by_role("alert")).to_contain_text("ResNet-50 cannot answer this")
    expect(page.get_by_role("alert")).to_contain_text("It is not available at the moment.")
    for model in MODELS:
        expect(tiles(page, model)).to_have_count(10)
    # A work's own vectors are in the index: weights are not needed for it.
    similar(page, MODELS[0]).first.click()
    expect(tiles(page, "resnet50")).to_have_count(10)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_empty_collection_says_what_to_run_and_shows_what_a_command_then_takes_in(
    page: Page, tmp_path: Path, weights: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    pictures = make_pictures(tmp_path / "pictures", source="Generated sample")
    with served(home, weights) as address:
        visit(page, address)
        expect(page.get_by_role("status").filter(has_text="empty")).to_contain_text("vasari demo")
        with Deployment(page_settings(home)) as deployment:
            fill(deployment, pictures)
        visit(page, address)
        expect(tiles(page, "collection")).to_have_count(WORKS)
        # Nobody may take drawn works for a painter's.
        expect(page.locator(".v-foot")).to_contain_text("No painter made these works")
        expect(tiles(page, "collection").first).to_contain_text("Generated sample")


def test_an_index_that_another_process_holds_is_to_be_tried_again(
    page: Page, tmp_path: Path, weights: Path
) -> None:
    home = tmp_path / "home"
    with Deployment(page_settings(home)) as deployment:
        fill(deployment, make_pictures(tmp_path / "pictures"))
    with ExitStack() as held:
        held.enter_context(Deployment(page_settings(home))).index.status()
        with served(home, weights) as address:
            visit(page, address)
            expect(page.get_by_role("alert")).to_contain_text(UNREACHABLE)
            assert str(home) not in page.content()
            held.close()
            page.locator(".st-key-try-again button").click()
            expect(tiles(page, "collection")).to_have_count(WORKS)
