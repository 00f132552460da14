"""Visitors who want the page's memory, and what the others notice of them.

    python -m benchmarks.hostile_visitors --seed 7 --n 3

``--n`` visitors show the page the worst picture that it takes, each of another kind, and ask what
it is; one more uploads a hundred files of 48 MB and a hundred of 24 MB, and lets the page take
none of them. Meanwhile a bystander asks about works of the collection. It is a finding, and the
exit code is 1, where the page's process takes more than 2.5 GB, the bystander waits for more than
5 seconds, or a hostile visitor gets no answer. What is still held when all have gone is printed.
"""

import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer
from playwright.sync_api import FilePayload, Page, expect, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import FileURLsRequest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from benchmarks.campaign import run
from benchmarks.worst_pictures import KINDS, worst_picture
from deployment import Deployment
from tests.ui.conftest import find_browser
from tests.ui.served_page import listed, make_pictures, page_settings, running_page, take_in
from ui.serving.quota import GONE_SECONDS, SWEEP_SECONDS

MOST_BYTES = 2.5 * 2**30
MOST_SECONDS = 5.0
PATIENCE_SECONDS = 180.0
UPLOADS = 100
SIZES_MB = (48, 24)


@dataclass
class Seen:
    """What was measured while the hostile visitors were there."""

    peak: int = 0
    waits: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    unanswered: list[str] = field(default_factory=list)


def main(
    seed: int = 7,
    n: Annotated[int, typer.Option("--n", help="Visitors with the worst picture each.")] = 3,
    models: str = "colour_grid,efficientnet_lite0",
) -> None:
    """Have visitors want too much, and say what others noticed."""
    run(
        partial(campaign, seed=seed, n=n, models=models.split(",")), f"{n} visitors and an uploader"
    )


def campaign(place: Path, *, seed: int, n: int, models: list[str]) -> Iterator[str]:
    """Let hostile visitors in; yield what they brought about, and print what was measured."""
    settings = page_settings(place / "home").model_copy(update={"models": tuple(models)})
    kinds = [list(KINDS)[number % len(KINDS)] for number in range(n)]
    with Deployment(settings) as deployment:
        take_in(deployment, make_pictures(place / "pictures"), models)
        works = [str(work.id) for work in listed(deployment)]
        pictures = {kind: worst_picture(kind, deployment.visitor_limits) for kind in kinds}
    seen, done, chance = Seen(), Event(), random.Random(seed)
    with running_page(place / "home", settings.weights_dir, models=models) as (address, process):
        alone = [_wait_for(address, work) for work in chance.choices(works, k=10)]
        print(f"before: {_resident(process) / 2**20:,.0f} MB, bystander {_summary(alone)}")
        with ThreadPoolExecutor() as threads:
            running: list[Future[None]] = [
                threads.submit(_watch, process, seen, done),
                threads.submit(_stand_by, address, works, chance, seen, done),
            ]
            uploading = threads.submit(_upload_much, address, seen)
            try:
                _show_pictures(address, pictures, kinds, seen)
                uploading.result(timeout=PATIENCE_SECONDS)
            finally:
                done.set()
            for item in running:
                item.result()
        time.sleep(GONE_SECONDS + 2 * SWEEP_SECONDS)
        after = _resident(process)
    print(f"during: at most {seen.peak / 2**20:,.0f} MB, bystander {_summary(seen.waits)}")
    print(f"pictures: {', '.join(f'{kind} {len(pictures[kind]):,} bytes' for kind in kinds)}")
    print(f"uploads: {', '.join(f'{said} {count}' for said, count in seen.answers.items())}")
    print(f"after: {after / 2**20:,.0f} MB")
    for kind in seen.unanswered:
        yield f"no answer to the {kind}"
    if seen.peak > MOST_BYTES:
        yield f"the page took {seen.peak / 2**30:.2f} GB"
    if max(seen.waits) > MOST_SECONDS:
        yield f"a bystander waited for {max(seen.waits):.1f} s"
    if seen.answers["204 for 48 MB"]:
        yield "files above the limit were taken"


