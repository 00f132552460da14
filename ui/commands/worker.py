"""``vasari worker``: embed what any process queues, beside other workers."""

from contextlib import nullcontext
from typing import Annotated

import typer

from catalog.jobs import new_job_id
from ingest.job import serve
from ui import options
from ui.job_summary import present_summary
from ui.output import Refused, messages
from ui.progress import TerminalProgress
from ui.session import embedders_for_ingest, open_deployment
from ui.worker_metrics import WorkerMetrics


def worker_command(
    *,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End once no work waits any more.")
    ] = False,
    model: options.Models = None,
    metrics_port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help="Tell Prometheus of the work, at /metrics on this port.",
            show_default="it is not told",
        ),
    ] = None,
    metrics_address: Annotated[
        str | None,
        typer.Option(
            help="Address that Prometheus asks.", show_default="VASARI_HOST, or 127.0.0.1"
        ),
    ] = None,
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
        deployment.job_id = deployment.job_id or new_job_id()
        context = deployment.ingest_context(embedders_for_ingest(deployment, model))
        with TerminalProgress(messages) as shown:
            metrics = WorkerMetrics(deployment.job_id, shown)
            host = metrics_address or settings.host
            with metrics.served(host, metrics_port) if metrics_port else nullcontext():
                summary = serve(context, metrics, until_empty=until_empty)
        present_summary(summary, as_json=as_json)
