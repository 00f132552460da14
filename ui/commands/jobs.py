"""``vasari jobs``: what ran, what failed and why, and once more."""

from typing import Annotated

import typer

from catalog import jobs
from ingest.job import retry
from ui import options
from ui.documents.collection import job_document
from ui.job_summary import present_summary
from ui.output import Refused, messages, present
from ui.progress import TerminalProgress
from ui.session import embedders_for_ingest, open_deployment
from ui.tables.collection import job_panel, jobs_table

app = typer.Typer(no_args_is_help=True, help="Look at jobs, and try again what failed.")

JobId = Annotated[str | None, typer.Argument(help="A job.", show_default="the latest")]


@app.command("list")
def list_command(
    *,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many jobs.")] = 20,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """List jobs, the latest first."""
    with open_deployment(home) as deployment:
        with deployment.database.transaction() as session:
            found = jobs.listing(session, limit=limit)
        present({"jobs": [job_document(job) for job in found]}, jobs_table(found), as_json=as_json)


@app.command("show")
def show_command(
    job: JobId = None,
    *,
    examples: Annotated[int, typer.Option(min=0, help="Examples of each failure.")] = 3,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Show a job, its failures grouped by stage and reason."""
    with open_deployment(home) as deployment:
        with deployment.database.transaction() as session:
            latest = jobs.listing(session, limit=1)
            if job is None and not latest:
                raise Refused("no job has run yet")
            found = jobs.show(session, job or latest[0].id, examples=examples)
        present(job_document(found), job_panel(found), as_json=as_json)


@app.command("retry")
def retry_command(
    job: Annotated[
        str | None, typer.Argument(help="Only what failed in this job.", show_default="any job")
    ] = None,
    *,
    stage: Annotated[
        str | None, typer.Option(help="Only what failed at this stage: fetch, decode or embed.")
    ] = None,
    model: options.Models = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Try again what failed. Rows that could not be read need the ingest command again."""
    with open_deployment(home, writes=True) as deployment:
        context = deployment.ingest_context(embedders_for_ingest(deployment, model))
        with TerminalProgress(messages) as progress:
            summary = retry(context, progress, job_id=job, stage=stage)
        present_summary(summary, as_json=as_json)
