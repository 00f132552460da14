"""Recipes of fine-tuning, as values."""

from dataclasses import dataclass
from typing import Literal

SplitUnit = Literal["works", "artists"]
"""What is kept together when works are divided: single works, or all works of an artist."""

Embedding = Literal["pooled", "dense"]
"""What a model gives: the average of the last map, or the layer of 256 behind it."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A part of the training.

    Args:
        name: ``head``: the backbone is frozen; ``half``: the last half of its layers learns too.
        epochs: at most.
        rate: learning rate of Adam, of the layer nearest to the head.
        head_rate: learning rate of what lies behind the average.
        rate_decay: what the rate is multiplied with for each block further from the head.
        schedule: ``plateau`` halves the rates when the validation loss has not fallen for
            ``plateau`` epochs, ``cosine`` lets them rise in the first tenth of the steps and fall
            to nothing in the others.
        patience: epochs without a lower validation loss after which the phase ends; 0 for never.
    """

    name: Literal["head", "half"]
    epochs: int
    rate: float
    head_rate: float
    rate_decay: float = 1.0
    schedule: Literal["constant", "plateau", "cosine"] = "constant"
    plateau: int = 3
    lowest_rate: float = 1e-6
    patience: int = 0


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A recipe.

    Args:
        min_works, max_works: of a class; the works of smaller and larger classes are not learned.
        split: what is kept together when the works are divided.
        shares: of training, validation and held-out works.
        views: crops of each picture to learn from, 0 for the whole picture as it is searched with.
        dropout: of the layer of 256.
        standardise: whether the pooled features are standardised before the layer of 256.
        smoothing: of the labels (Szegedy et al., "Rethinking the Inception architecture", 2016).
        other_labels: weight of the labels beside the main one, which are learned with it.
        contrast: weight of the supervised contrast (Khosla et al., 2020).
        weight_decay: of AdamW; 0 is Adam.
        batch: works a step; ``accumulate`` such batches make one.
        keep: the weights of the epoch with the lowest validation loss, or of the last epoch.
        bf16: compute in bfloat16 on CUDA.
        embedding: what the model gives unless something else is asked for.
    """

    name: str
    min_works: int
    max_works: int | None
    split: SplitUnit
    phases: tuple[Phase, ...]
    shares: tuple[float, float, float] = (0.70, 0.15, 0.15)
    views: int = 0
    dropout: float = 0.4
    standardise: bool = False
    smoothing: float = 0.0
    other_labels: float = 0.0
    contrast: float = 0.0
    weight_decay: float = 0.0
    batch: int = 32
    accumulate: int = 1
    keep: Literal["best", "last"] = "best"
    bf16: bool = False
    embedding: Embedding = "pooled"


CLASSIC = Preset(
    name="classic",
    min_works=2_000,
    max_works=5_000,
    split="works",
    phases=(
        Phase(name="head", epochs=5, rate=0.0, head_rate=1e-3),
        Phase(name="half", epochs=50, rate=1e-4, head_rate=1e-4, schedule="plateau", patience=10),
    ),
)
"""The recipe of the field: a frozen backbone under a new head, then its last half at a tenth of the
rate."""

ART = Preset(
    name="art",
    min_works=10,
    max_works=None,
    split="artists",
    phases=(
        Phase(name="head", epochs=20, rate=0.0, head_rate=1e-3, schedule="cosine"),
        Phase(
            name="half",
            epochs=10,
            rate=3e-4,
            head_rate=5e-4,
            rate_decay=0.8,
            schedule="cosine",
        ),
    ),
    views=6,
    standardise=True,
    smoothing=0.1,
    other_labels=0.3,
    contrast=0.5,
    weight_decay=0.01,
    batch=64,
    keep="last",
    bf16=True,
    embedding="dense",
)
"""Our own: several labels, crops, contrast, gentle rates, and artists that are not seen."""

PRESETS = {preset.name: preset for preset in (CLASSIC, ART)}