def _show_pictures(address: str, pictures: dict[str, bytes], kinds: list[str], seen: Seen) -> None:
    """Upload all at once, each in a window of its own, and wait for what the page says."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        pages = []
        for _ in kinds:
            page = browser.new_context().new_page()
            page.goto(f"{address}/identify", timeout=PATIENCE_SECONDS * 1000)
            page.locator("input[type=file]").first.wait_for(
                state="attached", timeout=PATIENCE_SECONDS * 1000
            )
            pages.append(page)
        for page, kind in zip(pages, kinds, strict=True):
            file = FilePayload(name="worst.png", mimeType="image/png", buffer=pictures[kind])
            page.locator("input[type=file]").first.set_input_files(file)
        for page, kind in zip(pages, kinds, strict=True):
            if not _is_answered(page):
                seen.unanswered.append(kind)
        browser.close()


def _is_answered(page: Page) -> bool:
    said = page.locator(".st-key-verdict h2, [role=alert]").first
    try:
        expect(said).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    except AssertionError:
        return False
    print(f"a picture was answered: {' '.join(said.inner_text().split())}")
    return True


def _upload_much(address: str, seen: Seen) -> None:
    with _visit(address) as visit, httpx.Client(base_url=address, timeout=60) as client:
        client.get("/_stcore/health")
        token = {"X-Xsrftoken": client.cookies["_streamlit_xsrf"]}
        for size in SIZES_MB:
            for _ in range(UPLOADS):
                request = FileURLsRequest(request_id="1", file_names=["mine.jpg"])
                visit.send(BackMsg(file_urls_request=request).SerializeToString())
                where = _next(visit).file_urls_response.file_urls[0].upload_url
                file = {"file": ("mine.jpg", bytes(size * 2**20), "image/jpeg")}
                try:
                    status = str(client.put(where, files=file, headers=token).status_code)
                except httpx.TransportError:
                    status = "cut off"
                seen.answers[f"{status} for {size} MB"] += 1


def _stand_by(
    address: str, works: list[str], chance: random.Random, seen: Seen, done: Event
) -> None:
    while not done.wait(0.5):
        seen.waits.append(_wait_for(address, chance.choice(works)))


def _wait_for(address: str, work: str) -> float:
    """Return how long the page takes to answer a new visitor's question about a work."""
    began = time.monotonic()
    with _visit(address) as visit:
        state = ClientState(query_string=f"work={work}")
        visit.send(BackMsg(rerun_script=state).SerializeToString())
        answered = False
        while (message := _next(visit)).WhichOneof("type") != "script_finished":
            answered |= "v-rank" in message.delta.new_element.html.body
    if not answered:
        raise RuntimeError(f"the page showed no works like {work}")
    return time.monotonic() - began


@contextmanager
def _visit(address: str) -> Iterator[ClientConnection]:
    stream = f"ws://{urlsplit(address).netloc}/_stcore/stream"
    with connect(
        stream,
        origin=Origin(address),
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        open_timeout=60,
    ) as visit:
        yield visit


def _next(visit: ClientConnection) -> ForwardMsg:
    message = visit.recv(timeout=PATIENCE_SECONDS)
    said = ForwardMsg()
    said.ParseFromString(message if isinstance(message, bytes) else message.encode())
    return said


def _watch(process: int, seen: Seen, done: Event) -> None:
    while not done.wait(0.05):
        seen.peak = max(seen.peak, _resident(process))


def _resident(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    line = next(item for item in status.splitlines() if item.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def _summary(waits: list[float]) -> str:
    return (
        f"answered {len(waits)} times, within {statistics.median(waits):.2f} s in the middle "
        f"and {max(waits):.2f} s at most"
    )


if __name__ == "__main__":
    typer.run(main)
