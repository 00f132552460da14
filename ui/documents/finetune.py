"""What a fine-tuning came to, as a JSON document."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from training.documents import optional_transfer_document, transfer_document

if TYPE_CHECKING:
    from training.finetuning.outcome import FineTuned


def finetune_document(tuned: "FineTuned") -> dict[str, Any]:
    """Return the new model, what it gained, and how it was trained."""
    spec = tuned.spec
    transfer = tuned.transfer[spec.embedding]
    return {
        "model": spec.name,
        "parent": spec.model,
        "label": str(spec.label),
        "preset": spec.preset.name,
        "embedding": spec.embedding,
        **transfer_document(transfer.held_out),
        "unseen_artists": optional_transfer_document(transfer.unseen),
        "embeddings": {
            embedding: {
                "held_out": transfer_document(found.held_out),
                "unseen_artists": optional_transfer_document(found.unseen),
            }
            for embedding, found in tuned.transfer.items()
        },
        "accuracy": tuned.accuracy,
        "confusion": {"classes": list(tuned.classes), "table": tuned.confusion.tolist()},
        "sizes": dict(tuned.sizes),
        "classes": {name: dict(sizes) for name, sizes in tuned.classes.items()},
        "left_out": tuned.left_out,
        "unreadable": tuned.unreadable,
        "history": [dict(epoch) for epoch in tuned.history],
        "unfrozen_layers": list(tuned.unfrozen),
        "recipe": asdict(spec.preset),
        "weights_of_parent": tuned.parent.weights.sha256,
        "sources": list(spec.sources),
        "seed": spec.seed,
        "device": tuned.device,
        "seconds": tuned.seconds,
        "cpu_seconds": tuned.cpu_seconds,
    }
