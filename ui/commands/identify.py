"""``vasari identify``: is the painting in this photo in the collection, and which is it?"""

from pathlib import Path
from typing import Annotated

import typer

from deployment import Deployment
from embedders import UnreadableImage, decoded
from search.identification.identify import MOST_CANDIDATES, Identification
from search.identification.match_drawing import draw_matches
from ui import options
from ui.documents.identification import identification_document, unreadable_document
from ui.output import Refused, console, messages, print_json
from ui.questions import identification
from ui.session import open_deployment
from ui.tables.identification import identification_tables


def identify_command(
    picture: Annotated[list[Path], typer.Argument(help="Photos of paintings.")],
    *,
    top: Annotated[
        int, typer.Option(min=1, max=MOST_CANDIDATES, help="Candidates wanted for each photo.")
    ] = 5,
    draw: Annotated[
        Path | None,
        typer.Option(
            help="Save a drawing of the matching points of each photo to this folder.",
            file_okay=False,
        ),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Say whether the painting in a photo is in the collection, which it is, and how sure.

    A photo that cannot be read is reported, and the others are answered.
    """
    with open_deployment(home) as deployment:
        documents = []
        for path in picture:
            try:
                found = identification(deployment, path, top=top, limits=deployment.image_limits)
            except UnreadableImage as error:
                documents.append(unreadable_document(str(path), error))
                messages.print(f"{path}: {error}", style="yellow", highlight=False)
                continue
            drawing = _draw(deployment, path, found, draw) if draw and found.works else None
            documents.append(
                identification_document(str(path), found)
                | ({"drawing": str(drawing)} if drawing else {})
            )
            if not as_json:
                console.print(identification_tables(str(path), found))
                console.print()
        if as_json:
            print_json({"results": documents})
        if all("error" in document for document in documents):
            raise typer.Exit(1)


def _draw(deployment: Deployment, path: Path, found: Identification, folder: Path) -> Path | None:
    """Save the drawing of an answer, and return where."""
    try:
        work_picture = deployment.thumbnail_of(found.works[0].artwork)
    except UnreadableImage as error:
        messages.print(f"{path}: not drawn, {error}", style="yellow")
        return None
    with decoded(path, deployment.image_limits) as photo:
        drawing = draw_matches(photo.picture, work_picture, found.works, photo_width=photo.width)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = _free_name(folder, path.stem)
        drawing.save(target, quality=90)
    except OSError as error:
        raise Refused(f"the drawing cannot be saved to {folder}: {error}") from error
    return target


def _free_name(folder: Path, stem: str) -> Path:
    """Return a path that no other drawing of this name has: photos of two folders may share it."""
    target, number = folder / f"{stem}.jpg", 2
    while target.exists():
        target, number = folder / f"{stem}-{number}.jpg", number + 1
    return target
