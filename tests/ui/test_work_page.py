"""The page of a work, and the links that lead to it."""

from pathlib import Path
from uuid import uuid4

import httpx
from playwright.sync_api import Page, expect

from catalog.artworks import ArtworkFacts
from tests.ui.served_page import HOSTILE, MODELS
from tests.ui.visiting import all_loaded, picture, settle, tiles, upload, visit


def test_a_picture_leads_to_its_work_and_back_to_what_was_uploaded(
    page: Page, address: str, tmp_path: Path
) -> None:
    visit(page, address)
    upload(page, "mine.jpg", picture(3, tmp_path))
    first = tiles(page, MODELS[0]).first
    title = first.locator("a.v-work").inner_text()
    first.locator("a.v-frame").click()
    expect(page.locator("h1.v-title")).to_have_text(title)
    expect(page).to_have_title(f"{title} · Vasari")
    page.go_back()
    # It is the same visit: the upload has not been lost.
    expect(page.locator(".st-key-query h2").first).to_have_text("mine.jpg")
    expect(tiles(page, MODELS[0])).to_have_count(10)


def test_the_page_of_a_work_shows_what_the_api_says_of_it(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    work = works["002.jpg"]
    visit(page, f"{address}/work?id={work.id}")
    shown = page.locator(".st-key-work")
    expect(shown).to_contain_text(f"{work.title}")
    expect(shown).to_contain_text(f"{work.artist}, {work.year}")
    expect(shown.locator("code")).to_contain_text(f"{address}/work?id={work.id}")
    assert all_loaded(page.locator(".stage img"))
    similar = httpx.get(f"{address}/api/artworks/{work.id}/similar", params={"top": 6}).json()
    for place, model in enumerate(MODELS):
        strip = page.locator(".v-strip").nth(place)
        expected = [hit["title"] for hit in similar["models"][model]["hits"]]
        expect(strip.locator("a.v-work")).to_have_text(
            [" ".join(title.split()) for title in expected]
        )
    for link in shown.locator("a.v-link").all():
        assert httpx.get(f"{address}{link.get_attribute('href')}").status_code == 200
    page.get_by_role("button", name="Find works like it").click()
    expect(page.locator(".st-key-query h2").first).to_have_text(work.title)
    assert f"work={work.id}" in page.url


def test_a_work_that_is_not_there_and_a_page_that_is_not_are_said_to_be_missing(
    page: Page, address: str
) -> None:
    for name in (str(uuid4()), "nonsense"):
        visit(page, f"{address}/work?id={name}")
        expect(page.locator(".v-notice")).to_contain_text("not in the collection")
    answer = page.goto(f"{address}/no-such-page")
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text("There is no such page")
    assert httpx.get(f"{address}/curate").status_code == 404
    page.get_by_role("link", name="Search the collection").click()
    expect(page.locator(".v-masthead")).to_be_visible()


def test_a_hostile_title_is_shown_on_the_work_s_page_as_it_is(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    visit(page, f"{address}/work?id={works['005.jpg'].id}")
    expect(page.locator("h1.v-title")).to_have_text(HOSTILE)
    settle(page)
    expect(page.locator("img[src='x']")).to_have_count(0)
