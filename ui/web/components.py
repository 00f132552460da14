"""Small components of our own, for what Streamlit has nothing for: their scripts and styles."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer


@cache
def _text(name: str) -> str:
    file = files(__package__).joinpath(name)
    return file.read_text("utf-8") if file.is_file() else ""


def component(
    name: str, html: str, *, parts: Sequence[str] = (), in_dialog: bool = False
) -> ComponentRenderer:
    """Return a component whose script and style are ``NAME.js`` and ``NAME.css`` beside this file.

    What shows nothing needs no style.

    Args:
        html: what it is made of; nothing from outside may be in it.
        parts: more scripts and styles, which stand before its own in one module: a script that
            comes as a blob can import none.
        in_dialog: whether the keyboard is to reach it in a dialog, which leads the focus round and
            passes over what is in a shadow tree. Its style then holds on the whole page.
    """
    names = (*parts, name)
    return st.components.v2.component(
        f"vasari_{name}",
        html=html,
        css="".join(_text(f"{part}.css") for part in names),
        js="\n".join(_text(f"{part}.js") for part in names),
        isolate_styles=not in_dialog,
    )
