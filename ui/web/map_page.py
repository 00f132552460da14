"""The map: all works at once, near those that they look like; some are chosen by drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from catalog.batching import batched
from search.maps.area import InvalidArea, MapArea
from search.maps.colours import Facet, facets_of
from search.maps.shown import ShownMap
from ui.addresses import work_address
from ui.api.keys import page_key
from ui.curating.changes import Changes
from ui.curating.job_requests import MapJob
from ui.web import collection, map_address, visit
from ui.web.answers import answer
from ui.web.blocks import show_heading, show_notice
from ui.web.browsing import FIRST_TILES
from ui.web.components import component
from ui.web.examples import Subject, subjects
from ui.web.map_address import MOST_MAPS, MapState
from ui.web.markup import escaped, tile, wall
from ui.web.page_state import Listing
from ui.web.pictures import picture_of
from ui.web.spreadsheet import spreadsheet
from ui.web.words import works

_MAP = "map"
_STARTED = "map-started"
_ALONE = "Nothing"
ROWS_AT_ONCE = 1_000

COLUMNS = ("title", "artist", "year", "genre", "style", "school", "source", "id")

_HTML = (
    '<div class="maps"><div class="tools" role="toolbar" aria-label="Map">'
    '<button type="button" data-tool="move">Move</button>'
    '<button type="button" data-tool="draw">Draw around works</button>'
    '<button type="button" data-tool="view">Choose what is in view</button>'
    '<button type="button" data-tool="in" aria-label="Zoom in">+</button>'
    '<button type="button" data-tool="out" aria-label="Zoom out">−</button>'
    '<button type="button" data-tool="whole">Whole map</button>'
    '<p role="status"></p></div><div class="panes"></div>'
    '<div class="legend" role="group" aria-label="Colours"></div></div>'
)


def show_map(search: StreamlitPage, browse: StreamlitPage, curator: str | None) -> None:
    """Draw the page.

    Args:
        search, browse: the pages that lead on from here.
        curator: who has logged in, as the audit log has it.
    """
    map_address.follow_address(collection.understood)
    drawn = {shown.model: shown for shown in collection.maps()}
    if not drawn:
        _say_none(curator)
        return
    st.html('<p class="v-purpose">Works that lie close together look alike to this model.</p>')
    now = _chosen(drawn)
    map_address.write_address(now)
    hits, found = _hits(now.models)
    if found:
        _say_asked(found)
    opened = _draw([drawn[model] for model in now.models], now, found, hits)
    if opened is not None:
        visit.start_from_work(opened)
        st.switch_page(search)
    if now.area is not None:
        _show_chosen(drawn[now.area.model], now.area, search, browse)


def _say_none(curator: str | None) -> None:
    job = st.session_state.get(_STARTED)
    if job is None:
        show_notice("There is no map of this collection yet.", title="No map yet")
    else:
        run = collection.runner().run(job)
        if not run.is_over:
            show_notice(
                "That takes minutes, and goes on when you leave this page. Under “Curate” stands "
                "whether it is done.",
                title="The map is being drawn",
            )
            st.button("Look again", key="map-again")
            return
        show_notice(run.error or "", title="The map could not be drawn", problem=True)
    if curator is not None and st.button("Draw the map", key="draw-map", type="primary"):
        changes = Changes(collection.deployment(), curator)
        st.session_state[_STARTED] = changes.start(MapJob(), collection.runner()).id
        st.rerun()


def _chosen(drawn: Mapping[str, ShownMap]) -> MapState:
    """Draw the choices, and return what is looked at now."""
    before = map_address.state()
    models = [name for name in before.models if name in drawn] or list(drawn)[:1]
    offered = facets_of(drawn[models[0]]) or ["source"]
    with st.container(key="map-choices", horizontal=True, gap="medium"):
        first = _select("Model", list(drawn), models[0], "map-model")
        others = [name for name in drawn if name != first]
        second: str | None = None
        if others:
            beside = models[1] if len(models) == MOST_MAPS and models[1] in others else _ALONE
            second = _select("Beside it", [_ALONE, *others], beside, "map-beside")
        by = before.by if before.by in offered else offered[0]
        chosen: Facet = st.selectbox(
            "Colours",
            offered,
            index=offered.index(by),
            format_func=str.capitalize,
            key=f"map-by-{by}",
            on_change=visit.acted,
        )
    shown = (first,) if second in (None, _ALONE, first) else (first, second)
    area = before.area if before.area and before.area.model in shown else None
    now = MapState(models=shown, by=chosen, area=area)
    map_address.chosen_in_widgets(now)
    return now


def _select(label: str, options: Sequence[str], chosen: str, key: str) -> str:
    return st.selectbox(
        label,
        options,
        index=options.index(chosen),
        format_func=lambda name: name if name == _ALONE else collection.model_title(name),
        key=f"{key}-{chosen}",
        on_change=visit.acted,
    )


def _hits(models: Sequence[str]) -> tuple[dict[str, list[UUID]], list[Subject]]:
    """Return what each model finds, where something is asked, and what that is."""
    state = visit.state()
    found, _ = subjects(state.examples)
    if not any(subject.example.is_like for subject in found):
        return {}, []
    held = collection.askable()
    answered = answer(found, state, models, held=held, usual=held, top=state.top)
    return {
        name: [hit.artwork.id for hit in hits.hits] for name, hits in answered.found.items()
    }, found


def _say_asked(found: Sequence[Subject]) -> None:
    top = visit.state().top
    about = f"“{found[0].title}”" if len(found) == 1 else f"your {len(found)} examples"
    with st.container(key="map-asked", horizontal=True, vertical_alignment="center"):
        said = f"Rings mark the {works(top)} that look most like {about}."
        st.html(f'<p class="v-faint">{escaped(said)}</p>', width="content")
        st.button("Without them", key="map-forget", type="tertiary", on_click=visit.ask_nothing)


def _draw(
    maps: Sequence[ShownMap],
    now: MapState,
    found: Sequence[Subject],
    hits: Mapping[str, Sequence[UUID]],
) -> UUID | None:
    """Draw the maps; return the work that the visitor wants to see others like."""
    examples = [UUID(item.example.of) for item in found if item.example.kind == "work"]
    panes = [
        {
            "model": shown.model,
            "title": collection.model_title(shown.model),
            "version": shown.version,
            "works": shown.works,
            "hits": shown.places_of(hits.get(shown.model, ())),
            "examples": shown.places_of(examples),
        }
        for shown in maps
    ]
    result: Any = component(_MAP, _HTML, parts=("map_points", "map_pane"))(
        key=_MAP,
        data={
            "panes": panes,
            "by": now.by,
            "area": str(now.area) if now.area else None,
            "key": page_key() if collection.settings().read_needs_key else None,
        },
        on_area_change=_area_changed,
        on_open_change=visit.acted,
    )
    try:
        return UUID(str(result.open)) if result.open else None
    except ValueError:
        return None


def _area_changed() -> None:
    said = st.session_state[_MAP].get("area")
    try:
        # What a browser sends is not to be trusted.
        map_address.choose(MapArea.read(str(said)) if said else None)
    except InvalidArea:
        map_address.choose(None)


def _show_chosen(
    shown: ShownMap, area: MapArea, search: StreamlitPage, browse: StreamlitPage
) -> None:
    chosen = shown.within(area.area)
    some = len(chosen) > FIRST_TILES
    note = f"The {FIRST_TILES} in the middle of the area:" if some else ""
    show_heading(f"{works(len(chosen))} chosen", note=note)
    with st.container(key="map-actions", horizontal=True, gap="small"):
        for label, page in (("Browse these", browse), ("Search among these", search)):
            if st.button(label, key=f"map-{page.url_path or 'search'}", disabled=not len(chosen)):
                visit.change(replace(visit.state(), within=area, listing=Listing()))
                st.switch_page(page)
        st.download_button(
            "Download as a table",
            partial(_table, shown, area, origin=visit.page_origin()),
            file_name="works.csv",
            mime="text/csv",
            key="map-table",
            on_click="ignore",
            disabled=not len(chosen),
        )
        st.button("Clear", key="map-clear", on_click=map_address.choose, args=(None,))
    first = shown.works_at(chosen[:FIRST_TILES])
    known = collection.works(first)
    st.html(wall(tile(picture_of(known[work]), known[work]) for work in first if work in known))


def _table(shown: ShownMap, area: MapArea, *, origin: str) -> bytes:
    """Return the works in an area as a table.

    Args:
        origin: of the page, which the works' addresses begin with.
    """
    rows = []
    for page in batched(shown.works_at(shown.within(area.area)), ROWS_AT_ONCE):
        known = collection.works(page)
        rows += [
            [*(getattr(known[work], name) for name in COLUMNS), f"{origin}{work_address(work)}"]
            for work in page
            if work in known
        ]
    return spreadsheet([*COLUMNS, "address"], rows)
