"""The sidebar: which works are wanted, and how they are searched."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from catalog.filters import KEYWORD_FIELDS, Filter
from ui.web import collection, visit
from ui.web.blocks import small_button
from ui.web.collection import Overview
from ui.web.markup import escaped, histogram
from ui.web.page_state import (
    FARTHEST,
    FEWEST_HITS,
    MOST_HITS_SHOWN,
    PERCENTILES,
    PageState,
)
from ui.web.words import works

_ENDS = {"year-from": "From", "year-to": "To"}

Value = tuple[str, str]
"""A field and one of its values."""


def choose(whole: Overview, *, held: Sequence[str] = ()) -> None:
    """Draw the sidebar, and take over what the visitor chooses in it.

    Args:
        held: vectors of the index; without any, only works are chosen, and nothing of a search.
    """
    with st.sidebar:
        before = visit.state()
        state = replace(before, wanted=_filters(whole))
        if state.wanted != before.wanted:
            state = replace(state, listing=replace(state.listing, page=1))
        if not held:
            visit.chosen_in_widgets(state)
            return
        st.html('<hr class="v-rule"><h2 class="v-side">How to search</h2>')
        state = _settings_of_search(state, held)
    visit.chosen_in_widgets(state)


def clear_filters() -> None:
    """Want all works again."""
    visit.change(replace(visit.state(), wanted=Filter(), within=None))


def drop_cut_offs() -> None:
    """Show works however far they are."""
    visit.change(replace(visit.state(), min_percentile=None, max_distance=None))


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
            disabled=not (wanted or visit.state().within),
        )
    _show_area()
    counts = collection.value_counts(wanted)
    fields = [field for field in KEYWORD_FIELDS if whole.values[field]]
    for field in fields:
        with st.container(key=f"filter-{field}"):
            _values(field.capitalize(), field, counts[field], placeholder="Any")
    if whole.years is not None and whole.years[0] < whole.years[1]:
        with st.container(key="filter-years"):
            _years(whole.years, wanted)
    with st.container(key="filter-without"):
        _values(
            "Leave out",
            "without",
            {(field, value): number for field in fields for value, number in counts[field].items()},
            placeholder="Nothing",
        )
    return wanted


def _show_area() -> None:
    within = visit.state().within
    if within is None:
        return
    count = works(len(collection.works_in(within)))
    title = escaped(collection.model_title(within.model))
    with st.container(key="filter-within"):
        st.html(f'<p class="v-faint">Only the {count} of an area on the map under {title}.</p>')
        small_button("Search everywhere", "drop-area", _drop_area)


def _drop_area() -> None:
    visit.change(replace(visit.state(), within=None))


def _wanted(whole: Overview) -> Filter:
    """Return the filter as it stands: each field's counts depend on all the other fields."""
    before = visit.state().wanted
    for field in KEYWORD_FIELDS:
        _seed(field, list(getattr(before, field)))
    unwanted = before.exclusions()
    _seed("without", [(field, value) for field, values in unwanted.items() for value in values])
    _seed("years-on", before.year_from is not None or before.year_to is not None)
    without: list[Value] = _state("without")
    conditions: dict[str, Any] = _years_wanted(whole, before)
    for field in KEYWORD_FIELDS:
        conditions[field] = tuple(_state(field))
        conditions[f"not_{field}"] = tuple(value for of, value in without if of == field)
    return Filter(**conditions)


def _years_wanted(whole: Overview, before: Filter) -> dict[str, Any]:
    if whole.years is None or not _state("years-on"):
        return {}
    first, last = whole.years
    given = (
        first if before.year_from is None else before.year_from,
        last if before.year_to is None else before.year_to,
    )
    _seed("years", tuple(min(last, max(first, year)) for year in given))
    year_from, year_to = _state("years")
    return {"year_from": year_from, "year_to": year_to}


def _values(label: str, name: str, counts: dict[Any, int], *, placeholder: str) -> None:
    key = _key(name)
    chosen: list[Any] = st.session_state.get(key, [])
    texts = {value: f"{_named(value)} ({counts.get(value, 0):,})" for value in [*counts, *chosen]}
    # The texts of a choice change with its count, which the browser must be told.
    shown = [texts[value] for value in chosen]
    if chosen and st.session_state.get(f"{key}-shown") != shown:
        st.session_state[key] = chosen
    st.session_state[f"{key}-shown"] = shown
    st.multiselect(
        label,
        list(texts),
        default=chosen,
        format_func=lambda value: texts.get(value, str(value)),
        key=key,
        placeholder=placeholder,
        # Not "fuzzy", which answers "monet" with Simone Martini.
        filter_mode="contains",
        select_all=False,
        on_change=visit.acted,
    )


