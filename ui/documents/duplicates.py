"""What a search for duplicates found, as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from catalog.dismissals import Dismissal
from search.duplicates import Duplicates, Link
from ui.documents.collection import artwork_document


def duplicates_document(found: Duplicates) -> dict[str, Any]:
    """Return the groups with the evidence of every link."""
    return {
        "works": found.works,
        "compared": found.compared,
        "models": list(found.models),
        "dismissed": found.dismissed,
        "groups": [
            {
                "marked": group.marked,
                "works": [artwork_document(work) for work in group.works],
                "links": [_link_document(link) for link in group.links],
            }
            for group in found.groups
        ],
    }


def dismissals_document(dismissed: Sequence[Dismissal]) -> dict[str, Any]:
    """Return the pairs of records that a curator has told apart."""
    return {
        "dismissed": [
            {
                "works": [artwork_document(work) for work in item.works],
                "dismissed_at": item.dismissed_at.isoformat(),
            }
            for item in dismissed
        ]
    }


def _link_document(link: Link) -> dict[str, Any]:
    return {
        "first": str(link.first),
        "second": str(link.second),
        "reason": "same file" if link.agreement is None else "same picture",
        "cosines": dict(link.cosines),
        "agreement": None if link.agreement is None else asdict(link.agreement),
    }
