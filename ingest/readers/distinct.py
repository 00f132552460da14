"""Works that a source names twice."""

from collections.abc import Iterable, Iterator

from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from ingest.readers.faults import unread


def distinct(items: Iterable[ArtworkRecord | Failure]) -> Iterator[ArtworkRecord | Failure]:
    """Pass items on; a record with the id of an earlier one is a failure instead.

    Ids are remembered, some hundred bytes a work.
    """
    seen: set[bytes] = set()
    for item in items:
        if isinstance(item, ArtworkRecord):
            if item.id.bytes in seen:
                yield unread(item.source_id, "work listed twice", item.title)
                continue
            seen.add(item.id.bytes)
        yield item
