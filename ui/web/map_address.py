"""Which maps are shown, how they are coloured and what is chosen on them, as their address says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from catalog.filters import Filter
from search.maps.area import MapArea
from search.maps.colours import FACETS, Facet
from ui.web import address, visit

MOST_MAPS = 2

_SHOWN = "map-shown"
_WRITTEN = "map-address"


@dataclass(frozen=True, kw_only=True)
class MapState:
    """What is looked at.

    Args:
        models: whose maps are shown, beside each other; empty for the usual one.
        by: what the works are coloured by; ``None`` for the first that tells them apart.
        area: what is chosen.
    """

    models: tuple[str, ...] = ()
    by: Facet | None = None
    area: MapArea | None = None


def state() -> MapState:
    """Return what is looked at now."""
    now: MapState = st.session_state.get(_SHOWN, MapState())
    return now


def look_at(now: MapState) -> None:
    """Look at something else; whoever calls it has been told so by the visitor."""
    visit.acted()
    st.session_state[_SHOWN] = now


def chosen_in_widgets(now: MapState) -> None:
    """Take over what the visitor has chosen in widgets, which show it already."""
    st.session_state[_SHOWN] = now


def choose(area: MapArea | None) -> None:
    """Choose the works in an area, or none."""
    look_at(replace(state(), area=area))


def follow_address(understood: Callable[[Filter], Filter]) -> None:
    """Read the address, where the visitor came with it or went back to it.

    A page that is turned to has no address yet, and shows what is being asked.

    Args:
        understood: gives a filter as the collection speaks of its values.
    """
    here = visit.parameters()
    if not visit.has_acted() and here and here != st.session_state.get(_WRITTEN):
        asked = address.read(here)
        visit.change(replace(asked, wanted=understood(asked.wanted)))
        look_at(_read(here))
        visit.has_acted()
    visit.leave()


def write_address(now: MapState) -> None:
    """Make the address lead back to what is looked at, and to what is asked."""
    found = address.written(visit.state())
    found |= {"map": list(now.models), "by": [now.by or ""]}
    if now.area:
        found["area"] = [str(now.area)]
    if found != visit.parameters():
        st.query_params.from_dict(found)
    st.session_state[_WRITTEN] = found


def _read(parameters: address.Parameters) -> MapState:
    def first(name: str) -> Sequence[str]:
        return parameters.get(name, [])[:MOST_MAPS]

    by = next((facet for facet in FACETS if [facet] == first("by")[:1]), None)
    return MapState(
        models=tuple(dict.fromkeys(first("map"))),
        by=by,
        area=address.read_area(first("area")),
    )
