"""All that visitors and curators do, by keyboard alone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from catalog.artworks import ArtworkFacts
from tests.ui.conftest import CURATORS_PASSWORD
from tests.ui.served_page import MODELS
from tests.ui.visiting import MOST_STOPS, buttons, give, picture, settle, tab_to, tiles, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Whether the keyboard has left the page, and what looks the same with the focus and without it.
UNSEEN = """async () => {
    for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
    const fading = document.getAnimations().filter(one => one instanceof CSSTransition);
    await Promise.allSettled(fading.map(one => one.finished));
    const looks = (one) => {
        const style = getComputedStyle(one);
        return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor].join();
    };
    const before = window.focused;
    let one = document.activeElement;
    const left = one === document.body;
    while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    // A table keeps the focus while the keyboard goes through its cells.
    const unseen = before && before.path[0] !== one
        && before.path.every((one, place) => looks(one) === before.looks[place]);
    const path = [];
    for (let up = one; up && path.length < 5; up = up.parentElement) path.push(up);
    window.focused = left ? undefined : { path, looks: path.map(looks) };
    const hidden = !one.checkVisibility({ opacityProperty: true });
    const named = hidden ? one : unseen ? before.path[0] : null;
    return { left, unseen: named?.outerHTML.slice(0, 200) };
}"""


def unseen_stops(page: Page) -> list[str]:
    """Return what the keyboard leads to without showing it, from where it is on."""
    unseen = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        found = page.evaluate(UNSEEN)
        if found["unseen"]:
            unseen.append(found["unseen"])
        if found["left"]:
            return unseen
    raise AssertionError("the keyboard does not come to the end of the page")


def test_it_is_seen_where_the_keyboard_is(
    page: Page, address: str, curated: str, works: dict[str, ArtworkFacts]
) -> None:
    for path in (f"/?work={works['002.jpg'].id}", "/identify", "/browse"):
        visit(page, f"{address}{path}")
        assert unseen_stops(page) == []
    type_the_password(page, curated)
    go_to(page, "Models and index")
    expect(page.locator(".stDataFrame")).to_be_visible()
    settle(page)
    assert unseen_stops(page) == []


def test_a_search_by_title_is_narrowed_read_and_followed(page: Page, address: str) -> None:
    visit(page, address)
    tab_to(page, page.locator(".st-key-title input"))
    type_choice(page, "Picture 3")
    title = page.locator(".st-key-query h2").first  # the former one goes a little later
    expect(title).to_have_text("Picture 3")
    settle(page)

    tab_to(page, page.locator(".st-key-filter-source input"))
    type_choice(page, "north")
    page.keyboard.press("Escape")
    expect(tiles(page, MODELS[0])).to_have_count(6)
    settle(page)

    first = tiles(page, MODELS[0]).first
    tab_to(page, first.locator("a.v-work"))
    tab_to(page, first.locator("summary"))
    page.keyboard.press("Enter")
    expect(first.get_by_text("angular distance")).to_be_visible()
    why = buttons(page, MODELS[0], "why").first
    tab_to(page, why)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(why).to_be_focused()

    name = first.locator(".v-work").inner_text()
    tab_to(page, buttons(page, MODELS[0], "similar").first)
    page.keyboard.press("Space")
    expect(title).to_have_text(name)
    settle(page)
    tab_to(page, buttons(page, MODELS[0], "more").first)
    page.keyboard.press("Enter")
    expect(title).to_have_text("Like 2 examples")


def test_a_picture_is_given_and_more_is_shown(page: Page, address: str, tmp_path: Path) -> None:
    visit(page, address)
    give(page, "asked.jpg", picture(3, tmp_path))
    expect(page.locator(".st-key-query h2").first).to_have_text("asked.jpg")
    settle(page)
    tab_to(page, page.locator(".st-key-show-more button"))
    page.keyboard.press("Enter")
    expect(tiles(page, MODELS[0])).to_have_count(12)
    settle(page)
    tab_to(page, page.locator(".st-key-part button"))
    page.keyboard.press("Enter")
    stage = page.locator(".stage")
    expect(stage).to_be_visible()
    settle(page)
    tab_to(page, stage)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    tab_to(page, page.get_by_role("button", name="Search with this part"))
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-query")).to_contain_text("Only the bright part is compared")


def test_a_curator_looks_at_a_folder_and_decides_about_records(page: Page, curated: str) -> None:
    type_the_password(page, curated)
    tab_to(page, page.get_by_role("combobox", name="Where from", exact=True))
    type_choice(page, "A folder of images")
    folder = page.get_by_role("combobox", name="Folder", exact=True)
    expect(folder).to_be_visible()
    settle(page)
    tab_to(page, folder)
    type_choice(page, "incoming")
    look = page.get_by_role("button", name="Look at what would come")
    expect(look).to_be_visible()
    settle(page)
    tab_to(page, look)
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 works would be taken in")).to_be_visible()

    go_to(page, "Duplicates")
    tab_to(page, page.get_by_role("button", name="Look through the collection"))
    page.keyboard.press("Enter")
    place = page.get_by_text(re.compile(r"^1 of \d$"))
    expect(place).to_be_visible()
    settle(page)
    tab_to(page, page.locator(".st-key-duplicates-y button"))
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"^2 of \d$"))).to_be_visible()
    expect(page.get_by_role("button", name="Undo the last one")).to_be_visible()
    settle(page)
    page.keyboard.press("u")
    expect(place).to_be_visible()


def type_the_password(page: Page, address: str) -> None:
    """Log in as a curator."""
    page.goto(f"{address}/login")
    tab_to(page, page.locator("#name"))
    page.keyboard.type("Ada")
    page.keyboard.press("Tab")
    page.keyboard.type(CURATORS_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Logged in as Ada")).to_be_visible()
    settle(page)


def type_choice(page: Page, text: str) -> None:
    """Choose in a list that is typed into."""
    page.keyboard.type(text)
    expect(page.get_by_role("option").first).to_contain_text(text)
    expect(page.get_by_role("option").first).to_have_attribute("data-focused", "true")
    page.keyboard.press("Enter")


def go_to(page: Page, section: str) -> None:
    """Go to a section of the curators' pages."""
    tab_to(page, page.locator(".st-key-curate-section [role=radio]"))
    chosen = page.get_by_role("radio", name=section)
    for _ in range(10):
        if chosen.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("h2.v-heading").first).to_have_text(section)
    settle(page)
