"""The labels of all works at once, compactly, for maps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
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
        values: field -> its values in the order in which they were met.
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
    rows = session.execute(
        select(Artwork.id, Artwork.year, *columns)
        .where(Artwork.image_state == ImageState.READY)
        .order_by(Artwork.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    ids = bytearray()
    years: list[int] = []
    known: dict[str, dict[str, int]] = {name: {} for name in KEYWORD_FIELDS}
    codes: dict[str, list[int]] = {name: [] for name in KEYWORD_FIELDS}
    for work, year, *labels in rows:
        ids += work.bytes
        years.append(NO_YEAR if year is None else year)
        for name, label in zip(KEYWORD_FIELDS, labels, strict=True):
            code = -1 if label is None else known[name].setdefault(label, len(known[name]))
            codes[name].append(code)
    return Labels(
        ids=np.frombuffer(bytes(ids), np.uint8).reshape(-1, 16),
        values={name: tuple(values) for name, values in known.items()},
        codes={name: np.array(found, np.int32) for name, found in codes.items()},
        years=np.array(years, np.int32),
    )
