"""Links to the pages of works, which keep the visit: what was uploaded is there on going back."""

from uuid import UUID

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.web import visit
from ui.web.components import component

_CHOSEN = "works-chosen"
_LINKS = "work-links"


def follow_work_links(work_page: StreamlitPage, compare_page: StreamlitPage) -> None:
    """Go to the page of a work, or to a comparison, whose link was clicked.

    Streamlit would load the page anew for an ordinary link, in a visit that knows nothing of the
    former one. The addresses are real ones all the same, for a new tab or to be copied.
    """
    component("work_links", "<span hidden></span>")(
        key=_LINKS, on_work_change=_note, on_comparison_change=_note
    )
    chosen = st.session_state.pop(_CHOSEN, None)
    if chosen is not None:
        page = work_page if len(chosen) == 1 else compare_page
        st.switch_page(page, query_params={"id": [str(work) for work in chosen]})


def _note() -> None:
    given = st.session_state[_LINKS]
    try:
        named = str(given.work or given.comparison).split(",")
        st.session_state[_CHOSEN] = [UUID(name) for name in named]
    except ValueError:
        return
    visit.acted()
