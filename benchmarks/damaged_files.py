"""One file of a collection's home damaged, many times over: every command must say so, or not mind.

A small collection is made; each round damages one file of a copy of its home, drawn from all there
are, and runs a search, ``reconcile``, ``index check`` and an ingest over it. A finding is a command
that is killed, panics, shows a traceback, does not end, or prints no JSON, and damage that
``reconcile`` does not report.

    python -m benchmarks.damaged_files --seed 7 --n 200

Not reported, and no finding, is damage to ``UNUSED`` files, to those that a command has put right
meanwhile, and, counted by itself, to the catalog's own rows: SQLite keeps no checksums of them.
Commands run in forked children. Exits with 1 if there is a finding.
"""

import json
import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.campaign import Ended, run, what_is_wrong
from benchmarks.forked_commands import must_run, run_command
from tests.pictures import make_folder

WORKS = 60

UNUSED = {
    r"(^|/)(lock|[^/]*\.lock|holder\.json)$": "a lock holds nothing, its note only names a process",
    r"/tracker_journal\.dat$": "carried over into files under the seal when a shard is opened",
    r"/wal/": "holds nothing that the segments do not, once a shard is closed",
    r"/seal\.json$": "without it, a collection is one that was never sealed",
    r"^catalog\.db-(shm|wal)$": "empty once the catalog is closed",
    r"^logs/": "is for people",
    r"^keypoints/": "checks itself, and is found anew",
}
"""Files whose damage need not be reported, and why."""

Damage = Callable[[Path, random.Random], None]


def _flip(path: Path, chance: random.Random) -> None:
    """Flip a bit in 2 % of the bytes of what a file holds; blocks of zeros are mostly holes."""
    data = bytearray(path.read_bytes())
    filled = [start for start in range(0, len(data), 4096) if any(data[start : start + 4096])]
    for start in filled or [0]:
        block = range(start, min(start + 4096, len(data)))
        for place in chance.sample(block, max(1, len(block) // 50)):
            data[place] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def _truncate(path: Path, chance: random.Random) -> None:
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.truncate(chance.choice([0, 1, size // 2, size - 1]))


def _zero(path: Path, chance: random.Random) -> None:
    size = path.stat().st_size
    start = chance.choice([0, chance.randrange(size)])
    with path.open("rb+") as file:
        file.seek(start)
        file.write(bytes(size - start))


def _append(path: Path, chance: random.Random) -> None:
    with path.open("ab") as file:
        file.write(chance.randbytes(chance.choice([1, 100, 5000])))


def _delete(path: Path, _chance: random.Random) -> None:
    path.unlink()


DAMAGES: dict[str, Damage] = {
    "2 % flipped": _flip,
    "cut short": _truncate,
    "zeroed": _zero,
    "garbage appended": _append,
    "deleted": _delete,
}


def main(
    seed: Annotated[int, typer.Option(help="Of the damage.")] = 7,
    n: Annotated[int, typer.Option("--n", help="Files to damage.")] = 200,
) -> None:
    """Damage files and say what came of it."""
    run(partial(campaign, seed=seed, n=n), f"{n} damaged files")


def campaign(folder: Path, *, seed: int, n: int) -> Iterator[str]:
    """Damage ``n`` files, one a copy; yield the findings, and print what became of the files."""
    pictures = make_folder(folder / "pictures", WORKS)
    must_run(["ingest", "folder", str(pictures)], folder / "whole")
    run_command(["identify", str(pictures / "images" / "001.jpg")], folder / "whole")
    chance = random.Random(seed)
    outcomes: Counter[str] = Counter()
    for number in range(n):
        for finding in _round(folder, pictures, chance, outcomes):
            yield f"{number}: {finding}"
    for outcome, count in outcomes.most_common():
        print(f"{count:5d} {outcome}")


def _round(
    folder: Path, pictures: Path, chance: random.Random, outcomes: Counter[str]
) -> Iterator[str]:
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    # Keeps the holes in files, which are hundreds of megabytes large.
    subprocess.run(["cp", "-a", str(folder / "whole"), str(home)], check=True)
    name = _drawn(home, chance)
    kind = chance.choice(list(DAMAGES))
    before = _content(home / name)
    DAMAGES[kind](home / name, chance)
    if _content(home / name) == before:
        outcomes["not changed by the damage"] += 1
        return
    picture = str(pictures / "images" / "003.jpg")
    said: dict[str, Ended] = {}
    for arguments in (
        ["search", picture],
        ["reconcile"],
        ["index", "check", "--queries", "5"],
        ["ingest", "folder", str(pictures)],
    ):
        ended = said[arguments[0]] = run_command([*arguments, "--json"], home)
        if arguments[0] == "reconcile":
            healed = _content(home / name) == before
        yield from what_is_wrong(ended, f"{kind} in {name}, {arguments[0]}", as_json=True)
    reason = next((why for form, why in UNUSED.items() if re.search(form, name)), None)
    if said["reconcile"].code == 1:
        outcomes["reported"] += 1
    elif healed:
        outcomes["put right by a command"] += 1
    elif reason is not None:
        outcomes[f"not used: {reason}"] += 1
    elif name == "catalog.db" and kind == "garbage appended":
        outcomes["not used: SQLite reads as many pages as its header counts"] += 1
    elif name == "catalog.db" and kind == "2 % flipped":
        outcomes["not reported: rows of the catalog, which have no checksums"] += 1
    else:
        yield f"{kind} in {name}: not reported by reconcile"


def _drawn(home: Path, chance: random.Random) -> str:
    """Draw a part of the home, and a file of it: most files are the index's."""
    parts: dict[str, list[str]] = {}
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.stat().st_size:
            name = path.relative_to(home).as_posix()
            part = re.sub(r"[0-9a-f]{8}-[-0-9a-f]{27}|/[^/]*$", "", name)
            part = part if name.startswith("index/") else name.split("/")[0]
            parts.setdefault(part, []).append(name)
    return chance.choice(parts[chance.choice(sorted(parts))])


def _content(path: Path) -> object:
    """Return what a file holds; of JSON, which the engine orders anew, whatever the order."""
    if not path.is_file():
        return None
    data = path.read_bytes()
    if path.suffix == ".json":
        try:
            return json.dumps(json.loads(data), sort_keys=True)
        except ValueError:
            pass
    return data


if __name__ == "__main__":
    typer.run(main)