def _named(value: str | Value) -> str:
    return value if isinstance(value, str) else f"{value[0].capitalize()}: {value[1]}"


def _years(span: tuple[int, int], wanted: Filter) -> None:
    limited = st.toggle(
        "Limit the years",
        value=_state("years-on"),
        key=_key("years-on"),
        help="Works without a year are left out while this is on.",
        on_change=visit.acted,
    )
    if not limited:
        return
    st.html(histogram(collection.year_counts(wanted), span))
    st.slider("Years", *span, value=_state("years"), key=_key("years"), on_change=visit.acted)
    # A year is hard to hit on a slider of some centuries.
    for column, (name, label) in zip(st.columns(2), _ENDS.items(), strict=True):
        key = _key(name)
        st.session_state[key] = _state("years")[name == "year-to"]
        column.number_input(label, *span, step=1, key=key, on_change=_type_years)


def _type_years() -> None:
    visit.acted()
    typed = sorted(_state(name) for name in _ENDS)
    st.session_state[_key("years")] = tuple(typed)


def _settings_of_search(state: PageState, held: Sequence[str]) -> PageState:
    served = collection.model_choice().senses(held)
    sense = state.sense if state.sense in served else next(iter(served))
    if len(served) > 1:
        _seed("sense", sense)
        sense = st.radio(
            "Look for",
            list(served),
            index=list(served).index(sense),
            format_func=served.__getitem__,
            key=_key("sense"),
            on_change=visit.acted,
        )
    _seed("top", state.top)
    top = st.slider(
        "Works of each model",
        FEWEST_HITS,
        MOST_HITS_SHOWN,
        value=_state("top"),
        key=_key("top"),
        on_change=visit.acted,
    )
    with st.expander("Finer settings", key="finer"):
        percentile, distance = _cut_offs(state)
        _seed("diverse", state.diverse)
        _seed("exact", state.exact)
        diverse = st.toggle(
            "More variety",
            value=_state("diverse"),
            key=_key("diverse"),
            help="Prefer works that are unlike those shown before them, over near repetitions. "
            "All models together are not asked for it.",
            on_change=visit.acted,
        )
        exact = st.toggle(
            "Exact search",
            value=_state("exact"),
            key=_key("exact"),
            help="Compare with every work that passes, instead of walking the index's graph. "
            "Slower in a large collection, and seldom different.",
            on_change=visit.acted,
        )
    return replace(
        state,
        sense=sense,
        models=state.models if sense == state.sense else (),
        top=top,
        exact=exact,
        diverse=diverse,
        min_percentile=percentile or None,
        max_distance=None if distance == FARTHEST else distance,
    )


def _cut_offs(state: PageState) -> tuple[float, float]:
    _seed("percentile", state.min_percentile or 0.0)
    _seed("distance", FARTHEST if state.max_distance is None else state.max_distance)
    percentile: float = st.select_slider(
        "Closer than",
        PERCENTILES,
        value=_state("percentile"),
        format_func=lambda value: f"{value:g} % of pairs" if value else "no limit",
        key=_key("percentile"),
        help="Show only works that are closer than this share of the pairs of works in the "
        "collection. It means the same under every model.",
        on_change=visit.acted,
    )
    distance: float = st.slider(
        "Angular distance at most",
        0.0,
        FARTHEST,
        value=_state("distance"),
        step=0.05,
        key=_key("distance"),
        help="0 is the same direction, 2 the opposite one: no limit. Each model has its own scale.",
        on_change=visit.acted,
    )
    return percentile, distance


def _seed(name: str, value: object) -> None:
    """Give a widget that is drawn for the first time the value that is asked for.

    Each widget is given its value as its default, too, whenever it is drawn: a slow browser may
    first show it in a later run, which tells the default alone, and would send that with the
    visitor's next click.
    """
    st.session_state.setdefault(_key(name), value)


def _state(name: str) -> Any:
    return st.session_state[_key(name)]


def _key(name: str) -> str:
    return f"state-{name}-{visit.generation()}"
