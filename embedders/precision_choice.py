"""The precision in which a model's vectors are best made on this machine, by trial."""

from collections.abc import Callable
from time import perf_counter, thread_time

import numpy as np

from embedders.embedder import Embedder, Pixels
from embedders.pass_threads import one_core_threads
from embedders.precision import Precision

LEAST_GAIN = 1.2
"""A precision that is faster by less is not worth keeping vectors of two kinds for."""

LEAST_COSINE = 0.9995
"""Between the two vectors of one picture. ResNet50 keeps it by far; EfficientNet-Lite0, with its
narrow layers, does not, and its rankings show it."""

_ROUNDS = 2
_CELLS = (7, 56)


def best_precision(embedder: Embedder, report: Callable[[str], None]) -> Precision:
    """Return bfloat16 where it is faster than float32 here and hardly changes a vector.

    Takes a few passes of two pictures where this machine computes in bfloat16, and no time where
    it does not or where the model has no network.

    Args:
        report: is told what was chosen and why.

    Raises:
        WeightsUnavailable: the model cannot be loaded.
    """
    plain, quick = (embedder.in_precision(item) for item in Precision)
    if plain is quick:
        return Precision.FLOAT32
    # Imported here: torch takes seconds, and a model without a network never needs it.
    from embedders.torch_embedder import computes_in_bfloat16, device

    if not computes_in_bfloat16():
        return Precision.FLOAT32
    # On one core its own time is counted, whatever else the machine does.
    clock = thread_time if device().type == "cpu" else perf_counter
    with one_core_threads(1) as thread:
        cosine, gain = thread.submit(_compare, plain, quick, clock).result()
    found = f"bfloat16 is {gain:.1f} times as fast here, and vectors keep a cosine of {cosine:.4f}"
    chosen = Precision.FLOAT32
    if gain >= LEAST_GAIN and cosine >= LEAST_COSINE:
        chosen = Precision.BFLOAT16
    report(f"{embedder.name} computes in {chosen}: {found}")
    return chosen


def _compare(plain: Embedder, quick: Embedder, clock: Callable[[], float]) -> tuple[float, float]:
    """Return the least cosine between two models' vectors, and how much faster the second is."""
    batch = _pictures(plain.preparation.size)
    exact, rounded = plain.embed_prepared(batch), quick.embed_prepared(batch)
    slow, fast = (
        min(_seconds(item, batch, clock) for _ in range(_ROUNDS)) for item in (plain, quick)
    )
    return float((exact * rounded).sum(axis=1).min()), slow / fast


def _pictures(size: int) -> Pixels:
    """Return pictures of coloured squares, large and small, uint8 [2, size, size, 3]."""
    rng = np.random.default_rng(0)
    places = np.arange(size)
    squares = [rng.integers(0, 256, (cells, cells, 3), np.uint8) for cells in _CELLS]
    return np.stack([s[places * len(s) // size][:, places * len(s) // size] for s in squares])


def _seconds(embedder: Embedder, batch: Pixels, clock: Callable[[], float]) -> float:
    start = clock()
    embedder.embed_prepared(batch)
    return clock() - start
