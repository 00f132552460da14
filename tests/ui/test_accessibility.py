"""What axe-core finds on each page, in both themes."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from catalog.artworks import ArtworkFacts
from tests.ui.conftest import CURATORS_PASSWORD, PATIENCE_MS
from tests.ui.test_curate import choose, log_in, section
from tests.ui.visiting import settle

GRAVE = ("serious", "critical")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?work={work}",
        "/work?id={work}",
        "/map",
        "/identify",
        "/browse",
        "/models",
        "/compare?id={work}&id={other}",
        "/compare",
        "/nothing",
    ],
)
def test_no_page_keeps_anybody_out(
    browser: Browser, address: str, works: dict[str, ArtworkFacts], path: str, theme: str
) -> None:
    window = browser.new_context(color_scheme="dark" if theme == "dark" else "light")
    page = window.new_page()
    page.goto(address + path.format(work=works["002.jpg"].id, other=works["003.jpg"].id))
    expect(page.locator(".v-masthead, h1").first).to_be_visible()
    settle(page)
    assert grave_findings(page) == []
    window.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_keeps_a_curator_out(browser: Browser, curated: str, theme: str) -> None:
    window = browser.new_context(color_scheme="dark" if theme == "dark" else "light")
    window.set_default_timeout(PATIENCE_MS)
    page = window.new_page()
    found = {}
    for state in _a_curators_day(page, curated):
        settle(page)
        found[state] = grave_findings(page)
    assert {state: findings for state, findings in found.items() if findings} == {}
    window.close()


def _a_curators_day(page: Page, address: str) -> Iterator[str]:
    """Go through the curators' pages, and name each thing that is shown."""
    page.goto(f"{address}/curate")
    expect(page.get_by_text("This page is for curators.")).to_be_visible()
    yield "the way in"
    log_in(page, address, "not the password")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "a password that is wrong"
    log_in(page, address, CURATORS_PASSWORD)
    expect(page.get_by_text("Logged in as Ada")).to_be_visible()
    yield "files to take in"
    choose(page, "Where from", "A folder of images")
    choose(page, "Folder", "incoming")
    page.get_by_text("More about it").click()
    page.get_by_role("button", name="Look at what would come").click()
    expect(page.get_by_text("3 works would be taken in")).to_be_visible()
    yield "what would come"
    section(page, "Jobs")
    yield "jobs"
    section(page, "Duplicates")
    page.get_by_role("button", name="Look through the collection").click()
    expect(page.get_by_text("1 of 6")).to_be_visible()
    yield "duplicates"
    section(page, "Artists")
    expect(page.get_by_text("1 of 1 suggestions")).to_be_visible()
    expect(page.get_by_text("Split off a spelling")).to_be_visible()
    yield "artists"
    section(page, "Records")
    page.get_by_label("Words of the title or the artist, or an id").fill("Picture 2")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Delete …").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "a record to delete"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    yield "a record"
    section(page, "Models and index")
    yield "models and index"
    section(page, "Keys")
    page.get_by_role("textbox", name="Whose key it is").fill("registrar")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator(".st-key-made-key")).to_be_visible()
    yield "a key that was made"
    section(page, "Log")
    yield "log"


def grave_findings(page: Page) -> list[str]:
    """Return what axe-core finds that keeps somebody out."""
    found = Axe().run(page).response["violations"]
    return [
        f"{item['id']}: {node['html'][:200]}"
        for item in found
        if item["impact"] in GRAVE
        for node in item["nodes"]
    ]
