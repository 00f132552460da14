"""What a fine-tuning came to, as a JSON document."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from evaluation.bootstrap import Interval
from evaluation.retrieval import RetrievalQuality
from evaluation.transfer import TransferQuality, after_of, before_of, gain_of

if TYPE_CHECKING:
    from evaluation.finetune.order import FineTuned


def finetune_document(tuned: "FineTuned") -> dict[str, Any]:
    """Return the new model, its worth on held-out works and unseen artists, and its training."""
    order = tuned.order
    worth = tuned.worth[order.embedding]
    return {
        "model": order.name,
        "parent": order.model.name,
        "label": str(order.label),
        "preset": order.preset.name,
        "embedding": order.embedding,
        "n": worth.held_out.among_all.queries,
        **comparison_document(worth.held_out.among_all),
        "among_held_out": _optional(worth.held_out.among_held_out),
        "unseen_artists": _transfer(worth.unseen),
        "embeddings": {
            embedding: {
                "held_out": _transfer(found.held_out),
                "unseen_artists": _transfer(found.unseen),
            }
            for embedding, found in tuned.worth.items()
        },
        "accuracy": tuned.accuracy,
        "confusion": {"classes": list(tuned.classes), "table": tuned.confusion.tolist()},
        "sizes": dict(tuned.sizes),
        "classes": {name: dict(sizes) for name, sizes in tuned.classes.items()},
        "left_out": tuned.left_out,
        "unreadable": tuned.unreadable,
        "history": [dict(epoch) for epoch in tuned.history],
        "unfrozen_layers": list(tuned.unfrozen),
        "recipe": asdict(order.preset),
        "weights_of_parent": order.weights.sha256,
        "sources": list(order.sources),
        "seed": order.seed,
        "device": tuned.device,
        "seconds": tuned.seconds,
        "cpu_seconds": tuned.cpu_seconds,
    }


def comparison_document(quality: RetrievalQuality) -> dict[str, Any]:
    """Return the measures before and after, and what was gained, with intervals."""
    return {
        "before": _intervals(before_of(quality).micro),
        "after": _intervals(after_of(quality).micro),
        "gain": _intervals(gain_of(quality).micro),
    }


def _transfer(quality: TransferQuality | None) -> dict[str, Any] | None:
    if quality is None:
        return None
    return {
        "n": quality.among_all.queries,
        **comparison_document(quality.among_all),
        "among_held_out": _optional(quality.among_held_out),
    }


def _optional(quality: RetrievalQuality | None) -> dict[str, Any] | None:
    return None if quality is None else {"n": quality.queries, **comparison_document(quality)}


def _intervals(values: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {name: asdict(interval) for name, interval in values.items()}
