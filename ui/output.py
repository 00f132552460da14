"""What a command prints: tables and messages, one JSON document, and why it ends."""

import json
import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from errors import VasariError
from redaction import redact
from ui.console import PlainConsole, escaped, stdout_lost

console = PlainConsole()
messages = PlainConsole(stderr=True)

json_printed: ContextVar[bool] = ContextVar("json_printed", default=False)
"""Whether the one JSON document of the command is on stdout already."""


class Refused(VasariError):
    """A command cannot do what was asked; the message says what to do."""


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


def present(document: Any, shown: RenderableType, *, as_json: bool) -> None:
    """Print what a command found: its JSON document, or what a terminal shows instead."""
    if as_json:
        print_json(document)
    else:
        console.print(shown)


def note(text: str) -> None:
    """Print a faint line on stderr, unbroken so that a path in it can be copied."""
    messages.print(text, style="dim", highlight=False, soft_wrap=True)


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
    """Write one JSON document to a file.

    A browser finds no tag in it, whatever the file is called: ``<`` is written as an escape.

    Raises:
        Refused: it cannot be written.
    """
    save_text(json_text(document).replace("<", "\\u003c") + "\n", path)


def save_text(text: str, path: Path) -> None:
    """Write a text to a file, whose folder is made if it is not there.

    Raises:
        Refused: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from error
