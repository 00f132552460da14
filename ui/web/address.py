"""What is asked, written into the page's address and read from it.

An address can be shared, kept and gone back to; what it says is never trusted. An uploaded picture
is named by its token only: it stays with the visitor who uploaded it.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, get_args
from urllib.parse import quote, unquote, urlencode

from catalog.filters import KEYWORD_FIELDS, NEVER_KEPT, Filter, InvalidFilter
from catalog.listing import Order
from search.maps.area import InvalidArea, MapArea
from search.query import InvalidQuery, Region
from ui.web.page_state import (
    FARTHEST,
    FEWEST_HITS,
    MOST_EXAMPLES,
    MOST_HITS_SHOWN,
    MOST_SHOWN,
    PERCENTILES,
    USUAL_HITS,
    WEIGHTS,
    Example,
    Kind,
    Listing,
    PageState,
)

Parameters = dict[str, list[str]]

MOST_VALUES = 50
LONGEST_WORDS = 200
LONGEST_VALUE = 1_000
"""What is longer was not written by this page, and is passed over."""

_KINDS: Final[tuple[Kind, ...]] = ("picture", "work", "text")
_KEYWORDS = (*KEYWORD_FIELDS, *(f"not_{name}" for name in KEYWORD_FIELDS))
_MODEL = re.compile(r"[a-z][a-z0-9_]{0,62}")


def written(state: PageState) -> Parameters:
    """Return the parameters of an address that leads back to what is asked.

    What is as it usually is is left out, so that the address of a plain search is short.
    """
    found: Parameters = {}
    for sign in (True, False):
        for kind in _KINDS:
            values = [
                _written(example)
                for example in state.examples
                if example.kind == kind and example.is_like is sign
            ]
            if values:
                found[kind if sign else f"not_{kind}"] = values
    for name in _KEYWORDS:
        if values := list(getattr(state.wanted, name)):
            found[name] = values
    numbers = {
        "year_from": state.wanted.year_from,
        "year_to": state.wanted.year_to,
        "top": None if state.top == USUAL_HITS else state.top,
        "shown": state.shown,
        "min_percentile": state.min_percentile,
        "max_distance": state.max_distance,
    }
    found |= {name: [f"{value:g}"] for name, value in numbers.items() if value is not None}
    found |= {name: ["1"] for name in ("exact", "diverse") if getattr(state, name)}
    listing = {"q": state.listing.text, "sort": state.listing.order, "page": state.listing.page}
    usual = {"q": "", "sort": "artist", "page": 1}
    found |= {name: [str(value)] for name, value in listing.items() if value != usual[name]}
    if state.sense:
        found["sense"] = [state.sense]
    if state.models:
        found["model"] = list(state.models)
    if state.within:
        found["within"] = [str(state.within)]
    return found


def link(page: str, state: PageState) -> str:
    """Return the whole address that leads back to what is asked.

    Args:
        page: address of the page, with or without parameters.
    """
    parameters = urlencode(written(state), doseq=True)
    return page.partition("?")[0] + (f"?{parameters}" if parameters else "")


def read(parameters: Mapping[str, Sequence[str]]) -> PageState:
    """Return what an address asks. What makes no sense in it is passed over."""

    def values(name: str) -> list[str]:
        given = parameters.get(name, [])[:MOST_VALUES]
        fit = (item for item in given if 0 < len(item) <= LONGEST_VALUE)
        return [item for item in fit if not NEVER_KEPT.search(item)]

    examples = [
        example
        for sign in (1, -1)
        for kind in _KINDS
        for value in values(kind if sign > 0 else f"not_{kind}")
        if (example := _read(kind, value, sign))
    ]
    percentile = _number(values("min_percentile"), PERCENTILES[0], PERCENTILES[-1])
    top = _number(values("top"), FEWEST_HITS, MOST_HITS_SHOWN)
    shown = _number(values("shown"), FEWEST_HITS, MOST_SHOWN)
    return PageState(
        examples=_distinct(examples),
        wanted=_filter(values),
        within=read_area(values("within")),
        sense=next((item for item in values("sense") if _MODEL.fullmatch(item)), ""),
        models=tuple(item for item in dict.fromkeys(values("model")) if _MODEL.fullmatch(item)),
        top=USUAL_HITS if top is None else round(top),
        shown=None if shown is None else round(shown),
        exact=values("exact") == ["1"],
        diverse=values("diverse") == ["1"],
        min_percentile=(percentile and max(item for item in PERCENTILES if item <= percentile))
        or None,
        max_distance=_number(values("max_distance"), 0.0, FARTHEST),
        listing=Listing(
            text=next(iter(values("q")), "")[:LONGEST_WORDS],
            order=next((item for item in get_args(Order) if [item] == values("sort")), "artist"),
            page=round(_number(values("page"), 1, 10**6) or 1),
        ),
    )


def read_area(values: Sequence[str]) -> MapArea | None:
    """Return the area of a map that the first of some values says; ``None`` where it says none."""
    try:
        return MapArea.read(values[0])
    except (IndexError, InvalidArea):
        return None


def _written(example: Example) -> str:
    parts = [quote(example.of, safe=" ,.!?'").replace("~", "%7E")]
    if abs(example.weight) != 1:
        parts.append(f"{abs(example.weight):g}")
    if example.region is not None:
        parts.append(
            ",".join(f"{getattr(example.region, item.name):.3g}" for item in fields(Region))
        )
    return "~".join(parts)


def _read(kind: Kind, value: str, sign: int) -> Example | None:
    of, *options = value.split("~")
    if not (of := unquote(of).strip()):
        return None
    weight, region = 1.0, None
    for option in options:
        numbers = [_number([part], 0.0, max(WEIGHTS)) for part in option.split(",")]
        given = [number for number in numbers if number is not None]
        if len(numbers) == 1 and given and given[0] > 0:
            weight = min(WEIGHTS, key=lambda known: abs(known - given[0]))
        elif len(numbers) == len(given) == 4 and max(given) <= 1 and kind != "text":
            region = _region(given)
    return Example(kind, of, sign * weight, region)


def _region(numbers: Sequence[float]) -> Region | None:
    try:
        return Region(*numbers)
    except InvalidQuery:
        return None


def _distinct(examples: Iterable[Example]) -> tuple[Example, ...]:
    return tuple({(example.kind, example.of): example for example in examples}.values())[
        :MOST_EXAMPLES
    ]


def _filter(values: Callable[[str], list[str]]) -> Filter:
    keywords: dict[str, Any] = {name: tuple(dict.fromkeys(values(name))) for name in _KEYWORDS}
    first, last = (_number(values(name), -9_999, 9_999) for name in ("year_from", "year_to"))
    try:
        return Filter(
            **keywords,
            year_from=None if first is None else round(first),
            year_to=None if last is None else round(last),
        )
    except InvalidFilter:
        return Filter(**keywords)


def _number(values: Sequence[str], least: float, most: float) -> float | None:
    """Return the first value as a number within bounds; ``None`` for none, or no number."""
    try:
        number = float(values[0])
    except (IndexError, ValueError):
        return None
    return min(most, max(least, number)) if math.isfinite(number) else None
