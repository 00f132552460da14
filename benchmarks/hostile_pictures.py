"""Hostile pictures, each decoded or refused with a reason: no crash, no hang, and bounded memory.

Pictures are drawn at random (damaged files, bombs of every format, the largest legal ones) and go
through ``decode_image`` in a process of its own, then through ingest jobs, folder by folder, and
then through the limits of visitors, three at a time. Exits 1 where one made trouble.

    python -m benchmarks.hostile_pictures [--seed 7] [--n 2000]
"""

import json
import multiprocessing
import random
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.hostile_picture_files import LARGEST, LARGEST_OF_VISITORS, draw
from deployment import Deployment
from embedders import ImageLimits, UnreadableImage, decoded
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from settings import Settings

SECONDS = 20
BYTES = 1_500 * 2**20
_CHUNK = 100
_MODELS = ("colour_grid",)
_VISITORS = 3


@dataclass
class Told:
    """What a process tells of a picture, or of a folder of them.

    Args:
        peak: the most memory that the process has taken so far, in bytes.
        fault: what should not have happened; empty if nothing.
    """

    outcome: str
    seconds: float = 0.0
    peak: int = 0
    fault: str = ""


@dataclass
class Findings:
    """What became of the pictures of a part, and what should not have happened."""

    base_megabytes: int
    pictures: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    slowest_seconds: float = 0.0
    slowest: str = ""
    peak_megabytes: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, told: Told) -> None:
        """Take in what a process tells of one picture."""
        self.pictures += 1
        self.outcomes[told.outcome] = self.outcomes.get(told.outcome, 0) + 1
        if told.seconds > self.slowest_seconds:
            self.slowest_seconds, self.slowest = told.seconds, name
        self.peak_megabytes = max(self.peak_megabytes, told.peak >> 20)
        if told.fault:
            self.faults.append(f"{name}: {told.fault}")
        if told.seconds > SECONDS:
            self.faults.append(f"{name}: {told.seconds:.0f} s")
        if told.peak > BYTES and not any("MB in all" in fault for fault in self.faults):
            self.faults.append(f"{name}: {told.peak >> 20} MB in all")


class DecodingProcess:
    """A process that decodes files one after another, and is seen to when it hangs or dies.

    Args:
        do: what it does with a path.
    """

    def __init__(self, do: Callable[[Path], Told]) -> None:
        self._do = do
        self._start()

    def _start(self) -> None:
        # Nothing of this process counts towards the memory of that one.
        context = multiprocessing.get_context("spawn")
        self._paths, other = context.Pipe()
        self._process = context.Process(target=_be_told, args=(self._do, other), daemon=True)
        self._process.start()
        other.close()
        self.base = self._answer(60).peak

    def tell(self, path: Path) -> Told:
        """Have a file decoded, or a folder taken in."""
        started = time.monotonic()
        try:
            self._paths.send(path)
            return self._answer(600 if path.is_dir() else 3 * SECONDS)
        except (OSError, EOFError) as error:
            self._process.kill()
            self._process.join()
            fault = f"{type(error).__name__}, exit status {self._process.exitcode}"
            self._start()
            return Told("none", seconds=time.monotonic() - started, fault=fault)

    def _answer(self, seconds: float) -> Told:
        if not self._paths.poll(seconds):
            raise TimeoutError
        told: Told = self._paths.recv()
        return told


def _be_told(do: Callable[[Path], Told], paths: "Connection[Told, Path]") -> None:
    """Be the process that decodes: a path comes in, and an answer goes out."""
    told = Told("ready")
    with suppress(EOFError):
        while True:
            status = Path("/proc/self/status").read_text(encoding="utf-8")
            told.peak = 1024 * int(status.split("VmHWM:")[1].split()[0])
            paths.send(told)
            path, started = paths.recv(), time.perf_counter()
            try:
                told = do(path)
            except BaseException:
                told = Told("none", fault=traceback.format_exc())
            told.seconds = told.seconds or time.perf_counter() - started


