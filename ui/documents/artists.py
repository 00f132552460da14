"""What may be made of artists, as JSON."""

from typing import Any

from catalog.artist_suggestions import MergeSuggestion
from ui.documents.plain import fields_of


def suggestion_document(suggestion: MergeSuggestion) -> dict[str, Any]:
    """Return which artists may be one, and why."""
    return fields_of(suggestion) | {
        "confidence": round(suggestion.confidence, 4),
        "links": [
            fields_of(link) | {"confidence": round(link.confidence, 4)} for link in suggestion.links
        ],
    }
