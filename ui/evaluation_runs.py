"""Keeping what was evaluated: a run with its report, and what is said of it."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from catalog.filters import Filter
from deployment import Deployment
from evaluation.code_version import this_code
from evaluation.query_values import QueryValues
from evaluation.runs import REPORT, Collection, Findings, Run, Runs
from ui.console import PlainConsole
from ui.output import Refused, note, present, save_json, save_text
from ui.reports.parts import Command, Facts, Report, Section
from ui.wording.runs import code_of, command_of, facts_of

TABLES_WIDTH = 110
"""Characters of the tables that are kept."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """An evaluation that has been made.

    Args:
        protocol: the command under ``vasari evaluate``.
        options: of the command, by their names as it spells them (``exclude_same_artist`` for
            ``--exclude-same-artist``), as they were given or by default; a path where the option
            names a file. Neither those of the filter nor ``--save``, ``--home``, ``--json``.
        document: what ``--json`` prints.
        tables: what the terminal shows.
        report: without how it was measured, which is added.
        models: vectors of the index that were asked.
        wanted: conditions that works had to meet.
        queries: the measures of every query, so that runs can be compared.
    """

    protocol: str
    options: Mapping[str, Any]
    document: Mapping[str, Any]
    tables: RenderableType
    report: Report
    models: Sequence[str]
    wanted: Filter = field(default_factory=Filter)
    queries: QueryValues | None = None


def runs_of(deployment: Deployment) -> Runs:
    """Return the runs that are kept of a collection."""
    return Runs(deployment.settings.home / "evaluations")


def present_run(
    deployment: Deployment, outcome: Outcome, *, save: Path | None = None, as_json: bool = False
) -> Run:
    """Keep an evaluation as a run, show it, and say where its report is.

    Args:
        save: where its document is to be written, too; its report, where the name ends in .html.
    """
    from ui.reports.page import render

    runs = runs_of(deployment)
    run = runs.named(_described(deployment, outcome))
    report = _with_origin(outcome.report, run)
    try:
        folder = runs.keep(
            run,
            Findings(
                document=outcome.document,
                tables=_as_text(outcome.tables),
                report=render(report),
                queries=outcome.queries,
            ),
        )
    except OSError as error:
        raise Refused(f"the run cannot be kept: {error}") from error
    present(outcome.document, outcome.tables, as_json=as_json)
    if save is not None:
        save_results(outcome.document, report, save)
    note(f"Kept as {run.id}; its report is {folder / REPORT}")
    return run


def save_results(document: Mapping[str, Any], report: Report, path: Path) -> None:
    """Write a document to a file, or its report where the name ends in .html.

    Raises:
        Refused: it cannot be written.
    """
    from ui.reports.page import render

    if path.suffix.lower() in (".html", ".htm"):
        save_text(render(report), path)
    else:
        save_json(document, path)
    note(f"Written to {path}")


def _described(deployment: Deployment, outcome: Outcome) -> Run:
    index = deployment.index
    status = index.status()
    paths = {name: value for name, value in outcome.options.items() if isinstance(value, Path)}
    wanted = {
        name: value for name, value in asdict(outcome.wanted).items() if value not in ((), None)
    }
    return Run(
        protocol=outcome.protocol,
        time=datetime.now(UTC),
        options={
            name: str(value.resolve()) if isinstance(value, Path) else _plain(value)
            for name, value in outcome.options.items()
        },
        seed=outcome.options.get("seed"),
        filter={name: _plain(value) for name, value in wanted.items()},
        models={model: index.specs[model].fingerprint for model in outcome.models},
        collection=Collection(
            engine=status.engine, generation=status.generation, works=status.points
        ),
        code=this_code(),
        queries=None if outcome.queries is None else len(outcome.queries.queries),
        files={name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()},
    )


def _with_origin(report: Report, run: Run) -> Report:
    section = Section(
        title="How this was measured",
        note="The same command on the same collection gives the same figures, but for times.",
        parts=[Command(line=command_of(run)), Facts(facts=facts_of(run))],
    )
    return replace(report, sections=[*report.sections, section], foot=f"{run.id} · {code_of(run)}")


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | float) or value is None else str(value)


def _as_text(tables: RenderableType) -> str:
    paper = PlainConsole(file=io.StringIO(), width=TABLES_WIDTH, force_terminal=False, record=False)
    with paper.capture() as captured:
        paper.print(tables)
    return captured.get()
