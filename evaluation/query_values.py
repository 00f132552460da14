"""What an evaluation measured of each of its queries, so that runs can be compared one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.bootstrap import Floats

QUERY = "query"
TRUTH = "truth"
SEPARATOR = "/"
"""Between a method and a measure; no measure has it in its name."""


@dataclass(frozen=True, kw_only=True)
class QueryValues:
    """The measures of every query.

    Args:
        queries: what was asked, each once: ids of works, with more where a work asks repeatedly.
        truths: what each query's right answers share with it; empty where there is no such thing.
        values: (method, measure) -> float64 (queries,), NaN where a query counts neither way.
    """

    queries: Sequence[str]
    truths: Sequence[str]
    values: Mapping[tuple[str, str], Floats]

    def __post_init__(self) -> None:
        lengths = {len(self.queries), len(self.truths), *map(len, self.values.values())}
        if len(lengths) != 1 or len(set(self.queries)) != len(self.queries):
            raise ValueError("every query is there once, with a value of each measure")

    @property
    def methods(self) -> list[str]:
        """The methods, in the order in which they are shown."""
        return list(dict.fromkeys(method for method, _ in self.values))


def write_query_values(values: QueryValues, path: Path) -> None:
    """Write a Parquet file: a row a query, a column each measure of each method."""
    columns = {SEPARATOR.join(key): column for key, column in values.values.items()}
    table = pa.table({QUERY: list(values.queries), TRUTH: list(values.truths), **columns})
    pq.write_table(table, path, compression="zstd")


def read_query_values(path: Path) -> QueryValues:
    """Read what :func:`write_query_values` wrote."""
    table = pq.read_table(path)
    values = {}
    for name in table.column_names:
        if name not in (QUERY, TRUTH):
            method, _, measure = name.rpartition(SEPARATOR)
            values[method, measure] = np.asarray(table[name].to_numpy(), dtype=np.float64)
    return QueryValues(
        queries=table[QUERY].to_pylist(), truths=table[TRUTH].to_pylist(), values=values
    )
