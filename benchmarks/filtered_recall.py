"""What HNSW finds under filters of every strength, of what is really nearest, and how fast.

Filters ask for several fields at once, leave values out, or both. They are drawn until there are as
many in each of twenty buckets, from those that one work in ten thousand passes to those that nearly
all do. Each is asked about a random work: under the models of the settings at once, as a search is,
which is timed, and then under what else can be searched. What is really nearest is computed from
the stored vectors in one pass over all of them, which no collection is too large for. Ranges of
years are also asked for as the set of their years: an engine may find less for the one than for the
other, although the same works pass.

    VASARI_HOME=HOME python -m benchmarks.filtered_recall [--questions 500] [--json]
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from uuid import UUID

import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray
from sqlalchemy import select

from benchmarks.bare_engine import bare_engine
from catalog.batching import batched
from catalog.database import Database
from catalog.filters import KEYWORD_FIELDS, PAYLOAD_FIELDS, Filter
from catalog.models import Artwork
from deployment import Deployment
from evaluation.index_recall import DEPTH
from search.index.contract import Index, Search, Vector, searchable_models
from settings import Settings

BUCKETS = np.logspace(-4, 0, 21)
"""Shares of the works between which filters are put into one bucket."""

PASSES_AT_ONCE = 2_000
ATTEMPTS = 200
"""Filters drawn for each one wanted, before a bucket that is hard to fill is left as it is."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A filter and the number of works that pass it."""

    wanted: Filter
    works: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """A work that is asked about, its vectors, and which works the filter lets through."""

    work: UUID
    vectors: Mapping[str, Vector]
    drawn: Drawn
    passing: Mask


@dataclass(frozen=True, kw_only=True)
class Row:
    """How the models answered under filters of one strength.

    Args:
        recall: model -> share of the first works that were found, over all questions.
        p50_ms, p95_ms, p99_ms: of one search under the models of the settings.
    """

    passing: str
    questions: int
    recall: dict[str, float]
    p50_ms: float
    p95_ms: float
    p99_ms: float


class Works:
    """The filter fields of all works, for counting what passes.

    Args:
        rows: of each work its id and then ``PAYLOAD_FIELDS``.
    """

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        table = pd.DataFrame(rows, columns=["id", *PAYLOAD_FIELDS], dtype=object)
        self.ids: list[UUID] = table["id"].tolist()
        self.years = pd.to_numeric(table["year"]).to_numpy(np.float64)
        coded = {name: pd.factorize(table[name]) for name in KEYWORD_FIELDS}
        self._codes = {name: codes for name, (codes, _) in coded.items()}
        self._values = {name: pd.Index(values) for name, (_, values) in coded.items()}

    def passing(self, wanted: Filter) -> Mask:
        """Return which works pass, in the order of ``ids``."""
        mask = np.ones(len(self.ids), dtype=bool)
        for name, values in wanted.keywords().items():
            mask &= self._having(name, values)
        for name, values in wanted.exclusions().items():
            mask &= ~self._having(name, values)
        if wanted.year_from is not None:
            mask &= self.years >= wanted.year_from
        if wanted.year_to is not None:
            mask &= self.years <= wanted.year_to
        return mask

    def count(self, wanted: Filter) -> int:
        """Return how many works pass."""
        return int(self.passing(wanted).sum())

    def filter_at_random(self, rng: np.random.Generator) -> Filter:
        """Draw a filter of one to four fields; common values are drawn as often as they occur."""
        names = rng.permutation(PAYLOAD_FIELDS)[: rng.integers(1, 5)]
        conditions: dict[str, Any] = {}
        for name in map(str, names):
            if name == "year":
                first = int(rng.integers(1450, 1900))
                conditions |= {"year_from": first, "year_to": first + int(rng.integers(5, 250))}
                continue
            unwanted = rng.random() < 0.4
            codes = rng.choice(self._codes[name], size=rng.integers(1, 4 if unwanted else 9))
            values = tuple(sorted({str(self._values[name][code]) for code in codes if code >= 0}))
            conditions[f"not_{name}" if unwanted else name] = values
        return Filter(**conditions)

    def _having(self, name: str, values: Sequence[str]) -> Mask:
        # The last place stands for works without a value, whose code is -1.
        among = np.append(self._values[name].isin(values), False)
        return np.asarray(among[self._codes[name]])


