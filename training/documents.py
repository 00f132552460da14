"""What training on labels gained, as the JSON document that other programs rely on."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from evaluation.bootstrap import Interval
from evaluation.retrieval import RetrievalQuality
from training.projection_transfer import ProjectionQuality
from training.transfer import TransferQuality, after_of, before_of, gain_of


def projection_document(name: str, quality: ProjectionQuality) -> dict[str, Any]:
    """Return what a supervised projection gained; it is kept beside the model too."""
    return {
        "model": name,
        "label": quality.label,
        "recipe": quality.recipe,
        "features": list(quality.features),
        "plain": quality.plain,
        "classes": quality.classes,
        "works": quality.works,
        "folds": quality.folds,
        "seed": quality.seed,
        **transfer_document(quality.unseen_works),
        "unseen_artists": optional_transfer_document(quality.unseen_artists),
    }


def transfer_document(quality: TransferQuality) -> dict[str, Any]:
    """Return the measures before and after, among all works and among those held out."""
    strict = quality.among_held_out
    return {
        **_comparison(quality.among_all),
        "among_held_out": None if strict is None else _comparison(strict),
    }


def optional_transfer_document(quality: TransferQuality | None) -> dict[str, Any] | None:
    """Return the same where there were queries."""
    return None if quality is None else transfer_document(quality)


def _comparison(quality: RetrievalQuality) -> dict[str, Any]:
    gain = gain_of(quality)
    return {
        "n": quality.queries,
        "before": _levels(before_of(quality).micro, before_of(quality).macro),
        "after": _levels(after_of(quality).micro, after_of(quality).macro),
        "difference": _levels(gain.micro, gain.macro),
        "chance": dict(quality.chance),
    }


def _levels(micro: Mapping[str, Interval], macro: Mapping[str, Interval]) -> dict[str, Any]:
    return {**_intervals(micro), "macro": _intervals(macro)}


def _intervals(values: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {name: asdict(interval) for name, interval in values.items()}
