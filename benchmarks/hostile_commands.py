"""Commands as nobody should type them: each must end in one sentence and a documented exit code.

Every command and option is drawn, read off the command line itself, with values that are hostile or
plausible, on a full and on an empty home, with and without ``--json``. A finding is a traceback, a
fault of Vasari (exit code 70), another code than those documented, a command that does not end, a
control character on the terminal, and under ``--json`` anything but one JSON document on stdout.

    python -m benchmarks.hostile_commands --seed 7 --n 2000 --real 40

A command runs in a forked child, since a process takes seconds to begin; ``--real`` of them run
again as processes of their own. Exits with 1 if there is a finding.
"""

import importlib
import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.main import get_command

from benchmarks.hostile_values import LEFT_OUT, Values
from tests.pictures import make_folder
from ui.catch_all import FAULT, MISUSED, REFUSED
from ui.cli import app
from ui.interrupts import EXIT_CODE as INTERRUPTED

DOCUMENTED = {0, REFUSED, MISUSED, INTERRUPTED}
"""Exit codes that are no finding; a fault of Vasari is one."""

PATIENCE_SECONDS = 20.0
MOST_MEMORY = 4 * 2**30
SLOW_MODULES = ("torch", "search.edge", "search.identify", "ui.reports.charts", "sklearn.ensemble")
"""What commands import as they need it; imported once, and not used, before any fork."""

FRESH_EVERY = 25
"""Commands on one copy of the homes."""

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int | None
    output: str
    messages: str


def main(
    seed: Annotated[int, typer.Option(help="Of the commands.")] = 7,
    n: Annotated[int, typer.Option("--n", help="Commands.")] = 2000,
    real: Annotated[int, typer.Option(help="Commands that also run as real processes.")] = 40,
) -> None:
    """Run hostile commands and say what they found."""
    with tempfile.TemporaryDirectory(prefix="vasari-hostile-") as folder:
        findings = list(campaign(Path(folder), seed=seed, n=n, real=real))
    for finding in findings:
        print(finding, end="\n\n")
    print(f"{n} commands, {real} of them as processes too: {len(findings)} findings")
    raise typer.Exit(1 if findings else 0)


def campaign(folder: Path, *, seed: int, n: int, real: int = 0) -> Iterator[str]:
    """Run drawn commands; yield what was found, each with the command to repeat."""
    for module in SLOW_MODULES:
        importlib.import_module(module)
    work_ids = _fill_home(folder / "full")
    (folder / "empty").mkdir()
    randomness = random.Random(seed)
    values = Values(folder / "place", work_ids, randomness)
    commands = list(_leaves(get_command(app)))
    as_process = set(randomness.sample(range(n), min(real, n)))
    for number in range(n):
        if number % FRESH_EVERY == 0:
            _renew(folder, values)
        path, command = randomness.choice(commands)
        arguments = draw(path, command, values, randomness)
        home = folder / "place" / randomness.choice(["full", "full", "empty"])
        for run in (_in_a_child, _in_a_process)[: 1 + (number in as_process)]:
            ended = run(arguments, home, folder / "place")
            for wrong in _what_is_wrong(ended, as_json="--json" in arguments):
                line = shlex.join(["vasari", *arguments])
                said = (ended.messages + ended.output)[-600:]
                where = _kept_traceback(said) if ended.code == FAULT else repr(said)
                yield f"{number} ({home.name}): {wrong}\n  {line!r:.400}\n  {where}"


def draw(
    path: tuple[str, ...], command: Any, values: Values, randomness: random.Random
) -> list[str]:
    """Draw the command line of a command."""
    words = []
    for place in command.params:
        flags = [flag for flag in place.opts if flag.startswith("-")]
        if not flags:
            many = randomness.choice([0, 1, 1, 1, 1, 1, 1, 2])
            words += [values.draw(place.name) for _ in range(many)]
        elif not LEFT_OUT & set(flags) and randomness.random() < 4 / len(command.params):
            words.append(randomness.choice(flags))
            if not place.is_flag:
                words.append(values.draw(place.name))
    if randomness.random() < 0.05:
        words.insert(randomness.randint(0, len(words)), "--no-such-option")
    if randomness.random() < 0.5:
        words.insert(0, "--json")
    return [*path, *words]


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the commands below one that end by themselves, each with its path."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from _leaves(inner, (*path, name))
    if path and not hasattr(command, "commands") and " ".join(path) not in LEFT_OUT:
        yield path, command


