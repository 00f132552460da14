"""What the page's map takes with a large collection: in the browser, on the way, and of the server.

    python -m benchmarks.map_page --works 170000 [--json]

A collection of so many works is made up: labels, a few pictures that all works share, and two maps
with random places. It is served, and visited with Chromium without a graphics card.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from uuid import uuid4

import httpx
import numpy as np
import psutil  # type: ignore[import-untyped]
import typer
from playwright.sync_api import Page, WebSocket, sync_playwright
from sqlalchemy import insert

from catalog.models import Artwork, ImageState, Source, now
from deployment import Deployment
from embedders import BUILT_IN
from search.index.contract import IndexPoint, VectorSpec
from search.maps.stored import SIDE, StoredMap, id_bytes
from settings import Settings
from tests.pictures import draw
from tests.ui.conftest import find_browser
from tests.ui.served_page import running_page

MODELS = ("colour_grid", "edge_grid")
PICTURES = 40
IN_INDEX = 50
"""Works with vectors: enough for the models to be there."""

HOVERS = 20
FRAMES = 40


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one visit took.

    Args:
        bytes_fetched: of the map by the API: places, ids and categories.
        points_seconds: from the request for the page to the first points.
        ready_seconds: until they are coloured, and all can be asked about.
        frame_ms: of a move of the whole map, in the median and at most.
        hover_ms: from the pointer's move to the picture, likewise.
        chosen: works that were drawn around.
        chosen_bytes: that the browser sent for it.
        chosen_seconds: until the server had shown them.
        server_megabytes: of the process, before the first visit and after the last.
    """

    works: int
    bytes_fetched: dict[str, int]
    points_seconds: float
    ready_seconds: float
    frame_ms: tuple[float, float]
    hover_ms: tuple[float, float]
    chosen: int
    chosen_bytes: int
    chosen_seconds: float
    server_megabytes: tuple[float, float]


def fill(settings: Settings, count: int) -> None:
    """Make a collection of so many works up, with two maps."""
    rng = np.random.default_rng(0)
    works = sorted(uuid4() for _ in range(count))
    with Deployment(settings) as deployment:
        hashes = []
        for number in range(PICTURES):
            sha256 = hashlib.sha256(bytes([number])).hexdigest()
            path = deployment.image_store.thumbnail_path(sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            draw(number, width=512, height=384).save(path, "JPEG", quality=85)
            hashes.append(sha256)
        rows = [
            {
                "id": work,
                "source": "made up",
                "source_id": str(number),
                "title": f"Work {number}",
                "artist": f"Artist {int(rng.zipf(1.5)) % 5_000}",
                "style": f"Style {int(rng.zipf(1.6)) % 60}",
                "genre": f"Genre {int(rng.integers(12))}" if number % 3 else None,
                "year": int(rng.integers(1400, 2000)),
                "file": f"{number}.jpg",
                "image_location": f"/nowhere/{number}.jpg",
                "image_sha256": hashes[number % PICTURES],
                "image_state": ImageState.READY,
            }
            for number, work in enumerate(works)
        ]
        with deployment.database.transaction() as session:
            session.add(Source(name="made up", reader="folder"))
            session.flush()
            session.execute(insert(Artwork), rows)
        specs = [
            VectorSpec(
                model=name, dimension=BUILT_IN.describe(name).dimension, fingerprint=f"{name:0>16}"
            )
            for name in MODELS
        ]
        deployment.index.ensure(specs)
        deployment.index.upsert(
            [
                IndexPoint(
                    id=work,
                    vectors={
                        spec.model: np.eye(1, spec.dimension, dtype=np.float32)[0] for spec in specs
                    },
                    payload={},
                )
                for work in works[:IN_INDEX]
            ]
        )
        for spec in specs:
            # Thick in the middle, as maps are.
            places = rng.normal(SIDE / 2, SIDE / 8, (count, 2)).clip(0, SIDE - 1)
            deployment.map_store.save(
                StoredMap(
                    model=spec.model,
                    fingerprint=spec.fingerprint,
                    ids=id_bytes(works),
                    positions=places.astype(np.uint16),
                    fitted=count,
                    drawn_at=now(),
                    seed=0,
                )
            )


def visit(page: Page, address: str, server: psutil.Process) -> Measured:
    """Visit the map, and do what visitors do there."""
    before = _megabytes(server)
    sent: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: sent.append(len(payload)))

    page.on("websocket", listen)
    # Streamlit's own files are in the browser from an earlier page.
    page.goto(address)
    page.wait_for_selector(".v-masthead")
    start = time.perf_counter()
    page.goto(f"{address}/map")
    while not page.locator(".maps").count() or not _pane(page, "Boolean(pane?.points)"):
        page.wait_for_timeout(20)
    points = time.perf_counter() - start
    page.wait_for_selector(".maps[data-state=ready]")
    ready = time.perf_counter() - start
    hover = [_hover(page, place) for place in range(0, HOVERS * 997, 997)]
    frames = page.locator(".maps").evaluate(
        f"""async (root) => {{
          const pane = root.atlas.panes[0], took = [];
          for (let at = 0; at < {FRAMES}; at++) {{
            const start = performance.now();
            pane.moveTo(32768 + 40 * at, 32768, 1);
            await new Promise(requestAnimationFrame);
            took.push(performance.now() - start);
          }}
          return took;
        }}"""
    )
    page.get_by_role("button", name="Whole map").click()
    del sent[:]
    start = time.perf_counter()
    _draw_around(page)
    page.wait_for_selector(".st-key-map-actions")
    page.wait_for_selector(".v-wall .v-tile")
    chosen_seconds = time.perf_counter() - start
    chosen = _pane(page, "pane.chosen.reduce((sum, one) => sum + one, 0)")
    fetched = {
        part or "places": len(
            httpx.get(f"{address}/api/maps/{MODELS[0]}{part}", timeout=60).content
        )
        for part in ("", "/ids", "/colours?by=style")
    }
    return Measured(
        works=_pane(page, "pane.points.count"),
        bytes_fetched=fetched,
        points_seconds=points,
        ready_seconds=ready,
        frame_ms=(median(frames), max(frames)),
        hover_ms=(median(hover), max(hover)),
        chosen=chosen,
        chosen_bytes=sum(sent),
        chosen_seconds=chosen_seconds,
        server_megabytes=(before, _megabytes(server)),
    )


