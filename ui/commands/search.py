"""``vasari search``: the works most like a picture."""

from typing import Annotated

import typer

from catalog.filters import Filter
from search.similar import MOST_HITS, CutOff
from ui import options
from ui.arguments import parse_weights, picture_or_work
from ui.documents.collection import search_document
from ui.output import present
from ui.questions import SearchRequest, answer, make_query
from ui.session import open_deployment, warn_of_unknown_values
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
    offset: Annotated[int, typer.Option(min=0, help="Skip this many works first.")] = 0,
    model: Annotated[
        list[str] | None,
        options.model_option(
            "A model; repeat for several. `fusion` is one ranking of all of them together; "
            "`auto` leaves the choice to Vasari, which says why."
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
        request = SearchRequest(
            query=make_query(
                None if picture is None else picture_or_work(picture),
                like=map(picture_or_work, like or ()),
                unlike=map(picture_or_work, unlike or ()),
                texts=text or (),
                region=region,
            ),
            models=tuple(model or ()),
            wanted=wanted,
            top=top,
            offset=offset,
            exact=exact,
            diverse=diverse,
            weights=parse_weights(weight or []),
            cut_off=CutOff(max_distance=max_distance, min_percentile=min_percentile),
        )
        found = answer(deployment, request)
        if not any(hits.hits for hits in found.models.values()):
            warn_of_unknown_values(deployment, wanted)
        present(search_document(found), search_tables(found), as_json=as_json)
