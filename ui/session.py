"""What surrounds a command: its deployment, its way to speak, and its errors in plain words."""

import difflib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError
from rich.text import Text

from catalog.artists import with_preferred_names
from catalog.artworks import known_values
from catalog.filters import Filter
from deployment import Deployment
from embedders import (
    Embedder,
    known_models,
)
from errors import VasariError
from redaction import redact
from search.index.contract import embedding_models
from search.index.disk_space import disk_full_named
from settings import Destination, Settings, read_destination, read_settings
from ui.console import PlainConsole, escaped, stdout_lost

console = PlainConsole()
messages = PlainConsole(stderr=True)


home_before_command: ContextVar[Path | None] = ContextVar("home_before_command", default=None)
"""The --home given before the command's name, which the command does not see."""

chosen_env_file: ContextVar[Path | None] = ContextVar("chosen_env_file", default=None)
"""The file of settings that was given before the command's name."""

settings_in_use: ContextVar[Settings | None] = ContextVar("settings_in_use", default=None)
"""The settings that the command has read."""

json_printed: ContextVar[bool] = ContextVar("json_printed", default=False)
"""Whether the one JSON document of the command is on stdout already."""


class Refused(VasariError):
    """A command cannot do what was asked; the message says what to do."""


@contextmanager
def open_deployment(
    home: Path | None, *, as_json: bool = False, create: bool = False
) -> Iterator[Deployment]:
    """Open the deployment for one command, and put its errors in plain words.

    A collection is made only by a command that says ``create``: a mistyped home is none.

    An error ends the command with exit code 1, its message on stderr; with ``as_json`` also as
    ``{"error": ...}`` on stdout.
    """
    with (
        explained_errors(as_json=as_json),
        Deployment(settings_for(home), create=create) as deployment,
        disk_full_named(deployment.settings.home),
    ):
        deployment.report_to(lambda text: messages.print(text, style="dim"))
        yield deployment


@contextmanager
def explained_errors(*, as_json: bool = False) -> Iterator[None]:
    """Put the errors of a command in plain words."""
    try:
        yield
    except VasariError as error:
        message = str(error)
    except ValidationError as error:
        message = invalid_settings(error)
    else:
        return
    print_error(message, as_json=as_json)
    raise typer.Exit(1)


def invalid_settings(error: ValidationError) -> str:
    """Return which settings are wrong and why, without their values, which may be secret."""
    said = []
    for item in error.errors():
        name = "_".join(map(str, item["loc"])).upper()
        message = item["msg"].removeprefix("Value error, ")
        said.append(f"VASARI_{name}: {message}" if name else message)
    return "; ".join(said)


def settings_for(home: Path | None) -> Settings:
    """Return the settings, with the home that was given after the command, or else before it."""
    chosen = home or home_before_command.get()
    settings = read_settings(chosen, env_file=chosen_env_file.get())
    settings_in_use.set(settings)
    return settings


def destination_for(settings: Settings) -> Destination:
    """Return where ``promote`` moves a collection to, as far as the settings say so."""
    return read_destination(settings.home, env_file=chosen_env_file.get())


def print_json(document: Any) -> None:
    """Print one JSON document on stdout.

    Raises:
        StdoutLost: it cannot be written.
    """
    text = json_text(document)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = json.dumps(document, indent=2)
    json_printed.set(True)
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError as error:
        raise stdout_lost(error) from None


def print_error(message: str, *, as_json: bool) -> None:
    """Print why a command ends on stderr, and on stdout where a JSON document is still owed."""
    message = redact(message)
    if as_json and not json_printed.get():
        print_json({"error": message})
    messages.print(
        Text.assemble(("Error:", "bold red"), f" {message}"), highlight=False, soft_wrap=True
    )


def json_text(document: Any) -> str:
    """Return a document as JSON, fit to be shown on a terminal."""
    return escaped(json.dumps(document, ensure_ascii=False, indent=2))


def save_json(document: Any, path: Path) -> None:
    """Write one JSON document to a file, whose folder is made if it is not there.

    A browser finds no tag in it, whatever the file is called: ``<`` is written as an escape.

    Raises:
        Refused: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json_text(document).replace("<", "\\u003c") + "\n", "utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from error


def embedders_for_ingest(deployment: Deployment, names: list[str] | None) -> list[Embedder]:
    """Load the models that an ingest embeds with: those named, or the usual ones."""
    return [deployment.embedder(name) for name in names or _usual_models(deployment)]


def models_for_search(deployment: Deployment, names: list[str] | None) -> list[str]:
    """Return the models to ask: those named, or the usual ones that the index holds."""
    if names:
        return list(dict.fromkeys(names))
    held = deployment.index.specs
    usual = [name for name in _usual_models(deployment) if name in held]
    return usual or embedding_models(held)


def _usual_models(deployment: Deployment) -> list[str]:
    """Return the models of the settings, and the collection's own that the index holds."""
    usual = deployment.settings.models
    fine_tuned = [item.name for item in known_models() if item.parent is not None]
    held = deployment.index.specs if fine_tuned else {}
    return [*dict.fromkeys([*usual, *(name for name in fine_tuned if name in held)])]


def warn_of_unknown_values(deployment: Deployment, wanted: Filter) -> None:
    """Say on stderr which filter values no work has, with the nearest ones that works have."""
    with deployment.database.transaction() as session:
        wanted = with_preferred_names(session, wanted)
        named = [*wanted.keywords().items(), *wanted.exclusions().items()]
        for name, values in named:
            known = known_values(session, name)
            for value in set(values) - set(known):
                folded = {item.casefold(): item for item in known}
                near = difflib.get_close_matches(value.casefold(), folded, n=3, cutoff=0.6)
                near += [item for item in folded if value.casefold() in item][:3]
                hint = ", ".join(f"“{folded[item]}”" for item in dict.fromkeys(near))
                said = (f"No work has the {name} “{value}”.", "yellow")
                asked = f" Did you mean {hint}?" if hint else ""
                messages.print(Text.assemble(said, asked), highlight=False)
