"""What a search costs beside the bare engine's queries, and beside other libraries.

A search is the product's own: ten works of each of two models under a filter, with titles,
artists, percentiles, statistics and the comparison of the models, for a picture that is embedded
already. The bare engine answers the same two questions with the same parameters and gives ids and
scores. The two take turns in one run, each first in every other round.

    VASARI_HOME=HOME python -m benchmarks.search_overhead [--peers FOLDER] [--json]

``--peers`` adds FAISS and Annoy, which answer the same questions without a filter. It needs the
packages of the group ``benchmarks`` and keeps Annoy's trees in the folder.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray
from PIL import Image

from benchmarks.bare_engine import bare_engine
from benchmarks.filtered_recall import draw_filters, read_works
from benchmarks.peers import compare_peers
from catalog.database import Database
from catalog.filters import Filter
from deployment import Deployment
from embedders import BUILT_IN, Embedder
from search.index.contract import Index, Vector, VectorSpec
from search.similar import similar
from settings import Settings

TOP = 10
NOISE_LENGTH = 0.3
"""Of what is added to a work's unit vector to make a query of it: a photograph of the work."""


class Embedded(Embedder):
    """A model whose answer is known before it is asked: the embedding is no part of a search."""

    def __init__(self, spec: VectorSpec) -> None:
        super().__init__(BUILT_IN.describe(spec.model), fingerprint=spec.fingerprint, provider=None)
        self.vector: Vector = np.zeros(spec.dimension, np.float32)

    def _image_features(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self.vector[None]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One round: a vector under each model, and a filter."""

    vectors: Mapping[str, Vector]
    wanted: Filter


@dataclass(frozen=True, kw_only=True)
class Overhead:
    """Medians over the rounds, in milliseconds.

    Args:
        ratio: of the two medians.
        stages: of the product's time, from its own stopwatch; ``rest`` is what it does not time.
    """

    questions: str
    rounds: int
    bare_ms: float
    vasari_ms: float
    ratio: float
    stages: dict[str, float]


def main(
    *,
    rounds: Annotated[int, typer.Option(min=2)] = 400,
    seed: int = 2,
    peers: Annotated[Path | None, typer.Option(help="Keep Annoy's trees here.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Measure the product's search against the bare engine in the collection of the settings."""
    settings = Settings()
    with Deployment(settings) as deployment:
        index, database = deployment.index, deployment.database
        models = [name for name in settings.models if name in index.specs]
        rng = np.random.default_rng(seed)
        works = read_works(database)
        filters = [drawn.wanted for drawn in draw_filters(works, rounds, rng)]
        asked = draw_questions(index, models, works.ids, filters, rng)
        plain = [Question(vectors=question.vectors, wanted=Filter()) for question in asked]
        rows = [
            measure(name, questions, index, database, models)
            for name, questions in (("filtered", asked), ("no filter", plain))
        ]
        others = []
        if peers is not None:
            others = compare_peers(index, [item.vectors for item in plain], top=TOP, folder=peers)
        title = f"{index.engine} engine, {len(works.ids)} works, {' and '.join(models)}, top {TOP}"
    if as_json:
        results = {"rows": [asdict(row) for row in rows], "peers": [asdict(row) for row in others]}
        print(json.dumps({"title": title, **results}))
        return
    print(title)
    table = pd.DataFrame([asdict(row) | row.stages for row in rows])
    print(table.drop(columns="stages").to_string(index=False))
    if others:
        print("\nids and scores only, no filter")
        print(pd.DataFrame(map(asdict, others)).to_string(index=False))


def draw_questions(
    index: Index,
    models: Sequence[str],
    ids: Sequence[UUID],
    filters: Sequence[Filter],
    rng: np.random.Generator,
) -> list[Question]:
    """Draw a question for each filter: a random work's vectors with some noise."""
    chosen = [ids[place] for place in rng.choice(len(ids), size=len(filters))]
    stored = {model: index.vectors(model, chosen) for model in models}
    return [
        Question(
            vectors={model: _noisy(stored[model][item], rng) for model in models}, wanted=wanted
        )
        for item, wanted in zip(chosen, filters, strict=True)
    ]


def measure(
    name: str,
    questions: Sequence[Question],
    index: Index,
    database: Database,
    models: Sequence[str],
) -> Overhead:
    """Ask the product and the bare engine by turns."""
    embedders = {model: Embedded(index.specs[model]) for model in models}
    picture = Image.new("RGB", (1, 1))
    engine = bare_engine(index, top=TOP)

    def ask_vasari(question: Question) -> dict[str, float]:
        for model, vector in question.vectors.items():
            embedders[model].vector = vector
        start = time.perf_counter()
        answer = similar(
            picture,
            index=index,
            database=database,
            embedders=list(embedders.values()),
            wanted=question.wanted,
            top=TOP,
        )
        elapsed = 1_000 * (time.perf_counter() - start)
        timed: dict[str, float] = {str(stage): ms for stage, ms in answer.timings_ms.items()}
        elapsed -= timed.pop("decode") + timed.pop("embed")
        return {"vasari": elapsed, **timed, "rest": elapsed - sum(timed.values())}

    def ask_bare(question: Question) -> dict[str, float]:
        # Neither making lists of the vectors nor putting the filter into the engine's words is
        # counted as the engine's.
        condition = engine.own_filter(question.wanted)
        lists = {model: vector.tolist() for model, vector in question.vectors.items()}
        start = time.perf_counter()
        for model, vector in lists.items():
            engine.ask(model, vector, condition)
        return {"bare": 1_000 * (time.perf_counter() - start)}

    rounds = []
    for number, question in enumerate(questions):
        first, second = (ask_bare, ask_vasari) if number % 2 else (ask_vasari, ask_bare)
        rounds.append(first(question) | second(question))
    medians = {str(name): float(ms) for name, ms in pd.DataFrame(rounds).median().items()}
    bare_ms, vasari_ms = medians.pop("bare"), medians.pop("vasari")
    return Overhead(
        questions=name,
        rounds=len(questions),
        bare_ms=round(bare_ms, 3),
        vasari_ms=round(vasari_ms, 3),
        ratio=round(vasari_ms / bare_ms, 3),
        stages={stage: round(ms, 3) for stage, ms in medians.items()},
    )


def _noisy(vector: Vector, rng: np.random.Generator) -> Vector:
    noise = rng.normal(scale=NOISE_LENGTH / np.sqrt(len(vector)), size=len(vector))
    mixed = vector + noise
    return np.asarray(mixed / np.linalg.norm(mixed), dtype=np.float32)


if __name__ == "__main__":
    typer.run(main)
