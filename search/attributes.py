"""What kind of work a picture shows, by the works nearest to it."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from catalog.artworks import ArtworkFacts
from catalog.centuries import century, century_name

NEIGHBOURS = 20
SHARPNESS = 0.05
"""A work whose cosine is less than the nearest's by this much weighs 1/e of it."""

MOST_VALUES = 5

LEAST_AGREED = 0.5
LEAST_LEAD = 0.25
"""Votes agree on a value that has this share of them, and leads by this much: over the next value,
and over its share of the collection, which any votes would give it."""


@dataclass(frozen=True, kw_only=True)
class AttributeShare:
    """A value of an attribute and its share of the neighbours' weight, in (0, 1]."""

    value: str
    share: float


Attributes = Mapping[str, tuple[AttributeShare, ...]]
"""``style``, ``genre``, ``artist`` and ``century``, each with its likeliest values first."""


def weighted_attributes(neighbours: Sequence[tuple[ArtworkFacts, float]]) -> Attributes:
    """Let the nearest works vote on what a picture is.

    A neighbour weighs ``exp((cosine - nearest's cosine) / SHARPNESS)``; one that has no value of an
    attribute has no vote on it, so that the shares of an attribute's values add up to one, or to
    less where only the ``MOST_VALUES`` likeliest are given.

    Args:
        neighbours: works with their cosines, the nearest first.
    """
    chosen = neighbours[:NEIGHBOURS]
    nearest = max((cosine for _, cosine in chosen), default=0.0)
    voters = [(work, math.exp((cosine - nearest) / SHARPNESS)) for work, cosine in chosen]
    return {name: _shares(voters, value) for name, value in _ATTRIBUTES.items()}


def agree(shares: Sequence[AttributeShare], known: Mapping[str, int]) -> bool:
    """Tell whether the nearest works say more of an attribute than chance would.

    Args:
        shares: of the attribute's values, the likeliest first.
        known: value -> works of the collection that have it; empty where that is not known.
    """
    if not shares:
        return False
    first = shares[0]
    rival = shares[1].share if len(shares) > 1 else 0.0
    chance = known.get(first.value, 0) / max(1, sum(known.values()))
    return first.share >= LEAST_AGREED and first.share - max(rival, chance) >= LEAST_LEAD


def _century_of(work: ArtworkFacts) -> str | None:
    return None if work.year is None else century_name(century(work.year), "century")


_ATTRIBUTES: Mapping[str, Callable[[ArtworkFacts], str | None]] = {
    "style": lambda work: work.style,
    "genre": lambda work: work.genre,
    "artist": lambda work: work.artist,
    "century": _century_of,
}


def _shares(
    voters: Sequence[tuple[ArtworkFacts, float]], value_of: Callable[[ArtworkFacts], str | None]
) -> tuple[AttributeShare, ...]:
    weights: dict[str, float] = defaultdict(float)
    for work, weight in voters:
        value = value_of(work)
        if value:
            weights[value] += weight
    total = sum(weights.values())
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]
    return tuple(AttributeShare(value=value, share=weight / total) for value, weight in ranked)
