"""What reaches a terminal: no value of a collection can command it.

Titles, names of files and messages of libraries may hold control characters, which a terminal takes
as commands, or characters that turn the direction of writing around. They are shown as escapes.
"""

import errno
import os
import re
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from errors import VasariError

_COMMANDING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but for tab and line feed
    "\u2028\u2029"  # separators of lines and paragraphs
    "\u202a-\u202e\u2066-\u2069"  # directions of writing
    "\ud800-\udfff]"  # bytes of names that are not UTF-8
)


def escaped(text: str) -> str:
    r"""Return a text whose control characters are written out, as ``\u001b`` is for ESC.

    That is JSON's spelling too: inside a JSON document the text stays the same.
    """
    return _COMMANDING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class StdoutLost(VasariError):
    """The answer cannot be written."""


def stdout_lost(error: OSError) -> StdoutLost:
    """Return what to raise for an answer that cannot be written.

    What is left for stdout goes nowhere, so that nothing fails on it as the process ends.
    """
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):
        number = None
    if number is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
    if isinstance(error, BrokenPipeError):
        return StdoutLost("whatever reads the answer closed it before its end")
    # A full disk is said in words of its own: the system's would be taken for those of the home's.
    why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
    return StdoutLost(f"the answer cannot be written to stdout: {why}")


class PlainConsole(Console):
    """Shows every text as it is: it holds neither markup nor emoji codes nor control characters.

    Rich's own control codes and styles pass, since they come beside the text.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render_str(self, text: str, **how: Any) -> Text:
        """Render a text, written out before its width is measured."""
        return super().render_str(escaped(text), **how)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render an object, with the control characters of its texts written out."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(escaped(segment.text), segment.style)

    def print(self, *things: Any, **how: Any) -> None:
        """Print objects.

        Raises:
            StdoutLost: the terminal, the file or the pipe takes no more.
        """
        try:
            super().print(*things, **how)
        except OSError as error:
            raise stdout_lost(error) from None

    def on_broken_pipe(self) -> None:
        """Let whoever prints know."""
        raise  # noqa: PLE0704 - Rich calls this where it has caught the BrokenPipeError
