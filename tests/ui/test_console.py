"""No value of a collection commands the terminal that it is shown on."""

import io
import json

import pytest
from rich.columns import Columns
from rich.console import RenderableType
from rich.panel import Panel
from rich.text import Text

from ui.console import PlainConsole, escaped
from ui.output import json_text
from ui.tables.collection import empty_table, one_line

HOSTILE = "a\x1b]0;owned\x07b\x9b31mc\u202ed\x7f\udcff [red]e[/red] :smile:"


def shown(thing: RenderableType, *, terminal: bool = True) -> str:
    paper = PlainConsole(file=io.StringIO(), width=200, force_terminal=terminal)
    with paper.capture() as captured:
        paper.print(thing, highlight=False)
    return captured.get()


def _table() -> RenderableType:
    table = empty_table(title=HOSTILE, caption=HOSTILE)
    table.add_column(HOSTILE, style="red")
    table.add_row(HOSTILE)
    table.add_row(one_line(HOSTILE))
    table.add_row(Text(HOSTILE, overflow="fold"))
    return Columns([table, Panel(table)])


@pytest.mark.parametrize("thing", [HOSTILE, Text(HOSTILE, style="red"), _table()])
def test_control_characters_and_markup_are_shown_and_not_obeyed(thing: RenderableType) -> None:
    plain = shown(thing, terminal=False)
    assert not set("\x1b\x07\x9b\u202e\x7f\udcff") & set(plain)
    assert r"\u202ed\u007f\udcff [red]e[/red] :smile:" in plain
    # In colour, Rich's own codes are all that there is.
    coloured = shown(thing)
    assert "\x1b]0;" not in coloured
    assert not set("\x9b\u202e\x7f\udcff") & set(coloured)


def test_texts_of_many_scripts_are_left_as_they_are() -> None:
    for text in ("Žluťoučký\tkůň", "山水図\n絵", "لوحة \u200fزيتية", "👩‍🎨"):
        assert escaped(text) == text


def test_a_json_document_is_the_same_with_its_control_characters_written_out() -> None:
    document = {"title": HOSTILE}
    text = json_text(document)
    assert json.loads(text) == document
    assert not set("\x1b\x07\x9b\u202e\x7f\udcff") & set(text)
