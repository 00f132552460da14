"""Curate: the pages behind the login, one for each kind of work."""

from collections.abc import Callable, Mapping

import streamlit as st

from ui.curating.access import curator_of
from ui.web import collection
from ui.web.curate.artists import show_artists
from ui.web.curate.changes_log import show_log
from ui.web.curate.duplicates import show_duplicates
from ui.web.curate.intake import show_intake
from ui.web.curate.jobs import show_jobs
from ui.web.curate.keys import show_keys
from ui.web.curate.login import show_way_in, show_way_out
from ui.web.curate.records import show_records
from ui.web.curate.upkeep import show_upkeep

SECTIONS: Mapping[str, Callable[[str], None]] = {
    "Take works in": show_intake,
    "Jobs": show_jobs,
    "Duplicates": show_duplicates,
    "Artists": show_artists,
    "Records": show_records,
    "Models and index": show_upkeep,
    "Keys": show_keys,
    "Log": show_log,
}

_SECTION = "curate-section"


def curator() -> str | None:
    """Return who has logged in, as the audit log has it; ``None`` for visitors."""
    asked = st.context
    return curator_of(collection.settings(), cookies=asked.cookies, headers=asked.headers)


def show_curate() -> None:
    """Draw the section that was chosen, for curators only."""
    name = curator()
    if name is None:
        show_way_in()
        return
    show_way_out(name)
    if (goto := st.session_state.pop("curate-goto", None)) is not None:
        st.session_state[_SECTION] = goto
    st.session_state.setdefault(_SECTION, next(iter(SECTIONS)))
    chosen = st.segmented_control(
        "What to do",
        list(SECTIONS),
        key=_SECTION,
        required=True,
        label_visibility="collapsed",
    )
    SECTIONS[chosen or next(iter(SECTIONS))](name)
