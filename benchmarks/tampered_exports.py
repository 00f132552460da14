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
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.forked_commands import (
    Ended,
    environment_of,
    kept_traceback,
    run_command,
    warm_up,
    what_is_wrong,
)
from benchmarks.tampering import TAMPERINGS
from tests.pictures import make_folder

WORKS = 24
SECONDS = 20.0
LOOKS = (["reconcile"], ["artworks", "list"], ["models", "list"], ["jobs", "list"])


def main(
    seed: Annotated[int, typer.Option(help="Of the tampering.")] = 7,
    n: Annotated[int, typer.Option("--n", help="Exports.")] = 100,
    seconds: Annotated[float, typer.Option(help="That an import may take.")] = SECONDS,
) -> None:
    """Tamper with exports, import them, and say what was found."""
    with tempfile.TemporaryDirectory(prefix="vasari-tampered-") as name:
        ended: Counter[str] = Counter()
        findings = list(campaign(Path(name), seed=seed, n=n, seconds=seconds, ended=ended))
    for finding in findings:
        print(finding, end="\n\n")
    print(f"{n} tampered exports ({dict(ended)}): {len(findings)} findings")
    raise typer.Exit(1 if findings else 0)


def campaign(
    folder: Path, *, seed: int, n: int, seconds: float = SECONDS, ended: Counter[str]
) -> Iterator[str]:
    """Tamper and import; yield what was found, and count how imports ended."""
    warm_up()
    _export(folder)
    chance = random.Random(seed)
    kinds = list(TAMPERINGS)
    for number in range(n):
        kind = kinds[number % len(kinds)]
        exported, home = folder / "tampered", folder / "target"
        for former in (exported, home):
            shutil.rmtree(former, ignore_errors=True)
        shutil.copytree(folder / "exported", exported)
        TAMPERINGS[kind](exported, chance)
        done = _run(["import", str(exported), "--json"], home, seconds)
        ended["taken in" if done.code == 0 else "refused"] += 1
        for wrong in _wrong(done, home):
            yield f"{number} ({kind}): {wrong}\n  {kept_traceback(done.messages[-600:])}"
        for arguments in LOOKS if done.code == 0 else ():
            looked = _run([*arguments, "--json"], home, seconds)
            for wrong in what_is_wrong(looked, as_json=True):
                said = kept_traceback(looked.messages[-600:])
                yield f"{number} ({kind}), then {' '.join(arguments)}: {wrong}\n  {said}"


def _wrong(done: Ended, home: Path) -> Iterator[str]:
    yield from what_is_wrong(done, as_json=True)
    if done.code != 0 and (left := _left_in(home)):
        yield f"left {left} in the target"


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
    pictures, home = make_folder(folder / "pictures", WORKS), folder / "home"
    for arguments in (
        ["ingest", "folder", str(pictures)],
        ["fit-projection", "--label", "style", "--model", "edge_grid"],
        ["export", str(folder / "exported")],
    ):
        done = _run(arguments, home, 300)
        if done.code != 0:
            raise RuntimeError(f"{arguments} failed: {done.messages}")


def _run(arguments: list[str], home: Path, seconds: float) -> Ended:
    home.mkdir(exist_ok=True)
    return run_command(arguments, environment_of(home), home.parent, seconds=seconds)


if __name__ == "__main__":
    typer.run(main)
