"""The labels of all works at once, compactly, for maps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, func, select, type_coerce
from sqlalchemy.orm import Session

from catalog.filters import KEYWORD_FIELDS
from catalog.models import Artwork, ImageState

NO_YEAR = -(2**31)
ROWS_AT_ONCE = 10_000

Revision = tuple[int, datetime | None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Labels:
    """The labels of all works that can be searched, some 30 bytes a work.

    Args:
        ids: uint8 [n, 16], in ascending order.
        values: field -> its values, in no order.
        codes: field -> int32 [n], the place of each work's value among them, -1 without one.
        years: int32 [n], ``NO_YEAR`` without one.
    """

    ids: NDArray[np.uint8]
    values: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, NDArray[np.int32]]
    years: NDArray[np.int32]


def labels_revision(session: Session) -> Revision:
    """Return what differs after any change to the labels: much cheaper to have than these."""
    ready = Artwork.image_state == ImageState.READY
    count, latest = session.execute(
        select(func.count(), func.max(Artwork.updated_at)).where(ready)
    ).one()
    return count, latest


def read_labels(session: Session) -> Labels:
    """Read the labels of all works that can be searched."""
    columns = [getattr(Artwork, name) for name in KEYWORD_FIELDS]
    # Past the mapper, which has nothing to map here.
    rows = session.connection().execute(
        # As the database has the ids: to make an object of each takes longer than all the rest.
        select(type_coerce(Artwork.id, String), Artwork.year, *columns)
        .where(Artwork.image_state == ImageState.READY)
        .order_by(Artwork.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    ids = bytearray()
    years: list[int] = []
    known: dict[str, dict[str | None, int]] = {name: {None: -1} for name in KEYWORD_FIELDS}
    codes: dict[str, list[int]] = {name: [] for name in KEYWORD_FIELDS}
    for part in rows.partitions():
        works, given, *labels = zip(*part, strict=True)
        ids += bytes.fromhex("".join(map(_hex, works)))
        years += [NO_YEAR if year is None else year for year in given]
        for name, values in zip(KEYWORD_FIELDS, labels, strict=True):
            table = known[name]
            for new in sorted(set(values) - table.keys()):
                table[new] = len(table) - 1
            codes[name] += map(table.__getitem__, values)
    return Labels(
        ids=np.frombuffer(bytes(ids), np.uint8).reshape(-1, 16),
        values={name: tuple(known[name])[1:] for name in KEYWORD_FIELDS},  # type: ignore[misc]
        codes={name: np.array(found, np.int32) for name, found in codes.items()},
        years=np.array(years, np.int32),
    )


def _hex(work: Any) -> str:
    """Return an id in hexadecimal; Postgres has a type for ids, and SQLite texts of 32 letters."""
    return work if isinstance(work, str) else work.hex
