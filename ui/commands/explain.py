"""``vasari explain``: which regions make two pictures alike."""

import re
from itertools import count
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from rich.text import Text

from catalog.artworks import ArtworkFacts
from search.explanation import Cell, Explanation
from search.query import Example
from ui import options
from ui.arguments import find_artwork, parse_place, parse_region, picture_or_work
from ui.documents.collection import explanation_document
from ui.explanations import drawn, explained
from ui.output import Refused, console, messages, print_json
from ui.session import open_deployment
from ui.tables.collection import facts_table
from ui.wording.numbers import decimal, percent

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}

NOTICEABLE = 1e-3
"""A difference of cosines that shows in the figures of a search."""

ID_DIGITS = 8
"""Enough of a work's id for a file's name."""


def explain_command(
    query: Annotated[str, typer.Argument(help="A picture file, or the id of a work.")],
    work: Annotated[str, typer.Argument(help="The id of the work that is like it.")],
    *,
    model: Annotated[
        str | None, options.model_option("A model; default the first that search asks.")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="Only this part of QUERY: X,Y,W,H in pixels, or in shares up to 1."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            help="What the place X,Y of QUERY, in shares of its sides, is alike to in WORK."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="New file for the picture, PNG, JPEG or WebP; default explain-... in this folder.",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Draw which regions of two pictures make them alike under a model."""
    with open_deployment(home) as deployment:
        asked = Example(picture_or_work(query), region=parse_region(region))
        point = parse_place(at)
        if output is not None:
            _check_output(output)
        work_asked = find_artwork(deployment, work)
        found = explained(deployment, asked, work_asked, model=model, at=point)
        explanation, cell = found.explanation, found.at
        picture = drawn(deployment, found)
        saved = _save(picture, output or _free_name(asked, work_asked, explanation.model))
        _warn_of_another_cosine(explanation)
        if as_json:
            print_json(explanation_document(explanation, work_asked, picture=saved, at=cell))
        else:
            console.print(facts_table(_facts(explanation, cell)))
            console.print(f"Drawn: {saved}", soft_wrap=True, highlight=False)


def _check_output(path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise Refused(f"--output ends in {', '.join(FORMATS)}, not in {path.suffix or 'nothing'!r}")
    if path.exists():
        raise Refused(f"{path} is there already: move it away, or give another --output")
    if not path.parent.is_dir():
        raise Refused(f"there is no folder {path.parent}")


def _free_name(query: Example, work: ArtworkFacts, model: str) -> Path:
    asked = query.of.stem if isinstance(query.of, Path) else str(query.of)[:ID_DIGITS]
    stem = re.sub(r"[^\w-]+", "-", asked)[:40]
    name = f"explain-{stem}-{str(work.id)[:ID_DIGITS]}-{model}"
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(path for item in names if not (path := Path(f"{item}.png")).exists())


def _save(picture: Image.Image, path: Path) -> Path:
    try:
        # Refuses a file that has come to be there meanwhile.
        with path.open("xb") as file:
            picture.save(file, FORMATS[path.suffix.lower()])
    except OSError as error:
        raise Refused(f"the picture cannot be written to {path}: {error.strerror}") from error
    return path.absolute()


def _warn_of_another_cosine(explanation: Explanation) -> None:
    stored = explanation.similarity.cosine if explanation.similarity else None
    if stored is not None and abs(stored - explanation.cosine) > NOTICEABLE:
        cosines = (
            f"The pictures as they are now have the cosine {explanation.cosine:.3f}; those "
            f"that were embedded have {stored:.3f}."
        )
        why = " An original has changed or cannot be read, and its thumbnail was compared."
        messages.print(Text.assemble((cosines, "yellow"), why), highlight=False)


def _facts(explanation: Explanation, at: Cell | None) -> dict[str, object]:
    similarity = explanation.similarity
    facts: dict[str, object] = {
        "model": explanation.model,
        "cosine": decimal(explanation.cosine, 3),
        "percentile": percent(similarity.percentile if similarity else None),
        "z": decimal(similarity.z if similarity else None, 1),
    }
    if at is not None:
        share = float(explanation.query_map[at])
        facts["this place adds"] = f"{share:.3g} of the cosine"
    return facts
