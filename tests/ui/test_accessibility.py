"""What axe-core finds on each page, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from catalog.artworks import ArtworkFacts
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


def grave_findings(page: Page) -> list[str]:
    """Return what axe-core finds that keeps somebody out."""
    found = Axe().run(page).response["violations"]
    return [
        f"{item['id']}: {node['html'][:200]}"
        for item in found
        if item["impact"] in GRAVE
        for node in item["nodes"]
    ]
