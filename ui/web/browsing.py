"""The collection as a wall of thumbnails, a page at a time."""

import streamlit as st

from catalog.filters import Filter
from ui.web import collection, visit
from ui.web.blocks import show_heading, small_button
from ui.web.markup import tile
from ui.web.pictures import picture_of
from ui.web.sidebar import clear_filters
from ui.web.words import works

TILES_A_PAGE = 24

_PAGE = "browse-page"
_FILTER = "browse-filter"


def show_collection(wanted: Filter) -> None:
    """Draw one page of the works that pass a filter, each with a way to ask about it."""
    if st.session_state.get(_FILTER) != wanted:
        st.session_state[_FILTER], st.session_state[_PAGE] = wanted, 0
    number = st.session_state[_PAGE]
    page = collection.browse(wanted, limit=TILES_A_PAGE, offset=number * TILES_A_PAGE)
    passing = "passes the filter" if page.total == 1 else "pass the filter"
    show_heading(
        "The collection",
        note=f"{works(page.total)} {passing if wanted else 'in all'}. "
        "Choose one to find works like it."
        if page.total
        else "",
    )
    if not page.total:
        show_nothing_passes()
        return
    with st.container(key="tiles-collection"):
        for artwork in page.artworks:
            with st.container(key=f"tile-collection-{artwork.id}"):
                st.html(tile(picture_of(artwork), artwork))
                key = f"similar-collection-{artwork.id}"
                small_button("Find similar", key, visit.start_from_work, artwork.id)
    _pager(number, last=(page.total - 1) // TILES_A_PAGE)


def show_nothing_passes(text: str = "No work passes these filters.") -> None:
    """Say that the filter leaves nothing, and offer to drop it."""
    with st.container(key="nothing-passes"):
        st.html(f"<p>{text}</p>")
        st.button("Clear the filters", key="clear-filters-here", on_click=clear_filters)


def _pager(number: int, *, last: int) -> None:
    if last == 0:
        return
    with st.container(key="pager", horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous", key="previous", disabled=number == 0, on_click=_turn, args=(number - 1,)
        )
        st.html(f'<p class="v-faint">Page {number + 1:,} of {last + 1:,}</p>', width="content")
        st.button("Next", key="next", disabled=number == last, on_click=_turn, args=(number + 1,))


def _turn(number: int) -> None:
    visit.acted()
    st.session_state[_PAGE] = number
