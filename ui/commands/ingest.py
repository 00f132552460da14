"""``vasari ingest``: take works into the collection, a command for each kind of source."""

from collections.abc import Callable
from typing import Annotated

import typer

from ingest.engines.choice import EngineName, open_engine
from ingest.first_works import FirstWorks
from ingest.job import ingest
from ingest.readers.reader import Reader
from ingest.readers.registry import readers
from ingest.survey import survey
from ui import options
from ui.documents.survey import survey_document
from ui.job_summary import present_summary
from ui.output import Refused, messages, note, present
from ui.progress import TerminalProgress
from ui.session import embedders_for_ingest, open_deployment
from ui.source_commands import source_command
from ui.tables.survey import survey_tables

app = typer.Typer(no_args_is_help=True, help="Take works into the collection.")


def run_source(
    make_reader: Callable[[], Reader],
    *,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Read only this many works, the first ones.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be read; take in nothing.")
    ] = False,
    queue_only: Annotated[
        bool, typer.Option("--queue-only", help="Leave the embedding to `vasari worker` processes.")
    ] = False,
    engine: Annotated[
        EngineName,
        typer.Option(
            help="What loads and embeds: this process, or Ray, on this machine or a cluster."
        ),
    ] = EngineName.PLAIN,
    ray_address: Annotated[
        str | None,
        typer.Option(
            envvar="RAY_ADDRESS",
            help="The Ray cluster; without one, Ray runs on this machine.",
            show_default=False,
        ),
    ] = None,
    model: options.Models = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Take in a source, or say what it would bring."""
    if dry_run:
        present_survey(_prepared(make_reader, limit), as_json=as_json)
        return
    with open_deployment(home, create=True, writes=True) as deployment:
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
    present(survey_document(found), survey_tables(found), as_json=as_json)


def _prepared(make_reader: Callable[[], Reader], limit: int | None) -> Reader:
    reader = make_reader()
    reader.report_to(note)
    return FirstWorks(reader, limit) if limit is not None else reader
