"""How long each stage of an answer takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Stage = Literal["decode", "embed", "index", "catalog"]


class Stopwatch:
    """Adds up the time of each stage, in milliseconds."""

    def __init__(self) -> None:
        self.milliseconds: dict[Stage, float] = {
            "decode": 0.0,
            "embed": 0.0,
            "index": 0.0,
            "catalog": 0.0,
        }

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Add the time that the body takes to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.milliseconds[name] += 1_000 * (time.perf_counter() - start)
