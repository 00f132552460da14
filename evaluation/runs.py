"""Evaluations that were made, each kept with everything that it takes to make it again.

A run is a folder of plain files, in the home: they can be opened, sent, copied and deleted without
Vasari, and need no migration when the catalog changes.

- ``run.json``: what was measured, how, on what and by which code;
- ``result.json``: the document that ``--json`` prints;
- ``tables.txt``: the tables that the terminal showed;
- ``report.html``: the report;
- ``queries.parquet``: the measures of every query, where a protocol has queries.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from errors import VasariError
from evaluation.query_values import QueryValues, read_query_values, write_query_values

RUN = "run.json"
RESULT = "result.json"
TABLES = "tables.txt"
REPORT = "report.html"
QUERIES = "queries.parquet"
LATEST = "latest"


class RunFault(VasariError):
    """A run cannot be used as was asked; the message says why."""


class NoSuchRun(RunFault, LookupError):
    """No run, or more than one, has the name that was given."""

    is_for_visitors = True


@dataclass(frozen=True, kw_only=True)
class Collection:
    """The collection that was evaluated: which engine and generation, and how many works."""

    engine: str
    generation: int | None
    works: int


@dataclass(frozen=True, kw_only=True)
class Code:
    """The code that evaluated.

    Args:
        commit: of the source tree, where it is one.
        changed: whether its files differed from that commit.
    """

    version: str
    commit: str | None = None
    changed: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """What was measured, how, on what and by which code.

    Args:
        options: of the command, by their names; those that were not given have their defaults.
        filter: conditions that works had to meet; empty for none.
        models: vector -> fingerprint of the weights that made it.
        files: option -> SHA-256 of the file that it named.
        queries: how many were asked.
        id: given when the run is kept.
    """

    protocol: str
    time: datetime
    options: Mapping[str, Any]
    seed: int | None
    filter: Mapping[str, Any]
    models: Mapping[str, str]
    collection: Collection
    code: Code
    queries: int | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a run found, in each form in which it is kept."""

    document: Mapping[str, Any]
    tables: str
    report: str
    queries: QueryValues | None = None


class Runs:
    """The runs that are kept in a folder.

    Args:
        folder: made when the first is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def named(self, run: Run) -> Run:
        """Return a run with the id under which it can be kept: when it was, and what it was."""
        name = f"{run.time.astimezone(UTC):%Y%m%d-%H%M%S}-{run.protocol}"
        if "label" in run.options:
            name += f"-{run.options['label']}"
        number, free = 1, name
        while (self._folder / free).exists():
            number += 1
            free = f"{name}-{number}"
        return Run(**{**vars(run), "id": free})

    def keep(self, run: Run, findings: Findings) -> Path:
        """Keep a run that has an id, wholly or not at all, and return its folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".", dir=self._folder))
        try:
            facts = {**asdict(run), "time": run.time.isoformat()}
            (unfinished / RUN).write_text(_json(facts), "utf-8")
            (unfinished / RESULT).write_text(_json(findings.document), "utf-8")
            (unfinished / TABLES).write_text(findings.tables, "utf-8")
            (unfinished / REPORT).write_text(findings.report, "utf-8")
            if findings.queries is not None:
                write_query_values(findings.queries, unfinished / QUERIES)
            unfinished.chmod(0o755)
            return unfinished.rename(self.folder(run))
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise

    def all(self) -> list[Run]:
        """Return all runs, the oldest first.

        Raises:
            RunFault: what one says of itself cannot be read.
        """
        found = [_read(path) for path in self._folder.glob(f"[!.]*/{RUN}")]
        return sorted(found, key=lambda run: (run.time, run.id))

    def find(self, name: str) -> Run:
        """Return a run by its id, the beginning of it, or ``latest`` and ``latest~1``.

        Raises:
            NoSuchRun: there is no such run, or more than one.
            RunFault: what one says of itself cannot be read.
        """
        runs = self.all()
        if not runs:
            raise NoSuchRun("no evaluation has been kept yet: `vasari evaluate` makes them")
        if name == LATEST or name.startswith(f"{LATEST}~"):
            back = name.removeprefix(LATEST).removeprefix("~") or "0"
            if not back.isdecimal() or int(back) >= len(runs):
                raise NoSuchRun(f"there is no {name}: {len(runs)} runs are kept")
            return runs[-1 - int(back)]
        found = [run for run in runs if run.id == name] or [
            run for run in runs if name and run.id.startswith(name)
        ]
        if len(found) > 1:
            several = ", ".join(run.id for run in found)
            raise NoSuchRun(f"{len(found)} runs begin with {name!r}: {several}")
        if not found:
            raise NoSuchRun(f"no run begins with {name!r}; `vasari evaluate runs` lists them")
        return found[0]

    def folder(self, run: Run) -> Path:
        """Return where the files of a run are."""
        return self._folder / run.id

    def document(self, run: Run) -> dict[str, Any]:
        """Return what a run found."""
        found: dict[str, Any] = _loaded(self.folder(run) / RESULT)
        return found

    def tables(self, run: Run) -> str:
        """Return the tables that the terminal showed."""
        try:
            return (self.folder(run) / TABLES).read_text("utf-8")
        except (OSError, ValueError) as error:
            raise _unreadable(self.folder(run) / TABLES, error) from error

    def report(self, run: Run) -> str:
        """Return the report, an HTML page that stands alone."""
        try:
            return (self.folder(run) / REPORT).read_text("utf-8")
        except (OSError, ValueError) as error:
            raise _unreadable(self.folder(run) / REPORT, error) from error

    def query_values(self, run: Run) -> QueryValues:
        """Return the measures of every query.

        Raises:
            RunFault: the run kept none, or they cannot be read.
        """
        path = self.folder(run) / QUERIES
        if not path.exists():
            raise RunFault(f"{run.id} kept no figures of single queries: it cannot be compared")
        try:
            return read_query_values(path)
        except (OSError, ValueError, KeyError) as error:
            raise _unreadable(path, error) from error


def _read(path: Path) -> Run:
    facts = _loaded(path)
    try:
        return Run(
            **{
                **facts,
                "id": path.parent.name,
                "time": datetime.fromisoformat(facts["time"]),
                "collection": Collection(**facts["collection"]),
                "code": Code(**facts["code"]),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(path, error) from error


def _loaded(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> RunFault:
    return RunFault(
        f"{path} cannot be read ({error}); delete the folder {path.parent.name} if it is damaged"
    )


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
