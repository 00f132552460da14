"""What a click on a tile does. Its links and buttons are HTML: widgets by the hundred are slow."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.web import collection, visit
from ui.web.components import component
from ui.web.explanation import Why, ask_why
from ui.web.identify_page import ask_for_evidence
from ui.web.records import ask_for_records
from ui.wording.models import JOINTS

_CLICKS = "clicks"
_LEADS_TO = "clicks-lead-to"


def follow_clicks(
    here: StreamlitPage, *, search: StreamlitPage, work: StreamlitPage, compare: StreamlitPage
) -> None:
    """Do what was clicked on; go to a work, a comparison or the search where it leads there.

    Streamlit would load the page anew for an ordinary link, in a visit that knows nothing of the
    former one. The addresses are real ones all the same, for a new tab or to be copied.

    Args:
        here: the page that is drawn.
    """
    component("clicks", "<span hidden></span>")(key=_CLICKS, on_clicked_change=_take)
    does, works = st.session_state.pop(_LEADS_TO, (None, ()))
    if does == "similar" and here is not search:
        st.switch_page(search)
    elif does in ("work", "comparison"):
        page = work if does == "work" else compare
        st.switch_page(page, query_params={"id": [str(one) for one in works]})


def _take() -> None:
    """Do what was clicked on, before the page is drawn again."""
    clicked = st.session_state[_CLICKS].clicked
    try:
        works = [UUID(one) for one in clicked["of"].split(",")]
    except (AttributeError, KeyError, TypeError, ValueError):
        return  # what a browser sends is not to be trusted
    visit.acted()
    match clicked.get("does"):
        case "work" | "comparison" as does:
            st.session_state[_LEADS_TO] = does, works
        case "similar":
            visit.start_from_work(works[0])
            st.session_state[_LEADS_TO] = "similar", works
        case "more":
            visit.add_work(works[0], 1.0)
        case "less":
            visit.add_work(works[0], -1.0)
        case "evidence":
            ask_for_evidence(works[0])
        case "records" | "why":
            _show(works[0], clicked)


def _show(work: UUID, clicked: Mapping[str, Any]) -> None:
    artwork = collection.works([work]).get(work)
    if artwork is None:
        st.toast("This work is no longer in the collection.")
    elif clicked["does"] == "records":
        ask_for_records(artwork, collection.reproductions_of(work))
    elif (model := clicked.get("model")) in (*collection.askable(), *JOINTS):
        ask_why(Why(model, work, artwork.title))
