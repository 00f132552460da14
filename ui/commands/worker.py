"""``vasari worker``: embed what any process queues, beside other workers."""

from typing import Annotated

import typer

from ingest.job import serve
from ui import options
from ui.job_summary import present_summary
from ui.output import Refused, messages
from ui.progress import TerminalProgress
from ui.session import embedders_for_ingest, open_deployment


def worker_command(
    *,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End once no work waits any more.")
    ] = False,
    model: options.Models = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Embed what is queued, beside other workers on this machine or on others.

    Start as many as there are processors or accelerators. Each claims a batch at a time; a batch
    whose worker is killed goes to another one. Ctrl-C finishes the batch in hand.
    """
    with open_deployment(home, create=True) as deployment:
        settings = deployment.settings
        if settings.qdrant_url is None or settings.database_url is None:
            raise Refused(
                "workers share a collection on servers, and one process at a time may hold an "
                "embedded one: `vasari ingest` does all the embedding there. Set VASARI_QDRANT_URL "
                "and VASARI_DATABASE_URL to the servers that the workers are to share"
            )
        context = deployment.ingest_context(embedders_for_ingest(deployment, model))
        with TerminalProgress(messages) as progress:
            summary = serve(context, progress, until_empty=until_empty)
        present_summary(summary, as_json=as_json)