def _decode(path: Path, limits: ImageLimits) -> Told:
    try:
        with decoded(path.read_bytes(), limits) as found:
            whole = max(found.picture.size) == max(found.width, found.height)
            return Told("decoded" if whole else "decoded smaller")
    except UnreadableImage as error:
        return Told(error.reason)


def _take_in(folder: Path) -> Told:
    """Ingest a folder of pictures into a collection of its own."""
    started, files = time.perf_counter(), len(list(folder.iterdir()))
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), qdrant_url=None, database_url=None, models=_MODELS)
        with Deployment(settings) as deployment:
            embedders = [deployment.embedder(name) for name in _MODELS]
            summary = ingest(FolderReader(folder), deployment.ingest_context(embedders))
    told = Told("job", seconds=(time.perf_counter() - started) / files)
    counted = summary.added + summary.failed
    if counted != files:
        told.fault = f"{counted} of {files} files are accounted for"
    return told


def _visitors(folder: Path, limits: ImageLimits) -> Told:
    """Decode all files of a folder at the same time, as its visitors' threads would."""
    with ThreadPoolExecutor(_VISITORS) as threads:
        told = threads.map(partial(_decode, limits=limits), folder.iterdir())
        return Told(", ".join(sorted(one.outcome for one in told)))


def main(
    *,
    n: Annotated[int, typer.Option(min=1, help="Pictures to draw.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Of the pictures.")] = 7,
    largest: Annotated[bool, typer.Option(help="The largest legal pictures too.")] = True,
) -> None:
    """Give hostile pictures to whatever decodes pictures, and report what became of them."""
    with tempfile.TemporaryDirectory() as home, Deployment(Settings(home=Path(home))) as opened:
        processes = {
            "decode": DecodingProcess(partial(_decode, limits=opened.image_limits)),
            "jobs": DecodingProcess(_take_in),
            "visitors": DecodingProcess(partial(_visitors, limits=opened.visitor_limits)),
        }
    parts = {part: Findings(process.base >> 20) for part, process in processes.items()}

    def tell(part: str, path: Path, name: str) -> None:
        parts[part].add(name, processes[part].tell(path))

    with tempfile.TemporaryDirectory() as scratch:
        together = Path(scratch) / "together"
        for folder in _folders(Path(scratch), n, random.Random(seed), largest=largest):
            files = sorted(folder.iterdir())
            for file in files:
                tell("decode", file, file.name)
            tell("jobs", folder, folder.name)
            for start in range(0, len(files), _VISITORS):
                some = files[start : start + _VISITORS]
                together.mkdir()
                for file in some:
                    file.rename(together / file.name)
                tell("visitors", together, " + ".join(file.name for file in some))
                shutil.rmtree(together)
            folder.rmdir()
        for name, make in LARGEST_OF_VISITORS.items() if largest else ():
            together.mkdir()
            for number in range(_VISITORS):
                (together / f"{number}.jpg").write_bytes(make())
            tell("visitors", together, f"{_VISITORS} x {name}")
            shutil.rmtree(together)
    report = {part: asdict(findings) for part, findings in parts.items()}
    print(json.dumps(report, indent=2, ensure_ascii=False))
    if any(findings.faults for findings in parts.values()):
        raise typer.Exit(1)


def _folders(scratch: Path, n: int, chance: random.Random, *, largest: bool) -> Iterator[Path]:
    for start in range(0, n, _CHUNK):
        folder = scratch / f"drawn-{start}"
        folder.mkdir()
        for number in range(start, min(start + _CHUNK, n)):
            kind, data = draw(chance)
            (folder / f"{number:05d} {kind}.jpg").write_bytes(data)
        yield folder
    if largest:
        folder = scratch / "largest"
        folder.mkdir()
        for name, make in LARGEST.items():
            (folder / f"{name}.jpg").write_bytes(make())
        yield folder


if __name__ == "__main__":
    typer.run(main)
