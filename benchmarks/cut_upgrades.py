"""Making and upgrading a SQLite catalog, cut short at every write: what the next command finds.

The catalog is made, and upgraded from each older revision, in a process of its own. At one of its
changes to a file it is killed, or killed with half of the change written, or the disk is full from
there on; so for each change in turn. Then the next command opens the catalog, with room on the
disk again: it must work, and no row may be missing.

    python -m benchmarks.cut_upgrades [--works 500] [--every 1] [--json]

Exits with 1 on a finding.
"""

import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.failing_disk import KILLED, Fault, fail_at, was_full
from benchmarks.old_catalogs import Rows, make, missing, next_command, rows
from catalog.errors import CatalogError
from catalog.revisions import known_revisions

SAID = 3
"""How a process ends that said in a sentence why it could not go on."""

DONE_ALL_THE_SAME = 5
"""And one for which the full disk was in the way of nothing but tidying up."""

UNSAID = 4
"""And one that did not."""


FINDINGS = ("unsaid", "failed", "missing")
"""Ends without a sentence on a full disk, next commands that failed, and rows that these missed."""


def cut_short(path: Path, arrange: Callable[[], None]) -> int:
    """Open a catalog in a process for which trouble was arranged, and return its exit code."""
    child = os.fork()
    if child == 0:
        code = UNSAID
        try:
            arrange()
            next_command(path)
            code = DONE_ALL_THE_SAME if was_full() else 0
        except CatalogError:
            code = SAID
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def campaign(
    folder: Path, since: str | None, fault: Fault, *, works: int, every: int = 1
) -> dict[str, int]:
    """Cut an upgrade short at every write, or at every so-many-th.

    Args:
        since: the revision from which it upgrades; ``None`` where the catalog is made.

    Returns:
        How often it was cut short, as ``cut``, and how many of each of ``FINDINGS`` there were.
    """
    done = dict.fromkeys(("cut", *FINDINGS), 0)
    old, path = folder / "old.db", folder / "catalog.db"
    before: Rows = {}
    if since is not None:
        make(old, since, works=works)
        before = rows(old)
    for count in itertools.count(1, step=every):
        for left in folder.glob("catalog.db*"):
            left.unlink()
        if since is not None:
            shutil.copy(old, path)
        code = cut_short(path, lambda count=count: fail_at(count, fault))  # type: ignore[misc]
        if code != 0:
            done["cut"] += 1
            done["unsaid"] += code not in (KILLED, SAID, DONE_ALL_THE_SAME)
        try:
            next_command(path)
        except Exception as error:
            typer.echo(f"{since} {fault} at {count}: {error!r}", err=True)
            done["failed"] += 1
        else:
            done["missing"] += missing(before, rows(path))
        if code == 0:
            break
    for left in folder.glob("*.db*"):
        left.unlink()
    return done


def main(
    *,
    works: Annotated[int, typer.Option(help="In the catalog that is upgraded.")] = 500,
    every: Annotated[int, typer.Option(help="Cut at every so-many-th write.")] = 1,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Cut every upgrade short at every write."""
    found: list[dict[str, Any]] = []
    for since, fault in itertools.product([None, *known_revisions()[:-1]], Fault):
        with tempfile.TemporaryDirectory() as folder:
            done = campaign(Path(folder), since, fault, works=works, every=every)
        found.append({"since": since, "fault": fault.value, **done})
        if not as_json:
            typer.echo(f"{since or 'made':>5} → head, {fault.value}: {done}")
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    if any(done[name] for done in found for name in FINDINGS):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
