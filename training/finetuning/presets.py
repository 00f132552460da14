"""Recipes of fine-tuning, as values."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from errors import VasariError
from evaluation.labels import Label

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


class InvalidPreset(VasariError, ValueError):
    """A recipe that contradicts itself; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What takes the place of a preset's own values; ``None`` keeps them.

    Args:
        epochs, head_epochs: of the phases ``half`` and ``head``; the others as in ``Preset``.
    """

    min_works: int | None = None
    max_works: int | None = None
    split: SplitUnit | None = None
    shares: tuple[float, float, float] | None = None
    epochs: int | None = None
    head_epochs: int | None = None
    views: int | None = None
    batch: int | None = None
    accumulate: int | None = None


def adapt(preset: Preset, label: Label, overrides: Overrides) -> Preset:
    """Return a preset for a label, with what was asked for in place of its own values.

    Raises:
        InvalidPreset: the values contradict each other.
    """
    if overrides.split == "artists" and label is Label.ARTIST:
        raise InvalidPreset("artists cannot be learned where some are kept apart: --split works")
    shares = overrides.shares
    if shares is not None and not (min(shares) > 0 and sum(shares) <= 1 + 1e-9):
        raise InvalidPreset("the shares are three numbers above 0 that make no more than 1")
    values: dict[str, Any] = {
        name: value for name, value in vars(overrides).items() if value is not None
    }
    epochs = {"half": values.pop("epochs", None), "head": values.pop("head_epochs", None)}
    if label is Label.ARTIST:
        values["split"] = "works"
    phases = tuple(
        phase if (wanted := epochs[phase.name]) is None else replace(phase, epochs=wanted)
        for phase in preset.phases
    )
    adapted = replace(preset, phases=phases, **values)
    if adapted.max_works is not None and adapted.max_works < adapted.min_works:
        raise InvalidPreset(
            f"a class cannot have at least {adapted.min_works} and at most {adapted.max_works} "
            "works: give both --min-works and --max-works"
        )
    return adapted
