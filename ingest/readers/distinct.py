"""Works that a source names twice."""

from collections.abc import Iterable, Iterator

from catalog.jobs import Failure
from catalog.record import ArtworkRecord


def distinct(items: Iterable[ArtworkRecord | Failure]) -> Iterator[ArtworkRecord | Failure]:
    """Pass items on; a record with the id of an earlier one is a failure instead.

    Ids are remembered, some hundred bytes a work.
    """
    seen: set[bytes] = set()
    for item in items:
        if isinstance(item, ArtworkRecord):
            if item.id.bytes in seen:
                yield Failure(
                    item=item.source_id, stage="read", reason="work listed twice", detail=item.title
                )
                continue
            seen.add(item.id.bytes)
        yield item
