"""Which works are copies of one another, so that finding one for another proves nothing."""

import csv
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path

import numpy as np

from catalog.artworks import ArtworkFacts
from errors import VasariError
from evaluation.labels import Codes

SAME = "same"

SameWorks = Mapping[str, str]
"""A file, as the catalog names it -> its group: files that show the same work."""

RelatedWorks = Mapping[str, frozenset[str]]
"""A file -> files that share material with it without showing the same work."""


class InvalidCopies(VasariError, ValueError):
    """A file of copies that cannot be used; the message says why."""


def read_same_works(path: Path) -> dict[str, str]:
    """Read groups of files that show the same work: a CSV with columns group, file and relation.

    Rows whose relation is not ``same`` are passed over; without that column all rows count.

    Returns:
        file, as the catalog names it -> its group.

    Raises:
        InvalidCopies: the file cannot be read, or has no such columns.
    """
    return {row["file"]: row["group"] for row in _rows(path) if row.get("relation", SAME) == SAME}


def read_related_works(path: Path) -> dict[str, frozenset[str]]:
    """Read which files share material without showing the same work: a study, a copy by another.

    Those are the files of one group of the same CSV, unless the relation of both is ``same``.

    Returns:
        file -> the files related to it; files without any are left out.

    Raises:
        InvalidCopies: the file cannot be read, or has no such columns.
    """
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows(path):
        groups[row["group"]].append(row)
    related: dict[str, frozenset[str]] = {}
    for rows in groups.values():
        for row in rows:
            others = {
                other["file"]
                for other in rows
                if {row.get("relation", SAME), other.get("relation", SAME)} != {SAME}
            } - {row["file"]}
            if others:
                related[row["file"]] = related.get(row["file"], frozenset()) | others
    return related


def copy_groups(works: Sequence[ArtworkFacts], same: SameWorks | None = None) -> Codes:
    """Return a number for each work that it shares with its copies and with nothing else.

    Works are copies where their images are the same bytes (SHA-256), where ``same`` puts their
    files into one group, or where both are copies of a third.

    Raises:
        InvalidCopies: no work has any of the files.
    """
    given = [(same or {}).get(work.file) for work in works]
    if same and not any(given):
        raise InvalidCopies("none of the files of the same works is in this collection")
    return linked([work.image_sha256 for work in works], given)


def linked(*keys: Sequence[Hashable | None]) -> Codes:
    """Return a number for each work that it shares with all that its keys lead to, step by step.

    Args:
        keys: of each kind one for each work, which leads to all works with the same; ``None`` leads
            nowhere.
    """
    from scipy.cluster.hierarchy import DisjointSet

    sets = DisjointSet(range(len(keys[0])))
    for of_kind in keys:
        first: dict[Hashable, int] = {}
        for place, key in enumerate(of_kind):
            if key is not None:
                sets.merge(first.setdefault(key, place), place)
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(sets[place], len(numbers)) for place in sets], np.int64)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidCopies(f"{path} cannot be read: {error}") from error
    if not rows or not {"group", "file"} <= set(rows[0]):
        raise InvalidCopies(f"{path} needs the columns group, file and relation, and a row")
    return rows
