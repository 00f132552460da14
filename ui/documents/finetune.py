"""What a fine-tuning came to, as a JSON document."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ui.documents.transfer import optional_transfer_document, transfer_document

if TYPE_CHECKING:
    from training.finetuning.order import FineTuned


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
        **transfer_document(worth.held_out),
        "unseen_artists": optional_transfer_document(worth.unseen),
        "embeddings": {
            embedding: {
                "held_out": transfer_document(found.held_out),
                "unseen_artists": optional_transfer_document(found.unseen),
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
