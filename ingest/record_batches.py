"""Batches of records written to the catalog; of a batch that it refuses, all that it accepts."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from catalog.database import is_refused_value
from catalog.jobs import Failure
from catalog.record import ArtworkRecord

REFUSED = "a value that the database does not hold"


@dataclass(frozen=True, kw_only=True)
class WrittenBatch:
    """What became of the records that one transaction wrote.

    Args:
        waiting: works that are to be embedded.
        updated: works that were known, with other metadata.
        passed_over: works that failed before, and are not tried again.
        unreadable_rows: failures that were written down beside the works.
    """

    works: Sequence[UUID]
    waiting: Collection[UUID]
    updated: Collection[UUID]
    passed_over: Collection[UUID]
    unreadable_rows: int


Write = Callable[[Sequence[ArtworkRecord], Sequence[Failure]], WrittenBatch]
"""Writes records and failures in one transaction, all or nothing."""


def write_batch(
    write: Write, records: Sequence[ArtworkRecord], failures: Sequence[Failure]
) -> Iterator[WrittenBatch]:
    """Write a batch; where the database refuses it, bisect it, so that only the bad rows fail.

    Rare: records check themselves, and this is for what their checks do not know of.
    """
    try:
        whole = write(records, failures)
    except Exception as error:
        if not records or not is_refused_value(error):
            raise
        if len(records) == 1:
            detail = str(getattr(error, "orig", None) or error).partition("\n")[0]
            fault = Failure(item=records[0].file, stage="read", reason=REFUSED, detail=detail)
            yield write([], [*failures, fault])
        else:
            middle = len(records) // 2
            yield from write_batch(write, records[:middle], failures)
            yield from write_batch(write, records[middle:], [])
    else:
        yield whole
