"""The readers that there are: every class in this package that inherits from ``Reader``."""

import inspect
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

import ingest.readers
from ingest.readers.reader import Option, Reader


class InvalidReader(TypeError):
    """A class cannot be a reader; the message says what it lacks."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a reader's constructor.

    Args:
        type: without what was annotated to it.
        default: ``inspect.Parameter.empty`` where it must be given.
        is_argument: whether it is given by its place.
    """

    name: str
    type: Any
    default: Any
    option: Option
    is_argument: bool


@cache
def readers() -> Mapping[str, type[Reader]]:
    """Return the readers by name.

    Raises:
        InvalidReader: a class lacks a name, or two have the same; or a parameter lacks its Option.
    """
    found: dict[str, type[Reader]] = {}
    for module in pkgutil.iter_modules(ingest.readers.__path__, f"{ingest.readers.__name__}."):
        for value in vars(import_module(module.name)).values():
            if is_reader(value) and value.__module__ == module.name:
                name = _checked_name(value)
                if name in found:
                    raise InvalidReader(
                        f"{value.__qualname__} and {found[name].__qualname__} are both called "
                        f"{name!r}"
                    )
                parameters(value)
                found[name] = value
    return MappingProxyType(dict(sorted(found.items())))


def is_reader(value: object) -> bool:
    """Tell whether something is a class that inherits from Reader."""
    return isinstance(value, type) and Reader in value.__mro__ and value is not Reader


def parameters(reader: type[Reader]) -> tuple[Parameter, ...]:
    """Return what a reader is constructed with, in order.

    Raises:
        InvalidReader: a parameter has no type or no Option.
    """
    constructor = reader.__init__
    if constructor is Reader.__init__:
        return ()
    hints = get_type_hints(constructor, include_extras=True)
    given = list(inspect.signature(constructor).parameters.values())[1:]
    return tuple(_parameter(reader, item, hints.get(item.name)) for item in given)


def summary(reader: type[Reader]) -> str:
    """Return the first line of a reader's docstring."""
    return (inspect.getdoc(reader) or "").partition("\n")[0]


def _parameter(reader: type[Reader], item: inspect.Parameter, hint: Any) -> Parameter:
    annotated = get_args(hint) if hasattr(hint, "__metadata__") else (hint,)
    options = [extra for extra in annotated[1:] if isinstance(extra, Option)]
    if not options:
        raise InvalidReader(
            f"{reader.__module__}.{reader.__qualname__}: the parameter {item.name!r} says nothing "
            f"of itself; write {item.name}: Annotated[TYPE, Option('what it is for')]"
        )
    return Parameter(
        name=item.name,
        type=annotated[0],
        default=item.default,
        option=options[0],
        is_argument=item.kind is not inspect.Parameter.KEYWORD_ONLY,
    )


def _checked_name(reader: type[Reader]) -> str:
    name = getattr(reader, "name", None)
    if not isinstance(name, str) or not name.isidentifier() or name != name.lower():
        raise InvalidReader(
            f"{reader.__module__}.{reader.__qualname__} needs a name, a word in lower case: "
            'name = "museum"'
        )
    return name
