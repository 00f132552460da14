"""What a server under load answered, what went wrong, and what memory it took."""

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from threading import Lock
from typing import IO

import numpy as np

from benchmarks.trends import trend


class Record:
    """What was answered and what went wrong; many threads write to it.

    Attributes:
        seconds: that answers took, by what was asked.
        errors: how often each happened.
        times: seconds since the beginning, at which memory was read.
        memory: MB of each server, by name.
        open_files: of the server that is under load.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._fresh: dict[str, list[float]] = defaultdict(list)
        self._fresh_errors: list[str] = []
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.times: list[float] = []
        self.memory: list[dict[str, float]] = []
        self.open_files: list[int] = []

    def took(self, kind: str, seconds: float) -> None:
        """Note an answer."""
        with self._lock:
            self.seconds[kind].append(seconds)
            self._fresh[kind].append(round(seconds, 4))

    def failed(self, kind: str, why: str) -> None:
        """Note an error."""
        with self._lock:
            self.errors[f"{kind}: {why}"] += 1
            self._fresh_errors.append(f"{kind}: {why}")

    def sample(
        self, file: IO[str], second: float, memory: dict[str, float], open_files: int
    ) -> None:
        """Note memory, in MB, and the server's open files, and write down what is new."""
        self.times.append(second)
        self.memory.append(memory)
        self.open_files.append(open_files)
        with self._lock:
            answers, errors = self._fresh, self._fresh_errors
            self._fresh, self._fresh_errors = defaultdict(list), []
        line = {
            "second": round(second, 1),
            "memory_mb": memory,
            "open_files": open_files,
            "answered_after_seconds": answers,
            "errors": errors,
        }
        file.write(json.dumps(line) + "\n")
        file.flush()

    def lines(self) -> Iterator[str]:
        """Yield tables of latencies and of memory, and how memory grows."""
        yield f"{'':20}{'answers':>9}{'p50':>10}{'p95':>10}{'p99':>10}{'slowest':>10}  ms"
        for kind, seconds in self.seconds.items():
            figures = [*np.percentile(seconds, (50, 95, 99)), max(seconds)]
            shown = "".join(f"{1000 * each:10,.0f}" for each in figures)
            yield f"{kind:20}{len(seconds):9,}{shown}"
        if not self.memory:
            return
        yield f"{'':20}{'first':>9}{'last':>10}{'least':>10}{'most':>10}  MB"
        for name in self.memory[0]:
            values = self._memory_of(name)
            shown = "".join(f"{each:10,.0f}" for each in (values[-1], min(values), max(values)))
            yield f"{name:20}{values[0]:9,.0f}{shown}"
        yield f"{'open files':20}{self.open_files[0]:9,}{self.open_files[-1]:10,}"
        for name in self.memory[0]:
            if name != "jobs":  # which come and go
                yield f"{name}: {self._growth(name)}"

    def _memory_of(self, name: str) -> list[float]:
        return [memory.get(name, 0.0) for memory in self.memory]

    def _growth(self, name: str) -> str:
        """Return in words how memory grows over the last two thirds."""
        first = bisect_left(self.times, self.times[-1] / 3)
        found = trend(self.times[first:], self._memory_of(name)[first:])
        if found is None:
            return "too few minutes for a slope"
        return (
            f"{found.slope:+.1f} ± {found.margin:.1f} MB an hour (95 %) over the last "
            f"{found.minutes} minutes, {found.growth:+.2%} of {found.mean:,.0f} MB; {found.verdict}"
        )
