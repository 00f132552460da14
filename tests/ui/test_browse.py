"""Browsing the collection: words, order, filters and pages, as the API lists it."""

import httpx
from playwright.sync_api import Page, expect

from tests.ui.served_page import HOSTILE_ARTIST, WORKS
from tests.ui.visiting import choose, settle, visit


def _listed(address: str, **asked: str) -> list[str]:
    answer = httpx.get(f"{address}/api/artworks", params={"limit": 48, **asked}).json()
    return [" ".join(work["title"].split()) for work in answer["artworks"]]


def test_works_are_browsed_by_words_order_and_filter(page: Page, address: str) -> None:
    visit(page, address)
    page.get_by_role("link", name="Browse", exact=True).click()
    titles = page.locator(".v-wall a.v-work")
    expect(titles).to_have_text(_listed(address))
    expect(page).to_have_title("Browse · Vasari")

    page.locator("[class*='st-key-order-'] input").first.click()
    page.get_by_role("option", name="Year", exact=True).click()
    expect(titles).to_have_text(_listed(address, sort="year"))
    words = page.locator("[class*='st-key-words-'] input")
    words.fill("soren AEGIR")
    words.press("Enter")
    words.fill("ægir SØREN")
    words.press("Enter")
    expect(titles).to_have_text(_listed(address, sort="year", text="ægir SØREN"))
    expect(titles).not_to_have_count(WORKS)
    settle(page)
    asked = page.url
    assert "sort=year" in asked
    visit(page, asked)
    expect(titles).to_have_text(_listed(address, sort="year", text="ægir SØREN"))

    words = page.locator("[class*='st-key-words-'] input")
    words.fill("")
    words.press("Enter")
    expect(titles).to_have_count(WORKS)
    choose(page, "filter-artist", "Mallory")
    expect(titles).to_have_text(_listed(address, artist=HOSTILE_ARTIST))
    # The filter holds on the search page, too, and on the way back.
    page.get_by_role("link", name="Search", exact=True).click()
    expect(page.locator(".st-key-tiles-collection .v-tile")).to_have_count(1)
    words_gone = page.locator("[class*='st-key-words-'] input")
    expect(words_gone).to_have_count(0)


def test_words_that_no_work_has_are_said_and_dropped(page: Page, address: str) -> None:
    visit(page, f"{address}/browse?q=nowhere&page=7")
    expect(page.locator(".st-key-nothing-passes")).to_contain_text("No work has these words")
    page.locator(".st-key-clear-filters-here button").click()
    expect(page.locator(".v-wall .v-tile")).to_have_count(WORKS)
    settle(page)
    assert "q=" not in page.url


def test_a_page_beyond_the_last_one_shows_the_last(page: Page, address: str) -> None:
    visit(page, f"{address}/browse?page=900")
    expect(page.locator(".v-wall .v-tile")).to_have_count(WORKS)
