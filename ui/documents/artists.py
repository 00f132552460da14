"""Artists and what may be made of them, as JSON."""

from dataclasses import asdict
from typing import Any

from catalog.artist_suggestions import MergeSuggestion
from catalog.artists import ArtistFacts


def artist_document(artist: ArtistFacts) -> dict[str, Any]:
    """Return one artist."""
    return asdict(artist) | {"id": str(artist.id)}


def suggestion_document(suggestion: MergeSuggestion) -> dict[str, Any]:
    """Return which artists may be one, and why."""
    return {
        "confidence": round(suggestion.confidence, 4),
        "into": artist_document(suggestion.into),
        "others": [artist_document(artist) for artist in suggestion.others],
        "links": [
            {
                "first": str(link.first),
                "second": str(link.second),
                "confidence": round(link.confidence, 4),
                "reasons": list(link.reasons),
            }
            for link in suggestion.links
        ],
    }
