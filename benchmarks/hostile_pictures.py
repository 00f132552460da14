"""Hostile pictures, each decoded or refused with a reason: no crash, no hang, and bounded memory.

Pictures are drawn at random (damaged files, bombs of every format, the largest legal ones) and go
through ``decode_image`` in a process of its own, then through ingest jobs, folder by folder, and
then through the limits of visitors, three at a time. Exits 1 where one made trouble.

    python -m benchmarks.hostile_pictures [--seed 7] [--n 2000] [--json]
"""

import json
import random
import selectors
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
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
class Findings:
    """What became of the pictures of a part, and what should not have happened."""

    pictures: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    slowest_seconds: float = 0.0
    slowest: str = ""
    base_megabytes: int = 0
    peak_megabytes: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, told: dict[str, object]) -> None:
        """Take in what a process tells of one picture."""
        self.pictures += 1
        outcome = str(told["outcome"])
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        seconds, peak = float(str(told["seconds"])), int(str(told["peak"]))
        if seconds > self.slowest_seconds:
            self.slowest_seconds, self.slowest = seconds, name
        self.peak_megabytes = max(self.peak_megabytes, peak >> 20)
        if told.get("fault"):
            self.faults.append(f"{name}: {told['fault']}")
        if seconds > SECONDS:
            self.faults.append(f"{name}: {seconds:.0f} s")
        if peak > BYTES and not any("MB in all" in fault for fault in self.faults):
            self.faults.append(f"{name}: {peak >> 20} MB in all")


class DecodingProcess:
    """A process that decodes files one after another, and is seen to when it hangs or dies."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.hostile_pictures", "--child", self._part],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.base = int(str(self._answer(60)["peak"]))

    def tell(self, path: Path) -> dict[str, object]:
        """Have a file decoded, or a folder taken in."""
        assert self._process.stdin is not None
        started = time.monotonic()
        try:
            self._process.stdin.write(f"{path}\n")
            return self._answer(600 if path.is_dir() else 3 * SECONDS)
        except (BrokenPipeError, EOFError, TimeoutError) as error:
            self._process.kill()
            fault = f"{type(error).__name__}, exit status {self._process.wait()}"
            self._start()
            seconds = time.monotonic() - started
            return {"outcome": "none", "seconds": seconds, "peak": 0, "fault": fault}

    def _answer(self, seconds: float) -> dict[str, object]:
        output = self._process.stdout
        assert output is not None
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            if not selector.select(seconds):
                raise TimeoutError
        line = output.readline()
        if not line:
            raise EOFError
        told: dict[str, object] = json.loads(line)
        return told

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)


def _peak() -> int:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def _decode(path: Path, limits: ImageLimits) -> dict[str, object]:
    started = time.perf_counter()
    told: dict[str, object] = {}
    try:
        with decoded(path.read_bytes(), limits) as found:
            whole = max(found.picture.size) == max(found.width, found.height)
            told["outcome"] = "decoded" if whole else "decoded smaller"
    except UnreadableImage as error:
        told["outcome"] = error.reason
    except BaseException:
        told |= {"outcome": "none", "fault": traceback.format_exc()}
    return told | {"seconds": time.perf_counter() - started, "peak": _peak()}


def _take_in(folder: Path) -> dict[str, object]:
    """Ingest a folder of pictures into a collection of its own."""
    started = time.perf_counter()
    told: dict[str, object] = {"outcome": "job"}
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), qdrant_url=None, database_url=None, models=_MODELS)
        try:
            with Deployment(settings) as deployment:
                embedders = [deployment.embedder(name) for name in _MODELS]
                summary = ingest(FolderReader(folder), deployment.ingest_context(embedders))
            counted = summary.added + summary.failed
            files = len(list(folder.iterdir()))
            if counted != files:
                told["fault"] = f"{counted} of {files} files are accounted for"
            told["searchable"] = summary.added
        except BaseException:
            told["fault"] = traceback.format_exc()
    seconds = (time.perf_counter() - started) / max(1, len(list(folder.iterdir())))
    return told | {"seconds": seconds, "peak": _peak()}


def _visitors(folder: Path, limits: ImageLimits) -> dict[str, object]:
    """Decode all files of a folder at the same time, as its visitors' threads would."""
    started = time.perf_counter()
    told: list[dict[str, object]] = []
    threads = [
        threading.Thread(target=lambda path=path: told.append(_decode(path, limits)))
        for path in sorted(folder.iterdir())
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    faults = [one["fault"] for one in told if "fault" in one]
    return {
        "outcome": ", ".join(sorted(str(one["outcome"]) for one in told)),
        "seconds": time.perf_counter() - started,
        "peak": _peak(),
        "fault": "; ".join(map(str, faults)),
    }


def serve(part: str) -> None:
    """Be the process that decodes: a path comes in on each line, and an answer goes out."""
    with tempfile.TemporaryDirectory() as home, Deployment(Settings(home=Path(home))) as opened:
        limits, visitor = opened.image_limits, opened.visitor_limits
    print(json.dumps({"peak": _peak()}), flush=True)
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        match part:
            case "jobs":
                told = _take_in(path)
            case "visitors":
                told = _visitors(path, visitor)
            case _:
                told = _decode(path, limits)
        print(json.dumps(told), flush=True)


def main(
    *,
    n: Annotated[int, typer.Option(min=1, help="Pictures to draw.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Of the pictures.")] = 7,
    largest: Annotated[bool, typer.Option(help="The largest legal pictures too.")] = True,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    child: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Give hostile pictures to whatever decodes pictures, and report what became of them."""
    if child is not None:
        serve(child)
        return
    parts = {part: Findings() for part in ("decode", "jobs", "visitors")}
    processes = {part: DecodingProcess(part) for part in parts}
    for part, process in processes.items():
        parts[part].base_megabytes = int(str(process.base)) >> 20
    with tempfile.TemporaryDirectory() as scratch:
        for folder in _folders(Path(scratch), n, random.Random(seed), largest=largest):
            files = sorted(folder.iterdir())
            for file in files:
                parts["decode"].add(file.name, processes["decode"].tell(file))
            parts["jobs"].add(folder.name, processes["jobs"].tell(folder))
            for start in range(0, len(files), _VISITORS):
                together = folder.with_name("together")
                together.mkdir()
                for file in files[start : start + _VISITORS]:
                    file.rename(together / file.name)
                names = " + ".join(path.name for path in sorted(together.iterdir()))
                parts["visitors"].add(names, processes["visitors"].tell(together))
                shutil.rmtree(together)
            folder.rmdir()
        for name, make in LARGEST_OF_VISITORS.items() if largest else ():
            together = Path(scratch) / "together"
            together.mkdir()
            for number in range(_VISITORS):
                (together / f"{number}.jpg").write_bytes(make())
            parts["visitors"].add(f"{_VISITORS} x {name}", processes["visitors"].tell(together))
            shutil.rmtree(together)
    for process in processes.values():
        process.close()
    report = {part: asdict(findings) for part, findings in parts.items()}
    print(json.dumps(report, indent=None if as_json else 2, ensure_ascii=False))
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
