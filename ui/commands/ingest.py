"""``vasari ingest``: take works into the collection, a command for each kind of source."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import typer

from ingest.engines.choice import EngineName, open_engine
from ingest.first_works import FirstWorks
from ingest.job import ingest
from ingest.readers.reader import Reader
from ingest.readers.registry import readers
from ingest.summary import JobSummary
from ingest.survey import survey
from ui.documents.collection import ingest_document
from ui.documents.survey import survey_document
from ui.progress import TerminalProgress
from ui.session import (
    Refused,
    console,
    embedders_for_ingest,
    explained_errors,
    messages,
    open_deployment,
    print_json,
)
from ui.source_commands import source_command
from ui.tables.collection import summary_panel
from ui.tables.survey import survey_tables

app = typer.Typer(no_args_is_help=True, help="Take works into the collection.")

INTERRUPTED_EXIT_CODE = 130
"""What shells give for a command ended by Ctrl-C."""


def run_source(
    make_reader: Callable[[], Reader],
    *,
    limit: int | None,
    dry_run: bool,
    queue_only: bool,
    engine: EngineName,
    ray_address: str | None,
    model: list[str] | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Take in a source, or say what it would bring."""
    if dry_run:
        with explained_errors(as_json=as_json):
            present_survey(_prepared(make_reader, limit), as_json=as_json)
        return
    with open_deployment(home, as_json=as_json, create=True) as deployment:
        if queue_only and engine != EngineName.PLAIN:
            raise Refused("--queue-only leaves the embedding to workers: leave out --engine")
        reader = _prepared(make_reader, limit)
        context = deployment.ingest_context(embedders_for_ingest(deployment, model))
        weights = deployment.settings.weights_dir
        with (
            open_engine(engine, address=ray_address, weights=weights) as chosen,
            TerminalProgress(messages) as progress,
        ):
            summary = ingest(reader, context, progress, queue_only=queue_only, engine=chosen)
        for what, count in reader.left_out.items():
            messages.print(f"left out: {count} × {what}", style="yellow", highlight=False)
        present_summary(summary, as_json=as_json, queued=queue_only)


for _reader in readers().values():
    app.command(_reader.name)(source_command(_reader, run_source))


def present_survey(reader: Reader, *, as_json: bool) -> None:
    """Print what a source would bring."""
    with messages.status("reading"):
        found = survey(reader)
    if as_json:
        print_json(survey_document(found))
    else:
        console.print(survey_tables(found))


def _prepared(make_reader: Callable[[], Reader], limit: int | None) -> Reader:
    reader = make_reader()
    reader.report_to(lambda text: messages.print(text, style="dim"))
    return FirstWorks(reader, limit) if limit is not None else reader


def present_summary(summary: JobSummary, *, as_json: bool, queued: bool = False) -> None:
    """Print what a job did; end with the shells' code for Ctrl-C where it was interrupted."""
    if as_json:
        print_json(ingest_document(summary))
    else:
        console.print(summary_panel(summary))
    if summary.failed and not as_json:
        messages.print(
            f"`vasari jobs show {summary.job}` lists the failures; "
            f"`vasari jobs retry {summary.job}` tries them again."
        )
    if summary.left and queued and not summary.interrupted:
        messages.print(f"{summary.left} works wait for `vasari worker` processes.")
    elif summary.left and not summary.interrupted:
        messages.print(
            f"{summary.left} works are held by another worker, which is at work on them or "
            "was killed on another machine. Run the same command again in ten minutes.",
            style="yellow",
        )
    if summary.interrupted:
        end_interrupted()


def end_interrupted() -> None:
    """End a command after Ctrl-C, with the command that goes on from there."""
    messages.print("Interrupted. Run the same command again to go on:")
    messages.print(shlex.join(["vasari", *sys.argv[1:]]), soft_wrap=True)
    raise typer.Exit(INTERRUPTED_EXIT_CODE)
