"""Works that have several records, shown once in a ranking."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class Reproductions:
    """Which records are of one work.

    Args:
        others: record -> the other records of its work; records of works with one are left out.
    """

    others: Mapping[UUID, tuple[UUID, ...]] = field(default_factory=dict)

    def once(self, ranking: Sequence[UUID]) -> list[UUID]:
        """Return a ranking with each work where the first of its records is."""
        if not self.others:
            return list(ranking)
        passed: set[UUID] = set()
        kept = []
        for item in ranking:
            if item not in passed:
                kept.append(item)
                passed.update((item, *self.others.get(item, ())))
        return kept

    def among(self, shown: Iterable[UUID]) -> list[UUID]:
        """Return the other records of the works of some records."""
        return [other for item in shown for other in self.others.get(item, ())]

    def ranks(self, ranking: Sequence[UUID]) -> dict[UUID, int]:
        """Return the rank, from 1, that each record's work has in a ranking."""
        return {
            record: rank
            for rank, item in enumerate(self.once(ranking), start=1)
            for record in (item, *self.others.get(item, ()))
        }
