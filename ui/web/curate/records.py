"""Records: find one, put it right, take that back, delete it, let it come back."""

from collections.abc import Mapping
from uuid import UUID

import streamlit as st

from catalog.artworks import ArtworkFacts, list_artworks
from catalog.corrections import CORRECTABLE, Value, source_values
from catalog.deletions import deletions
from catalog.filters import Filter
from errors import VasariError
from ui.curating.changes import Changes
from ui.web import collection
from ui.web.blocks import show_heading, show_notice
from ui.web.faults import told
from ui.web.markup import escaped, tile
from ui.web.pictures import LARGE_PIXELS, picture_of
from ui.wording.works import work_label

_MOST = 50
_CHOSEN, _DELETING = "curate-record", "curate-deleting"


def show_records(curator: str) -> None:
    """Draw the record that was looked for, with what can be corrected of it."""
    show_heading("Records", note="What you correct stays, whatever a later ingest reads of it.")
    changes = Changes(collection.deployment(), curator)
    wanted = st.text_input("Words of the title or the artist, or an id", key="curate-title").strip()
    if wanted:
        found = _found(wanted)
        if not found:
            show_notice("No work is called so.")
        else:
            chosen = _which({work.id: f"{work_label(work)}, {work.source}" for work in found})
            _show(next(work for work in found if work.id == chosen), changes)
    _show_deleted(changes)


def _which(labels: Mapping[UUID, str]) -> UUID:
    """Ask which work is meant, and stay at it where its own label changes."""
    ids = list(labels)
    former = st.session_state.get(_CHOSEN)
    chosen = st.selectbox(
        "Which",
        ids,
        index=ids.index(former) if former in ids else 0,
        format_func=labels.__getitem__,
        key=f"curate-which-{hash(tuple(labels.items()))}",  # Streamlit tells them by their labels
    )
    st.session_state[_CHOSEN] = chosen
    return chosen


def _found(wanted: str) -> tuple[ArtworkFacts, ...]:
    try:
        return tuple(collection.works([UUID(wanted)]).values())
    except ValueError:
        with collection.deployment().database.transaction() as session:
            page = list_artworks(session, Filter(), text=wanted, limit=_MOST, order="title")
            return page.artworks


def _show(work: ArtworkFacts, changes: Changes) -> None:
    with collection.deployment().database.transaction() as session:
        source = source_values(session, work.id)
    left, right = st.columns([1, 2], gap="large")
    left.html(tile(picture_of(work, pixels=LARGE_PIXELS), work))
    with left:
        for name, value in source.items():
            st.button(
                f"Undo {name}: “{value or 'none'}” again",
                key=f"undo-{name}-{work.id}",
                on_click=_undo,
                args=(work.id, name, changes),
            )
    with right, st.form(f"edit-{work.id}"):
        given: dict[str, Value] = {}
        for name in CORRECTABLE:
            now = getattr(work, name)
            said = f"The source says: {source[name]}" if name in source else None
            if name == "year":
                given[name] = st.number_input("Year", value=now, step=1, help=said)
            else:
                typed = st.text_input(name.capitalize(), value=now or "", help=said).strip()
                given[name] = typed or None
        changed = {name: value for name, value in given.items() if value != getattr(work, name)}
        if st.form_submit_button("Save", type="primary") and changed:
            _edit(work, changes, changed)
    right.button("Delete …", key=f"delete-{work.id}", on_click=_ask_to_delete, args=(work.id,))
    # Forgotten here: the dialog is drawn once more, alone, when its button is pressed.
    if st.session_state.pop(_DELETING, None) == work.id:
        _confirm(work, changes)


def _edit(work: ArtworkFacts, changes: Changes, values: dict[str, Value]) -> None:
    try:
        changes.edit(work.id, values)
    except VasariError as error:
        show_notice(told(error), title="This was not saved", problem=True)
    else:
        st.rerun()


def _undo(work: UUID, name: str, changes: Changes) -> None:
    changes.edit(work, {}, undo=[name])


def _ask_to_delete(work: UUID) -> None:
    st.session_state[_DELETING] = work


@st.dialog("Delete this work?")
def _confirm(work: ArtworkFacts, changes: Changes) -> None:
    st.html(
        f"<p>“{escaped(work.title)}” is taken out of the catalog and the searches. Its image file "
        "stays where it is, and no ingest brings the work back until you restore it.</p>"
    )
    if st.button("Delete", type="primary"):
        changes.delete(work.id)
        st.rerun()


def _show_deleted(changes: Changes) -> None:
    with collection.deployment().database.transaction() as session:
        gone = deletions(session)
    if not gone:
        return
    with st.expander(f"{len(gone):,} deleted"):
        for item in gone[:_MOST]:
            left, right = st.columns([3, 1])
            left.html(f"<p>{escaped(item.title)} <span class='v-faint'>{item.source}</span></p>")
            right.button(
                "Restore",
                key=f"restore-{item.id}",
                on_click=changes.restore,
                args=(item.id,),
                help="The next ingest of its source takes it in again.",
            )
