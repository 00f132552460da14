"""A work that has several records: the others, seen beside the one that a search shows."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from catalog.artworks import ArtworkFacts
from ui.web import visit
from ui.web.markup import find_similar, tile, wall
from ui.web.pictures import LARGE_PIXELS, picture_of
from ui.web.words import pixels
from ui.wording.works import more_reproductions

_ASKED = "records"


def ask_for_records(work: ArtworkFacts, others: Sequence[ArtworkFacts]) -> None:
    """Show the records of one work in the run of the page that follows."""
    visit.acted()
    st.session_state[_ASKED] = (work, *others)


def show_records() -> None:
    """Open the records that were asked for, if any were."""
    records: tuple[ArtworkFacts, ...] | None = st.session_state.pop(_ASKED, None)
    if records is not None:
        _show(records)


def records_button(
    work: ArtworkFacts,
    others: Sequence[ArtworkFacts],
    *,
    key: str,
    kind: Literal["secondary", "tertiary"] = "tertiary",
) -> None:
    """Draw what opens the other records of a work; nothing where it has one."""
    if not others:
        return
    st.button(
        more_reproductions(len(others)),
        key=key,
        type=kind,
        help="This work has several records, and is shown once. See them all.",
        on_click=ask_for_records,
        args=(work, others),
    )


@st.dialog("One work, several records", width="large")
def _show(records: Sequence[ArtworkFacts]) -> None:
    st.html(
        '<p class="v-faint">A curator has marked these records as reproductions of one work. A '
        "search shows it once, by the record that is nearest.</p>"
    )
    with st.container(key="tiles-records"):
        st.html(
            wall(
                tile(
                    picture_of(work, pixels=LARGE_PIXELS),
                    work,
                    below=f'<span class="v-source">{pixels(work.image_width, work.image_height)}'
                    "</span>",
                    actions=[find_similar(work)],
                )
                for work in records
            )
        )
