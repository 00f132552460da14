"""What HNSW finds under weak filters of what a scan of every work finds, and how fast.

A filter that lets a few works in a hundred through is the hardest for a graph: too many works for
a scan to be free, and too few for a walk to step from one to the next. The filters here ask for
several fields at once, leave values out, or both, and are drawn until the requested number of each
strength are found.

    VASARI_HOME=HOME python -m benchmarks.weak_filters [--filters 500] [--json]
"""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from uuid import UUID

import numpy as np
import pandas as pd
import typer
from sqlalchemy import select

from catalog.database import Database
from catalog.filters import PAYLOAD_FIELDS, Filter
from catalog.models import Artwork
from deployment import Deployment
from evaluation.index_recall import DEPTH, Trial, ask_both_ways, summarise
from search.index.contract import Index
from settings import Settings

STRENGTHS = {
    "under 1 %": (0.0, 0.01, 0.15),
    "1 to 5 %": (0.01, 0.05, 0.6),
    "5 to 20 %": (0.05, 0.2, 0.15),
    "over 20 %": (0.2, 1.0, 0.1),
}
"""Name -> least and greatest share of works that pass, and share of the filters."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A filter and the number of works that pass it."""

    wanted: Filter
    works: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """How one model answered under filters of one strength; times in milliseconds."""

    model: str
    filters_passing: str
    filters: int
    recall: float
    worst_recall: float
    p50_ms: float
    p95_ms: float
    exact_p50_ms: float
    exact_p95_ms: float


class Works:
    """The filter fields of all works, for counting what passes.

    Args:
        rows: of each work its id and then ``PAYLOAD_FIELDS``.
    """

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._table = pd.DataFrame(rows, columns=["id", *PAYLOAD_FIELDS], dtype=object)
        self._table["year"] = pd.to_numeric(self._table["year"])
        self.ids: list[UUID] = self._table["id"].tolist()

    def count(self, wanted: Filter) -> int:
        """Return how many works pass."""
        table = self._table
        for name, values in wanted.keywords().items():
            table = table[table[name].isin(values)]
        for name, values in wanted.exclusions().items():
            table = table[~table[name].isin(values)]
        if wanted.year_from is not None:
            table = table[table["year"] >= wanted.year_from]
        if wanted.year_to is not None:
            table = table[table["year"] <= wanted.year_to]
        return len(table)

    def filter_at_random(self, rng: np.random.Generator) -> Filter:
        """Draw a filter of two to four fields; common values are drawn as often as they occur."""
        names = rng.permutation(PAYLOAD_FIELDS)[: rng.integers(2, 5)]
        conditions: dict[str, Any] = {}
        for name in map(str, names):
            if name == "year":
                first = int(rng.integers(1450, 1900))
                conditions |= {"year_from": first, "year_to": first + int(rng.integers(20, 250))}
                continue
            unwanted = rng.random() < 0.3
            drawn = rng.choice(
                self._table[name].to_numpy(), size=rng.integers(1, 4 if unwanted else 9)
            )
            values = tuple(sorted({str(value) for value in drawn if value is not None}))
            conditions[f"not_{name}" if unwanted else name] = values
        return Filter(**conditions)


def main(
    *,
    filters: Annotated[int, typer.Option(min=1)] = 500,
    seed: int = 1,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Measure recall and latency under weak filters in the collection of the settings."""
    with Deployment(Settings()) as deployment:
        works = read_works(deployment.database)
        rng = np.random.default_rng(seed)
        drawn = draw_filters(works, filters, rng)
        index = deployment.index
        rows = [asdict(row) for row in measure(index, works, drawn, rng)]
    about = {"engine": index.engine, "works": len(works.ids), "filters": len(drawn)}
    if as_json:
        print(json.dumps({**about, "rows": rows}))
    else:
        print(f"{about}, recall@{DEPTH}")
        print(pd.DataFrame(rows).to_string(index=False, float_format="{:.4g}".format))


def read_works(database: Database) -> Works:
    """Return the filter fields of all works of a catalog."""
    columns = [Artwork.id, *(getattr(Artwork, name) for name in PAYLOAD_FIELDS)]
    with database.transaction() as session:
        return Works([tuple(row) for row in session.execute(select(*columns))])


def draw_filters(works: Works, count: int, rng: np.random.Generator) -> list[Drawn]:
    """Draw filters until there are enough of each strength."""
    wanted = {name: round(share * count) for name, (_, _, share) in STRENGTHS.items()}
    # What rounding leaves over or takes too many of.
    wanted["1 to 5 %"] += count - sum(wanted.values())
    drawn: list[Drawn] = []
    while any(wanted.values()):
        condition = works.filter_at_random(rng)
        found = Drawn(wanted=condition, works=works.count(condition))
        strength = strength_of(found, works)
        if found.works and wanted[strength]:
            wanted[strength] -= 1
            drawn.append(found)
    return drawn


def strength_of(drawn: Drawn, works: Works) -> str:
    """Return the name of a filter's strength."""
    share = drawn.works / len(works.ids)
    return next(name for name, (_, most, _) in STRENGTHS.items() if share <= most)


def measure(index: Index, works: Works, drawn: list[Drawn], rng: np.random.Generator) -> list[Row]:
    """Ask each model about a random work under each filter."""
    asked = [works.ids[place] for place in rng.choice(len(works.ids), len(drawn))]
    rows = []
    for model in index.specs:
        trials = ask_both_ways(
            index, model, index.vectors(model, asked), [item.wanted for item in drawn], asked
        )
        of_strength: dict[str, list[Trial]] = {"all": trials}
        for filter_drawn, trial in zip(drawn, trials, strict=True):
            of_strength.setdefault(strength_of(filter_drawn, works), []).append(trial)
        for name in ("all", *(name for name in STRENGTHS if name in of_strength)):
            rows.append(_row(model, name, of_strength[name]))
    return rows


def _row(model: str, strength: str, trials: list[Trial]) -> Row:
    found = summarise(trials)
    return Row(
        model=model,
        filters_passing=strength,
        filters=len(trials),
        recall=round(found.recall, 4),
        worst_recall=min(trial.right / trial.wanted for trial in trials if trial.wanted),
        p50_ms=round(found.p50_ms, 2),
        p95_ms=round(found.p95_ms, 2),
        exact_p50_ms=round(found.exact_p50_ms, 2),
        exact_p95_ms=round(float(np.percentile([trial.exact_ms for trial in trials], 95)), 2),
    )


if __name__ == "__main__":
    typer.run(main)
