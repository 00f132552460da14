"""Clicks on what the page is still drawing, and when its theme has changed."""

import re

import pytest
from playwright.sync_api import Page, WebSocket, expect

from catalog.artworks import ArtworkFacts
from tests.ui.served_page import MODELS
from tests.ui.visiting import PRESS_MS, buttons, settle, visit


@pytest.mark.parametrize(
    ("does", "follows"), [("similar", "{title}"), ("more", "Like 2 examples"), ("why", "{title}")]
)
def test_a_click_is_heard_while_the_page_is_still_being_drawn(
    slow_page: Page, address: str, works: dict[str, ArtworkFacts], does: str, follows: str
) -> None:
    slow_page.goto(f"{address}/?work={works['002.jpg'].id}")
    button = buttons(slow_page, MODELS[0], does).first
    expect(slow_page.locator("body[data-hears-clicks]")).to_be_attached()
    title = (button.get_attribute("aria-label") or "").partition(": ")[2]
    button.click(delay=PRESS_MS)
    shown = slow_page.locator(".st-key-query h2, [role=dialog]")
    expect(shown.filter(has_text=follows.format(title=title)).first).to_be_visible()


def test_a_click_is_told_once_after_the_theme_has_changed(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    told: list[str | bytes] = []

    def note(frame: str | bytes) -> None:
        told.append(frame)

    def listen(line: WebSocket) -> None:
        line.on("framesent", note)

    page.on("websocket", listen)
    visit(page, f"{address}/?work={works['002.jpg'].id}")
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".stApp")).to_have_css("color-scheme", "dark")
    settle(page)
    buttons(page, MODELS[0], "why").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert str(told).count('"event":"clicked"') == 1


def test_a_link_of_the_bar_is_the_same_one_on_each_page(page: Page, address: str) -> None:
    visit(page, address)
    links = page.locator(".st-key-pages a")
    search, browse = links.first, links.filter(has_text="Browse")
    pressed = search.element_handle()
    lined = re.compile(r"rgb\(")  # where rgba is the line that is not seen
    expect(search).to_have_css("border-bottom-color", lined)
    browse.click()
    expect(browse).to_have_css("border-bottom-color", lined)
    expect(search).not_to_have_css("border-bottom-color", lined)
    settle(page)
    assert pressed.evaluate("one => one.isConnected && one.innerText") == "Search"
