"""A browser, and a small collection whose page is served to it, for all tests of the page."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    WebSocketRoute,
    expect,
    sync_playwright,
)

from catalog.artworks import ArtworkFacts
from deployment import Deployment
from settings import Settings
from tests.pictures import facts, make_folder, write_table
from tests.ui.served_page import (
    MODELS,
    add_vectors,
    fill,
    listed,
    make_pictures,
    page_settings,
    served,
    take_in,
)
from ui.curating.access import hash_password

PATIENCE_MS = 60_000
CURATORS_PASSWORD = "correct horse battery"


def find_browser() -> str | None:
    """Return the browser of this machine, if it has one."""
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    return next(filter(None, found), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = find_browser()
    if executable is None:
        pytest.skip("no chromium here to look at the page with: apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MS)
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


@pytest.fixture(scope="package")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the weights of ResNet-50 are damaged, so that nothing is downloaded."""
    folder = tmp_path_factory.mktemp("weights")
    (folder / "resnet50.pth").write_bytes(b"not weights")
    return folder


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a filled collection."""
    folder = tmp_path_factory.mktemp("page")
    pictures = make_pictures(folder / "pictures")
    with Deployment(page_settings(folder / "home")) as deployment:
        fill(deployment, pictures)
        add_vectors(deployment, "resnet50", fingerprint="other")
    return folder / "home"


@pytest.fixture(scope="session")
def upgraded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty catalog, not to be changed."""
    folder = tmp_path_factory.mktemp("empty") / "home"
    with Deployment(Settings(home=folder)) as deployment:
        deployment.bare_database.upgrade()
    return folder


@pytest.fixture
def empty_home(upgraded_home: Path, tmp_path: Path) -> Path:
    """A home with an empty catalog."""
    return shutil.copytree(upgraded_home, tmp_path / "home")


@pytest.fixture(scope="package")
def works(home: Path) -> dict[str, ArtworkFacts]:
    """The works of the collection, by the names of their files."""
    with Deployment(page_settings(home)) as deployment:
        return {Path(artwork.file).name: artwork for artwork in listed(deployment)}


@pytest.fixture(scope="package")
def address(home: Path, weights: Path) -> Iterator[str]:
    """Where the page of the collection is served."""
    with served(home, weights) as where:
        yield where


@pytest.fixture(scope="package")
def curated(tmp_path_factory: pytest.TempPathFactory, weights: Path) -> Iterator[str]:
    """The address of a collection with curators, and with something for them on each page.

    Six works are there twice, with other spellings of two artists.
    """
    folder = tmp_path_factory.mktemp("curated")
    first, second = (make_folder(folder / name, 6) for name in ("first", "second"))
    spelled = {"Łucja Nowak": "Lucja Nowak", "Илья Репин": "Ilya Repin"}
    rows = [facts(number) | {"source": "east"} for number in range(6)]
    write_table(
        second / "works.csv",
        [row | {"artist": spelled.get(row["artist"], row["artist"])} for row in rows],
    )
    with Deployment(page_settings(folder / "home")) as deployment:
        for pictures in (first, second):
            take_in(deployment, pictures, MODELS[:1])
    make_folder(folder / "incoming", 3)
    more = {
        "VASARI_CURATOR_PASSWORD_HASH": hash_password(CURATORS_PASSWORD),
        "VASARI_INGEST_FOLDERS": str(folder / "incoming"),
    }
    with served(folder / "home", weights, models=MODELS[:1], more=more) as where:
        yield where


@pytest.fixture(scope="package")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One window for all visits, so that Streamlit's own files are fetched once."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A new visit: nothing is chosen yet.

    No dialog may ever open, no traceback be shown, and nothing be wanted that the page's policy
    forbids.
    """
    dialogs: list[str] = []
    forbidden: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    opened = window.new_page()

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            forbidden.append(message.text)

    opened.on("dialog", dismiss)
    opened.on("console", listen)
    yield opened
    expect(opened.locator(".stException")).to_have_count(0)
    assert not dialogs
    assert not forbidden
    opened.close()


@pytest.fixture
def slow_page(page: Page) -> Page:
    """A visit whose page comes piece by piece."""

    def connect(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            line.send(message)
            time.sleep(0.02)

        server.on_message(pass_on)

    page.route_web_socket("**/_stcore/stream", connect)
    return page
