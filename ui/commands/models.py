"""``vasari models``: the models that Vasari knows, and those that this collection made itself."""

from typing import Annotated

import typer

from embedders import model_status, read_own_models
from maintenance.own_models import remove_model
from ui import options
from ui.documents.collection import models_document
from ui.documents.own_models import own_models_document
from ui.output import console, print_json
from ui.session import open_deployment
from ui.tables.collection import models_table
from ui.tables.own_models import own_models_table

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
        own, broken = read_own_models(deployment.models_dir)
        if as_json:
            print_json(models_document(statuses) | {"own": own_models_document(own, broken)})
            return
        console.print(models_table(statuses))
        if own or broken:
            console.print(own_models_table(own, broken))


@app.command("delete")
def delete_command(
    name: Annotated[str, typer.Argument(help="A model that this collection made itself.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Delete a fine-tuned model or a fitted projection, with its vectors and its report."""
    with open_deployment(home) as deployment:
        if not (yes or as_json):
            typer.confirm(f"Delete {name}, its vectors and its weights?", abort=True, err=True)
        removed = remove_model(deployment.database, deployment.index, deployment.models_dir, name)
        if as_json:
            print_json({"deleted": name, "vectors": removed})
        else:
            gone = f"with the vectors {', '.join(removed)}" if removed else "which had no vectors"
            console.print(f"{name} is deleted, {gone}.")
