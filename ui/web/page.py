"""What all pages have in common: the frame, the masthead, and how errors are said."""

from collections.abc import Callable

import streamlit as st
from pydantic import ValidationError

from ui.session import EXPLAINED
from ui.web import collection
from ui.web.collection import Overview
from ui.web.look import apply_style
from ui.web.markup import escaped, notice
from ui.web.search_page import show_search
from ui.web.words import GENERATED_SOURCE, works

PURPOSE = "Show it a picture, and it finds the works that look alike, and says how alike."


def show_site() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="Vasari", page_icon="🖼", layout="wide")
    apply_style()
    chosen = st.navigation(
        [
            st.Page(_explained(show_search), title="Search", url_path="search", default=True),
        ],
        position="top",
    )
    chosen.run()


def _explained(draw: Callable[[Overview], None]) -> Callable[[], None]:
    """Return a page whose errors are explained on it, as far as they can be."""

    def show() -> None:
        try:
            whole = collection.overview()
            _masthead(whole)
            if whole.works:
                draw(whole)
            else:
                # The index stays closed, so that the ingest this asks for can open it; and the
                # next look counts again.
                collection.overview.clear()
                _say_empty(whole)
        except EXPLAINED as error:
            _explain(str(error))
        except ValidationError as error:
            _explain("; ".join(f"{item['loc'][0]}: {item['msg']}" for item in error.errors()))

    show.__name__ = draw.__name__
    return show


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
        st.html(
            notice(
                "No painter made these works: Vasari drew them, to show how the search works "
                "where no collection is at hand. `vasari ingest folder FOLDER` takes in your own.",
                title="A generated sample",
            )
        )


def _say_empty(whole: Overview) -> None:
    waiting = (
        f"{works(whole.known)} are in the catalog, but none can be searched yet: an ingest is "
        "running, was stopped, or failed. `vasari jobs list` says which.\n"
        if whole.known
        else ""
    )
    st.html(
        notice(
            f"{waiting}`vasari demo` fills it with a sample, `vasari ingest folder FOLDER` with "
            "the images of a folder. Give the command the same `--home` as this page, if it has "
            "one, and reload the page when it is done.",
            title="The collection is empty",
        )
    )


def _explain(message: str) -> None:
    st.html(notice(message, title="This cannot be done now", problem=True))
    st.button("Try again", key="try-again")
