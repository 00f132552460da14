"""Ways to ask beside an upload, and what an answer can be taken away as."""

import base64
import csv
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from catalog.artworks import ArtworkFacts
from embedders import UnreadableImage
from ingest.download.rules import DownloadRules, download_rules
from settings import Settings
from tests.ui.served_page import MODELS
from tests.ui.visiting import picture, press, settle, tiles, visit
from ui.web.picture_address import fetched, visitors_rules

PASTE = """data => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    const clipboard = new DataTransfer();
    clipboard.items.add(new File([bytes], "pasted.jpg", { type: "image/jpeg" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clipboard }));
}"""


@contextmanager
def _web_server(folder: Path) -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_pasted_picture_is_asked_about(page: Page, address: str, tmp_path: Path) -> None:
    visit(page, address)
    expect(page.locator("input[type=file]")).to_be_attached()
    page.evaluate(PASTE, base64.b64encode(picture(3, tmp_path)).decode())
    expect(page.locator(".st-key-query h2").first).to_have_text("pasted.jpg")
    expect(tiles(page, MODELS[0]).first).to_contain_text("Picture 3")
    measured = httpx.get(f"{address}/metrics").text
    assert re.search(r'stage_seconds_count{question="similarity",stage="embed"} [1-9]', measured)


def test_an_address_in_a_private_network_is_not_asked(
    page: Page, address: str, tmp_path: Path
) -> None:
    picture(3, tmp_path)
    with _web_server(tmp_path) as server:
        visit(page, address)
        box = page.locator(".st-key-picture-address input")
        for given in (f"{server}/query.jpg", "file:///etc/passwd", "no address"):
            box.fill(given)
            box.press("Enter")
            expect(page.locator(".v-problem")).to_contain_text("address")
            settle(page)
        expect(page.locator(".st-key-query")).to_have_count(0)


def _fetch(address: str, rules: DownloadRules) -> bytes:
    """Fetch in a thread of its own, since Playwright has an event loop in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(fetched, address, rules).result()


def test_what_lies_at_an_address_is_fetched_within_the_limits(tmp_path: Path) -> None:
    data = picture(3, tmp_path)
    settings = Settings(home=tmp_path, allow_private_networks=True, upload_megabytes=1)
    (tmp_path / "large.jpg").write_bytes(bytes(2**20 + 1))
    with _web_server(tmp_path) as server:
        rules = visitors_rules(settings)
        assert _fetch(f"{server}/query.jpg", rules) == data
        with pytest.raises(UnreadableImage, match="nothing at this address"):
            _fetch(f"{server}/nothing.jpg", rules)
        with pytest.raises(UnreadableImage, match="too large"):
            _fetch(f"{server}/large.jpg", rules)
        # Of a page that others can reach, nobody's address may lead into the network.
        public = visitors_rules(settings.model_copy(update={"host": "0.0.0.0"}))
        with pytest.raises(UnreadableImage, match="cannot be asked"):
            _fetch(f"{server}/query.jpg", public)
    assert download_rules(settings).allow_private_networks


def test_a_part_is_chosen_with_the_keyboard_alone(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    visit(page, f"{address}/?work={works['002.jpg'].id}")
    press(page, "part")
    stage = page.locator(".stage")
    expect(stage).to_be_visible()
    stage.focus()
    page.keyboard.press("Enter")
    expect(stage.locator(".box")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    search = page.get_by_role("button", name="Search with this part")
    expect(search).to_be_enabled()
    settle(page)
    search.press("Enter")
    expect(page.locator(".st-key-query")).to_contain_text("Only the bright part is compared")
    expect(page).to_have_url(re.compile(r"~0\.27(,|%2C)0\.25(,|%2C)0\.5(,|%2C)0\.52"))


def test_years_are_typed_and_counted(page: Page, address: str) -> None:
    visit(page, address)
    page.locator(".st-key-filter-years [data-testid=stCheckbox] label").click()
    bars = page.locator(".v-years i")
    expect(bars.first).to_be_visible()
    ends = page.locator(".st-key-filter-years input[type=number]")
    years = [int(ends.nth(place).input_value()) for place in range(2)]
    whole = httpx.get(f"{address}/api/artworks", params={"limit": 1}).json()["total"]
    ends.first.fill(str(years[0] + 3))
    ends.first.press("Enter")
    expect(page).to_have_url(re.compile(f"year_from={years[0] + 3}"))
    asked = {"limit": 1, "year_from": years[0] + 3, "year_to": years[1]}
    left = httpx.get(f"{address}/api/artworks", params=asked).json()["total"]
    assert left < whole
    expect(page.get_by_text(f"{left} works pass the filter")).to_be_visible()


def test_hits_are_given_as_a_table_and_as_a_picture(
    page: Page, address: str, works: dict[str, ArtworkFacts]
) -> None:
    work = works["002.jpg"]
    visit(page, f"{address}/?work={work.id}")
    answer = httpx.post(
        f"{address}/api/similarity", json={"picture": str(work.id), "model": list(MODELS)}
    ).json()
    with page.expect_download() as download:
        press(page, "hits-csv")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    expected = [hit for model in MODELS for hit in answer["models"][model]["hits"]]
    assert [row["id"] for row in rows] == [hit["id"] for hit in expected]
    assert [float(row["cosine"]) for row in rows] == pytest.approx(
        [hit["cosine"] for hit in expected]
    )
    assert {row["address"] for row in rows} == {f"{address}/work?id={row['id']}" for row in rows}
    with page.expect_download() as download:
        press(page, "hits-png")
    with Image.open(download.value.path()) as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > 1_000


@pytest.mark.parametrize(("size", "most"), [((1600, 1000), 500), ((360, 780), 560)])
def test_the_first_hit_stands_on_the_first_screen(
    page: Page, address: str, works: dict[str, ArtworkFacts], size: tuple[int, int], most: int
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    visit(page, f"{address}/?work={works['002.jpg'].id}")
    # Streamlit draws a grey box in a widget's place until it has its script.
    page.wait_for_function(
        """most => {
            const [first] = document.querySelectorAll("[class*='st-key-tiles-'] .v-tile");
            return first.getBoundingClientRect().top < most;
        }""",
        arg=most,
        timeout=20_000,
    )
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= size[0]
