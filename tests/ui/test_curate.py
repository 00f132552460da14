"""A curator's day in a real browser: from an empty collection to one that was put right."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.audit_log import changes
from deployment import Deployment
from settings import Settings
from tests.pictures import draw, facts, make_folder, write_table
from tests.ui.served_page import served
from tests.ui.visiting import settle
from ui.api.keys import KeyCheck, Role, make_key, read_keys
from ui.curating.access import hash_password

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery"
PATIENCE_MS = 60_000
KIOSK, KIOSK_ENTRY = make_key("kiosk", Role.READ)


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    """A folder that curators may take works in from, with two sources in it."""
    folder = tmp_path / "incoming"
    make_folder(folder / "north", 12)
    make_folder(folder / "south", 12)
    write_table(
        folder / "south" / "works.csv",
        [facts(number) | {"source": "east"} for number in range(12)],
    )
    cut = folder / "north" / "images" / "003.jpg"
    cut.write_bytes(cut.read_bytes()[:1500])
    return folder


@pytest.fixture
def address(tmp_path: Path, weights: Path, incoming: Path) -> Iterator[str]:
    """The page of an empty collection that has curators."""
    more = {
        "VASARI_CURATOR_PASSWORD_HASH": hash_password(PASSWORD),
        "VASARI_INGEST_FOLDERS": str(incoming),
        "VASARI_API_KEYS": str(KIOSK_ENTRY),
    }
    with served(tmp_path / "home", weights, models=["colour_grid"], more=more) as where:
        yield where


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser's page; unlike visitors' it is told 401 by the login."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield context.new_page()
    context.close()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option").filter(has_text=option).first.click()


def section(page: Page, name: str) -> None:
    page.locator(".st-key-curate-section").get_by_text(name, exact=True).click()
    expect(page.locator("h2.v-heading").first).to_have_text(name)


def log_in(page: Page, address: str, password: str = PASSWORD) -> None:
    page.goto(f"{address}/login")
    page.fill("#name", "Ada")
    page.fill("#password", password)
    page.get_by_role("button", name="Log in").click()


def take_in(page: Page, folder: Path) -> None:
    section(page, "Take works in")
    choose(page, "Where from", "A folder of images")
    choose(page, "Folder", str(folder))
    expect(page.get_by_role("button", name="Take in")).to_be_disabled()
    page.get_by_role("button", name="Look at what would come").click()
    expect(page.get_by_text("12 works would be taken in")).to_be_visible()
    page.get_by_role("button", name="Take in").click()
    expect(page.locator("h2.v-heading").first).to_have_text("Jobs")


def test_a_curator_fills_an_empty_collection_and_puts_it_right(
    page: Page, address: str, incoming: Path
) -> None:
    page.goto(address)
    expect(page.get_by_text("The collection is empty")).to_be_visible()
    page.get_by_text("For curators").click()
    log_in(page, address, "not the password")
    expect(page.get_by_role("alert")).to_have_text("This is not the password.")
    log_in(page, address)
    expect(page.get_by_text("Logged in as Ada")).to_be_visible()

    section(page, "Take works in")
    choose(page, "Where from", "Any CSV")
    expect(page.get_by_text("names no folder that holds a table")).to_be_visible()
    take_in(page, incoming / "north")
    job = page.locator("[class*='st-key-job-']")
    expect(job.first).to_contain_text("Done")
    expect(job.first).to_contain_text("11 added")
    expect(job.first).to_contain_text("1 failed at decode")
    job.first.get_by_text("1 failed at decode").first.click()
    expect(job.first.locator(".v-failure")).to_contain_text("003.jpg")
    expect(job.first.locator(".v-failure b")).to_have_text("Picture 3")
    draw(3).save(incoming / "north" / "images" / "003.jpg", quality=95)
    page.get_by_role("button", name="Try what failed again").click()
    expect(job).to_have_count(2)
    expect(job.first).to_contain_text("1 embedded by colour_grid")
    expect(page.get_by_role("button", name="Try what failed again")).to_have_count(0)
    take_in(page, incoming / "south")
    expect(job).to_have_count(3)
    expect(job.first).to_contain_text("Done")

    section(page, "Duplicates")
    page.get_by_role("button", name="Look through the collection").click()
    expect(page.get_by_text("1 of 12")).to_be_visible()
    for place, key in enumerate("ynyys", start=2):
        page.keyboard.press(key)
        expect(page.get_by_text(f"{place} of 12")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("5 of 12")).to_be_visible()

    section(page, "Artists")
    choose(page, "Keep", "Ada Example")
    page.get_by_role("combobox", name="And make the same person").click()
    page.get_by_role("option").filter(has_text="Søren Ægir").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Merge").click()
    choose(page, "Split off a spelling", "Søren Ægir")
    page.get_by_role("button", name="Split", exact=True).click()

    section(page, "Records")
    page.get_by_label("Words of the title or the artist, or an id").fill("Picture 7")
    page.keyboard.press("Enter")
    title = page.get_by_role("textbox", name="Title", exact=True)
    expect(title).to_have_value("Picture 7")
    settle(page)
    title.fill("Picture 7, put right")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name=re.compile("Undo title")).click()
    expect(title).to_have_value("Picture 7")
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("1 deleted").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("1 deleted")).to_have_count(0)

    section(page, "Log")
    expect(page.locator(".stDataFrame")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("For curators")).to_be_visible()
    page.goto(f"{address}/curate")
    expect(page.get_by_text("This page is for curators.")).to_be_visible()
    expect(page.locator(".st-key-curate-section")).to_have_count(0)


def test_an_embedding_anew_can_be_rolled_back(page: Page, address: str, incoming: Path) -> None:
    log_in(page, address)
    take_in(page, incoming / "south")
    job = page.locator("[class*='st-key-job-']")
    expect(job.first).to_contain_text("Done")
    section(page, "Models and index")
    choose(page, "Model", "edge_grid")
    page.get_by_role("button", name="Embed all works").click()
    expect(job.first).to_contain_text("reembed")
    expect(job.first).to_contain_text("Done")
    page.reload()  # no other visit has started it
    section(page, "Jobs")
    expect(job.first).to_contain_text("reembed")
    section(page, "Models and index")
    page.get_by_role("button", name="Back to the former vectors").click()
    expect(job.first).to_contain_text("Done")


def test_a_curator_draws_the_map(page: Page, address: str, incoming: Path) -> None:
    log_in(page, address)
    take_in(page, incoming / "south")
    job = page.locator("[class*='st-key-job-']")
    expect(job.first).to_contain_text("Done")
    page.locator(".st-key-page-to-map a").click()
    page.get_by_role("button", name="Draw the map").click()
    expect(page.locator(".v-notice")).to_contain_text("The map is being drawn")
    again = page.get_by_role("button", name="Look again")
    drawn = page.locator(".maps[data-state=ready]")
    for _ in range(180):
        if drawn.count():
            break
        if again.count():
            again.click()
        page.wait_for_timeout(1_000)
    expect(drawn.locator(".legend button").first).to_be_visible()
    page.locator(".st-key-page-to-curate a").click()
    section(page, "Models and index")
    page.get_by_role("button", name="Bring the maps up to date").click()
    expect(job.first).to_contain_text("map")
    expect(job.first).to_contain_text("Done")


def test_a_curator_makes_a_key_that_is_shown_once(page: Page, address: str, tmp_path: Path) -> None:
    log_in(page, address)
    section(page, "Keys")
    page.get_by_role("textbox", name="Whose key it is").fill("not a name")
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_role("alert")).to_contain_text("is no name of a key")
    page.get_by_role("textbox", name="Whose key it is").fill("registrar")
    page.get_by_text("read and change, as curators do").click()
    page.get_by_role("button", name="Make a key").click()
    key, entry = (page.locator(".st-key-made-key pre code").nth(place) for place in (0, 1))
    expect(entry).to_have_text(re.compile(r"^registrar:curator:[0-9a-f]{64}$"))
    made = Settings(api_keys=(entry.inner_text(),))
    assert KeyCheck(made)(f"Bearer {key.inner_text()}") == read_keys(made)[0]
    assert KIOSK_ENTRY.hash not in page.content()

    section(page, "Log")
    section(page, "Keys")
    expect(page.locator(".st-key-made-key")).to_have_count(0)
    settings = Settings(home=tmp_path / "home")
    with Deployment(settings) as deployment, deployment.database.transaction() as session:
        (change,) = changes(session)
    assert (change.curator, change.action) == ("Ada", "make key")
    assert change.details == {"name": "registrar", "role": "curator"}
