"""From a reader's constructor to a command of its own: the same parameters, typed and explained."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from inspect import Parameter as Place
from inspect import Signature, signature
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import typer

from ingest.readers.reader import Reader
from ingest.readers.registry import InvalidReader, Parameter, parameters, summary

AGAIN = "Run it again to resume, or to take in what has changed."


def source_command(reader: type[Reader], run: Callable[..., None]) -> Callable[..., None]:
    """Return the command of a source.

    Args:
        run: is called with the function that makes the reader, and with the options that the
            commands of all sources have: those in its signature.

    Raises:
        InvalidReader: a parameter is called like a common option.
    """
    own = parameters(reader)
    _, *common = signature(run).parameters.values()
    names = [place.name for place in common]
    taken = [parameter.name for parameter in own if parameter.name in names]
    if taken:
        raise InvalidReader(f"{reader.__qualname__}: every source has an option {taken[0]!r}")

    def command(**given: Any) -> None:
        shared = {name: given.pop(name) for name in names}
        chosen = _chosen(own, given)
        run(lambda: reader(**chosen), **shared)

    places = [*map(_place, own), *common]
    # Typer reads a command's options from its signature.
    command.__signature__ = Signature(places)  # type: ignore[attr-defined]
    command.__annotations__ = {place.name: place.annotation for place in places}
    command.__doc__ = f"{summary(reader)}\n\n{AGAIN}"
    return command


def _place(parameter: Parameter) -> Place:
    described, extra = _typer_type(parameter.type)
    option, default = parameter.option, parameter.default
    annotation: Any
    if parameter.is_argument:
        annotation = Annotated[described, typer.Argument(help=option.help, **extra)]
    else:
        flags = [option.flag] if option.flag else []
        shown = option.default or default not in (None, ())
        annotation = Annotated[
            described, typer.Option(*flags, help=option.help, show_default=shown, **extra)
        ]
    if default == ():
        default = None
    return Place(parameter.name, Place.KEYWORD_ONLY, default=default, annotation=annotation)


def _typer_type(described: Any) -> tuple[Any, dict[str, Any]]:
    """Return the type that typer knows for a parameter's, and what else it must be told."""
    kind, parts = get_origin(described), get_args(described)
    if type(None) in parts:
        (given,) = set(parts) - {type(None)}
        inner, extra = _typer_type(given)
        return inner | None, extra
    if kind is Mapping:
        return list[str] | None, {"metavar": "NAME=VALUE"}
    if kind is Sequence:
        item, extra = _typer_type(parts[0])
        return list.__class_getitem__(item) | None, extra
    if kind is Literal:
        # Typer takes a Literal alone, but no list of one.
        return StrEnum("Choice", {value: value for value in parts}), {}
    return described, {"path_type": str} if described is Path else {}


def _chosen(own: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that were given; for the others the reader knows its own default."""
    chosen = {}
    for parameter in own:
        value = given[parameter.name]
        if value is not None:
            kinds = [get_origin(kind) for kind in (parameter.type, *get_args(parameter.type))]
            if Path in (parameter.type, *get_args(parameter.type)):
                value = _path(parameter.name, value)
            chosen[parameter.name] = _pairs(value) if Mapping in kinds else value
    return chosen


def _path(name: str, given: str) -> Path:
    """Return a path, given as text: an empty one, of a variable not set, would be a dot."""
    if not given.strip():
        raise typer.BadParameter(f"{name}: the path is empty; a dot names the folder you are in")
    return Path(given)


def _pairs(given: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for item in given:
        name, separator, value = item.partition("=")
        if not separator or not name.strip() or not value.strip():
            raise typer.BadParameter(f"{item!r} is not NAME=VALUE")
        if name in pairs:
            raise typer.BadParameter(f"{name} is given twice")
        pairs[name] = value
    return pairs
