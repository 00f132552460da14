"""Records that may be one work, to confirm or dismiss one after another, with keys."""

import streamlit as st

from search.duplicates import DuplicateGroup, Link
from search.index.contract import UnknownVector
from ui.curating.changes import UNDONE_BY, Changes, Decision
from ui.questions import duplicates
from ui.web import collection
from ui.web.blocks import show_heading, show_notice
from ui.web.markup import tile, wall
from ui.web.pictures import LARGE_PIXELS, picture_of

_FOUND, _DECIDED = "curate-duplicates", "curate-decided"


def show_duplicates(curator: str) -> None:
    """Draw the next group of records to decide about."""
    show_heading(
        "Duplicates",
        note="Records that seem to be one painting. A search shows marked ones once.",
    )
    found: list[DuplicateGroup] | None = st.session_state.get(_FOUND)
    if found is None:
        if st.button("Look through the collection", type="primary", key="find-duplicates"):
            _find()
            st.rerun()
        return
    place, changes = len(_decided()), Changes(collection.deployment(), curator)
    if place >= len(found):
        said = (
            "Nothing is left to decide about." if found else "No two records seem to be one work."
        )
        show_notice(said)
    else:
        _ask(found[place], f"{place + 1} of {len(found)}", changes)
    with st.container(horizontal=True):
        if _decided():
            st.button("Undo the last one", shortcut="u", on_click=_undo, args=(changes,))
        st.button("Look again", type="tertiary", on_click=_forget)


def _forget() -> None:
    del st.session_state[_FOUND]


def _find() -> None:
    bar = st.progress(0.0, text="Comparing works …")

    def compared(done: int, of: int) -> None:
        bar.progress(done / max(1, of), text="Comparing works …")

    try:
        found = duplicates(collection.deployment(), progress=compared)
    except UnknownVector:
        st.session_state[_FOUND] = []
    else:
        st.session_state[_FOUND] = [group for group in found.groups if not group.marked]
    bar.empty()
    st.session_state[_DECIDED] = []


def _ask(group: DuplicateGroup, place: str, changes: Changes) -> None:
    st.html(f'<p class="v-label">{place}</p>')
    with st.container(horizontal=True):
        for title, key, decision in (
            ("One work", "y", "mark"),
            ("Different works", "n", "dismiss"),
            ("Skip", "s", None),
        ):
            st.button(
                title,
                key=f"duplicates-{key}",
                shortcut=key,
                type="primary" if key == "y" else "secondary",
                on_click=_decide,
                args=(group, decision, changes),
            )
    with st.container(key="tiles-records"):
        st.html(wall(tile(picture_of(work, pixels=LARGE_PIXELS), work) for work in group.works))
    places = {work.id: place for place, work in enumerate(group.works, 1)}
    for link in group.links:
        pair = f"{places[link.first]} and {places[link.second]}: " if len(places) > 2 else ""
        st.html(f'<p class="v-faint">{pair}{_evidence(link)}</p>')


def _evidence(link: Link) -> str:
    cosines = ", ".join(f"{model} {cosine:.3f}" for model, cosine in link.cosines.items())
    if link.agreement is None:
        return f"The image files are the same. {cosines}"
    return (
        f"{link.agreement.inliers:,} matching spots, detail correlation "
        f"{link.agreement.detail:.2f}. Cosines: {cosines}"
    )


def _decided() -> list[tuple[DuplicateGroup, Decision | None]]:
    decided: list[tuple[DuplicateGroup, Decision | None]] = st.session_state.setdefault(
        _DECIDED, []
    )
    return decided


def _decide(group: DuplicateGroup, decision: Decision | None, changes: Changes) -> None:
    if decision is not None:
        changes.decide(decision, [work.id for work in group.works])
    _decided().append((group, decision))


def _undo(changes: Changes) -> None:
    group, decision = _decided().pop()
    if decision is not None:
        changes.decide(UNDONE_BY[decision], [work.id for work in group.works])
