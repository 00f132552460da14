"""A served collection under mixed load: errors, latencies, and whether memory grows.

A real Qdrant and a real Postgres are started, filled with the pictures of a folder (and, beyond
those, with mixtures of them) under all models of the settings but one, and served by ``vasari
serve``. Clients then search, upload, identify, browse, count and edit over the API, each after a
random pause, while a curator goes round: take in a folder, embed everything with the model that was
left out, roll that back, delete what was taken in and let it come back. Everything is written under
the folder for temporary files.

    python -m benchmarks.mixed_load --pictures FOLDER --minutes 60 --clients 4
    VASARI_MODELS=colour_grid,edge_grid python -m benchmarks.mixed_load --pictures FOLDER

Prints the latencies of each kind of request, the memory of each server, and the slope of memory
over the last two thirds. What was measured is appended to a file of JSON lines every ten seconds,
and the server's log is kept beside it. Ctrl-C, or SIGTERM, ends early, with the figures so far.
Exits with 1 if there was any error: an answer that is no success, a job that does not end well, or
a traceback in the log.
"""

import random
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import IO, Annotated, Any

import httpx
import psutil  # type: ignore[import-untyped]
import typer

from benchmarks.api_clients import served, turned
from benchmarks.api_visitors import INTAKE, Visitor
from benchmarks.campaign import environment_with, run, start
from benchmarks.large_collection import finish, real_works, write
from benchmarks.load_record import Record
from benchmarks.servers import empty_collection
from catalog.artworks import list_artworks
from catalog.batching import batched
from catalog.filters import Filter
from deployment import Deployment
from settings import Settings
from tests.servers.postgres import running_postgres
from tests.servers.qdrant import running_qdrant
from ui.api.keys import Role, make_key

