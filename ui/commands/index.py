"""``vasari index``: what the index holds, and how honestly it answers."""

from typing import Annotated

import typer

from evaluation.index_recall import check_index
from ui import options
from ui.documents.collection import index_check_document
from ui.documents.plain import plain
from ui.output import messages, present
from ui.session import open_deployment
from ui.tables.collection import index_check_table, index_tables

app = typer.Typer(no_args_is_help=True, help="Look at the index.")


@app.command("status")
def status_command(*, home: options.Home = None, as_json: options.Json = False) -> None:
    """Show the points, how much of each vector the HNSW graph holds, and what that takes.

    On a cluster also where the copies of each shard are, and what to do where one is missing.
    """
    with open_deployment(home) as deployment:
        status, storage = deployment.index.status(), deployment.index.storage()
        document = plain(status) | plain(storage)
        present(document, index_tables(status, storage), as_json=as_json)


@app.command("check")
def check_command(
    *,
    queries: Annotated[int, typer.Option(min=1, help="Works to ask about, for each model.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Of the choice of works and filters.")] = 7,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Measure what HNSW finds of what a scan of every work finds; exit 1 if that is too little."""
    with open_deployment(home) as deployment:
        check = check_index(deployment.index, deployment.database, queries=queries, seed=seed)
        present(index_check_document(check), index_check_table(check), as_json=as_json)
        for warning in check.warnings:
            messages.print(warning, style="yellow")
        if check.warnings:
            raise typer.Exit(1)
