"""The table of a sample collection: which file shows which work."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from embedders.atomic_file import atomic_file


def write_table(
    folder: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str | int]]
) -> Path:
    """Write a folder's ``works.csv``, whole or not at all, and return its path.

    Args:
        rows: column -> value; a column that is not there stays empty.
    """
    table = folder / "works.csv"
    with atomic_file(table) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, columns)
        writer.writeheader()
        writer.writerows(rows)
    return table
