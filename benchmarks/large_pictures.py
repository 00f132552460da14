"""How soon two pictures of a hundred megapixels are seen, and how fast they are looked into.

python -m benchmarks.large_pictures [--side 10000] [--work-dir DIR]

Two pictures are drawn and taken in, and served by ``vasari serve``, which keeps nothing of them but
thumbnails. A browser opens the page of each, both at once. Measured is when the thumbnail is seen,
when the picture is as sharp as the screen, when the server has its finest tile, how long random
tiles take after that, and the server's memory.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from deployment import Deployment
from tests.pictures import facts, write_table
from tests.ui.served_page import fill, listed, page_settings, running_page

TILES = 200
MODELS = ("colour_grid", "edge_grid")


def draw(side: int, seed: int) -> Image.Image:
    """Return a picture of cloudy colours and grain, whose JPEG is as large as a scan's."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (side // 40, side // 40, 3)).astype(np.uint8)
    clouds = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    grain = rng.integers(0, 24, (side // 4, side // 4, 1)).astype(np.uint8)
    for row in range(4):
        for column in range(4):
            clouds[row::4, column::4] = np.minimum(clouds[row::4, column::4], 231) + grain
    return Image.fromarray(clouds)


def fill_home(folder: Path, side: int) -> list[str]:
    """Take two pictures in, and return the ids of the works."""
    pictures = folder / "pictures"
    (pictures / "images").mkdir(parents=True)
    rows = [facts(number) for number in range(2)]
    for number, row in enumerate(rows):
        draw(side, number).save(pictures / row["file"], quality=92)
        size = (pictures / row["file"]).stat().st_size
        print(f"{row['file']}: {side} x {side} pixels, {size / 1e6:.0f} MB")
    write_table(pictures / "works.csv", rows)
    with Deployment(page_settings(folder / "home")) as deployment:
        fill(deployment, pictures)
        return [str(work.id) for work in listed(deployment)]


def seen(address: str, work: str) -> dict[str, float]:
    """Return when a browser shows a work's thumbnail, and all of the picture sharp, in seconds."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(120_000)
        page.goto(f"{address}/identify")  # the page's own files are there then
        page.locator(".v-masthead").wait_for()
        page.goto(f"{address}/work?id={work}")
        image = page.locator(".stage img")
        image.wait_for()
        begun = time.monotonic()
        image.evaluate("image => image.decode()")
        thumbnail = time.monotonic() - begun
        page.locator(".stage[data-drawn]").wait_for()
        sharp = time.monotonic() - begun
        browser.close()
    return {"thumbnail": thumbnail, "sharp": sharp}


def finest(address: str, work: str) -> float:
    """Return when the first tile at full size is there, in seconds."""
    begun = time.monotonic()
    path = f"/iiif/{work}/512,512,512,512/512,512/0/default.jpg"
    httpx.get(f"{address}{path}", timeout=120).raise_for_status()
    return time.monotonic() - begun


def tiles(address: str, works: list[str], side: int) -> list[float]:
    """Return how long random tiles take, asked six at a time as a browser does, in ms."""
    rng = np.random.default_rng(0)
    paths = []
    for _ in range(TILES):
        step = 512 * 2 ** int(rng.integers(0, 4))
        x, y = (int(rng.integers(0, side // step)) * step for _ in range(2))
        work = works[int(rng.integers(len(works)))]
        paths.append(f"/iiif/{work}/{x},{y},{step},{step}/512,512/0/default.jpg")

    with httpx.Client(base_url=address, timeout=60) as client:

        def fetch(path: str) -> float:
            begun = time.monotonic()
            client.get(path).raise_for_status()
            return 1000 * (time.monotonic() - begun)

        with ThreadPoolExecutor(6) as threads:
            return list(threads.map(fetch, paths))


def memory(process: int) -> dict[str, float]:
    """Return the memory of a process now and at its most, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    found = dict(line.split(":", 1) for line in lines if line.startswith(("VmRSS", "VmHWM")))
    return {name: int(value.split()[0]) / 1024 for name, value in found.items()}


def measure(folder: Path, side: int) -> dict[str, Any]:
    """Return all that is measured."""
    works = fill_home(folder, side)
    with running_page(folder / "home", folder / "weights", models=MODELS) as (address, process):
        while httpx.get(f"{address}/libraries/openseadragon-6.1.1.js").is_error:
            time.sleep(0.2)
        before = memory(process)
        with ThreadPoolExecutor(4) as threads:
            views = [threads.submit(seen, address, work) for work in works]
            shown = [view.result() for view in views]
        fine = [finest(address, work) for work in works]
        taken = tiles(address, works, side)
        after = memory(process)
    quantiles = statistics.quantiles(taken, n=20)
    kept = sum(path.stat().st_size for path in (folder / "home" / "tiles").rglob("*.tiles"))
    return {
        "pixels": side * side,
        "first_views_s": shown,
        "finest_tile_after_that_s": fine,
        "tile_ms": {"median": statistics.median(taken), "p95": quantiles[18], "most": max(taken)},
        "memory_before_mb": before,
        "memory_after_mb": after,
        "tiles_kept_mb": kept / 1e6,
    }


def main() -> None:
    """Measure, and print what was found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=10_000)
    parser.add_argument("--work-dir", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.work_dir) as folder:
        found = measure(Path(folder), asked.side)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
