"""Options that several commands share, spelled and explained once."""

import functools
from collections.abc import Callable
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.filters import KEYWORD_FIELDS, Filter
from ingest.readers.text import clean


def _folder(given: str) -> Path:
    """Read the name of a folder, which an empty text would turn into the working directory."""
    if not given.strip():
        raise typer.BadParameter("it is empty; give the name of a folder")
    if Path(given).is_file():
        raise typer.BadParameter(f"{given!r} is a file; give the name of a folder")
    return Path(given)


Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Folder of the embedded collection (or VASARI_HOME; default ~/.vasari).",
        parser=_folder,
        metavar="<dir>",
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else there.")
]


def _not_for_browsers(path: Path | None) -> Path | None:
    if path is not None and path.suffix.lower() in (".html", ".htm", ".xhtml", ".svg", ".xml"):
        raise typer.BadParameter(
            f"what is written is JSON and no {path.suffix} file; give a name that ends in .json"
        )
    return path


JsonFile = Annotated[
    Path | None,
    typer.Option(
        "--save",
        help="Write the JSON document to this file too.",
        callback=_not_for_browsers,
        show_default=False,
    ),
]


def model_option(help: str, *, default: str | bool = False) -> Any:
    """Return the option that names a model, or several of them."""
    return typer.Option("--model", "-m", help=help, show_default=default)


Models = Annotated[list[str] | None, model_option("A model; repeat for several.")]
SearchedModels = Annotated[
    list[str] | None,
    model_option("A vector of the index; repeat for several.", default="all that can be searched"),
]
Save = Annotated[
    Path | None,
    typer.Option(help="Write the JSON document to this file; the report, if it ends in .html."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
SameWorks = Annotated[
    Path | None,
    typer.Option(
        help="CSV of files that show the same work (group,file,relation): no answer for each other."
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Of the draws of the confidence intervals.")]
Values = list[str] | None
Year = int | None

_FILTER_OPTIONS: dict[str, Any] = {
    **{
        name: Annotated[Values, typer.Option(help=f"Only this {name}; repeat for several.")]
        for name in KEYWORD_FIELDS
    },
    **{
        f"not_{name}": Annotated[Values, typer.Option(help=f"Not this {name}; repeat for several.")]
        for name in KEYWORD_FIELDS
    },
    "year_from": Annotated[Year, typer.Option(help="First year wanted.")],
    "year_to": Annotated[Year, typer.Option(help="Last year wanted.")],
}

Command = Callable[..., None]


def takes_filter(command: Command) -> Command:
    """Give a command the filter's options; it is called with the Filter that they describe.

    The command has a keyword argument ``wanted`` for it, and one ``as_json``, by which an invalid
    filter is reported. Values are spelled as the catalog spells them.
    """

    @functools.wraps(command)
    def with_filter(**given: Any) -> None:
        conditions: dict[str, Any] = {
            name: value if name.startswith("year") else _values(value)
            for name in _FILTER_OPTIONS
            for value in [given.pop(name)]
        }
        command(wanted=Filter(**conditions), **given)

    own = [item for item in signature(command).parameters.values() if item.name != "wanted"]
    offered = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _FILTER_OPTIONS.items()
    ]
    # Typer reads a command's options from its signature.
    with_filter.__signature__ = Signature(own + offered)  # type: ignore[attr-defined]
    with_filter.__annotations__ = {item.name: item.annotation for item in own + offered}
    return with_filter


def _values(given: list[str] | None) -> tuple[str, ...]:
    return tuple(value for item in given or () if (value := clean(item)) is not None)
