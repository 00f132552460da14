"""How long a visitor waits on the page, beside what the API takes for the same question.

    python -m benchmarks.page_latency --home HOME --pictures FOLDER

Each picture is uploaded on the page until the hits of all models stand there, and to the API,
whose answer says how long decoding, embedding and searching took. Then a filter is turned on and
off, and a model is shown and hidden, until the page has answered. What the page was sent for each
question over its websocket is counted, in kB: all of the answer but the pictures.
"""

import io
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import httpx
import typer
from PIL import Image
from playwright.sync_api import FilePayload, Page

from benchmarks.api_clients import served
from benchmarks.screenshots import a_browser
from tests.ui.visiting import press, settle

HITS = "[class*='st-key-tiles-'] .v-rank"
OWN_PICTURE = re.compile(rb"data:image/jpeg;base64,[A-Za-z0-9+/=]+")
RUNNING = "() => document.querySelector('[data-test-script-state=\"running\"]')"
ASKED = "name => document.querySelector('.st-key-query h2')?.textContent === name"


def main(
    home: Annotated[Path, typer.Option(help="A collection that is filled.")],
    pictures: Annotated[Path, typer.Option(help="Folder of pictures to upload.")],
    count: Annotated[int, typer.Option(help="Uploads.")] = 20,
) -> None:
    """Measure, and print medians in seconds."""
    files = sorted(path for path in pictures.iterdir() if path.suffix.lower() in (".jpg", ".png"))
    turned = [_turned(path) for path in files[:: max(1, len(files) // count)][:count]]
    with served(home) as (address, _, ready), a_browser() as browser:
        typer.echo(f"ready after {ready:.1f} s")
        own = [_asked(address, data) for data in turned]
        _say("decode, embed, index (API)", own)
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        sent: list[int] = []
        page.on("websocket", lambda opened: opened.on("framereceived", _count_into(sent)))
        page.goto(address)
        page.locator("input[type=file]").first.wait_for(state="attached")
        settle(page)
        # Each is another picture to the page, so that nothing is remembered of it.
        waited, answered = [], []
        for number, data in enumerate(turned):
            waited.append(_upload(page, number, _turned_again(data), sent))
            answered.append(sum(sent) / 1_000)
        _say("upload to hits", waited)
        typer.echo(
            f"sent: median {statistics.median(answered):.0f} kB, most {max(answered):.0f} kB"
        )
        typer.echo(f"beyond: {statistics.median(waited) - statistics.median(own):.2f} s")
        _say("filter", _times(page, _limit_years, count))
        _say("model shown or hidden", _times(page, _toggle, count))


def _turned(path: Path) -> bytes:
    with Image.open(path) as picture:
        return _jpeg(picture.convert("RGB").rotate(3, expand=True))


def _turned_again(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return _jpeg(picture.rotate(1))


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=90)
    return written.getvalue()


def _asked(address: str, data: bytes) -> float:
    answer = httpx.post(f"{address}/api/similarity", files={"picture": data}, timeout=60).json()
    stages = answer["timings_ms"]
    return float(sum(stages[name] for name in ("decode", "embed", "index"))) / 1_000


def _count_into(sent: list[int]) -> Callable[[str | bytes], None]:
    def count(frame: str | bytes) -> None:
        data = frame.encode() if isinstance(frame, str) else frame
        sent.append(len(OWN_PICTURE.sub(b"", data)))

    return count


def _upload(page: Page, number: int, data: bytes, sent: list[int]) -> float:
    if number:
        press(page, "ask-anew")
        page.locator("[data-testid=stPopoverBody] input[type=file]").wait_for(state="attached")
        settle(page)
    name = f"{number}.jpg"
    sent.clear()
    start = time.perf_counter()
    page.locator("input[type=file]").first.set_input_files(
        FilePayload(name=name, mimeType="image/jpeg", buffer=data)
    )
    page.wait_for_function(ASKED, arg=name)
    page.locator(HITS).first.wait_for()
    taken = time.perf_counter() - start
    settle(page)
    return taken


def _times(page: Page, act: Callable[[Page], None], count: int) -> list[float]:
    taken = []
    for _ in range(count):
        start = time.perf_counter()
        act(page)
        page.wait_for_function(RUNNING)
        settle(page)
        taken.append(time.perf_counter() - start)
    return taken


def _limit_years(page: Page) -> None:
    """Turn the limit of years on or off, which is one click on one filter."""
    page.locator(".st-key-filter-years [data-testid=stCheckbox] label").click()


def _toggle(page: Page) -> None:
    page.locator("[class*='st-key-models-'] button").last.click()


def _say(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    typer.echo(
        f"{what}: median {statistics.median(ordered):.2f} s, "
        f"p95 {ordered[int(0.95 * (len(ordered) - 1))]:.2f} s, n = {len(ordered)}"
    )


if __name__ == "__main__":
    typer.run(main)
