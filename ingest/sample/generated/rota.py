"""Whose turn it is: how a painter walks through subjects, palettes and places."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def turn(items: Sequence[T], number: int) -> T:
    """The item for work ``number``: each round begins one later than the round before.

    So two lists of equal length walk against each other, and a motif does not always meet the
    same palette.
    """
    return items[(number + number // len(items)) % len(items)]


def placed(titles: Sequence[str], places: Sequence[str], number: int) -> str:
    """A title with a place put into its ``{}``; no pair comes twice before all have come."""
    round_, index = divmod(number, len(titles))
    return titles[index].format(places[(index + round_) % len(places)])
