"""What bfloat16 changes: cosines, the first ten, and which work a hard photo is found to show.

A folder is taken in twice, in float32 and in bfloat16. The vectors of the same works are compared,
and the same hard photos are asked of both collections, embedded in float32 as ``auto`` does it.
The difference in right first answers is paired by photo.

    python -m benchmarks.precision_effects FOLDER --photos 300
"""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import numpy as np
import typer
from numpy.typing import NDArray

from deployment import Deployment
from embedders import BUILT_IN
from embedders.precision import Precision
from evaluation.bootstrap import mean_intervals
from evaluation.identification import evaluate_identification
from evaluation.photo_queries import IDENTIFY, Bench
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.identification.identify import model_for_identifying
from settings import Settings

TOP = 10
Matrix = NDArray[np.float32]


def main(
    folder: Annotated[Path, typer.Argument(help="A folder of images.")],
    *,
    photos: Annotated[int, typer.Option(min=1, help="Hard photos to ask about.")] = 300,
    model: Annotated[str, typer.Option(help="The model.")] = "resnet50",
) -> None:
    """Take a folder in in both precisions, and compare what is found."""
    vectors: dict[Precision, dict[str, Matrix]] = {}
    right: dict[Precision, dict[str, dict[UUID, bool]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for precision in Precision:
            home = Path(scratch) / precision
            with Deployment(_settings(home, precision, model)) as deployment:
                context = deployment.ingest_context([deployment.embedder(model)])
                ingest(FolderReader(folder, allow_outside=True), context)
                vectors[precision] = _vectors(deployment)
            with Deployment(_settings(home, "auto", model)) as deployment:
                right[precision] = _right(deployment, model, photos)
    exact, rounded = (vectors[item] for item in Precision)
    derived = {item.name for item in BUILT_IN.derived_models(model)}
    before, after = (right[item] for item in Precision)
    found = {
        "works": len(exact[model]),
        "photos": len(before[IDENTIFY]),
        "vectors": {
            name: _changes(exact[name], rounded[name], derived=name in derived) for name in exact
        },
        "right_first": {method: _paired(before[method], after[method]) for method in before},
    }
    print(json.dumps(found, indent=2))


def _paired(before: dict[UUID, bool], after: dict[UUID, bool]) -> dict[str, dict[str, float]]:
    """Return the share of right answers in each precision and the second less the first."""
    pairs = np.array([(before[work], after[work]) for work in before], np.float64)
    columns = np.column_stack([pairs, pairs[:, 1] - pairs[:, 0]])
    names = (*Precision, "difference")
    return dict(zip(names, map(asdict, mean_intervals(columns, seed=0)), strict=True))


def _settings(home: Path, precision: str, model: str) -> Settings:
    named: dict[str, Any] = {"precision": precision, "models": (model,)}
    return Settings(home=home, qdrant_url=None, database_url=None, **named)


def _vectors(deployment: Deployment) -> dict[str, Matrix]:
    """Return the vectors of all works by name, in the order of the works' ids."""
    ids = sorted(deployment.index.ids())
    found = {}
    for name in deployment.index.specs:
        held = deployment.index.vectors(name, ids)
        found[name] = np.stack([held[item] for item in ids])
    return found


def _changes(exact: Matrix, rounded: Matrix, *, derived: bool) -> dict[str, float]:
    pairs = np.triu_indices(len(exact), 1)
    cosines, others = exact @ exact.T, rounded @ rounded.T
    changes = np.abs(others - cosines)[pairs]
    found = {
        "mean_change": round(float(changes.mean()), 6),
        "99th_percentile": round(float(np.quantile(changes, 0.99)), 6),
        "first_ten_that_stay": round(_shared(cosines, others), 4),
    }
    if derived:  # each collection has a projection of its own, turned as it came
        return found
    return found | {
        "least_own_cosine": round(float((exact * rounded).sum(axis=1).min()), 6),
        "first_ten_that_stay_asked_in_float32": round(_shared(cosines, exact @ rounded.T), 4),
    }


def _shared(cosines: Matrix, others: Matrix) -> float:
    """Return the mean share of each work's nearest others that are nearest in both."""
    nearest = []
    for matrix in (cosines, others):
        without = matrix - 3 * np.eye(len(matrix), dtype=np.float32)
        nearest.append(np.argsort(-without, axis=1, kind="stable")[:, :TOP])
    return float(np.mean([len(set(a) & set(b)) / TOP for a, b in zip(*nearest, strict=True)]))


def _right(deployment: Deployment, model: str, photos: int) -> dict[str, dict[UUID, bool]]:
    """Return of each way to ask for which works' photos its first answer was right."""
    embedder = deployment.embedder(model_for_identifying(deployment.index))
    bench = Bench(
        index=deployment.index,
        database=deployment.database,
        embedder=embedder,
        alone=[embedder, deployment.embedder(model)],
        keypoints=deployment.keypoint_store,
        picture_of=deployment.picture_of,
    )
    quality = evaluate_identification(bench, perturbation="hard", n=photos)
    return {
        method: {item.work: item.rankings[method].first is True for item in quality.asked}
        for method in quality.top
    }


if __name__ == "__main__":
    typer.run(main)
