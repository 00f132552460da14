"""FAISS and Annoy on the vectors of a collection, asked the questions that its index is asked.

They need the packages of the group ``benchmarks``. Both answer with ids and scores, and neither
knows of filters, titles or statistics.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from benchmarks.bare_engine import bare_engine
from catalog.filters import Filter
from search.index.contract import Index, Vector

READ_AT_ONCE = 2_000
ANNOY_TREES = 20
LEAST_RECALL = 0.99

TUNED_ON = 100
"""Questions on which Annoy's effort is chosen."""

EXACT = "FAISS IndexFlatIP (exact)"

Answer = Callable[[Vector], list[int]]
OfModel = dict[str, Answer]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """How one library answered all models' questions: one question is one vector of each model.

    Args:
        recall: share of the exact first works found, over all models and questions.
        p50_ms: median time of one question.
    """

    by: str
    recall: float
    p50_ms: float


def compare_peers(
    index: Index, questions: Sequence[Mapping[str, Vector]], *, top: int, folder: Path
) -> list[Answered]:
    """Ask FAISS, Annoy and the bare engine the same questions without filters.

    Args:
        questions: model -> vector.
        folder: where Annoy's trees are kept from one run to the next.
    """
    ids = list(index.ids())
    places = {item: place for place, item in enumerate(ids)}
    engine = bare_engine(index, top=top)
    nothing = engine.own_filter(Filter())

    def ask_engine(model: str) -> Answer:
        return lambda vector: [
            places[UUID(str(item))] for item in engine.ask(model, vector.tolist(), nothing)
        ]

    libraries: dict[str, OfModel] = {"bare engine": {}, EXACT: {}}
    annoy: dict[int, OfModel] = {}
    for model in questions[0]:
        vectors = _all_vectors(index, model, ids)
        libraries["bare engine"][model] = ask_engine(model)
        libraries[EXACT][model] = _faiss(vectors, top)
        for effort, answer in _annoy(vectors, top, folder / f"{model}-{len(ids)}.ann").items():
            annoy.setdefault(effort, {})[model] = answer
    sample = questions[:TUNED_ON]
    for effort, of_model in sorted(annoy.items()):  # noqa: B007 - the first that does
        trial = {EXACT: libraries[EXACT], "annoy": of_model}
        if _by_turns(trial, sample)[-1].recall >= LEAST_RECALL:
            break
    libraries[f"Annoy, {ANNOY_TREES} trees, search_k {effort}"] = of_model
    return _by_turns(libraries, questions)


def _by_turns(
    libraries: Mapping[str, OfModel], questions: Sequence[Mapping[str, Vector]]
) -> list[Answered]:
    """Put each question to each library in turn, in another order each time."""
    times: dict[str, list[float]] = {name: [] for name in libraries}
    right = dict.fromkeys(libraries, 0)
    wanted = 0
    names = list(libraries)
    for number, question in enumerate(questions):
        found = {}
        for place in range(len(names)):
            name = names[(place + number) % len(names)]
            start = time.perf_counter()
            found[name] = {model: ask(question[model]) for model, ask in libraries[name].items()}
            times[name].append(1_000 * (time.perf_counter() - start))
        for model, exact in found[EXACT].items():
            wanted += len(exact)
            for name in names:
                right[name] += len(set(exact) & set(found[name][model]))
    return [
        Answered(
            by=name,
            recall=round(right[name] / wanted, 4),
            p50_ms=round(float(np.median(times[name])), 3),
        )
        for name in names
    ]


def _all_vectors(index: Index, model: str, ids: Sequence[UUID]) -> NDArray[np.float32]:
    rows = np.zeros((len(ids), index.specs[model].dimension), np.float32)
    for start in range(0, len(ids), READ_AT_ONCE):
        part = ids[start : start + READ_AT_ONCE]
        stored = index.vectors(model, part)
        for place, item in enumerate(part, start=start):
            if item in stored:
                rows[place] = stored[item]
    return rows


def _faiss(vectors: NDArray[np.float32], top: int) -> Answer:
    import faiss

    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    return lambda vector: [int(place) for place in flat.search(vector[None], top)[1][0]]


def _annoy(vectors: NDArray[np.float32], top: int, path: Path) -> dict[int, Answer]:
    """Return what answers by Annoy, by how many nodes it looks at."""
    from annoy import AnnoyIndex

    trees = AnnoyIndex(vectors.shape[1], "angular")
    if path.exists():
        trees.load(str(path))
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        for place, vector in enumerate(vectors):
            trees.add_item(place, vector)
        trees.build(ANNOY_TREES)
        trees.save(str(path))

    def answer(effort: int) -> Answer:
        return lambda vector: list(trees.get_nns_by_vector(vector, top, search_k=effort))

    return {1_000 * 2**step: answer(1_000 * 2**step) for step in range(8)}
