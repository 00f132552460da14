"""The works of a map in categories, each of which has a colour."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from catalog.filters import KEYWORD_FIELDS
from catalog.labels import NO_YEAR
from search.maps.shown import ShownMap

Facet = Literal["style", "genre", "artist", "school", "source", "year"]

FACETS: tuple[Facet, ...] = ("style", "genre", "artist", "school", "source", "year")

MOST_CATEGORIES = 200
"""So that the number of a category is one byte."""

USUAL_CATEGORIES = 12
"""More colours are hard to tell apart."""

Kind = Literal["value", "other", "none"]

_SPANS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
"""Years that one colour may stand for."""


@dataclass(frozen=True)
class Category:
    """One colour.

    Args:
        kind: ``value``; ``other``, for all values that have no colour of their own; ``none``, for
            works without one.
        label: a value, or a span of years such as ``1850–1899``; empty for the other kinds.
        count: works on the map.
    """

    kind: Kind
    label: str
    count: int


@dataclass(frozen=True, eq=False)
class Colours:
    """Which category each work of a map is in.

    Args:
        legend: of keywords the largest first, of years the earliest first; then ``other`` and
            ``none``, where there are any.
        categories: uint8 [n], the place of each work's category in the legend.
    """

    by: Facet
    legend: tuple[Category, ...]
    categories: NDArray[np.uint8]


def colours(shown: ShownMap, by: Facet, *, most: int = USUAL_CATEGORIES) -> Colours:
    """Put the works of a map into categories.

    Args:
        most: values that have a category of their own, at most ``MOST_CATEGORIES``.
    """
    codes, label = _by_year(shown, most) if by == "year" else _by_keyword(shown, by)
    values, counts = np.unique(codes[codes >= 0], return_counts=True)
    if by == "year":
        chosen = np.arange(len(values))
    else:
        names = np.array([label(value) for value in values.tolist()])
        chosen = np.lexsort((names, -counts))[:most]
    other, none = len(chosen), len(chosen) + (len(chosen) < len(values))
    number = np.full(int(codes.max(initial=-1)) + 2, other, np.uint8)
    number[-1] = none  # the code -1
    number[values[chosen]] = np.arange(len(chosen))
    categories = number[codes]
    totals = np.bincount(categories, minlength=none + 1)
    legend = [
        Category("value", label(values[place]), int(counts[place])) for place in chosen.tolist()
    ]
    if other != none:
        legend.append(Category("other", "", int(totals[other])))
    if totals[none]:
        legend.append(Category("none", "", int(totals[none])))
    return Colours(by, tuple(legend), categories)


def facets_of(shown: ShownMap) -> list[Facet]:
    """Return what the works of a map can be told apart by: facets with two values or more."""
    found: list[Facet] = []
    for facet in FACETS:
        values = shown.labels.years if facet == "year" else shown.labels.codes[facet]
        missing = NO_YEAR if facet == "year" else -1
        on_map = values[shown.rows]
        if len(np.unique(on_map[on_map != missing])) > 1:
            found.append(facet)
    return found


def _by_keyword(shown: ShownMap, by: str) -> tuple[NDArray[np.int32], Callable[[int], str]]:
    assert by in KEYWORD_FIELDS  # noqa: S101 - all facets but the year are
    return shown.labels.codes[by][shown.rows], shown.labels.values[by].__getitem__


def _by_year(shown: ShownMap, most: int) -> tuple[NDArray[np.int32], Callable[[int], str]]:
    """Return spans of years; the first and the last take in what lies outside of most works."""
    years = shown.labels.years[shown.rows]
    known = years[years != NO_YEAR]
    if not len(known):
        return np.full(len(years), -1, np.int32), str
    first, last = np.quantile(known, [0.05, 0.95], method="nearest").tolist()
    span = next((item for item in _SPANS if (last // item - first // item) < most), _SPANS[-1])
    lowest = first // span
    highest = min(last // span, lowest + most - 1)
    codes = np.clip(years // span, lowest, highest) - lowest
    ends = known.min() < lowest * span, known.max() >= (highest + 1) * span

    def label(code: int) -> str:
        start, end = (int(code) + lowest) * span, (int(code) + lowest + 1) * span - 1
        if code == 0 and ends[0]:
            return f"to {end}"
        if code == highest - lowest and ends[1]:
            return f"from {start}"
        return f"{start}" if span == 1 else f"{start}–{end}"

    return np.where(years == NO_YEAR, -1, codes).astype(np.int32), label
