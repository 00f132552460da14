"""``vasari map``: draw the map of the collection, or place new works on it."""

from typing import Annotated

import typer

from maintenance.map_drawing import draw_maps
from ui import options
from ui.documents.plain import plain
from ui.output import messages, present
from ui.progress import staged
from ui.session import open_deployment
from ui.tables.maps import maps_table


def map_command(
    *,
    model: options.SearchedModels = None,
    anew: Annotated[
        bool,
        typer.Option("--anew", help="Draw maps that are there once more: every work may move."),
    ] = False,
    seed: Annotated[
        int, typer.Option(min=0, help="The same works and seed give the same map.")
    ] = 0,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Draw the map of the collection under each model, where works that look alike lie together.

    The page shows it under "Map". A map that is there stays as it is: new works are placed among
    those that they are most like, and works that have gone are taken off. Interrupted or killed,
    the former map stays whole.
    """
    with open_deployment(home, writes=True) as deployment:
        with staged(messages) as progress:
            drawn = draw_maps(
                deployment.index,
                deployment.map_store,
                list(dict.fromkeys(model or ())),
                anew=anew,
                seed=seed,
                progress=progress,
            )
        present({"maps": plain(drawn)}, maps_table(drawn), as_json=as_json)
