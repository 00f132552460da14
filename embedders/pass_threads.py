"""Threads for forward passes side by side, each on a core of its own.

One pass on all cores waits at every layer for the core that comes last, and whatever else the
process does on one of them, such as decoding, makes all wait. Passes that need no other lose
nothing by it.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from embedders.embedder import Embedder


def pass_threads(embedders: Sequence[Embedder]) -> tuple[ThreadPoolExecutor, int]:
    """Return threads for passes of these models, and how many they are.

    Raises:
        WeightsUnavailable: one of them cannot be loaded.
    """
    at_once = max(item.passes_at_once() for item in embedders)
    if at_once == 1:
        return ThreadPoolExecutor(1, "embed"), 1
    return one_core_threads(at_once), at_once


def one_core_threads(count: int) -> ThreadPoolExecutor:
    """Return threads on each of which torch computes on one core."""
    # Imported here: torch takes seconds, and a model without a network never needs it.
    import torch

    # The number is that of the thread which sets it, and of those that first compute afterwards.
    return ThreadPoolExecutor(count, "embed", torch.set_num_threads, (1,))