def _pane(page: Page, expression: str) -> Any:
    return page.locator(".maps").evaluate(
        f"(root) => {{ const pane = root.atlas?.panes[0]; return {expression}; }}"
    )


def _hover(page: Page, place: int) -> float:
    """Point at a work, and return the milliseconds until its picture is there."""
    return float(
        page.locator(".maps").evaluate(
            """async (root, place) => {
              const pane = root.atlas.panes[0], image = pane.card.querySelector('img');
              pane.hoverAt(null);
              const loaded = new Promise((done) => (image.onload = done));
              const start = performance.now();
              pane.hoverAt(pane.placeOf(place));
              await loaded;
              return performance.now() - start;
            }""",
            place,
        )
    )


def _draw_around(page: Page) -> None:
    page.get_by_role("button", name="Draw around works").click()
    box = page.locator(".stage").bounding_box()
    assert box is not None
    side = min(box["width"], box["height"])
    turns = [turn / 60 * 2 * math.pi for turn in range(61)]
    places = [
        (
            box["x"] + box["width"] / 2 + 0.16 * side * math.cos(turn),
            box["y"] + box["height"] / 2 + 0.16 * side * math.sin(turn),
        )
        for turn in turns
    ]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def _megabytes(server: psutil.Process) -> float:
    return float(server.memory_info().rss / 2**20)


def measure(
    works: int, folder: Path, report: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Return what a visit takes, with a collection of so many works."""
    settings = Settings(home=folder / "home", models=MODELS, qdrant_url=None, database_url=None)
    report(f"making {works:,} works up")
    fill(settings, works)
    weights = folder / "weights"
    weights.mkdir()
    with (
        running_page(settings.home, weights, models=MODELS) as (address, process),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        report("visiting")
        found = visit(page, address, psutil.Process(process))
        browser.close()
    return asdict(found)


def main(
    *,
    works: Annotated[int, typer.Option(min=1_000, help="Of the collection.")] = 170_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the map of a made-up collection in a browser."""
    with TemporaryDirectory(prefix="vasari-map-") as folder:
        found = measure(works, Path(folder), lambda text: typer.echo(text, err=True))
    typer.echo(json.dumps(found, indent=2) if as_json else _lines(found))


def _lines(found: dict[str, Any]) -> str:
    return "\n".join(f"{name:18}  {value}" for name, value in found.items())


if __name__ == "__main__":
    typer.run(main)
