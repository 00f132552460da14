"""From what a curator asks for to the command line of a job, within what the settings allow."""

from collections.abc import Mapping, Sequence
from inspect import Signature
from pathlib import Path
from typing import Any, get_args, get_origin

from errors import VasariError
from ingest.readers.registry import Parameter, parameters, readers
from settings import Settings

NOT_FOR_CURATORS = frozenset({"allow_outside", "tables_url", "cache"})
"""What a reader takes of whoever has a shell on the machine, and of nobody else."""

UPLOADS = "uploads"
"""The folder in the home that holds what curators have sent."""


class InvalidJob(VasariError):
    """A job cannot be asked for like this; the message says why."""

    is_for_visitors = True


def ingest_arguments(
    settings: Settings,
    source: str,
    options: Mapping[str, Any],
    *,
    limit: int | None = None,
    models: Sequence[str] = (),
) -> list[str]:
    """Return the arguments of ``vasari`` that take in a source.

    Args:
        source: the name of a reader.
        options: the reader's parameters by name, as JSON values.

    Raises:
        InvalidJob: no such source or parameter, or a file outside the allowed folders.
    """
    known = source_parameters(source)
    for name in options:
        if name not in known:
            raise InvalidJob(f"{source} has no {name!r}; it has {', '.join(known)}")
    flags, places = [], []
    for name, parameter in known.items():
        values = _values(settings, parameter, options.get(name))
        if parameter.is_argument:
            places += values
        elif parameter.type is bool and values:
            yes, _, no = _flag(parameter).partition("/")
            flags += [flag for flag in [yes if values == ["True"] else no] if flag]
        else:
            flags += [f"{_flag(parameter)}={value}" for value in values]
        if not values and parameter.is_argument and parameter.default is Signature.empty:
            raise InvalidJob(f"{source} needs {name!r}: {parameter.option.help}")
    flags += [f"--limit={limit}"] if limit is not None else []
    flags += [f"--model={name}" for name in models]
    return ["ingest", source, *flags, "--json", "--", *places]


def source_parameters(source: str) -> dict[str, Parameter]:
    """Return what curators may say of a source, by name.

    Raises:
        InvalidJob: there is no such source.
    """
    reader = readers().get(source)
    if reader is None:
        raise InvalidJob(f"there is no source {source!r}; there are {', '.join(readers())}")
    found = {parameter.name: parameter for parameter in parameters(reader)}
    return {name: found[name] for name in found if name not in NOT_FOR_CURATORS}


def allowed_path(settings: Settings, given: str) -> Path:
    """Return a file or folder that curators may have read.

    Raises:
        InvalidJob: it lies in none of the folders that the settings name, nor among the uploads.
    """
    roots = [*settings.ingest_folders, settings.home / UPLOADS]
    path = Path(given)
    for root in roots:
        found = (root / path).resolve()
        if found.is_relative_to(root.resolve()) and found.exists():
            return found
    raise InvalidJob(
        f"{given!r} is in none of the folders that works may be taken in from; "
        "VASARI_INGEST_FOLDERS names them"
    )


def _values(settings: Settings, parameter: Parameter, given: Any) -> list[str]:
    if given is None or given == "":
        return []
    kinds = {get_origin(kind) for kind in (parameter.type, *get_args(parameter.type))}
    if isinstance(given, Mapping) and Mapping in kinds:
        given = [f"{name}={value}" for name, value in given.items()]
    values = given if isinstance(given, list) and kinds & {Mapping, Sequence} else [given]
    if not all(isinstance(value, str | int | float | bool) for value in values):
        raise InvalidJob(f"{parameter.name!r} is not a value that it can have")
    if Path in (parameter.type, *get_args(parameter.type)):
        return [str(allowed_path(settings, str(value))) for value in values]
    return [str(value) for value in values]


def _flag(parameter: Parameter) -> str:
    return parameter.option.flag or f"--{parameter.name.replace('_', '-')}"