def main(
    *,
    questions: Annotated[int, typer.Option(min=1)] = 500,
    seed: int = 1,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Measure recall and latency under filters in the collection of the settings."""
    settings = Settings()
    with Deployment(settings) as deployment:
        index, works = deployment.index, read_works(deployment.database)
        rng = np.random.default_rng(seed)
        filters = draw_filters(works, questions, rng)
        asked = draw_questions(index, works, filters, rng)
        ranges = draw_questions(index, works, draw_ranges(works, questions // 5, rng), rng)
        nearest = really_nearest(index, works, [*asked, *ranges])
        rows = [asdict(row) for row in measure(index, works, asked, nearest, timed=settings.models)]
        years = measure_ranges(index, ranges, nearest[len(asked) :])
    about = {"engine": index.engine, "works": len(works.ids), "recall_at": DEPTH}
    if as_json:
        print(json.dumps({**about, "rows": rows, "years": years}))
        return
    print(about)
    table = pd.DataFrame([row | row["recall"] for row in rows]).drop(columns="recall")
    print(table.to_string(index=False, float_format="{:.4g}".format))
    print("years as a range and as a set")
    print(pd.DataFrame(years).to_string(float_format="{:.4f}".format))


def read_works(database: Database) -> Works:
    """Return the filter fields of all works of a catalog."""
    columns = [Artwork.id, *(getattr(Artwork, name) for name in PAYLOAD_FIELDS)]
    with database.transaction() as session:
        return Works([tuple(row) for row in session.execute(select(*columns))])


def draw_filters(works: Works, count: int, rng: np.random.Generator) -> list[Drawn]:
    """Draw filters until each bucket has its part, or no more can be found for it."""
    each = max(1, count // (len(BUCKETS) - 1))
    filled = np.zeros(len(BUCKETS) - 1, dtype=int)
    drawn: list[Drawn] = []
    for _ in range(ATTEMPTS * count):
        if (filled >= each).all():
            break
        condition = works.filter_at_random(rng)
        found = Drawn(wanted=condition, works=works.count(condition))
        bucket = bucket_of(found, works)
        if bucket is not None and filled[bucket] < each:
            filled[bucket] += 1
            drawn.append(found)
    return drawn


def draw_ranges(works: Works, count: int, rng: np.random.Generator) -> list[Drawn]:
    """Draw ranges of one to two hundred years that some work is of."""
    drawn = []
    for first in rng.choice(works.years[~np.isnan(works.years)], size=count):
        wanted = Filter(year_from=int(first), year_to=int(first + 10 ** rng.uniform(0, 2.3)))
        drawn.append(Drawn(wanted=wanted, works=works.count(wanted)))
    return drawn


def bucket_of(drawn: Drawn, works: Works) -> int | None:
    """Return the bucket of a filter's strength; ``None`` for one that is weaker than all."""
    share = drawn.works / len(works.ids)
    place = int(np.searchsorted(BUCKETS, share)) - 1
    return place if place >= 0 else None


def draw_questions(
    index: Index, works: Works, filters: Sequence[Drawn], rng: np.random.Generator
) -> list[Question]:
    """Draw a work to be asked about under each filter."""
    asked = [works.ids[place] for place in rng.choice(len(works.ids), len(filters))]
    stored = {model: index.vectors(model, asked) for model in searchable_models(index.specs)}
    return [
        Question(
            work=work,
            vectors={model: vectors[work] for model, vectors in stored.items() if work in vectors},
            drawn=drawn,
            passing=works.passing(drawn.wanted),
        )
        for work, drawn in zip(asked, filters, strict=True)
    ]


def really_nearest(
    index: Index, works: Works, questions: Sequence[Question]
) -> list[dict[str, set[UUID]]]:
    """Return the ids of the ``DEPTH`` nearest works of each question, by model.

    All vectors are read once; the work that is asked about is left out.
    """
    places = {item: place for place, item in enumerate(works.ids)}
    passing = np.stack([question.passing for question in questions])
    for row, question in zip(passing, questions, strict=True):
        row[places[question.work]] = False
    asked = {
        model: np.stack([question.vectors[model] for question in questions])
        for model in searchable_models(index.specs)
    }
    best = {
        model: (
            np.full((len(questions), DEPTH), -np.inf, np.float32),
            np.full((len(questions), DEPTH), -1),
        )
        for model in asked
    }
    for points in batched(index.points(with_vectors=True), PASSES_AT_ONCE):
        here = np.array([places[point.id] for point in points])
        for model, queries in asked.items():
            rows = np.stack([point.vectors[model] for point in points])
            cosines = np.where(passing[:, here], queries @ rows.T, -np.inf)
            scores, found = best[model]
            scores = np.concatenate([scores, cosines], axis=1)
            found = np.concatenate([found, np.broadcast_to(here, cosines.shape)], axis=1)
            first = np.argpartition(-scores, DEPTH - 1, axis=1)[:, :DEPTH]
            best[model] = (
                np.take_along_axis(scores, first, axis=1),
                np.take_along_axis(found, first, axis=1),
            )
    return [
        {
            model: {works.ids[place] for place in found[row][scores[row] > -np.inf]}
            for model, (scores, found) in best.items()
        }
        for row in range(len(questions))
    ]


def measure(
    index: Index,
    works: Works,
    questions: Sequence[Question],
    nearest: Sequence[Mapping[str, set[UUID]]],
    *,
    timed: Sequence[str],
) -> list[Row]:
    """Ask each question and tell of each bucket.

    Args:
        timed: models that are asked at once, by the clock.
    """
    right: dict[int, list[dict[str, float]]] = {}
    took: dict[int, list[float]] = {}
    for place in np.random.default_rng(0).permutation(len(questions)):
        question = questions[place]
        searches = {
            model: Search(vector, DEPTH, question.drawn.wanted, False, (question.work,))
            for model, vector in question.vectors.items()
        }
        others = {model: searches.pop(model) for model in [*searches] if model not in timed}
        began = time.perf_counter()
        answers = index.search(searches)
        elapsed = 1_000 * (time.perf_counter() - began)
        answers |= index.search(others)
        bucket = bucket_of(question.drawn, works)
        assert bucket is not None  # no weaker filter is drawn
        took.setdefault(bucket, []).append(elapsed)
        right.setdefault(bucket, []).append(
            {
                model: _recall({hit.id for hit in hits}, nearest[place][model])
                for model, hits in answers.items()
            }
        )
    return [_row(bucket, right[bucket], took[bucket]) for bucket in sorted(right)]


def measure_ranges(
    index: Index, questions: Sequence[Question], nearest: Sequence[Mapping[str, set[UUID]]]
) -> dict[str, dict[str, float]]:
    """Return each model's recall where years are asked for as a range, and as a set."""
    engine = bare_engine(index, top=DEPTH + 1)
    found: dict[str, dict[str, list[float]]] = {"range": {}, "set": {}}
    for question, truth in zip(questions, nearest, strict=True):
        wanted = question.drawn.wanted
        first, last = wanted.year_from or 0, wanted.year_to or 0
        conditions = {
            "range": engine.own_filter(wanted),
            "set": engine.own_years(range(first, last + 1)),
        }
        for kind, condition in conditions.items():
            for model, vector in question.vectors.items():
                ids = engine.ask(model, vector.tolist(), condition)
                others = [item for item in map(str, ids) if item != str(question.work)]
                recall = _recall({UUID(item) for item in others[:DEPTH]}, truth[model])
                found[kind].setdefault(model, []).append(recall)
    return {
        kind: {model: round(float(np.mean(shares)), 4) for model, shares in models.items()}
        for kind, models in found.items()
    }


def _recall(found: set[UUID], truth: set[UUID]) -> float:
    return len(found & truth) / len(truth) if truth else 1.0


def _row(bucket: int, right: Sequence[Mapping[str, float]], took: Sequence[float]) -> Row:
    p50, p95, p99 = (round(float(value), 2) for value in np.percentile(took, [50, 95, 99]))
    return Row(
        passing=f"{100 * BUCKETS[bucket]:.3g} to {100 * BUCKETS[bucket + 1]:.3g} %",
        questions=len(took),
        recall={
            model: round(float(np.mean([item[model] for item in right])), 4) for model in right[0]
        },
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


if __name__ == "__main__":
    typer.run(main)
