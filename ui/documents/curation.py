"""What a curator decides about, as JSON: duplicates, artists, drift."""

from typing import Any

from catalog.artist_suggestions import MergeSuggestion
from maintenance.drift import Drift
from search.duplicates import Duplicates, Link
from ui.documents.plain import fields_of, plain


def duplicates_document(found: Duplicates) -> dict[str, Any]:
    """Return the groups with the evidence of every link."""
    return fields_of(found) | {
        "groups": [
            plain(group) | {"links": [_link_document(link) for link in group.links]}
            for group in found.groups
        ]
    }


def _link_document(link: Link) -> dict[str, Any]:
    reason = "same file" if link.agreement is None else "same picture"
    return fields_of(link) | {"reason": reason}


def suggestion_document(suggestion: MergeSuggestion) -> dict[str, Any]:
    """Return which artists may be one, and why."""
    return fields_of(suggestion) | {
        "confidence": round(suggestion.confidence, 4),
        "links": [
            fields_of(link) | {"confidence": round(link.confidence, 4)} for link in suggestion.links
        ],
    }


def drift_document(drift: Drift) -> dict[str, Any]:
    """Return what was found, with all ids."""
    found = fields_of(drift)
    return {"drift": drift.counts(), "strange_points": found.pop("orphaned_points"), **found}
