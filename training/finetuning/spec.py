"""What a fine-tuning is to do."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from embedders import InvalidOwnModel, ModelDescription, require_own_name
from embedders.weights.stored import StoredWeights
from evaluation.labels import Label
from training.finetuning.presets import Embedding, Preset
from training.finetuning.split import DatasetSplit


@dataclass(frozen=True, kw_only=True)
class TrainingSpec:
    """What a fine-tuning is to do.

    Args:
        model: to start from.
        label: whose classes are learned.
        name: of the new model.
        embedding: what the new model gives.
        seed: of the division and all that is drawn.
        sources: of the works; empty for all.
    """

    model: str
    label: Label
    preset: Preset
    name: str
    embedding: Embedding
    seed: int = 0
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Parent:
    """The model that a fine-tuning starts from."""

    description: ModelDescription
    weights: StoredWeights


def require_free_name(models_dir: Path, parent: ModelDescription, name: str) -> None:
    """Make sure that a new model, and its folder, may have this name.

    Raises:
        InvalidOwnModel: the name is malformed, or that of another model.
    """
    try:
        replace(parent, name=name)
    except ValueError as error:
        raise InvalidOwnModel(str(error)) from error
    require_own_name(name)
    if (models_dir / name / "model.json").exists():
        raise InvalidOwnModel(
            f"there is a model {name} already: give the new one another --name, or delete that "
            f"one with `vasari models delete {name}`"
        )


def training_folder(models_dir: Path, name: str) -> Path:
    """Return where a run keeps what it needs to resume; it is deleted when the run is done."""
    return models_dir / name / "training"


def identity_of(spec: TrainingSpec, parent: Parent, split: DatasetSplit) -> dict[str, Any]:
    """Return all that decides the outcome, by names that a person understands."""
    works = json.dumps([[str(work.id), work.image_sha256] for work in split.works])
    parts = json.dumps([part.tolist() for part in (split.training, split.validation)])
    return {
        "model": spec.model,
        "weights": parent.weights.sha256,
        "label": str(spec.label),
        "classes": list(split.names),
        "seed": spec.seed,
        "works": hashlib.sha256((works + parts).encode()).hexdigest(),
        **{f"recipe: {name}": value for name, value in asdict(spec.preset).items()},
    }
