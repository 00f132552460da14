"""``vasari index``: what the index holds."""

import typer

from ui import options
from ui.documents import index_document
from ui.session import console, open_deployment, print_json
from ui.tables import index_tables

app = typer.Typer(no_args_is_help=True, help="Look at the index.")


@app.command("status")
def status_command(*, home: options.Home = None, as_json: options.Json = False) -> None:
    """Show the engine, the points, and how much of each vector the HNSW graph holds."""
    with open_deployment(home, as_json=as_json) as deployment:
        status = deployment.index.status()
        if as_json:
            print_json(index_document(status))
        else:
            console.print(index_tables(status))
