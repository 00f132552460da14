"""What evaluations found, as the JSON documents that other programs rely on."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from evaluation.bootstrap import Interval
from evaluation.retrieval import RetrievalQuality


def retrieval_document(quality: RetrievalQuality) -> dict[str, Any]:
    """Return what an evaluation of retrieval found."""
    return {
        "label": quality.label,
        "n": quality.queries,
        "k": quality.k,
        "works": quality.works,
        "labelled": quality.labelled,
        "seed": quality.seed,
        "exclude_same_artist": quality.exclude_same_artist,
        "classes": dict(quality.class_sizes),
        "chance": {**quality.chance, "macro": dict(quality.chance_macro)},
        "models": {
            method: {
                **_intervals(found.micro),
                "macro": _intervals(found.macro),
                "classes": {name: _intervals(values) for name, values in found.classes.items()},
            }
            for method, found in quality.methods.items()
        },
        "differences": [
            {
                "first": difference.first,
                "second": difference.second,
                **_intervals(difference.micro),
                "macro": _intervals(difference.macro),
            }
            for difference in quality.differences
        ],
    }


def _intervals(values: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {name: asdict(interval) for name, interval in values.items()}
