"""What a fine-tuning is to do, and what comes of it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedders import ModelDescription, OwnModel
from embedders.weights import StoredWeights
from evaluation.labels import Label
from training.finetuning.outcome import TransferReport
from training.finetuning.presets import Embedding, Preset
from training.finetuning.split import DatasetSplit


@dataclass(frozen=True, kw_only=True)
class TrainingSpec:
    """What a fine-tuning is to do.

    Args:
        model: to start from, and its weights.
        name: of the new model.
        embedding: what the new model gives.
    """

    model: ModelDescription
    weights: StoredWeights
    label: Label
    preset: Preset
    name: str
    embedding: Embedding
    seed: int = 0
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FineTuned:
    """What came of it.

    Args:
        own: the new model.
        sizes: works of each part.
        classes: class -> works of each part.
        left_out: works that were not learned from or asked about, but could answer.
        history: what each epoch gave.
        accuracy: share of the held-out works whose class the network tells.
        confusion: held-out works by class and predicted class, in the order of ``classes``.
        transfer: what was gained, by each embedding.
        seconds, cpu_seconds: of this call; after a kill, of its last part.
    """

    spec: TrainingSpec
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


def training_folder(models_dir: Path, name: str) -> Path:
    """Return where a run keeps what it needs to go on; it is gone when the run is done."""
    return models_dir / name / "training"


def identity_of(spec: TrainingSpec, split: DatasetSplit) -> dict[str, Any]:
    """Return all that decides what is learned, by names that a person understands."""
    works = json.dumps([[str(work.id), work.image_sha256] for work in split.works])
    parts = json.dumps([part.tolist() for part in (split.training, split.validation)])
    return {
        "model": spec.model.name,
        "weights": spec.weights.sha256,
        "label": str(spec.label),
        "classes": list(split.names),
        "seed": spec.seed,
        "works": hashlib.sha256((works + parts).encode()).hexdigest(),
        **{f"recipe: {name}": value for name, value in asdict(spec.preset).items()},
    }


def about(
    spec: TrainingSpec, split: DatasetSplit, transfer: Mapping[Embedding, TransferReport]
) -> dict[str, Any]:
    """Return how the model was made, to be kept beside it."""
    gained = transfer[spec.embedding].held_out.among_all.differences[0].micro["precision_at_10"]
    return {
        "summary": f"{spec.preset.name}, {spec.label}, {spec.embedding}: "
        f"P@10 {gained.value:+.3f} on works held out",
        "parent": spec.model.name,
        "parent_weights": spec.weights.sha256,
        "label": str(spec.label),
        "embedding": spec.embedding,
        "classes": list(split.names),
        "sizes": split.sizes,
        "seed": spec.seed,
        "sources": list(spec.sources),
        "recipe": asdict(spec.preset),
        "report": "report.html",
    }
