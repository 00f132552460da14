"""``vasari fit-projection``: a vector that tells styles, genres, artists or schools apart."""

from typing import Annotated, Literal

import typer

from evaluation.copies import read_same_works
from evaluation.labels import Label
from training.documents import projection_document
from training.fit_projection import ProjectionSpec, fit_projection
from training.progress import Watch
from training.projection_transfer import FOLDS
from ui import options
from ui.output import console, messages, note, print_json, save_json
from ui.progress import StatusProgress
from ui.session import open_deployment
from ui.tables.transfer import projection_tables

REPORT = "report.json"


def fit_projection_command(
    *,
    label: Annotated[
        Literal["style", "genre", "artist", "school"],
        typer.Option(help="What the new vector tells apart."),
    ],
    name: Annotated[
        str | None,
        typer.Option(help="What the new vector is called.", show_default="LABEL_RECIPE"),
    ] = None,
    recipe: Annotated[
        Literal["lda", "lda_balanced"],
        typer.Option(help="lda_balanced: small classes count as much as large ones."),
    ] = "lda",
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="The model it is made from.", show_default="the first"),
    ] = None,
    feature: Annotated[
        list[str] | None,
        typer.Option(
            help="What it is made from: the model, or a further feature of it; repeat for several.",
            show_default="all that the model gives",
        ),
    ] = None,
    same_works: options.SameWorks = None,
    folds: Annotated[
        int, typer.Option(min=2, max=20, help="Parts that take turns in being held out.")
    ] = FOLDS,
    seed: Annotated[int, typer.Option(min=0, help="Of the folds and the intervals.")] = 0,
    save: options.JsonFile = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Learn from labels, in seconds, a vector in which works of one style lie together.

    No work is embedded again: a linear map is fitted to the stored vectors. It is first measured on
    works, and on artists, that it was not fitted to; then fitted to all works, and searched by its
    name like any model. New works get the vector when they are ingested.
    """
    with open_deployment(home, writes=True) as deployment, messages.status("Opening") as status:
        fitted = fit_projection(
            deployment,
            ProjectionSpec(
                label=Label(label),
                recipe=recipe,
                name=name,
                model=model,
                features=tuple(feature or ()),
                folds=folds,
                seed=seed,
            ),
            same=read_same_works(same_works) if same_works else None,
            watch=Watch(StatusProgress(status)),
        )
        status.stop()
        own = fitted.description.name
        document = {
            **projection_document(own, fitted.quality),
            "dimension": fitted.description.dimension,
            "seconds": fitted.seconds,
            "cpu_seconds": fitted.cpu_seconds,
            "seconds_fitting": fitted.seconds_fitting,
            "seconds_measuring": fitted.seconds_measuring,
        }
        save_json(document, deployment.models_dir / own / REPORT)
        deployment.shared_models.send(own)
        if as_json:
            print_json(document)
        else:
            console.print(projection_tables(own, fitted.quality))
            console.print(f"Search by it: vasari search PICTURE --model {own}")
        if save is not None:
            save_json(document, save)
            note(f"Written to {save}")
