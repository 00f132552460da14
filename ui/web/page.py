"""What all pages have in common: the bar at the top, and how errors are said."""

from collections.abc import Sequence
from importlib.resources import files

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from errors import VasariError
from ui.addresses import BROWSE_PATH, COMPARE_PATH, WORK_PATH
from ui.curating.openid_login import openid_login
from ui.palette import css_variables
from ui.web import collection, visit
from ui.web.blocks import show_notice
from ui.web.browsing import show_browse
from ui.web.clicks import follow_clicks
from ui.web.collection import Overview
from ui.web.compare_page import show_comparison
from ui.web.curate.page import curator, show_curate
from ui.web.faults import show_fault
from ui.web.identify_page import show_identify
from ui.web.map_page import show_map
from ui.web.markup import escaped
from ui.web.models_page import show_models
from ui.web.search_page import show_search
from ui.web.words import GENERATED_SOURCE, works
from ui.web.work_page import show_work

UPLOAD_FAILED = (
    "This file was not taken. It is too large or no picture, or too many pictures are being looked "
    "at: choose another one, or try again in a minute."
)

_ABOUT = "Vasari finds the works of a collection that look alike, and says how alike."


def show_site() -> None:
    """Draw the page that the address names.

    What goes wrong is told on it in a sentence for visitors.
    """
    # With a menu, which has the choice of the theme.
    st.set_page_config(page_icon="🖼", layout="wide", menu_items={"About": _ABOUT})
    sheet = files(__package__).joinpath("page.css").read_text("utf-8")
    variables = css_variables(UPLOAD_FAILED=f'"{UPLOAD_FAILED}"')
    st.html(f"<style>{variables}{sheet}</style>")
    browse = st.Page(show_browse, title="Browse", url_path=BROWSE_PATH)
    search = st.Page(lambda: show_search(browse), title="Search", url_path="search", default=True)
    identify = st.Page(lambda: show_identify(search), title="What is this?", url_path="identify")
    work = st.Page(lambda: show_work(search), title="A work", url_path=WORK_PATH)
    mapped = st.Page(lambda: show_map(search, browse, curator()), title="Map", url_path="map")
    compare = st.Page(lambda: show_comparison(search), title="Compare", url_path=COMPARE_PATH)
    curate = st.Page(show_curate, title="Curate", url_path="curate")
    models = st.Page(show_models, title="Models", url_path="models")
    public = [search, mapped, identify, browse, models]
    for_curators = _has_login()
    chosen = st.navigation(
        [*public, work, compare, *([curate] if for_curators else [])], position="hidden"
    )
    st.set_page_config(page_title=f"{chosen.title} · Vasari")
    try:
        follow_clicks(chosen, search=search, work=work, compare=compare)
        is_curator = curator() is not None
        _draw(chosen, public, curate if is_curator else None)
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


def _draw(
    chosen: StreamlitPage, public: Sequence[StreamlitPage], curate: StreamlitPage | None
) -> None:
    whole = collection.overview()
    if not whole.works:
        _bar(whole, chosen, [])
        collection.overview.clear()  # so that the next look counts again
        if chosen.url_path != "curate":
            _say_empty(whole, is_curator=curate is not None)
            if curate is not None:
                st.page_link(curate, label="Take works in", icon=":material/add:")
            return
    else:
        _bar(whole, chosen, [*public, *([curate] if curate else [])])
    visit.enter(chosen.url_path)
    chosen.run()
    if set(whole.values["source"]) == {GENERATED_SOURCE}:
        st.html(
            '<p class="v-foot">No painter made these works: Vasari drew them, to show how the '
            "search works where there is no collection yet.</p>"
        )


def _bar(whole: Overview, chosen: StreamlitPage, pages: Sequence[StreamlitPage]) -> None:
    with st.container(
        key="bar", horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"
    ):
        with st.container(
            key="pages", horizontal=True, gap="medium", vertical_alignment="bottom", width="content"
        ):
            # The link of this page has no key of its own, by which it would be another link on each
            # page, also under a press.
            here = f".st-key-pages .st-key-{_link_key(chosen)} a"
            st.html(
                '<div class="v-masthead">Vasari</div>'
                f"<style>{here} {{ border-bottom-color: var(--INK); }}</style>",
                width="content",
            )
            for page in pages:
                with st.container(key=_link_key(page), width="content"):
                    st.page_link(page)
        sources = list(whole.values["source"])
        if whole.works:
            of = f", {escaped(sources[0])}" if len(sources) == 1 else f", {len(sources)} sources"
            st.html(f'<div class="v-size">{works(whole.works)}{of}</div>', width="content")


def _link_key(page: StreamlitPage) -> str:
    return f"page-to-{page.url_path or 'search'}"


def _say_empty(whole: Overview, *, is_curator: bool) -> None:
    waiting = (
        f"{works(whole.known)} are in the catalog, but none can be searched yet: they are being "
        "taken in, or that has stopped or failed. "
        if whole.known
        else ""
    )
    more = (
        "`vasari demo` fills it with a sample, `vasari ingest folder FOLDER` with the images of a "
        "folder; give the command the same `--home` as this page, if it has one."
        if is_curator or (collection.settings().is_local and not _has_login())
        else "Those who look after it can fill it. Come back later."
    )
    show_notice(f"{waiting}{more}", title="The collection is empty")
