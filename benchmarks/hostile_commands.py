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
import random
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from benchmarks.campaign import run, run_process, what_is_wrong
from benchmarks.forked_commands import must_run, run_command
from benchmarks.hostile_values import LEFT_OUT, Values
from tests.pictures import make_folder
from ui.cli import app

FRESH_EVERY = 25
"""Commands on one copy of the homes."""


def main(
    seed: Annotated[int, typer.Option(help="Of the commands.")] = 7,
    n: Annotated[int, typer.Option("--n", help="Commands.")] = 2000,
    real: Annotated[int, typer.Option(help="Commands that also run as real processes.")] = 40,
) -> None:
    """Run hostile commands and say what they found."""
    about = f"{n} commands, {real} of them as processes too"
    run(partial(campaign, seed=seed, n=n, real=real), about)


def campaign(folder: Path, *, seed: int, n: int, real: int) -> Iterator[str]:
    """Run drawn commands; yield what was found, each with the command to repeat."""
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
        line = shlex.join(["vasari", *arguments])
        for how in (run_command, run_process)[: 1 + (number in as_process)]:
            where = f"{number} ({home.name}) {line!r:.400}"
            yield from what_is_wrong(how(arguments, home), where, as_json="--json" in arguments)


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
    must_run(["ingest", "folder", str(pictures)], home)
    listed = must_run(["artworks", "list", "--json"], home)
    return [work["id"] for work in json.loads(listed)["artworks"]]


def _renew(folder: Path, values: Values) -> None:
    place = folder / "place"
    if place.exists():
        subprocess.run(["chmod", "-R", "u+rwX", place], check=False)
        shutil.rmtree(place)
    place.mkdir()
    for home in ("full", "empty"):
        shutil.copytree(folder / home, place / home)
    values.lay_out()


if __name__ == "__main__":
    typer.run(main)
