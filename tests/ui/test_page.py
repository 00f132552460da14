"""The web page in a real browser, on a small collection of drawn pictures."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Dialog,
    FilePayload,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from catalog.artworks import ArtworkFacts
from deployment import Deployment
from tests.pictures import draw, facts
from tests.ui.served_page import (
    HOSTILE,
    HOSTILE_ARTIST,
    MODELS,
    WORKS,
    add_resnet_vectors,
    fill,
    listed,
    make_pictures,
    page_settings,
    served,
)

TITLES = ("Colour grid", "Edge grid")
PATIENCE_MS = 20_000


NOT_RUNNING = "() => !document.querySelector('[data-test-script-state=\"running\"]')"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    executable = next(filter(None, found), None)
    if executable is None:
        pytest.skip("no chromium here to look at the page with: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=executable,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield running
        running.close()


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the weights of ResNet-50 are damaged, so that nothing is downloaded."""
    folder = tmp_path_factory.mktemp("weights")
    (folder / "resnet50.pth").write_bytes(b"not weights")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a filled collection."""
    folder = tmp_path_factory.mktemp("page")
    pictures = make_pictures(folder / "pictures")
    with Deployment(page_settings(folder / "home")) as deployment:
        fill(deployment, pictures)
        add_resnet_vectors(deployment)
    return folder / "home"


@pytest.fixture(scope="module")
def works(home: Path) -> dict[str, ArtworkFacts]:
    """The works of the collection, by the names of their files."""
    with Deployment(page_settings(home)) as deployment:
        return {Path(artwork.file).name: artwork for artwork in listed(deployment)}


@pytest.fixture(scope="module")
def address(home: Path, weights: Path) -> Iterator[str]:
    """Where the page of the collection is served."""
    with served(home, weights) as where:
        yield where


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One window for all visits, so that Streamlit's own files are fetched once."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A new visit: nothing is chosen yet. No dialog may ever open, no traceback be shown."""
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    opened = window.new_page()
    opened.on("dialog", dismiss)
    yield opened
    expect(opened.locator(".stException")).to_have_count(0)
    assert not dialogs
    opened.close()


def _visit(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".v-masthead")).to_be_visible()
    _settle(page)


def _settle(page: Page) -> None:
    """Wait until the server has drawn the page anew."""
    page.wait_for_function(NOT_RUNNING)


def _upload(page: Page, name: str, data: bytes) -> None:
    file = FilePayload(name=name, mimeType="image/jpeg", buffer=data)
    page.locator("input[type=file]").first.set_input_files(file)


def _picture(number: int, folder: Path) -> bytes:
    path = folder / "query.jpg"
    draw(number).save(path, quality=90)
    return path.read_bytes()


def _tiles(page: Page, model: str) -> Locator:
    return page.locator(f".st-key-tiles-{model} .v-tile")


def _choose(page: Page, box: str, text: str) -> None:
    """Choose the first option that has a text, as a visitor does: by typing it."""
    field = page.locator(f".st-key-{box} input").first
    field.click()
    field.fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()
    if box != "title":  # which closes with its choice
        field.press("Escape")


def _all_loaded(pictures: Locator) -> bool:
    return bool(
        pictures.evaluate_all(
            "found => found.length > 0"
            " && found.every(one => one.complete && one.naturalWidth > 0 && one.alt)"
        )
    )


