"""What a run leaves: a model, and what it gained over its parent."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from embedders import ModelDescription, OwnModel, fine_tuned, weights_path
from embedders.networks import DENSE, DENSE_DIMENSION, build_network
from embedders.weights.stored import Origin, write_tensors
from evaluation.labels import Codes, Label
from evaluation.ranking import RelevanceJudgments, Rows
from evaluation.stored import NothingToEvaluate
from training.finetuning.network import Normaliser
from training.finetuning.pictures import Pixels
from training.finetuning.presets import Embedding
from training.finetuning.spec import Parent, TrainingSpec
from training.finetuning.split import DatasetSplit
from training.progress import Watch
from training.transfer import TransferQuality, Trial, Vectors, gain_of, measure_transfer

AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class TransferReport:
    """What fine-tuning gained, by one of the two embeddings that the network gives.

    Args:
        held_out: with the works that were held out as queries.
        unseen: with those of them as queries whose artists were not trained on, and works by the
            query's artist left out of its ranking; ``None`` if no such work has a right answer.
    """

    held_out: TransferQuality
    unseen: TransferQuality | None


@dataclass(frozen=True, kw_only=True)
class FineTuned:
    """What came of a fine-tuning.

    Args:
        parent: the model that it started from.
        own: the new model.
        sizes: works of each part.
        classes: class -> works of each part.
        left_out: works of no class, which are only ranked.
        history: losses, accuracy and times of each epoch.
        accuracy: share of the held-out works whose class is predicted correctly.
        confusion: held-out works by class and predicted class, in the order of ``classes``.
        transfer: what was gained, by each embedding.
        seconds, cpu_seconds: of this call alone, not of the calls that it resumes.
    """

    spec: TrainingSpec
    parent: Parent
    own: OwnModel
    device: str
    sizes: Mapping[str, int]
    classes: Mapping[str, Mapping[str, int]]
    left_out: int
    unreadable: int
    unfrozen: Sequence[str]
    history: Sequence[Mapping[str, Any]]
    accuracy: float
    confusion: NDArray[np.int64]
    transfer: Mapping[Embedding, TransferReport]
    seconds: float
    cpu_seconds: float


def write_weights(
    models_dir: Path,
    parent: Parent,
    tensors: Mapping[str, Tensor],
    *,
    name: str,
    title: str,
    embedding: Embedding,
) -> ModelDescription:
    """Write the weights of a model; both its embeddings are in them, whichever it gives.

    Returns:
        Its description, which is still to be saved: with that the model exists.
    """
    dense = embedding == "dense"
    network = f"{parent.weights.network}+{DENSE}" if dense else parent.weights.network
    licence = f"fine-tuned here from: {parent.weights.licence}"
    path = weights_path(models_dir, name)
    write_tensors(path, tensors, Origin(network, parent.weights.normalisation, licence))
    return fine_tuned(
        models_dir,
        parent.description,
        name=name,
        title=title,
        network=network,
        dimension=DENSE_DIMENSION if dense else parent.description.dimension,
    )


def embed_all(
    network: str,
    tensors: Mapping[str, Tensor],
    pixels: Pixels,
    normaliser: Normaliser,
    *,
    task: str,
    watch: Watch,
) -> dict[Embedding, Vectors]:
    """Embed prepared pictures, uint8 (works, size, size, 3), as an ingest with these weights would.

    Returns:
        Unit float32 vectors: ``pooled`` (works, d) and, where the weights have that layer,
        ``dense`` (works, 256).
    """
    watch.begin(task, len(pixels))
    # A GPU would multiply convolutions in TensorFloat-32, whose ten bits of mantissa show.
    torch.backends.cudnn.allow_tf32 = False
    run = build_network(network, tensors, normaliser.device).image_features
    parts = []
    with torch.inference_mode():
        for start in range(0, len(pixels), AT_ONCE):
            watch.check()
            batch = torch.from_numpy(pixels[start : start + AT_ONCE].copy())
            parts.append(run(normaliser(batch.permute(0, 3, 1, 2))).float().cpu())
            watch.advance(len(batch))
        pooled = torch.cat(parts)
        found: dict[Embedding, Vectors] = {"pooled": _unit(pooled)}
        if f"{DENSE}.weight" in tensors:
            dense = functional.linear(pooled, tensors[f"{DENSE}.weight"], tensors[f"{DENSE}.bias"])
            found["dense"] = _unit(functional.relu(dense))
    return found


def measure(
    split: DatasetSplit, before: Vectors, after: Vectors, *, label: Label, seed: int
) -> TransferReport:
    """Measure the held-out works' rankings, and more strictly those of artists not seen.

    Raises:
        NothingToEvaluate: no held-out work has a right answer.
    """

    def asked_by(rows: Rows, apart: Codes | None) -> TransferQuality:
        truth = RelevanceJudgments(classes=split.classes, copies=split.copies, apart=apart)
        trial = Trial(held_out=rows, before=before, after=after)
        return measure_transfer([trial], truth, split.names, label=label, seed=seed)

    unseen = None
    if label is not Label.ARTIST and len(split.unseen):
        try:
            unseen = asked_by(split.unseen, split.artists)
        except NothingToEvaluate:
            unseen = None
    return TransferReport(held_out=asked_by(split.held_out, None), unseen=unseen)


def about(
    spec: TrainingSpec,
    parent: Parent,
    split: DatasetSplit,
    transfer: Mapping[Embedding, TransferReport],
) -> dict[str, Any]:
    """Return how the model was made, as JSON that is kept beside it."""
    gained = gain_of(transfer[spec.embedding].held_out.among_all).micro["precision_at_10"]
    return {
        "summary": f"{spec.preset.name}, {spec.label}, {spec.embedding}: "
        f"P@10 {gained.value:+.3f} on works held out",
        "parent": spec.model,
        "parent_weights": parent.weights.sha256,
        "label": str(spec.label),
        "embedding": spec.embedding,
        "classes": list(split.names),
        "sizes": split.sizes,
        "seed": spec.seed,
        "sources": list(spec.sources),
        "recipe": asdict(spec.preset),
        "report": "report.html",
    }


def _unit(vectors: Tensor) -> Vectors:
    """Bring vectors to length one; a vector of zeros, which is like nothing, stays as it is."""
    return np.asarray(functional.normalize(vectors, dim=1).numpy())
