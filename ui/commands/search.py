"""``vasari search``: the works most like a picture."""

import math
from typing import Annotated

import typer

from catalog.filters import Filter
from deployment import Deployment
from embedders import Embedder, describe, known_models
from search.auto import AUTO, choose
from search.fusion import FUSION
from search.index.contract import searchable_models
from search.query import Example, Query
from search.similar import MOST_HITS, CutOff, similar
from ui import options
from ui.arguments import parse_region, picture_or_work
from ui.documents.collection import search_document
from ui.output import Refused, console, print_json
from ui.session import models_for_search, open_deployment, warn_of_unknown_values
from ui.tables.collection import search_tables


@options.takes_filter
def search_command(
    picture: Annotated[
        str | None, typer.Argument(help="A picture file, or the id of a work of the collection.")
    ] = None,
    *,
    like: Annotated[
        list[str] | None, typer.Option(help="Also like this: a picture file or a work's id.")
    ] = None,
    unlike: Annotated[
        list[str] | None, typer.Option(help="Not like this: a picture file or a work's id.")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(help="Like this text, for models that know texts.")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="Only this part of PICTURE: X,Y,W,H in pixels, or in shares up to 1."),
    ] = None,
    top: Annotated[
        int, typer.Option(min=1, max=MOST_HITS, help="Works wanted of each model.")
    ] = 10,
    offset: Annotated[int, typer.Option(min=0, help="Pass over so many works first.")] = 0,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            help="A model; repeat for several. `fusion` is one ranking of all of them together; "
            "`auto` leaves the choice to Vasari, which says why.",
            show_default=False,
        ),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            help="How much a model counts in `fusion`: MODEL=SHARE, such as resnet50=0.7; models "
            "that are not named have equal parts of what is left of 1.",
            show_default=False,
        ),
    ] = None,
    max_distance: Annotated[
        float | None, typer.Option(min=0, max=2, help="Nothing at a greater angular distance.")
    ] = None,
    min_percentile: Annotated[
        float | None, typer.Option(min=0, max=100, help="Nothing with a lower percentile.")
    ] = None,
    diverse: Annotated[
        bool, typer.Option("--diverse", help="Prefer works that are unlike those before them.")
    ] = False,
    wanted: Filter,
    exact: Annotated[
        bool, typer.Option("--exact", help="Scan every work instead of walking the HNSW graph.")
    ] = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Find the works most like a picture, under each model, with statistics."""
    with open_deployment(home) as deployment:
        query = _query(picture, like or [], unlike or [], text or [], region)
        names = models_for_search(deployment, model)
        if text and names and not model:
            names = _models_that_know_texts(names)
        embedders = _embedders(deployment, names, text) if query.needs_embedding else []
        answer = similar(
            query,
            index=deployment.index,
            database=deployment.database,
            embedders=embedders,
            models=names,
            wanted=wanted,
            top=top,
            offset=offset,
            exact=exact,
            diverse=diverse,
            weights=_weights(weight or []),
            cut_off=CutOff(max_distance=max_distance, min_percentile=min_percentile),
            picture_of=deployment.picture_of,
            limits=deployment.image_limits,
        )
        if not any(found.hits for found in answer.models.values()):
            warn_of_unknown_values(deployment, wanted)
        if as_json:
            print_json(search_document(answer))
        else:
            console.print(search_tables(answer))


def _embedders(deployment: Deployment, names: list[str], text: list[str] | None) -> list[Embedder]:
    everything = []
    if FUSION in names or AUTO in names:
        everything = models_for_search(deployment, None)
        if text:
            everything = _models_that_know_texts(everything)
        elif AUTO in names:
            everything += choose(everything, searchable_models(deployment.index.specs)).shares
    chosen = dict.fromkeys(name for name in [*names, *everything] if name not in (FUSION, AUTO))
    embedders = [deployment.embedder(name) for name in chosen]
    for embedder in embedders:
        # Before the clock of the answer starts.
        embedder.load()
    return embedders


def _query(
    picture: str | None, like: list[str], unlike: list[str], text: list[str], region: str | None
) -> Query:
    examples = []
    if picture is not None:
        examples.append(Example(picture_or_work(picture), region=parse_region(region)))
    elif region is not None:
        raise Refused("--region is a part of PICTURE, and no PICTURE is given")
    examples += [Example(picture_or_work(item)) for item in like]
    examples += [Example(picture_or_work(item), weight=-1.0) for item in unlike]
    examples += [Example(item) for item in text]
    return Query(tuple(examples))


def _weights(given: list[str]) -> dict[str, float]:
    weights = {}
    for item in given:
        model, _, share = item.rpartition("=")
        try:
            weights[model] = float(share)
        except ValueError:
            raise Refused(f"--weight is MODEL=SHARE, such as resnet50=0.7, not {item!r}") from None
        if not math.isfinite(weights[model]):
            raise Refused(f"--weight is MODEL=SHARE with a finite share, not {item!r}")
    return weights


def _models_that_know_texts(names: list[str]) -> list[str]:
    knowing = [name for name in names if name not in (FUSION, AUTO) and describe(name).text]
    if not knowing:
        known = ", ".join(model.name for model in known_models() if model.text)
        raise Refused(
            f"no model of this collection knows texts: {', '.join(names)} know pictures only. "
            f"Ingest with `--model {known}` to search by text"
        )
    return knowing
