"""Asking the page with several examples, parts, limits and addresses, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.artworks import ArtworkFacts
from tests.ui.served_page import MODELS, WORKS
from tests.ui.visiting import choose, picture, press, settle, similar, tiles, upload, visit

FIRST, SECOND = MODELS


def _names(page: Page, model: str) -> list[str]:
    return tiles(page, model).locator(".v-work").all_inner_texts()


def test_hits_become_examples_of_what_the_works_should_be_like_and_unlike(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    visit(page, f"{address}/?work={works['002.jpg'].id}")
    ids = {work.title: work.id for work in works.values()}
    liked = _names(page, FIRST)[0]
    page.locator(f"button[data-does=more][data-of='{ids[liked]}']").first.click()
    cards = page.locator(".st-key-tray .v-tile")
    expect(cards).to_have_count(2)
    expect(page.locator(".st-key-query h2").first).to_have_text("Like 2 examples")
    expect(cards.nth(1)).to_contain_text(liked)
    # Both count alike until one is said to count more.
    expect(page.locator(".st-key-tray .stSelectbox")).to_have_count(2)
    settle(page)
    unliked = _names(page, SECOND)[0]
    page.locator(f"button[data-does=less][data-of='{ids[unliked]}']").first.click()
    expect(cards).to_have_count(3)
    expect(cards.nth(2).locator(".v-unlike")).to_have_count(1)
    expect(page.locator(".st-key-query h2").first).to_have_text(
        "Like 2 examples, and unlike one example"
    )
    expect(cards.nth(2)).to_contain_text(unliked)
    for model in MODELS:
        expect(tiles(page, model)).to_have_count(WORKS - 3)

    asked = page.url
    assert asked.count("&work=") == 1
    assert asked.count("not_work=") == 1
    visit(page, asked)
    expect(cards).to_have_count(3)
    page.locator(".st-key-change-examples summary").click()
    press(page, "turn-")
    expect(cards.locator(".v-unlike")).to_have_count(2)
    press(page, "remove-")
    expect(cards).to_have_count(2)
    page.go_back()
    expect(cards).to_have_count(3)
    page.go_back()
    expect(cards.locator(".v-unlike")).to_have_count(1)
    press(page, "only-")
    expect(page.locator(".st-key-query h2").first).to_have_text(works["002.jpg"].title)


def test_a_part_is_drawn_on_the_picture_and_only_it_is_compared(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    visit(page, f"{address}/?work={works['002.jpg'].id}")
    numbers = tiles(page, FIRST).first.locator(".v-numbers")
    whole = numbers.text_content() or ""
    press(page, "part")
    stage = page.locator(".stage")
    expect(stage).to_be_visible()
    expect(page.get_by_role("button", name="Search with this part")).to_be_disabled()
    stage.hover(position={"x": 20, "y": 20})
    page.mouse.down()
    stage.hover(position={"x": 80, "y": 70})
    page.mouse.up()
    page.get_by_role("button", name="Search with this part").click()
    expect(page.locator(".st-key-query")).to_contain_text("Only the bright part is compared")
    expect(numbers).not_to_have_text(whole)
    assert "~0." in page.url
    press(page, "part")
    box = page.locator(".stage .box")
    before = box.evaluate("one => one.style.left")
    box.press("ArrowRight")
    assert box.evaluate("one => one.style.left") != before
    page.get_by_role("button", name="Use the whole picture").click()
    expect(numbers).to_have_text(whole)
    assert "~" not in page.url


def test_an_upload_can_be_added_to_the_examples_and_stays_with_its_visitor(
    page: Page, address: str, browser: Browser, tmp_path: Path
) -> None:
    visit(page, address)
    upload(page, "mine.jpg", picture(3, tmp_path))
    expect(tiles(page, FIRST)).to_have_count(10)
    press(page, "add-example")
    dialog = page.get_by_role("dialog")
    upload(dialog, "broken.jpg", b"this is no picture at all")
    expect(dialog.get_by_role("alert").filter(has_text="not an image")).to_be_visible()
    dialog.get_by_role("radio", name="unlike it").click()
    upload(dialog, "other.jpg", picture(4, tmp_path))
    expect(page.locator(".st-key-tray .v-tile")).to_have_count(2)
    expect(page.locator(".st-key-tray .v-unlike")).to_have_count(1)
    expect(dialog).to_have_count(0)

    stranger = browser.new_page()
    visit(stranger, page.url)
    expect(stranger.locator(".v-notice").first).to_contain_text("made with an uploaded picture")
    press(stranger, "back")
    expect(tiles(stranger, "collection").first).to_be_visible()
    stranger.close()


def test_filters_and_exclusions_travel_with_the_address(page: Page, address: str) -> None:
    visit(page, address)
    choose(page, "filter-source", "south")
    expect(tiles(page, "collection")).to_have_count(WORKS // 2)
    # Counts are of the works that the rest of the filter leaves.
    choose(page, "filter-without", "Style: Wave (2)")
    expect(tiles(page, "collection")).to_have_count(WORKS // 2 - 2)
    visit(page, page.url)
    expect(tiles(page, "collection")).to_have_count(WORKS // 2 - 2)
    expect(page.locator(".st-key-filter-source")).to_contain_text("south (4)")
    expect(page.locator(".st-key-filter-without")).to_contain_text("Style: Wave")
    page.locator(".st-key-clear-filters button").click()
    expect(tiles(page, "collection")).to_have_count(WORKS)
    page.go_back()
    expect(tiles(page, "collection")).to_have_count(WORKS // 2 - 2)


def test_all_models_answer_together_beside_each_alone(
    page: Page, address: str, tmp_path: Path
) -> None:
    visit(page, address)
    upload(page, "mine.jpg", picture(3, tmp_path))
    page.get_by_role("button", name="All models together").click()
    joint = tiles(page, "fusion")
    expect(joint).to_have_count(10)
    expect(joint.first).to_contain_text("Picture 3")
    expect(joint.first).to_contain_text("above the mean")
    expect(joint.first).to_contain_text("1st under Colour grid")
    # The third model of the index has no weights here: it is named, and the others go on.
    expect(page.get_by_role("alert")).to_contain_text("ResNet-50 cannot answer this")
    expect(page.locator(".st-key-statistics tbody tr")).to_have_count(2)


def test_limits_can_leave_nothing_and_be_dropped_and_more_can_be_shown(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    asked = f"{address}/?work={works['002.jpg'].id}&top=3"
    visit(page, f"{asked}&max_distance=0.1")
    expect(page.locator(".st-key-nothing-near")).to_contain_text("as close as the limits demand")
    press(page, "drop-cut-offs")
    expect(tiles(page, FIRST)).to_have_count(3)
    press(page, "show-more")
    expect(tiles(page, FIRST)).to_have_count(6)
    expect(page.locator(".st-key-query")).to_contain_text("overlap@6")
    settle(page)
    visit(page, page.url)
    expect(tiles(page, FIRST)).to_have_count(6)
    similar(page, FIRST).first.click()
    expect(tiles(page, FIRST)).to_have_count(3)


@pytest.mark.parametrize(
    "parameters",
    [
        "not_work={id}",
        "work={id}~9,9,9,9~x&top=1e9&min_percentile=nan&model=<script>&artist=Nobody&sense=x",
        "text=a%20ship&work={id}&year_from=99999&not_style=Wave",
    ],
)
def test_an_address_that_asks_nonsense_is_answered_calmly(
    page: Page, address: str, works: dict[str, ArtworkFacts], parameters: str
) -> None:
    visit(page, f"{address}/?{parameters.format(id=works['002.jpg'].id)}")
    expect(page.locator(".v-notice, .st-key-nothing-passes").first).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Traceback")


def test_the_page_says_why_it_cannot_be_asked_in_words(page: Page, address: str) -> None:
    visit(page, address)
    expect(page.get_by_text("Words cannot be asked here")).to_be_visible()


def test_nothing_sticks_out_of_a_narrow_screen(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    visit(page, f"{address}/?work={works['002.jpg'].id}&work={works['003.jpg'].id}")
    expect(tiles(page, FIRST)).to_have_count(10)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
