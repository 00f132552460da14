"""What reaches a terminal: no value of a collection can command it.

Titles, names of files and messages of libraries may hold control characters, which a terminal takes
as commands, or characters that turn the direction of writing around. They are shown as escapes.
"""

import re
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

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

    def on_broken_pipe(self) -> None:
        """Let whoever prints know."""
        raise  # noqa: PLE0704 - Rich calls this where it has caught the BrokenPipeError
