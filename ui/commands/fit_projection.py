"""``vasari fit-projection``: a vector that tells styles, genres, artists or schools apart."""

from enum import StrEnum
from pathlib import Path
from time import perf_counter, process_time
from typing import Annotated

import typer

from deployment import Deployment
from embedders import ModelDescription, derived_models, describe
from evaluation.copies import read_same_works
from evaluation.labels import Label
from evaluation.stored import read_stored
from search.index.contract import embedding_models, unknown_vector
from training.projection_transfer import (
    FOLDS,
    ProjectionQuality,
    cross_validate,
    fit,
    read_training_set,
)
from training.supervised_projections import add_taught, describe_taught, require_free_name
from ui import options
from ui.documents.transfer import projection_document
from ui.output import Refused, console, messages, print_json, save_json
from ui.session import open_deployment
from ui.tables.transfer import MEASURE, projection_tables
from ui.wording.measures import measure_label

REPORT = "report.json"


class Taught(StrEnum):
    """The labels that can be learned."""

    STYLE = "style"
    GENRE = "genre"
    ARTIST = "artist"
    SCHOOL = "school"


class Recipe(StrEnum):
    """How the map is learned."""

    LDA = "lda"
    LDA_BALANCED = "lda_balanced"


def fit_projection_command(
    *,
    label: Annotated[Taught, typer.Option(help="What the new vector tells apart.")],
    name: Annotated[
        str | None,
        typer.Option(help="What the new vector is called.", show_default="LABEL_RECIPE"),
    ] = None,
    recipe: Annotated[
        Recipe, typer.Option(help="lda_balanced: small classes count as much as large ones.")
    ] = Recipe.LDA,
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

    Nothing is embedded anew: a linear map is fitted to the stored vectors. It is first measured on
    works, and on artists, that it was not fitted to; then fitted to all works, and searched by its
    name like any model. New works get the vector when they are ingested.
    """
    with open_deployment(home) as deployment:
        own = name or f"{label}_{recipe}"
        base = _base(deployment, model)
        features = _features(deployment, base, feature)
        require_free_name(
            deployment.index,
            deployment.models_dir,
            own,
            features=features,
            label=label,
            recipe=recipe,
        )
        with messages.status("Reading vectors"):
            training_set = read_training_set(
                read_stored(
                    deployment.index,
                    deployment.database,
                    list(dict.fromkeys([base.name, *features])),
                ),
                label=Label(label),
                features=features,
                recipe=recipe,
                same=read_same_works(same_works) if same_works else None,
                seed=seed,
            )
        with messages.status("Measuring on works that were held out"):
            start = perf_counter()
            quality = cross_validate(training_set, plain=base.name, count=folds)
            evaluated, busy = perf_counter(), process_time()
        with messages.status("Fitting"):
            projection = fit(training_set)
            fitted = perf_counter()
        document = projection_document(own, quality)
        description = describe_taught(
            own,
            base=base.name,
            features=features,
            label=label,
            recipe=recipe,
            dimension=projection.matrix.shape[1],
        )
        with messages.status("Writing vectors"):
            add_taught(
                deployment.database,
                deployment.index,
                deployment.models_dir,
                description,
                projection,
                about={"summary": _summary(quality), **document},
            )
        deployment.look_for_own_models()
        document |= {
            "dimension": description.dimension,
            "seconds": perf_counter() - evaluated,
            "cpu_seconds": process_time() - busy,
            "seconds_fitting": fitted - evaluated,
            "seconds_measuring": evaluated - start,
        }
        save_json(document, deployment.models_dir / own / REPORT)
        _present(document, own, quality, save=save, as_json=as_json)


def _base(deployment: Deployment, model: str | None) -> ModelDescription:
    """Return the model that is asked for, or the first of the settings that the index holds."""
    held = embedding_models(deployment.index.specs)
    chosen = model or next((m for m in deployment.settings.models if m in held), None)
    if chosen is None or chosen not in deployment.index.specs:
        raise unknown_vector(chosen or "any", deployment.index.specs)
    if chosen not in held:
        raise Refused(f"{chosen} is itself derived: name the model that sees the pictures")
    return describe(chosen)


def _features(
    deployment: Deployment, base: ModelDescription, wanted: list[str] | None
) -> tuple[str, ...]:
    given = [base.name, *(item.name for item in base.features)]
    held = [item for item in given if item in deployment.index.specs]
    for item in wanted or ():
        if item not in held:
            derived = {found.name for found in derived_models(base.name)}
            why = "is derived itself" if item in derived else f"is nothing that {base.name} gives"
            raise Refused(f"{item} {why}: choose from {', '.join(held)}")
    return tuple(dict.fromkeys(wanted or held))


def _summary(quality: ProjectionQuality) -> str:
    found = quality.unseen_works.among_all
    before, after = (found.methods[method].micro[MEASURE].value for method in ("before", "after"))
    return (
        f"{quality.recipe} on {' and '.join(quality.features)}, taught {quality.classes} values of "
        f"{quality.label} by {quality.works} works; {measure_label(MEASURE)} on works not learned "
        f"from {before:.3f} to {after:.3f}"
    )


def _present(
    document: dict[str, object],
    name: str,
    quality: ProjectionQuality,
    *,
    save: Path | None,
    as_json: bool,
) -> None:
    if as_json:
        print_json(document)
    else:
        console.print(projection_tables(name, quality))
        console.print(f"Search by it: vasari search PICTURE --model {name}")
    if save is not None:
        save_json(document, save)
        messages.print(f"Written to {save}", style="dim", highlight=False)
