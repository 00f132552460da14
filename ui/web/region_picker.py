"""Choosing the part of a picture that is meant, by drawing a box on it.

Streamlit has nothing to draw on a picture with: the box is a component of our own.
"""

from dataclasses import replace
from typing import Any

import streamlit as st

from search.query import InvalidQuery, Region
from ui.web import visit
from ui.web.components import component
from ui.web.examples import Subject
from ui.web.pictures import LARGE_PIXELS, address_of

_HTML = (
    '<div class="stage" tabindex="0" role="group" '
    'aria-label="The picture: Enter draws a box in its middle"><img draggable="false">'
    '<div class="box" tabindex="0" role="group" hidden '
    'aria-label="The part that is compared: arrow keys move it, with Shift they resize it">'
    '<i data-corner="nw"></i><i data-corner="ne"></i><i data-corner="sw"></i>'
    '<i data-corner="se"></i></div></div>'
)
_SHAPE = "part-drawn"


@st.dialog("Choose a part", width="medium")
def choose_part(subject: Subject) -> None:
    """Let the visitor draw the part of an example's picture that is meant, in a dialog."""
    example, of = subject.example, subject.of
    if isinstance(of, str):
        return
    st.html(
        '<p class="v-faint">Draw a box around what interests you. Only that part is compared with '
        "the works of the collection.</p>"
    )
    drawn = _draw(address_of(of, pixels=LARGE_PIXELS), subject.title, example.region, example.of)
    with st.container(horizontal=True, gap="small"):
        if st.button(
            "Search with this part", key="use-part", type="primary", disabled=drawn is None
        ):
            visit.change_example(replace(example, region=drawn))
            st.rerun()
        if st.button("Use the whole picture", key="use-whole"):
            visit.change_example(replace(example, region=None))
            st.rerun()


def _draw(address: str | None, title: str, region: Region | None, name: str) -> Region | None:
    first = None if region is None else [region.left, region.top, region.width, region.height]
    result: Any = component("region_picker", _HTML, in_dialog=True)(
        key=f"{_SHAPE}-{name}",
        data={"address": address, "description": title, "part": first},
        default={"part": first},
        on_part_change=lambda: None,
    )
    return _region(result.part)


def _region(part: Any) -> Region | None:
    try:
        # What a browser sends is not to be trusted.
        return Region(*(min(1.0, max(0.0, float(value))) for value in part))
    except (InvalidQuery, TypeError, ValueError):
        return None
