"""Whether two collections are the same, record by record and vector by vector."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import LargeBinary, Table, select

from catalog.models import Base, Moment
from deployment import Deployment
from search.index.contract import Index

UNLIKE = {
    "artists": {"id"},
    "artist_names": {"artist_id"},
    "artist_authorities": {"artist_id"},
    "artworks": {"artist_id"},
    "jobs": {"id", "worker"},
    "job_failures": {"id", "job_id"},
    "projections": {"version"},
}
"""Columns that are drawn at random, count up, or name a process: two collections that hold the same
differ in them. (Who an artwork's artist is, is compared by name.)"""

HISTORY = {"jobs": None, "job_failures": None, "embedding_tasks": {"attempts", "last_error"}}
"""What says how a collection came about: tables (``None``), or columns."""

MEASURED = ("backgrounds", "projections")
"""What is computed from the vectors, compared as numbers are."""

LEAST_COSINE = 1 - 1e-6
NUMBERS = 1e-4
"""How far what is measured on such vectors may be apart."""


def assert_same_collections(
    one: Deployment, other: Deployment, *, with_history: bool = True
) -> None:
    """Compare every table, every vector, every payload and every thumbnail.

    Args:
        with_history: also what says how each came about.
    """
    for table in Base.metadata.sorted_tables:
        left_out = set() if with_history else HISTORY.get(table.name, set())
        if left_out is None:
            continue
        rows, others = _rows(one, table, left_out), _rows(other, table, left_out)
        if table.name in MEASURED:
            _assert_close(rows, others)
        else:
            assert sorted(map(repr, rows)) == sorted(map(repr, others)), table.name
    _assert_same_index(one.index, other.index)
    assert _files(one.image_store.folder) == _files(other.image_store.folder)


def least_cosines(one: Index, other: Index) -> dict[str, float]:
    """Return for each named vector the least cosine between a work's two vectors."""
    ids = list(one.ids())
    least = {}
    for model in one.specs:
        here, there = one.vectors(model, ids), other.vectors(model, ids)
        cosines = (float(here[work] @ there[work]) for work in ids if work in here)
        least[model] = min(cosines, default=1.0)
    return least


def _assert_same_index(one: Index, other: Index) -> None:
    assert one.specs == other.specs
    held = {point.id: point for point in one.points(with_vectors=True)}
    there = {point.id: point for point in other.points(with_vectors=True)}
    assert held.keys() == there.keys()
    for work, point in held.items():
        assert point.payload == there[work].payload
        assert point.vectors.keys() == there[work].vectors.keys()
    assert all(cosine >= LEAST_COSINE for cosine in least_cosines(one, other).values())


def _rows(deployment: Deployment, table: Table, left_out: set[str]) -> list[tuple[Any, ...]]:
    columns = [
        column
        for column in table.columns
        if not isinstance(column.type, Moment)
        and column.name not in UNLIKE.get(table.name, set()) | left_out
    ]
    with deployment.database.transaction() as session:
        found = session.execute(select(*columns).order_by(*table.primary_key)).all()
    return [
        tuple(
            np.frombuffer(value, np.float32) if isinstance(column.type, LargeBinary) else value
            for column, value in zip(columns, row, strict=True)
        )
        for row in found
    ]


def _assert_close(rows: Iterable[tuple[Any, ...]], others: Iterable[tuple[Any, ...]]) -> None:
    for row, other in zip(rows, others, strict=True):
        for value, its in zip(row, other, strict=True):
            if isinstance(value, float | list | np.ndarray):
                assert np.asarray(value) == pytest.approx(np.asarray(its), abs=NUMBERS)
            else:
                assert value == its


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
