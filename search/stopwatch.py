"""How long each stage of an answer takes."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

Stage = Literal["decode", "embed", "index", "catalog", "views", "keypoints", "verify"]

SEARCH_STAGES: tuple[Stage, ...] = ("decode", "embed", "index", "catalog")
IDENTIFY_STAGES: tuple[Stage, ...] = (*SEARCH_STAGES, "views", "keypoints", "verify")


class Stopwatch:
    """Adds up the time of each stage, in milliseconds."""

    def __init__(self, stages: Sequence[Stage] = SEARCH_STAGES) -> None:
        self.milliseconds: dict[Stage, float] = dict.fromkeys(stages, 0.0)

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Add the time that the body takes to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.milliseconds[name] += 1_000 * (time.perf_counter() - start)
