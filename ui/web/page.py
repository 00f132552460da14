"""What all pages have in common: the frame, the masthead, and how errors are said."""

from collections.abc import Sequence
from importlib.resources import files

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from errors import VasariError
from ui.curating.openid_login import openid_login
from ui.palette import css_variables
from ui.web import collection
from ui.web.blocks import show_notice
from ui.web.collection import Overview
from ui.web.curate.page import curator, show_curate
from ui.web.faults import show_fault
from ui.web.identify_page import show_identify
from ui.web.markup import escaped
from ui.web.search_page import show_search
from ui.web.words import GENERATED_SOURCE, works

PURPOSE = "Show it a picture, and it finds the works that look alike, and says how alike."

UPLOAD_FAILED = (
    "This file was not taken. It is too large or no picture, or too many pictures are being looked "
    "at: choose another one, or try again in a minute."
)


def show_site() -> None:
    """Draw the page that the address names.

    What goes wrong is told on it in a sentence for visitors.
    """
    st.set_page_config(page_title="Vasari", page_icon="🖼", layout="wide")
    sheet = files(__package__).joinpath("page.css").read_text("utf-8")
    variables = css_variables(UPLOAD_FAILED=f'"{UPLOAD_FAILED}"')
    st.html(f"<style>{variables}{sheet}</style>")
    search = st.Page(show_search, title="Search", url_path="search", default=True)
    identify = st.Page(lambda: show_identify(search), title="What is this?", url_path="identify")
    pages = [search, identify]
    curate = st.Page(show_curate, title="Curate", url_path="curate")
    for_curators = _has_login()
    chosen = st.navigation([*pages, curate] if for_curators else pages, position="hidden")
    try:
        is_curator = curator() is not None
        _draw(chosen, [*pages, curate] if is_curator else pages)
        if for_curators and not is_curator and chosen is not curate:
            _show_way_to_curators()
    except Exception as error:  # a visitor is told of any in the same way
        show_fault(error)
        st.button("Try again", key="try-again")


def _show_way_to_curators() -> None:
    settings = collection.settings()
    if settings.curator_header is None:
        way = "/login" if openid_login(settings) is None else "/curate"
        st.html(f'<p class="v-foot"><a href="{way}" target="_self">For curators</a></p>')


def _has_login() -> bool:
    try:
        return collection.settings().has_curators_page
    except VasariError:
        return False  # what is wrong is said in the place of the page


def _draw(chosen: StreamlitPage, pages: Sequence[StreamlitPage]) -> None:
    whole = collection.overview()
    _masthead(whole)
    if not whole.works:
        collection.overview.clear()  # so that the next look counts again
        if chosen.url_path != "curate":
            _say_empty(whole)
            for page in pages[2:]:
                st.page_link(page, label="Take works in", icon=":material/add:")
            return
    with st.container(key="pages", horizontal=True, gap="medium"):
        for page in pages:
            here = "here" if page is chosen else f"to-{page.url_path or 'search'}"
            with st.container(key=f"page-{here}", width="content"):
                st.page_link(page)
    chosen.run()


def _masthead(whole: Overview) -> None:
    sources = whole.values["source"]
    listed = ", ".join(f"{name} ({count:,})" for name, count in list(sources.items())[:6])
    more = f" and {len(sources) - 6} more" if len(sources) > 6 else ""
    size = f"<b>{works(whole.works)}</b><br>{escaped(listed)}{more}" if whole.works else ""
    st.html(
        f'<header class="v-masthead"><div><h1>Vasari</h1><p>{PURPOSE}</p></div>'
        f'<div class="v-size">{size}</div></header>'
    )
    if set(sources) == {GENERATED_SOURCE}:
        show_notice(
            "No painter made these works: Vasari drew them, to show how the search works "
            "where there is no collection yet.",
            title="A generated sample",
        )


def _say_empty(whole: Overview) -> None:
    waiting = (
        f"{works(whole.known)} are in the catalog, but none can be searched yet: an ingest is "
        "running, was stopped, or failed. `vasari jobs list` says which.\n"
        if whole.known
        else ""
    )
    show_notice(
        f"{waiting}`vasari demo` fills it with a sample, `vasari ingest folder FOLDER` with "
        "the images of a folder. Give the command the same `--home` as this page, if it has "
        "one, and reload the page when it is done.",
        title="The collection is empty",
    )
