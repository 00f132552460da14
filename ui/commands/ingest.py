"""``vasari ingest``: take works into the collection."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ingest.job import JobSummary, ingest
from ingest.readers.folder import FolderReader
from ui import options
from ui.documents import ingest_document
from ui.progress import TerminalProgress
from ui.session import console, embedders_for_ingest, messages, open_deployment, print_json
from ui.tables import summary_panel

app = typer.Typer(no_args_is_help=True, help="Take works into the collection.")

INTERRUPTED_EXIT_CODE = 130
"""What shells give for a command ended by Ctrl-C."""


class Label(StrEnum):
    """Fields that the name of a folder may stand for."""

    ARTIST = "artist"
    GENRE = "genre"
    STYLE = "style"
    SCHOOL = "school"


@app.command("folder")
def folder_command(
    folder: Annotated[Path, typer.Argument(help="A folder of images, at any depth.")],
    *,
    source: Annotated[
        str | None, typer.Option(help="Name of the source.", show_default="the folder's name")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="The CSV that describes the images, with a column `file` and any of title, "
            "artist, genre, style, school, year, source.",
            show_default="the one in the folder",
        ),
    ] = None,
    label_from: Annotated[
        list[Label] | None,
        typer.Option(
            help="What the names of subfolders stand for; repeat from the outermost inwards.",
        ),
    ] = None,
    model: options.Models = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Take in a folder of images. Run it again to resume, or to take in what has changed."""
    with open_deployment(home, as_json=as_json) as deployment:
        reader = FolderReader(folder, source=source, table=csv, label_from=label_from or ())
        workshop = deployment.workshop(embedders_for_ingest(deployment, model))
        with TerminalProgress(messages) as progress:
            summary = ingest(reader, workshop, progress)
        if reader.unlisted:
            messages.print(
                f"[yellow]{reader.unlisted} image files in the folder are not listed in the CSV "
                "and were left out.[/yellow]"
            )
        present_summary(summary, as_json=as_json)


def present_summary(summary: JobSummary, *, as_json: bool) -> None:
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
    if summary.left and not summary.interrupted:
        messages.print(
            f"[yellow]{summary.left} works are held by another worker, which is at work on them or "
            "was killed on another machine. Run the same command again in ten minutes.[/yellow]"
        )
    if summary.interrupted:
        messages.print("Interrupted. Run the same command again to go on.")
        raise typer.Exit(INTERRUPTED_EXIT_CODE)
