"""The sidebar: which works are wanted, and how they are searched."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from catalog.filters import KEYWORD_FIELDS, Filter
from ui.web import collection
from ui.web.collection import Overview
from ui.web.words import model_title

FEWEST_HITS, USUAL_HITS, MOST_HITS_SHOWN = 3, 10, 50

_GENERATION = "filter-generation"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the sidebar says.

    Args:
        wanted: works that pass.
        models: to ask, in the order in which they are shown.
        top: hits wanted of each.
        exact: whether every work is scanned.
    """

    wanted: Filter
    models: tuple[str, ...]
    top: int
    exact: bool


def choose(whole: Overview, *, held: Sequence[str], usual: Sequence[str]) -> Choices:
    """Draw the sidebar and return what it says.

    Args:
        held: models of the index.
        usual: those of them that are asked at first.
    """
    with st.sidebar:
        wanted = _filters(whole)
        st.html('<hr class="v-rule"><h2 class="v-side">How to search</h2>')
        models = st.multiselect(
            "Models to show",
            held,
            default=list(usual),
            format_func=model_title,
            key="models",
            placeholder="Choose models",
            select_all=False,
        )
        top = st.slider("Hits of each model", FEWEST_HITS, MOST_HITS_SHOWN, USUAL_HITS, key="top")
        exact = st.toggle(
            "Exact search",
            key="exact",
            help="Compare with every work that passes, instead of walking the index's graph. "
            "Slower in a large collection, and seldom different.",
        )
    return Choices(
        wanted=wanted,
        models=tuple(name for name in held if name in models),
        top=top,
        exact=exact,
    )


def clear_filters() -> None:
    """Want all works again."""
    # New widgets, and not the old ones emptied: a browser that has not heard of the emptying yet
    # would send the old choices along with the visitor's next click.
    st.session_state[_GENERATION] = _generation() + 1


def _filters(whole: Overview) -> Filter:
    wanted = _wanted(whole)
    with st.container(
        key="filter-heading",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        st.html('<h2 class="v-side">Which works</h2>', width="content")
        st.button(
            "Clear filters",
            key="clear-filters",
            type="tertiary",
            on_click=clear_filters,
            disabled=not wanted,
        )
    counts = collection.value_counts(wanted)
    for field in KEYWORD_FIELDS:
        if whole.values[field]:
            with st.container(key=f"filter-{field}"):
                _field(field, counts[field])
    if whole.years is not None and whole.years[0] < whole.years[1]:
        with st.container(key="filter-years"):
            _years(whole.years)
    return wanted


def _wanted(whole: Overview) -> Filter:
    """Return the filter as it stands: each field's counts depend on all the other fields."""
    limited = st.session_state.get(_key("years-on"), False)
    years = st.session_state.get(_key("years"), whole.years) if limited else None
    return Filter(
        **{field: tuple(st.session_state.get(_key(field), ())) for field in KEYWORD_FIELDS},
        year_from=years[0] if years else None,
        year_to=years[1] if years else None,
    )


def _field(field: str, counts: dict[str, int]) -> None:
    key = _key(field)
    chosen: list[str] = st.session_state.get(key, [])
    texts = {value: f"{value} ({counts.get(value, 0):,})" for value in [*counts, *chosen]}
    # The texts of a choice change with its count, which the browser must be told.
    shown = [texts[value] for value in chosen]
    if chosen and st.session_state.get(f"{key}-shown") != shown:
        st.session_state[key] = chosen
    st.session_state[f"{key}-shown"] = shown
    st.multiselect(
        field.capitalize(),
        list(texts),
        format_func=lambda value: texts.get(value, value),
        key=key,
        placeholder="Any",
        # Not "fuzzy", which answers "monet" with Simone Martini.
        filter_mode="contains",
        select_all=False,
    )


def _years(span: tuple[int, int]) -> None:
    limited = st.toggle(
        "Limit the years",
        key=_key("years-on"),
        help="Works without a year are left out while this is on.",
    )
    if limited:
        st.slider("Years", *span, value=span, key=_key("years"))


def _key(name: str) -> str:
    return f"filter-{name}-{_generation()}"


def _generation() -> int:
    return int(st.session_state.get(_GENERATION, 0))
