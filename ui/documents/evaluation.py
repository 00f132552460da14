"""What evaluations found, as the JSON documents that other programs rely on."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from evaluation.agreement import DEPTH, CollectionComparison, GroupAgreement
from evaluation.bootstrap import Interval
from evaluation.choosing import ChoosingResults
from evaluation.distances import DistanceQuality, ModelDistances
from evaluation.index_quality import IndexQuality, KindQuality
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


def agreement_document(comparison: CollectionComparison) -> dict[str, Any]:
    """Return how far models agree over the collection."""
    return {
        "models": list(comparison.models),
        "sample": comparison.sample,
        "works": comparison.works,
        "seed": comparison.seed,
        "chance": {f"overlap_at_{DEPTH}": comparison.chance_overlap},
        "pairs": [
            {
                "models": list(pair.models),
                "overall": _group(pair.overall),
                **{
                    label: {value: _group(found) for value, found in groups.items()}
                    for label, groups in pair.groups.items()
                },
            }
            for pair in comparison.pairs
        ],
    }


def choosing_document(results: ChoosingResults) -> dict[str, Any]:
    """Return what choosing a model for each query achieves."""
    return {
        "label": results.label,
        "n": results.queries,
        "seed": results.seed,
        "models": list(results.models),
        "best_model": results.best_model,
        "methods": [
            {
                "name": method.name,
                "kind": method.kind,
                "precision_at_10": asdict(method.precision),
                "over_best_model": asdict(method.over_best_model),
                "over_fusion": asdict(method.over_fusion),
                "shares": dict(method.shares),
            }
            for method in results.methods
        ],
        "earned": list(results.earned),
    }


def distances_document(quality: DistanceQuality) -> dict[str, Any]:
    """Return how near the first works are."""
    return {
        "n": quality.queries,
        "k": quality.k,
        "works": quality.works,
        "seed": quality.seed,
        "models": {model: _distances(found) for model, found in quality.models.items()},
    }


def index_quality_document(quality: IndexQuality) -> dict[str, Any]:
    """Return what the index finds of what a scan finds, and how long both take."""
    return {
        "engine": quality.engine,
        "works": quality.works,
        "k": quality.k,
        "seed": quality.seed,
        "models": {
            model: {
                "in_graph": quality.in_graph[model],
                **{kind: _index_kind(found, quality.k) for kind, found in kinds.items()},
            }
            for model, kinds in quality.models.items()
        },
    }


def _distances(found: ModelDistances) -> dict[str, Any]:
    figures = asdict(found.hits)
    names = ("mean", "std", "min", "max", "median")
    intervals = {"cosine": found.cosine, "angular_distance": found.angular_distance}
    return {
        **{
            measure: {name: figures[f"{name}_{measure}"] for name in names}
            | {"low": interval.low, "high": interval.high}
            for measure, interval in intervals.items()
        },
        "percentile": asdict(found.percentile),
        "z": asdict(found.z),
        "angular_distance_by_rank": list(found.by_rank),
        "background": {
            "works": found.background.works,
            "pairs": found.background.pairs,
            "mean": found.background.mean,
            "std": found.background.std,
        },
        "histogram": {name: list(values) for name, values in asdict(found.histogram).items()},
    }


def _index_kind(found: KindQuality, k: int) -> dict[str, Any]:
    return {
        "n": found.all.queries,
        f"recall_at_{k}": None if found.recall is None else asdict(found.recall),
        "p50_ms": found.all.p50_ms,
        "p95_ms": found.all.p95_ms,
        "exact_p50_ms": found.all.exact_p50_ms,
    }


def _group(agreement: GroupAgreement) -> dict[str, Any]:
    return {"n": agreement.queries, **_intervals(agreement.measures)}


def _intervals(values: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {name: asdict(interval) for name, interval in values.items()}
