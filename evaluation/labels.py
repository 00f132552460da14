"""The labels that an evaluation takes for the truth: fields of the catalog, and the century."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from catalog.artworks import ArtworkFacts
from catalog.centuries import century, century_name


class Label(StrEnum):
    """What right answers share with the query."""

    ARTIST = "artist"
    GENRE = "genre"
    STYLE = "style"
    SCHOOL = "school"
    CENTURY = "century"


UNLABELLED = -1
"""The code of a work without a label."""

Codes = NDArray[np.int64]


def label_of(work: ArtworkFacts, label: Label) -> str | None:
    """Return a work's label; ``None`` where the catalog has none."""
    if label is Label.CENTURY:
        return None if work.year is None else century_name(century(work.year))
    value: str | None = getattr(work, label)
    return value


def one(label: Label) -> str:
    """Return a label with its article: an artist, a style."""
    return f"{'an' if label is Label.ARTIST else 'a'} {label}"


def encode(values: Sequence[str | None]) -> tuple[Codes, tuple[str, ...]]:
    """Return each value's code, ``UNLABELLED`` for none, and the values in the codes' order."""
    names = tuple(sorted({value for value in values if value is not None}))
    numbers = {name: number for number, name in enumerate(names)}
    codes = [UNLABELLED if value is None else numbers[value] for value in values]
    return np.array(codes, dtype=np.int64), names
