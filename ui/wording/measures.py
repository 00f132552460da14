"""The names of measures and labels, as people write them."""

from collections.abc import Mapping

from evaluation.labels import Label

_WRITTEN: Mapping[str, str] = {
    "precision": "P",
    "map": "mAP",
    "ndcg": "nDCG",
    "r_precision": "R-prec.",
    "rbo": "RBO",
}

KINDS: Mapping[str, str] = {
    "unfiltered": "no filter",
    "filtered": "random filters",
    "given": "the filter given",
}
"""Kinds of questions to the index."""


def measure_label(name: str) -> str:
    """Return a measure's name as people write it: ``map_at_10`` is mAP@10."""
    name, _, k = name.partition("_at_")
    return _WRITTEN.get(name, name.replace("_", " ")) + (f"@{k}" if k else "")


def plural(label: Label) -> str:
    """Return several of what a label says."""
    return "centuries" if label is Label.CENTURY else f"{label}s"
