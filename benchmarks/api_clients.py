"""Many clients of the HTTP API at once, beside one: latencies, throughput, memory, its own part.

Run: python -m benchmarks.api_clients --home HOME --pictures FOLDER

Starts ``vasari serve`` on the collection in HOME. Uploads are pictures of FOLDER, each turned a
little so that no two are the same.
"""

import io
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import httpx
import psutil  # type: ignore[import-untyped]
import typer
from PIL import Image, ImageOps

from tests.servers.process import free_ports

Ask = Callable[[httpx.Client, random.Random], httpx.Response]


@contextmanager
def served(
    home: Path,
    *,
    environment: Mapping[str, str] | None = None,
    log: IO[str] | None = None,
) -> Iterator[tuple[str, psutil.Process, float]]:
    """Serve a collection; give its address, its process and the seconds until it was ready.

    Args:
        environment: this process's own by default.
        log: takes what the server says of faults.
    """
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "ui.main", "--home", str(home), "serve", "--port", str(port)]
    start = time.perf_counter()
    server = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=log,
        start_new_session=True,  # Ctrl-C is for whoever asks, who ends the server afterwards
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while not is_ready(address):
            assert server.poll() is None, "the server has ended"
            time.sleep(0.05)
        yield address, psutil.Process(server.pid), time.perf_counter() - start
    finally:
        server.terminate()
        server.wait(60)


def is_ready(address: str) -> bool:
    """Tell whether the models are warm."""
    try:
        return httpx.get(f"{address}/readyz").is_success
    except httpx.HTTPError:
        return False


def run(address: str, ask: Ask, *, clients: int, seconds: float) -> tuple[list[float], int]:
    """Ask from so many clients for so long; return the seconds of each answer, and the errors."""
    end = time.perf_counter() + seconds

    def client(number: int) -> tuple[list[float], int]:
        took, errors, rng = [], 0, random.Random(number)
        with httpx.Client(base_url=address, timeout=120) as asking:
            while time.perf_counter() < end:
                start = time.perf_counter()
                errors += not ask(asking, rng).is_success
                took.append(time.perf_counter() - start)
        return took, errors

    with ThreadPoolExecutor(clients) as threads:
        found = list(threads.map(client, range(clients)))
    return [second for took, _ in found for second in took], sum(errors for _, errors in found)


def turned(file: Path, rng: random.Random) -> bytes:
    """Return a picture turned a little, as a JPEG that is like no other."""
    data = io.BytesIO()
    with Image.open(file) as picture:
        small = ImageOps.contain(picture.convert("RGB"), (640, 640))
    small.rotate(rng.uniform(-3, 3)).save(data, "JPEG")
    return data.getvalue()


def said(title: str, took: list[float], errors: int, seconds: float) -> None:
    """Print one row."""
    p95 = statistics.quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
    print(
        f"{title:32}{len(took):6} answers {errors:3} errors {len(took) / seconds:6.1f}/s  "
        f"median {statistics.median(took) * 1000:7.0f} ms  p95 {p95 * 1000:7.0f} ms"
    )


def main(
    home: Annotated[Path, typer.Option()],
    pictures: Annotated[Path, typer.Option()],
    clients: Annotated[int, typer.Option()] = 30,
    seconds: Annotated[float, typer.Option()] = 60.0,
) -> None:
    """Measure."""
    files = sorted(path for path in pictures.iterdir() if path.suffix.lower() in (".jpg", ".png"))
    with served(home) as (address, process, ready):
        print(f"ready after {ready:.1f} s")
        works = [
            work["id"] for work in httpx.get(f"{address}/api/artworks?limit=500").json()["artworks"]
        ]

        def upload(asking: httpx.Client, rng: random.Random) -> httpx.Response:
            return asking.post("/api/similarity", files={"picture": turned(rng.choice(files), rng)})

        def mixed(asking: httpx.Client, rng: random.Random) -> httpx.Response:
            if rng.random() < 0.5:
                return upload(asking, rng)
            return asking.get(f"/api/artworks/{rng.choice(works)}/similar")

        run(address, mixed, clients=2, seconds=3)
        before = process.memory_info().rss
        for title, ask, number in (
            ("mixed, 1 client", mixed, 1),
            (f"mixed, {clients} clients", mixed, clients),
            ("uploads, 1 client", upload, 1),
            (f"uploads, {clients} clients", upload, clients),
        ):
            took, errors = run(address, ask, clients=number, seconds=seconds)
            said(title, took, errors, seconds)
            print(f"{'':32}memory {(process.memory_info().rss - before) / 2**20:+.0f} MB")
        print(f"own part: {own_part(address, files):.2f} of decode + embed + index")


def own_part(address: str, files: list[Path]) -> float:
    """Return how long a whole answer takes, as a ratio to the stages that it names; the median."""
    ratios: list[float] = []
    with httpx.Client(base_url=address, timeout=60) as asking:
        for file in files[:40]:
            data = file.read_bytes()
            start = time.perf_counter()
            answer = asking.post("/api/similarity", files={"picture": data}).json()
            took = time.perf_counter() - start
            stages = answer["timings_ms"]
            ratios.append(took * 1000 / sum(stages[name] for name in ("decode", "embed", "index")))
    return statistics.median(ratios)


if __name__ == "__main__":
    typer.run(main)
