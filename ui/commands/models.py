"""``vasari models``: the models that Vasari knows, and those that this collection made itself."""

from typing import Annotated

import typer
from rich.console import Group

from embedders import model_status, read_own_models
from maintenance.own_models import remove_model
from ui import options
from ui.documents.collection import own_models_document
from ui.documents.plain import plain
from ui.output import present
from ui.session import open_deployment
from ui.tables.collection import models_table, own_models_table

app = typer.Typer(help="List the models, and delete those of the collection's own.")


@app.callback(invoke_without_command=True)
def models_command(
    context: typer.Context, *, home: options.Home = None, as_json: options.Json = False
) -> None:
    """List the models: dimension, weights and where from, licence, ready or why not."""
    if context.invoked_subcommand is not None:
        return
    with open_deployment(home) as deployment:
        weights_dir = deployment.settings.weights_dir
        statuses = [
            model_status(model, weights_dir) for model in deployment.registry.embedding_models()
        ]
        broken = deployment.look_for_own_models()
        own, _ = read_own_models(deployment.models_dir)
        tables = [models_table(statuses)]
        if own or broken:
            tables.append(own_models_table(own, broken))
        document = {"models": plain(statuses), "own": own_models_document(own, broken)}
        present(document, Group(*tables), as_json=as_json)


@app.command("delete")
def delete_command(
    name: Annotated[str, typer.Argument(help="A model that this collection made itself.")],
    *,
    yes: options.Yes = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Delete a fine-tuned model or a fitted projection, with its vectors and its report."""
    with open_deployment(home, writes=True) as deployment:
        if not (yes or as_json):
            typer.confirm(f"Delete {name}, its vectors and its weights?", abort=True, err=True)
        removed = remove_model(
            deployment.database, deployment.index, deployment.shared_models, name
        )
        gone = f"with the vectors {', '.join(removed)}" if removed else "which had no vectors"
        document = {"deleted": name, "vectors": removed}
        present(document, f"{name} is deleted, {gone}.", as_json=as_json)
