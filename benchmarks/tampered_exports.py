"""Exports that were damaged, or made by somebody else, are imported: refused, or taken in whole.

A finding is a traceback, a fault of Vasari, an import that takes longer than ``--seconds``, stdout
that is not one JSON document, a refusal that leaves anything in the target, and a collection that
cannot be looked at after an import that was said to be done.

    python -m benchmarks.tampered_exports --seed 7 --n 100

Exits with 1 if there is a finding.
"""

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.campaign import PATIENCE_SECONDS, run, what_is_wrong
from benchmarks.forked_commands import must_run, run_command
from benchmarks.tampering import TAMPERINGS
from tests.pictures import make_folder

WORKS = 24
LOOKS = (["reconcile"], ["artworks", "list"], ["models", "list"], ["jobs", "list"])


def main(
    seed: Annotated[int, typer.Option(help="Of the tampering.")] = 7,
    n: Annotated[int, typer.Option("--n", help="Exports.")] = 100,
    seconds: Annotated[float, typer.Option(help="That an import may take.")] = PATIENCE_SECONDS,
) -> None:
    """Tamper with exports, import them, and say what was found."""
    run(partial(campaign, seed=seed, n=n, seconds=seconds), f"{n} tampered exports")


def campaign(folder: Path, *, seed: int, n: int, seconds: float) -> Iterator[str]:
    """Tamper and import; yield what was found, and print how imports ended."""
    _export(folder)
    chance = random.Random(seed)
    kinds = list(TAMPERINGS)
    ended: Counter[str] = Counter()
    for number in range(n):
        kind = kinds[number % len(kinds)]
        exported, home = folder / "tampered", folder / "target"
        for former in (exported, home):
            shutil.rmtree(former, ignore_errors=True)
        shutil.copytree(folder / "exported", exported)
        TAMPERINGS[kind](exported, chance)
        home.mkdir()
        done = run_command(["import", str(exported), "--json"], home, seconds=seconds)
        ended["taken in" if done.code == 0 else "refused"] += 1
        yield from what_is_wrong(done, f"{number} ({kind})", as_json=True)
        if done.code != 0 and (left := _left_in(home)):
            yield f"{number} ({kind}): left {left} in the target\n  {done.tail()}"
        for arguments in LOOKS if done.code == 0 else ():
            looked = run_command([*arguments, "--json"], home, seconds=seconds)
            where = f"{number} ({kind}), then {' '.join(arguments)}"
            yield from what_is_wrong(looked, where, as_json=True)
    print(dict(ended))


def _left_in(home: Path) -> list[str]:
    """Return what an empty home would not have."""
    left = [
        str(path.relative_to(home))
        for name in ("index", "thumbnails", "models", "evaluations", "originals")
        for path in (home / name).rglob("*")
        if path.is_file() and path.name not in ("lock", "holder.json")
    ]
    if (home / "catalog.db").exists():
        with closing(sqlite3.connect(home / "catalog.db")) as connection:
            names = connection.execute("select name from sqlite_master where type = 'table'")
            for (table,) in names.fetchall():
                count = connection.execute(f'select count(*) from "{table}"').fetchone()[0]
                if count and table != "alembic_version":
                    left.append(f"{count} {table}")
    return left


def _export(folder: Path) -> None:
    """Fill a collection, give it a model of its own, and export it."""
    pictures = make_folder(folder / "pictures", WORKS)
    for arguments in (
        ["ingest", "folder", str(pictures)],
        ["fit-projection", "--label", "style", "--model", "edge_grid"],
        ["export", str(folder / "exported")],
    ):
        must_run(arguments, folder / "home")


if __name__ == "__main__":
    typer.run(main)