def test_an_upload_is_answered_by_both_models_side_by_side(
    page: Page, address: str, tmp_path: Path
) -> None:
    _visit(page, address)
    expect(page.locator(".v-size")).to_contain_text(f"{WORKS} works")
    _upload(page, "mine.jpg", _picture(3, tmp_path))
    expect(page.locator(".v-query img")).to_be_visible()
    for model, title in zip(MODELS, TITLES, strict=True):
        expect(page.locator(f".st-key-model-{model} h2")).to_have_text(title)
        expect(_tiles(page, model)).to_have_count(10)
        first = _tiles(page, model).first
        expect(first).to_contain_text("Picture 3")
        expect(first).to_contain_text(f"1st under {TITLES[1 - TITLES.index(title)]}")
        expect(first).to_contain_text("found by both")
        cosine = float(first.locator(".v-numbers dd").nth(1).inner_text())
        assert cosine > 0.95
    assert _all_loaded(page.locator(".v-frame img, .v-query img"))
    left, right = (page.locator(f".st-key-model-{model}").bounding_box() for model in MODELS)
    assert left is not None
    assert right is not None
    assert abs(left["y"] - right["y"]) < 2
    assert left["x"] + left["width"] <= right["x"]

    rows = page.locator(".st-key-statistics tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("td")).to_have_count(8)
    expect(page.locator(".st-key-statistics")).to_contain_text("overlap@10 = ")
    expect(page.locator(".st-key-statistics")).to_contain_text("embedding it")
    expect(page.locator(".st-key-chart").locator("canvas, svg.marks").first).to_be_visible()


def test_a_filter_leaves_only_works_that_pass_and_keeps_the_query(
    page: Page, address: str, tmp_path: Path
) -> None:
    _visit(page, address)
    _upload(page, "mine.jpg", _picture(3, tmp_path))
    expect(_tiles(page, MODELS[0])).to_have_count(10)
    _choose(page, "filter-source", "south")
    for model in MODELS:
        expect(_tiles(page, model)).to_have_count(WORKS // 2)
        expect(_tiles(page, model).locator(".v-source", has_text="south")).to_have_count(WORKS // 2)
    # The counts of the other fields follow, and a choice outlives the change of its own count.
    _choose(page, "filter-style", "Wave")
    expect(_tiles(page, MODELS[0])).to_have_count(2)
    expect(page.locator(".st-key-filter-source")).to_contain_text("south (2)")
    page.locator(".st-key-clear-filters button").click()
    expect(_tiles(page, MODELS[0])).to_have_count(10)
    expect(page.locator(".st-key-filter-source")).not_to_contain_text("south")


def test_years_are_limited_only_when_asked_for(page: Page, address: str) -> None:
    _visit(page, address)
    expect(_tiles(page, "collection")).to_have_count(WORKS)
    page.locator(".st-key-filter-years label").first.click()
    undated = sum(not facts(number)["year"] for number in range(WORKS))
    expect(_tiles(page, "collection")).to_have_count(WORKS - undated)


def test_a_visitor_wanders_from_work_to_work_and_can_share_where_they_are(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    _visit(page, address)
    start = works["002.jpg"]
    assert _all_loaded(page.locator(".v-frame img"))
    page.locator(f".st-key-similar-collection-{start.id} button").click()
    expect(page.locator(".st-key-query h2")).to_have_text(start.title)
    expect(_tiles(page, MODELS[0])).to_have_count(10)
    expect(_tiles(page, MODELS[0]).filter(has_text=start.title)).to_have_count(0)
    page.wait_for_url(f"**/?work={start.id}")

    next_work = _tiles(page, MODELS[1]).nth(8).locator(".v-work").inner_text()
    page.locator(f".st-key-tiles-{MODELS[1]} button").nth(8).click()
    expect(page.locator(".st-key-query h2")).to_have_text(next_work)
    # The answer stands at the top of the page, wherever the click was.
    expect(page.locator(".st-key-query h2")).to_be_in_viewport()

    shared = page.url
    UUID(shared.rpartition("=")[2])
    _visit(page, shared)
    expect(page.locator(".st-key-query h2")).to_have_text(next_work)
    page.locator(".st-key-back button").click()
    expect(_tiles(page, "collection")).to_have_count(WORKS)
    expect(page).to_have_url(f"{address}/")


def test_a_click_below_a_field_that_is_being_filled_in_is_not_lost(
    page: Page, address: str
) -> None:
    _visit(page, address)
    # Its chip is so long that the field needs a second row to be typed into.
    _choose(page, "filter-artist", "Mallory")
    expect(_tiles(page, "collection")).to_have_count(1)
    page.locator(".st-key-filter-years label").first.click()
    expect(page.locator(".st-key-filter-years [data-testid='stSlider']")).to_be_visible()


def test_a_work_is_found_by_its_title(page: Page, address: str) -> None:
    _visit(page, address)
    _choose(page, "title", "Picture 7")
    expect(page.locator(".st-key-query h2")).to_have_text("Picture 7")
    assert "work=" in page.url


def test_titles_and_names_are_shown_as_they_are_and_never_run(
    page: Page, address: str, works: dict[str, ArtworkFacts], tmp_path: Path
) -> None:
    _visit(page, address)
    hostile = works["005.jpg"]
    in_grid = page.locator(f".st-key-tile-collection-{hostile.id}")
    expect(in_grid.locator(".v-work")).to_have_text(HOSTILE)
    expect(in_grid.locator(".v-by")).to_contain_text(HOSTILE_ARTIST)
    _choose(page, "filter-artist", "Mallory")
    expect(page.locator(".st-key-filter-artist")).to_contain_text(f"{HOSTILE_ARTIST} (1)")
    expect(_tiles(page, "collection")).to_have_count(1)
    page.locator(".st-key-clear-filters button").click()
    expect(_tiles(page, "collection")).to_have_count(WORKS)
    _choose(page, "title", "onerror")
    expect(page.locator(".st-key-query h2")).to_have_text(HOSTILE)
    _visit(page, f"{address}/?work={works['004.jpg'].id}")
    expect(_tiles(page, MODELS[0]).first).to_be_visible()
    _upload(page, "<img src=x onerror=alert(3)>.jpg", _picture(5, tmp_path))
    expect(page.locator(".st-key-query h2")).to_contain_text("alert(3)")
    expect(_tiles(page, MODELS[0]).first.locator(".v-work")).to_have_text(HOSTILE)
    expect(page.locator("img[src='x']")).to_have_count(0)
    expect(page.locator("a[href^='javascript']")).to_have_count(0)
    expect(page.locator(".v-tile b, .v-tile strong, .v-tile a")).to_have_count(0)


def test_a_filter_that_leaves_nothing_offers_to_be_cleared(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    _visit(page, f"{address}/?work={works['005.jpg'].id}")
    _choose(page, "filter-artist", "Mallory")
    expect(page.locator(".st-key-nothing-passes")).to_contain_text("No other work passes")
    page.locator(".st-key-clear-filters-here button").click()
    expect(_tiles(page, MODELS[0])).to_have_count(10)


def test_an_upload_that_is_no_picture_is_refused_in_plain_words(page: Page, address: str) -> None:
    _visit(page, address)
    _upload(page, "broken.jpg", b"this is no picture at all")
    expect(page.get_by_role("alert").filter(has_text="not an image")).to_be_visible()
    expect(_tiles(page, "collection")).to_have_count(WORKS)
    expect(page.locator("body")).not_to_contain_text("Traceback")


@pytest.mark.parametrize("named", ["../../etc/passwd", "12345678-1234-5678-1234-567812345678"])
def test_an_address_that_names_no_work_says_so(page: Page, address: str, named: str) -> None:
    _visit(page, f"{address}/?work={named}")
    expect(page.locator(".v-notice")).to_contain_text("is not in the collection")
    page.locator(".st-key-back button").click()
    expect(_tiles(page, "collection")).to_have_count(WORKS)


def test_a_model_without_its_weights_is_named_and_the_others_go_on(
    page: Page, address: str, works: dict[str, ArtworkFacts], tmp_path: Path
) -> None:
    _visit(page, address)
    _choose(page, "models", "ResNet-50")
    _upload(page, "mine.jpg", _picture(3, tmp_path))
    expect(page.get_by_role("alert")).to_contain_text("ResNet-50 cannot embed your picture")
    expect(page.get_by_role("alert")).to_contain_text("there are no weights")
    for model in MODELS:
        expect(_tiles(page, model)).to_have_count(10)
    # A work's own vectors are in the index: weights are not needed for it.
    page.locator(f".st-key-tiles-{MODELS[0]} button").first.click()
    expect(_tiles(page, "resnet50")).to_have_count(10)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_empty_collection_says_what_to_run_and_a_held_index_who_holds_it(
    page: Page, tmp_path: Path, weights: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    pictures = make_pictures(tmp_path / "pictures", source="Generated sample")
    with served(home, weights) as address:
        _visit(page, address)
        expect(page.get_by_role("status").filter(has_text="empty")).to_contain_text("vasari demo")
        # The page leaves the index to the ingest that it asks for.
        with Deployment(page_settings(home)) as deployment:
            fill(deployment, pictures)
            _visit(page, address)
            expect(page.get_by_role("alert")).to_contain_text("one process at a time")
        page.locator(".st-key-try-again button").click()
        expect(_tiles(page, "collection")).to_have_count(WORKS)
        # Nobody may take drawn works for a painter's.
        expect(page.locator(".v-notice")).to_contain_text("No painter made these works")
        expect(_tiles(page, "collection").first).to_contain_text("Generated sample")