SAMPLE_SECONDS = 10.0
ANSWER_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a collection is put under; see the options of ``main``."""

    pictures: Path
    works: int
    intake: int
    minutes: float
    clients: int
    pause: float
    samples: Path

    def files(self) -> list[Path]:
        """Return those pictures of the folder that are taken in to begin with."""
        suffixes = (".jpg", ".jpeg", ".png")
        found = [path for path in self.pictures.rglob("*") if path.suffix.lower() in suffixes]
        if not found:
            raise typer.BadParameter(f"{self.pictures} holds no pictures")
        return sorted(found)[: self.works]


def campaign(folder: Path, *, load: Load) -> Iterator[str]:
    """Fill, serve and load a collection; print figures, and yield the errors."""
    key, entry = make_key("mixed-load", Role.CURATOR)
    models = Settings().models
    _draw_intake(folder / INTAKE, load.files(), load.intake)
    record, log = Record(), load.samples.with_suffix(".server.log")
    with (
        running_qdrant() as qdrant,
        running_postgres() as postgres,
        empty_collection(
            qdrant,
            postgres,
            home=folder / "home",
            models=models,
            api_keys=(str(entry),),
            ingest_folders=(folder,),
        ) as settings,
    ):
        pictured = _fill(settings, load, models[:-1])
        with (
            log.open("w") as said,
            served(settings.home, environment=environment_with(settings), log=said) as started,
        ):
            address, server, ready = started
            print(f"served after {ready:.1f} s", flush=True)
            headers = {"Authorization": f"Bearer {key}"}
            with httpx.Client(base_url=address, headers=headers, timeout=ANSWER_SECONDS) as http:
                _put_under(load, record, http, server, models=models, pictured=pictured)
    for line in record.lines():
        print(line)
    yield from (f"{count} times {error}" for error, count in record.errors.most_common())
    if tracebacks := log.read_text().count("Traceback"):
        yield f"{tracebacks} tracebacks in {log}"


def _draw_intake(folder: Path, files: Sequence[Path], count: int) -> None:
    rng = random.Random(0)
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:04d}.jpg").write_bytes(turned(rng.choice(files), rng))


def _fill(settings: Settings, load: Load, models: Sequence[str]) -> list[str]:
    """Take pictures in, make mixtures as far as they are too few, and return the pictures' ids.

    Keypoints of all are found, as they are in a collection that has been asked for long.
    """
    chosen = [f"--model={name}" for name in models]
    ingest = start(
        settings, "ingest", "folder", *chosen, f"--limit={load.works}", str(load.pictures)
    )
    said, _ = ingest.communicate()
    if ingest.returncode != 0:
        raise RuntimeError(f"the ingest ended with {ingest.returncode}: {said[-1000:]}")
    with Deployment(settings) as deployment:
        real = real_works(deployment, models)
        if (lacking := load.works - len(real.facts)) > 0:
            for _ in write(deployment, real, lacking, seed=0):
                pass
            finish(deployment)
        with deployment.database.transaction() as session:
            facts = list_artworks(session, Filter()).artworks
        for page in batched(facts, 100):
            deployment.keypoint_store.features(page)
    print(
        f"{len(real.facts):,} works and {max(0, lacking):,} mixtures, {', '.join(models)}",
        flush=True,
    )
    return [str(work.id) for work in real.facts]


def _put_under(
    load: Load,
    record: Record,
    http: httpx.Client,
    server: psutil.Process,
    *,
    models: Sequence[str],
    pictured: Sequence[str],
) -> None:
    """Run the clients, and note what happens, until the time is over or Ctrl-C."""
    over, files = Event(), load.files()
    curator = Visitor(http, record, over, random.Random(-1))
    known = _ids(curator)
    counted = curator.ask("facets", url="/api/facets")
    values = [(name, item["value"]) for name, found in counted.items() for item in found[:50]]
    with load.samples.open("w") as file, ThreadPoolExecutor(load.clients + 1) as pool:
        running = [pool.submit(curator.curate, held=models[:-1], added=models[-1])]
        for number in range(load.clients):
            own, rng = known[number :: load.clients], random.Random(number)
            visitor = Visitor(http, record, over, rng, known, own, pictured, values, files)
            running.append(pool.submit(visitor.visit, load.pause))
        try:
            _watch(record, server, file, minutes=load.minutes, running=running)
        except KeyboardInterrupt:
            print("ended early, by Ctrl-C", flush=True)
        except psutil.NoSuchProcess:
            record.failed("server", "its process has ended")
        finally:
            over.set()
    for each in running:
        if (error := each.exception()) is not None:
            record.failed("client", repr(error))


def _ids(visitor: Visitor) -> list[str]:
    """Return the ids of all works."""
    found: list[str] = []
    params: dict[str, Any] = {"limit": 500}
    while params.get("cursor", "") is not None:
        page = visitor.ask("all works", url="/api/artworks", params=params)
        found += [work["id"] for work in page["artworks"]]
        params["cursor"] = page["next"]
    return found


def _watch(
    record: Record,
    server: psutil.Process,
    file: IO[str],
    *,
    minutes: float,
    running: Sequence["Future[None]"],
) -> None:
    """Read memory until the time is over, or a client has ended by a fault of its own.

    Raises:
        psutil.NoSuchProcess: the server has ended.
    """
    began = following = time.monotonic()
    while True:
        if server.status() == psutil.STATUS_ZOMBIE:
            raise psutil.NoSuchProcess(server.pid)
        record.sample(file, time.monotonic() - began, _memory(server), server.num_fds())
        following += SAMPLE_SECONDS
        if following > began + 60 * minutes + 1 or any(each.done() for each in running):
            return
        time.sleep(max(0.0, following - time.monotonic()))


def _memory(server: psutil.Process) -> dict[str, float]:
    """Return the MB of the server, its jobs, and the two servers that this process has started."""
    found = {"server": server.memory_info().rss, "jobs": 0}
    # Postgres's processes share memory, of which each is given its part.
    for name, processes in (("jobs", server.children()), *_own_servers()):
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                found[name] = found.get(name, 0) + process.memory_full_info().pss
    return {name: round(taken / 1e6, 1) for name, taken in found.items()}


def _own_servers() -> Iterator[tuple[str, list[psutil.Process]]]:
    for process in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if process.name() in ("qdrant", "postgres"):
                yield process.name(), [process, *process.children(recursive=True)]


def main(
    *,
    pictures: Annotated[Path, typer.Option(help="Folder of pictures, at any depth.")],
    works: Annotated[int, typer.Option(min=100, help="To begin with.")] = 2_000,
    intake: Annotated[int, typer.Option(min=1, max=500, help="Works that come and go.")] = 200,
    minutes: Annotated[float, typer.Option(help="Of load.")] = 60.0,
    clients: Annotated[int, typer.Option(min=1)] = 4,
    pause: Annotated[float, typer.Option(help="Of a client, mean seconds.")] = 0.5,
    samples: Annotated[Path, typer.Option(help="JSON lines.")] = Path("mixed-load.jsonl"),
) -> None:
    """Measure."""
    # Servers are to be ended as after Ctrl-C, which whoever starts this in the background ignores.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    load = Load(
        pictures=pictures.absolute(),
        works=works,
        intake=intake,
        minutes=minutes,
        clients=clients,
        pause=pause,
        samples=samples,
    )
    run(partial(campaign, load=load), f"{minutes:g} minutes of mixed load")


if __name__ == "__main__":
    typer.run(main)
