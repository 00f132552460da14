"""What a visitor asks, as one frozen value: the examples, the filter, and how to search."""

from dataclasses import dataclass, field, replace
from typing import Literal

from catalog.filters import Filter
from catalog.listing import Order
from search.maps.area import MapArea
from search.query import Region

Kind = Literal["picture", "work", "text"]

FEWEST_HITS, USUAL_HITS, MOST_HITS_SHOWN = 3, 10, 50
MOST_SHOWN = 100
"""Hits of one model on the page: more would be slow to draw, and no one looks that far."""

MOST_EXAMPLES = 12
WEIGHTS = (0.5, 1.0, 2.0, 3.0)
"""How much an example may count among those of its sign."""

PERCENTILES = (0.0, 50.0, 80.0, 90.0, 95.0, 98.0, 99.0, 99.5, 99.9, 99.95)
"""Cut-offs by percentile; 0 is none. Finer towards the end, where the answers are."""

FARTHEST = 2.0
"""The cut-off by angular distance that cuts nothing off."""


@dataclass(frozen=True)
class Example:
    """One example of what the works should be like, or unlike.

    Args:
        of: the token of an uploaded picture, the id of a work, or a text.
        weight: of this example among those of its sign; negative for unlike.
        region: the part of the picture that is meant, in shares of its sides.
    """

    kind: Kind
    of: str
    weight: float = 1.0
    region: Region | None = None

    @property
    def is_like(self) -> bool:
        """Whether the works should be like it."""
        return self.weight > 0

    def is_about(self, other: "Example") -> bool:
        """Tell whether both name the same thing."""
        return (self.kind, self.of) == (other.kind, other.of)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What of the works that pass the filter is listed.

    Args:
        text: words in title or artist.
        page: from 1.
    """

    text: str = ""
    order: Order = "artist"
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class PageState:
    """All that decides what the page shows, and that its address carries.

    Args:
        sense: in which works are alike, by ``offers.sense_of``.
        models: to show, in no order; empty for the usual ones.
        top: hits of each model at first.
        shown: hits of each model after more were asked for; ``None`` before.
        exact: whether every work is scanned.
        diverse: whether works unlike those before them are preferred.
        min_percentile, max_distance: cut-offs; ``None`` for none.
        listing: of the works that pass, where they are browsed.
        within: only works in this area of a map; ``None`` for all.
    """

    examples: tuple[Example, ...] = ()
    wanted: Filter = field(default_factory=Filter)
    within: MapArea | None = None
    sense: str = ""
    models: tuple[str, ...] = ()
    top: int = USUAL_HITS
    shown: int | None = None
    exact: bool = False
    diverse: bool = False
    min_percentile: float | None = None
    max_distance: float | None = None
    listing: Listing = field(default_factory=Listing)

    @property
    def hits(self) -> int:
        """How many hits of each model are shown."""
        return max(self.top, self.shown or 0)

    def with_example(self, example: Example) -> "PageState":
        """Return the same with one more example; with another sign, if it was there already."""
        others = tuple(item for item in self.examples if not item.is_about(example))
        return replace(self, examples=(*others, example)[:MOST_EXAMPLES], shown=None)

    def without_example(self, example: Example) -> "PageState":
        """Return the same without an example."""
        kept = tuple(item for item in self.examples if not item.is_about(example))
        return replace(self, examples=kept, shown=None)

    def with_changed(self, example: Example) -> "PageState":
        """Return the same with an example in place of the one about the same thing."""
        changed = tuple(example if item.is_about(example) else item for item in self.examples)
        return replace(self, examples=changed, shown=None)
