"""A batch of records into the catalog; where the database refuses it, as much of it as it holds."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from catalog.database import is_refused_value
from catalog.jobs import Failure
from catalog.record import ArtworkRecord

REFUSED = "a value that the database does not hold"


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """What became of records that one transaction brought into the catalog.

    Args:
        updated: works that were known, with other metadata.
        passed_over: works that failed before, and are not tried again.
        unreadable_rows: failures that were written down beside the works.
    """

    works: Sequence[UUID]
    updated: Collection[UUID]
    passed_over: Collection[UUID]
    unreadable_rows: int


class TakeIn(Protocol):
    """Writes records and failures in one transaction, all or nothing."""

    def __call__(
        self, records: Sequence[ArtworkRecord], failures: Sequence[Failure]
    ) -> TakenIn: ...


def taken_in(
    take_in: TakeIn, records: Sequence[ArtworkRecord], failures: Sequence[Failure]
) -> Iterator[TakenIn]:
    """Take in a batch, by halves where the database refuses it, so that one row fails alone.

    A record's own checks see to it that this is rare: it is for what they do not know of.
    """
    try:
        whole = take_in(records, failures)
    except Exception as error:
        if not records or not is_refused_value(error):
            raise
        if len(records) == 1:
            detail = str(getattr(error, "orig", None) or error).partition("\n")[0]
            fault = Failure(item=records[0].file, stage="read", reason=REFUSED, detail=detail)
            yield take_in([], [*failures, fault])
            return
    else:
        yield whole
        return
    middle = len(records) // 2
    yield from taken_in(take_in, records[:middle], failures)
    yield from taken_in(take_in, records[middle:], [])
