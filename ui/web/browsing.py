"""Browsing: the works that pass the filter as a wall of pictures, sorted, a page at a time."""

from dataclasses import replace
from typing import get_args

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from catalog.artworks import ArtworkPage
from catalog.listing import Order
from ui.web import collection, visit
from ui.web.blocks import show_heading
from ui.web.components import component
from ui.web.markup import find_similar, tile, wall
from ui.web.page_state import Listing, PageState
from ui.web.pictures import picture_of
from ui.web.sidebar import choose, clear_filters
from ui.web.words import works

TILES_A_PAGE = 48
FIRST_TILES = 24
"""On the first page, below the ways to ask."""

_ORDERS: dict[Order, str] = {
    "artist": "Artist, then year",
    "title": "Title",
    "year": "Year",
    "newest": "Latest added",
}


def show_browse() -> None:
    """Draw the page."""
    visit.follow_address(collection.understood, browsing=True)
    choose(collection.overview())
    _choose_listing()
    visit.write_address(browsing=True)
    state = visit.state()
    listing = state.listing
    page, last = _page(state), 1
    if page.total:
        last = (page.total - 1) // TILES_A_PAGE + 1
    if listing.page > last:
        _turn(last)
        st.rerun()
    one = page.total <= 1
    said = [
        *(["has these words" if one else "have these words"] if listing.text else []),
        *(["passes the filters" if one else "pass the filters"] if state.wanted else []),
        *(["lies in the area" if one else "lie in the area"] if state.within else []),
    ]
    passing = " and ".join(said) or "in all"
    show_heading("The collection", note=f"{works(page.total)} {passing}.")
    if not page.total:
        show_nothing_passes(f"No work {' and '.join(said)}.")
        return
    component("scroll", "<span hidden></span>")(key="scroll", data={"of": f"page {listing.page}"})
    st.html(wall(tile(picture_of(artwork), artwork) for artwork in page.artworks))
    _pager(listing.page, last=last)


def _page(state: PageState) -> ArtworkPage:
    listing = state.listing
    return collection.browse(
        state.wanted,
        limit=TILES_A_PAGE,
        offset=(listing.page - 1) * TILES_A_PAGE,
        text=listing.text,
        order=listing.order,
        within=state.within,
    )


def show_collection(state: PageState, browse: StreamlitPage) -> None:
    """Draw the first works that are wanted, each with a way to ask about it.

    Args:
        browse: the page that has all of them.
    """
    page = collection.browse(state.wanted, limit=FIRST_TILES, within=state.within)
    passing = "passes the filter" if page.total == 1 else "pass the filter"
    show_heading(
        "The collection",
        note=f"{works(page.total)} {passing if state.wanted or state.within else 'in all'}. "
        "Choose one to find works like it."
        if page.total
        else "",
    )
    if not page.total:
        show_nothing_passes()
        return
    with st.container(key="tiles-collection"):
        st.html(
            wall(
                tile(picture_of(artwork), artwork, actions=[find_similar(artwork)])
                for artwork in page.artworks
            )
        )
    if page.total > FIRST_TILES:
        st.page_link(browse, label=f"Browse all {works(page.total)}")


def show_nothing_passes(text: str = "No work passes these filters.") -> None:
    """Say that the filter leaves nothing, and offer to drop it."""
    with st.container(key="nothing-passes"):
        st.html(f"<p>{text}</p>")
        st.button("Clear the filters", key="clear-filters-here", on_click=_clear)


def _clear() -> None:
    visit.change(replace(visit.state(), listing=Listing()))
    clear_filters()


def _choose_listing() -> None:
    """Draw the fields for words and order, and take over what is in them."""
    listing = visit.state().listing
    words, order = st.columns([3, 1], vertical_alignment="bottom")
    text_key, order_key = f"words-{visit.generation()}", f"order-{visit.generation()}"
    st.session_state.setdefault(text_key, listing.text)
    st.session_state.setdefault(order_key, listing.order)
    text = words.text_input(
        "Title or artist",
        st.session_state[text_key],
        key=text_key,
        max_chars=200,
        placeholder="Words that are in it",
        on_change=visit.acted,
    )
    chosen: Order = order.selectbox(
        "Sort by",
        get_args(Order),
        get_args(Order).index(st.session_state[order_key]),
        format_func=_ORDERS.__getitem__,
        key=order_key,
        on_change=visit.acted,
    )
    before = visit.state()
    same = (text.strip(), chosen) == (listing.text, listing.order)
    now = replace(listing, text=text.strip(), order=chosen, page=listing.page if same else 1)
    visit.chosen_in_widgets(replace(before, listing=now))


def _pager(number: int, *, last: int) -> None:
    if last == 1:
        return
    with st.container(key="pager", horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous", key="previous", disabled=number <= 1, on_click=_turn, args=(number - 1,)
        )
        st.html(f'<p class="v-faint">Page {number:,} of {last:,}</p>', width="content")
        st.button("Next", key="next", disabled=number >= last, on_click=_turn, args=(number + 1,))


def _turn(number: int) -> None:
    state = visit.state()
    visit.change(replace(state, listing=replace(state.listing, page=number)))
