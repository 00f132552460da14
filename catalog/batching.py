"""Items in batches."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of ``size`` items, the last perhaps shorter (``itertools.batched``, Python 3.12).

    An iterator is read no further than the batch that is asked for.
    """
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
