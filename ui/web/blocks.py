"""What every page draws in one way: notices, headings, small buttons."""

import re
from collections.abc import Callable
from html import escape

import altair as alt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.palette import DARK, LIGHT, chart_look
from ui.web import visit
from ui.web.markup import escaped, heading

_CODE = re.compile(r"`([^`]+)`")


def show_notice(text: str, *, title: str = "", problem: bool = False) -> None:
    """Draw a message in a panel; what stands between backticks is set as code."""
    # Line breaks of a message are kept: a missing weight lists all that was tried.
    body = _CODE.sub(r"<code>\1</code>", escape(text.strip(), quote=True))
    bold = f"<b>{escaped(title)}</b>" if title else ""
    kind, role = ("v-problem", "alert") if problem else ("v-hint", "status")
    st.html(f'<div class="v-notice {kind}" role="{role}">{bold}<p>{body}</p></div>')


def show_heading(text: str, *, note: str = "") -> None:
    """Draw a heading with a faint line under it."""
    st.html(heading(text, note=note))


def place_for_answer(waiting: str, *, is_drawn: bool) -> Callable[..., DeltaGenerator]:
    """Return what makes the container of an answer, once there is one.

    Args:
        waiting: said in its place until then.
        is_drawn: whether the page has answered the same question before. That answer stays until
            it is drawn over: a gap would lose clicks on it and the focus, and make the page jump.
    """
    if is_drawn and not visit.just_entered():
        return st.container
    place = st.empty()
    place.html(f'<p class="v-searching" role="status">{escaped(waiting)}</p>')
    return place.container


def is_dark() -> bool:
    """Tell whether the visitor has chosen the dark theme."""
    return st.context.theme.type == "dark"


def draw_chart(chart: alt.TopLevelMixin) -> None:
    """Draw a chart in the visitor's theme."""
    look = chart_look(DARK if is_dark() else LIGHT)
    st.altair_chart(chart.configure(**look), theme=None, width="stretch")


def small_button(
    label: str, key: str, do: Callable[..., None], *args: object, help: str | None = None
) -> None:
    """Draw a button without a frame.

    Args:
        do: what a click does, with these arguments, before the page is drawn again.
    """
    st.button(label, key=key, type="tertiary", help=help, on_click=do, args=args)
