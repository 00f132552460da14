"""What became of each work of a job, each counted once."""

from collections import Counter
from collections.abc import Iterable
from enum import IntEnum
from uuid import UUID


class Outcome(IntEnum):
    """What became of a work; of several, the greatest counts.

    One that waits to be embedded is seen, and counts as nothing else yet.
    """

    WAITING = -1
    UNCHANGED = 0
    UPDATED = 1
    ADDED = 2
    FAILED = 3


class Counters:
    """Counts works by outcome. Its cost does not grow with what it has counted already."""

    def __init__(self) -> None:
        self._outcomes: dict[UUID, Outcome] = {}
        self._works: Counter[Outcome] = Counter()
        self._unreadable_rows = 0

    def note(self, works: Iterable[UUID], outcome: Outcome) -> None:
        """Note what became of works; those not heard of before are counted from now on."""
        for work in works:
            former = self._outcomes.get(work)
            if former is not None and former >= outcome:
                continue
            if former is not None:
                self._works[former] -= 1
            self._outcomes[work] = outcome
            self._works[outcome] += 1

    def note_unreadable_rows(self, rows: int) -> None:
        """Note rows of the source that could not become works."""
        self._unreadable_rows += rows

    @property
    def seen(self) -> int:
        """How many works and unreadable rows there have been."""
        return len(self._outcomes) + self._unreadable_rows

    def settle(self) -> None:
        """Count what still waits as unchanged: another worker has it, or will."""
        self.note(
            [work for work, outcome in self._outcomes.items() if outcome == Outcome.WAITING],
            Outcome.UNCHANGED,
        )

    def counts(self) -> dict[str, int]:
        """Return the counts by name; all but ``seen`` add up to ``seen``, once nothing waits."""
        return {
            "seen": self.seen,
            "added": self._works[Outcome.ADDED],
            "updated": self._works[Outcome.UPDATED],
            "unchanged": self._works[Outcome.UNCHANGED],
            "failed": self._works[Outcome.FAILED] + self._unreadable_rows,
        }
