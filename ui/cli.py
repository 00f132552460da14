"""The command line. Each command is thin: it calls the function that the web page calls too."""

from pathlib import Path
from typing import Annotated

import typer

from ui import options
from ui.catch_all import CatchAll, debug
from ui.commands import (
    artists,
    artworks,
    compare,
    curation,
    database,
    demo,
    duplicates,
    evaluate,
    evaluate_identification,
    evaluate_runs,
    explain,
    finetune,
    fit_projection,
    identify,
    index,
    ingest,
    jobs,
    models,
    moving,
    reconcile,
    reembed,
    search,
    web,
    worker,
)
from ui.session import chosen_env_file, home_before_command

app = typer.Typer(
    name="vasari",
    help="Search paintings by picture: several models side by side, with honest statistics.",
    cls=CatchAll,
    no_args_is_help=True,
)


@app.callback()
def root(
    *,
    home: options.Home = None,
    env_file: Annotated[
        Path | None,
        typer.Option(
            help="A file of settings (VASARI_NAME=value), beside the .env in the home.",
            dir_okay=False,
            exists=True,
            show_default=False,
        ),
    ] = None,
    with_traceback: Annotated[
        bool,
        typer.Option("--debug", help="Show the traceback of a fault instead of keeping it."),
    ] = False,
) -> None:
    """Search paintings by picture: several models side by side, with honest statistics."""
    home_before_command.set(home)
    chosen_env_file.set(env_file)
    debug.set(with_traceback)


app.command("demo")(demo.demo_command)
app.add_typer(ingest.app, name="ingest")
app.command("reembed")(reembed.reembed_command)
app.command("worker")(worker.worker_command)
app.command("search")(search.search_command)
app.command("explain")(explain.explain_command)
app.command("identify")(identify.identify_command)
artworks.app.command("edit")(curation.edit_command)
artworks.app.command("delete")(curation.delete_command)
artworks.app.command("deleted")(curation.deleted_command)
artworks.app.command("restore")(curation.restore_command)
app.add_typer(artworks.app, name="artworks")
app.add_typer(duplicates.app, name="duplicates")
app.add_typer(artists.app, name="artists")
app.add_typer(jobs.app, name="jobs")
app.add_typer(index.app, name="index")
app.command("reconcile")(reconcile.reconcile_command)
app.command("promote")(moving.promote_command)
app.command("export")(moving.export_command)
app.command("import")(moving.import_command)
app.command("compare")(compare.compare_command)
evaluate.app.command("identification")(evaluate_identification.identification_command)
evaluate.app.command("certainty")(evaluate_identification.certainty_command)
evaluate.app.command("runs")(evaluate_runs.runs_command)
evaluate.app.command("show")(evaluate_runs.show_command)
evaluate.app.command("compare")(evaluate_runs.compare_command)
app.add_typer(evaluate.app, name="evaluate")
app.command("finetune")(finetune.finetune_command)
app.command("fit-projection")(fit_projection.fit_projection_command)
app.add_typer(models.app, name="models")
app.command("ui")(web.ui_command)
app.add_typer(database.app, name="db")