def _fill_home(home: Path) -> list[str]:
    """Take a few pictures in, and return the ids of the works."""
    pictures = make_folder(home.parent / "pictures", 12)
    _in_a_process(["ingest", "folder", str(pictures)], home, home.parent)
    listed = _in_a_process(["artworks", "list", "--json"], home, home.parent)
    return [work["id"] for work in json.loads(listed.output)["artworks"]]


def _renew(folder: Path, values: Values) -> None:
    place = folder / "place"
    if place.exists():
        subprocess.run(["chmod", "-R", "u+rwX", place], check=False)
        shutil.rmtree(place)
    place.mkdir()
    for home in ("full", "empty"):
        shutil.copytree(folder / home, place / home)
    values.lay_out()


def _in_a_child(arguments: list[str], home: Path, place: Path) -> Ended:
    child = os.fork()
    if child == 0:
        _be_the_command(arguments, home, place)
    deadline = time.monotonic() + PATIENCE_SECONDS
    code = None
    while time.monotonic() < deadline and _memory(child) < MOST_MEMORY:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            break
        time.sleep(0.005)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    read = [(place / name).read_text(errors="replace") for name in ("stdout", "stderr")]
    return Ended(code, *read)


def _memory(process: int) -> int:
    pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


def _be_the_command(arguments: list[str], home: Path, place: Path) -> NoReturn:
    code = 71
    try:
        os.chdir(place)
        os.environ |= _environment(home)
        for number, name in ((0, os.devnull), (1, "stdout"), (2, "stderr")):
            mode = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            os.dup2(os.open(name, mode), number)
        sys.argv = ["vasari", *arguments]
        app()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 71
    finally:
        sys.stdout.flush()
        os._exit(code)


def _in_a_process(arguments: list[str], home: Path, place: Path) -> Ended:
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "ui.main", *map(os.fsencode, arguments)],
            env=dict(os.environ) | _environment(home) | {"PYTHONPATH": os.getcwd()},  # noqa: PTH109
            cwd=place,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=6 * PATIENCE_SECONDS,  # it imports everything first
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ended(None, "", "")
    read = [stream.decode(errors="replace") for stream in (done.stdout, done.stderr)]
    return Ended(done.returncode, *read)


def _environment(home: Path) -> dict[str, str]:
    return {
        "VASARI_HOME": str(home),
        "VASARI_MODELS": "colour_grid,edge_grid",
        "VASARI_WEIGHTS_DIR": str(home / "weights"),
        "VASARI_DOWNLOAD_ATTEMPTS": "1",
        "HF_HUB_OFFLINE": "1",
        "TMPDIR": str(home.parent),
    }


def _what_is_wrong(ended: Ended, *, as_json: bool) -> Iterator[str]:
    if ended.code is None:
        yield "does not end, or takes too much memory"
        return
    if ended.code not in DOCUMENTED:
        yield f"exit code {ended.code}"
    said = ended.output + ended.messages
    if "Traceback" in said or "Exception ignored" in said:
        yield "traceback"
    if _CONTROLS.search(said):
        yield "control character"
    if as_json:
        try:
            json.loads(ended.output, parse_constant=_refuse)
        except ValueError:
            yield "stdout is not one JSON document"


def _kept_traceback(said: str) -> str:
    """Return the end of the traceback that a message names the file of."""
    found = re.search(r"/\S+\.log", said)
    if found is None:
        return repr(said)
    return "\n  ".join(Path(found[0]).read_text("utf-8").splitlines()[-14:])


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


if __name__ == "__main__":
    typer.run(main)
