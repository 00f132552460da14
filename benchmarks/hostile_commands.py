"""Malformed commands: each must end in one sentence and a documented exit code.

Every command and option is drawn, read off the command line itself, with values that are hostile or
plausible, on a full and on an empty home, with and without ``--json``. A finding is a traceback, a
fault of Vasari (exit code 70), another code than those documented, a command that does not end, a
control character on the terminal, and under ``--json`` anything but one JSON document on stdout.

    python -m benchmarks.hostile_commands --seed 7 --n 2000 --real 40

A command runs in a forked child, since a process takes seconds to begin; ``--real`` of them run
again as processes of their own. Exits with 1 if there is a finding.
"""

import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from benchmarks.forked_commands import (
    Ended,
    environment_of,
    kept_traceback,
    run_command,
    warm_up,
    what_is_wrong,
)
from benchmarks.hostile_values import LEFT_OUT, Values
from tests.pictures import make_folder
from ui.catch_all import FAULT
from ui.cli import app

PATIENCE_SECONDS = 20.0

FRESH_EVERY = 25
"""Commands on one copy of the homes."""


def main(
    seed: Annotated[int, typer.Option(help="Of the commands.")] = 7,
    n: Annotated[int, typer.Option("--n", help="Commands.")] = 2000,
    real: Annotated[int, typer.Option(help="Commands that also run as real processes.")] = 40,
) -> None:
    """Run hostile commands and say what they found."""
    with tempfile.TemporaryDirectory(prefix="vasari-hostile-") as folder:
        findings = 0
        for finding in campaign(Path(folder), seed=seed, n=n, real=real):
            print(finding, end="\n\n", flush=True)
            findings += 1
    print(f"{n} commands, {real} of them as processes too: {findings} findings")
    raise typer.Exit(1 if findings else 0)


def campaign(folder: Path, *, seed: int, n: int, real: int = 0) -> Iterator[str]:
    """Run drawn commands; yield what was found, each with the command to repeat."""
    warm_up()
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
            for wrong in what_is_wrong(ended, as_json="--json" in arguments):
                line = shlex.join(["vasari", *arguments])
                said = (ended.messages + ended.output)[-600:]
                where = kept_traceback(said) if ended.code == FAULT else repr(said)
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
    by_itself = getattr(command, "invoke_without_command", True)
    if path and by_itself and " ".join(path) not in LEFT_OUT:
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
    return run_command(arguments, environment_of(home), place, seconds=PATIENCE_SECONDS)


def _in_a_process(arguments: list[str], home: Path, place: Path) -> Ended:
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "ui.main", *map(os.fsencode, arguments)],
            env=dict(os.environ) | environment_of(home) | {"PYTHONPATH": os.getcwd()},  # noqa: PTH109
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


if __name__ == "__main__":
    typer.run(main)
