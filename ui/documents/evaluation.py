"""What evaluations found, as the JSON documents that other programs rely on."""

from typing import Any

from evaluation.agreement import DEPTH, CollectionComparison, GroupAgreement
from evaluation.choosing import ChoosingResults
from evaluation.distances import DistanceQuality, ModelDistances
from evaluation.index_quality import IndexQuality, KindQuality
from evaluation.retrieval import RetrievalQuality
from ui.documents.plain import fields_of, plain


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
                **plain(found.micro),
                "macro": plain(found.macro),
                "classes": plain(found.classes),
            }
            for method, found in quality.methods.items()
        },
        "differences": [
            {
                "first": difference.first,
                "second": difference.second,
                **plain(difference.micro),
                "macro": plain(difference.macro),
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
            {"precision_at_10": method.pop("precision"), **method}
            for method in map(fields_of, results.methods)
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
    figures = fields_of(found.hits)
    names = ("mean", "std", "min", "max", "median")
    intervals = {"cosine": found.cosine, "angular_distance": found.angular_distance}
    return {
        **{
            measure: {name: figures[f"{name}_{measure}"] for name in names}
            | {"low": interval.low, "high": interval.high}
            for measure, interval in intervals.items()
        },
        "percentile": plain(found.percentile),
        "z": plain(found.z),
        "angular_distance_by_rank": list(found.by_rank),
        "background": {
            name: getattr(found.background, name) for name in ("works", "pairs", "mean", "std")
        },
        "histogram": plain(found.histogram),
    }


def _index_kind(found: KindQuality, k: int) -> dict[str, Any]:
    return {
        "n": found.all.queries,
        f"recall_at_{k}": plain(found.recall),
        "p50_ms": found.all.p50_ms,
        "p95_ms": found.all.p95_ms,
        "exact_p50_ms": found.all.exact_p50_ms,
    }


def _group(agreement: GroupAgreement) -> dict[str, Any]:
    return {"n": agreement.queries, **plain(agreement.measures)}
