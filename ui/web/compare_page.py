"""Works beside each other, looked into together, and laid over one another."""

from uuid import UUID

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from catalog.artworks import ArtworkFacts
from ui.web import collection, visit
from ui.web.blocks import show_notice
from ui.web.components import component
from ui.web.deep_zoom import BUTTONS, PART, described_for_zoom

MOST = 4
"""Works that are compared at a time."""

_HTML = (
    '<div class="compare" data-mode="beside">'
    '<div class="tools" role="toolbar" aria-label="Comparison">'
    '<button type="button" data-mode="beside" aria-pressed="true">Beside each other</button>'
    '<button type="button" data-mode="over" aria-pressed="false">Laid over</button>'
    f'<span class="space"></span>{BUTTONS}'
    '<label><input type="checkbox" class="together" checked>Move together</label></div>'
    '<div class="panes"></div>'
    '<div class="overlay"><label hidden>Laid over the first: <select></select></label>'
    '<p role="status"></p>'
    '<div class="stage"><img class="base"><div class="over" hidden><img></div>'
    '<div class="divider" hidden></div></div>'
    '<div class="sliders" hidden>'
    '<label>Opacity <input type="range" min="0" max="100" value="100"></label>'
    '<label>Divide at <input type="range" min="0" max="100" value="50"></label></div></div></div>'
)


def show_comparison(search: StreamlitPage) -> None:
    """Draw the comparison of the works that the address names.

    Args:
        search: the page that leads on from here.
    """
    visit.leave()
    works = [work for work in _asked() if work.image_sha256 is not None]
    if len(works) < 2:
        show_notice(
            "The page of a work leads to comparisons with those nearest to it.",
            title="A comparison takes two works with pictures",
        )
        st.page_link(search, label="Search the collection", icon=":material/search:")
        return
    st.html('<h1 class="v-title">Compare</h1>')
    component("compare", _HTML, parts=[PART])(
        key="compare", data={"works": [described_for_zoom(work) for work in works]}
    )


def _asked() -> list[ArtworkFacts]:
    asked: list[UUID] = []
    for name in st.query_params.get_all("id"):
        try:
            work = UUID(name)
        except ValueError:
            continue
        if work not in asked:
            asked.append(work)
    found = collection.works(asked[:MOST])
    return [found[work] for work in asked if work in found]
