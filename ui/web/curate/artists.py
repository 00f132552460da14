"""Artists: suggestions of who is one person, and merging, renaming and splitting by hand."""

from collections.abc import Callable

import streamlit as st

from catalog.artist_suggestions import MergeSuggestion, suggest_merges
from catalog.artists import ArtistFacts, list_artists
from errors import VasariError
from ui.curating.changes import Changes
from ui.web import collection
from ui.web.blocks import show_heading, show_notice
from ui.web.faults import told
from ui.web.markup import escaped
from ui.web.words import works
from ui.wording.numbers import percent

_PLACE, _MERGED = "curate-suggestion", "curate-merged"


def show_artists(curator: str) -> None:
    """Draw the next suggestion, and what can be done by hand."""
    show_heading("Artists", note="Searches follow at once, and no ingest undoes it.")
    changes = Changes(collection.deployment(), curator)
    with collection.deployment().database.transaction() as session:
        artists, suggestions = list_artists(session), suggest_merges(session)
    # A suggestion that is taken is not made again: those passed over come first.
    place = st.session_state.setdefault(_PLACE, 0)
    if place < len(suggestions):
        _ask(suggestions[place], f"{place + 1} of {len(suggestions)} suggestions", changes)
    else:
        show_notice("No suggestion is left.")
    if st.session_state.get(_MERGED):
        st.button("Undo the last merge", shortcut="u", on_click=_undo, args=(changes,))
    _by_hand({artist.name: artist for artist in artists}, changes)


def _ask(suggestion: MergeSuggestion, place: str, changes: Changes) -> None:
    st.html(f'<p class="v-label">{place} · {percent(100 * suggestion.confidence)} sure</p>')
    st.html(
        "".join(f"<p>{_described(artist)}</p>" for artist in (suggestion.into, *suggestion.others))
    )
    reasons = [reason for link in suggestion.links for reason in link.reasons]
    st.html(f'<p class="v-faint">{escaped("; ".join(reasons))}</p>')
    with st.container(horizontal=True):
        st.button(
            "One person",
            shortcut="y",
            type="primary",
            on_click=_merge,
            args=(suggestion, changes),
        )
        st.button("Not now", shortcut="n", on_click=_pass)


def _described(artist: ArtistFacts) -> str:
    lived = f" ({artist.born or '?'}-{artist.died or '?'})" if artist.born or artist.died else ""
    others = ", ".join(name for name in artist.names if name != artist.name)
    also = f' <span class="v-faint">also {escaped(others)}</span>' if others else ""
    return f"<b>{escaped(artist.name)}</b>{lived} · {works(artist.works)}{also}"


def _merge(suggestion: MergeSuggestion, changes: Changes) -> None:
    changes.merge(str(suggestion.into.id), [str(other.id) for other in suggestion.others])
    names = [name for other in suggestion.others for name in other.names]
    st.session_state[_MERGED] = [*st.session_state.get(_MERGED, []), names]


def _pass() -> None:
    st.session_state[_PLACE] += 1


def _undo(changes: Changes) -> None:
    *st.session_state[_MERGED], names = st.session_state[_MERGED]
    first, *others = names
    changes.split(first)
    for name in others:
        changes.split(name)
        changes.merge(first, [name])


def _by_hand(artists: dict[str, ArtistFacts], changes: Changes) -> None:
    names = list(artists)
    merging, renaming, splitting = st.columns(3)
    with merging, st.form("merge-artists", clear_on_submit=True):
        into = st.selectbox("Keep", names, index=None)
        others = st.multiselect("And make the same person", names)
        if st.form_submit_button("Merge") and into and others:
            _try(lambda: changes.merge(into, others))
    with renaming, st.form("rename-artist", clear_on_submit=True):
        artist = st.selectbox("Rename", names, index=None)
        name = st.text_input("Preferred name")
        if st.form_submit_button("Rename") and artist and name.strip():
            _try(lambda: changes.rename(artist, name))
    spellings = [
        name for artist in artists.values() for name in artist.names if name != artist.name
    ]
    if not spellings:
        return
    with splitting, st.form("split-artist", clear_on_submit=True):
        spelling = st.selectbox("Split off a spelling", spellings, index=None)
        if st.form_submit_button("Split") and spelling:
            _try(lambda: changes.split(spelling))


def _try(change: Callable[[], object]) -> None:
    try:
        change()
    except VasariError as error:
        show_notice(told(error), problem=True)
    else:
        st.rerun()
