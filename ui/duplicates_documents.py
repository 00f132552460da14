"""What a search for duplicates found, as JSON."""

from dataclasses import asdict
from typing import Any

from search.duplicates import Duplicates, Link
from ui.documents import artwork_document


def duplicates_document(found: Duplicates) -> dict[str, Any]:
    """Return the groups with the evidence of every link."""
    return {
        "works": found.works,
        "compared": found.compared,
        "models": list(found.models),
        "groups": [
            {
                "marked": group.marked,
                "works": [artwork_document(work) for work in group.works],
                "links": [_link_document(link) for link in group.links],
            }
            for group in found.groups
        ],
    }


def _link_document(link: Link) -> dict[str, Any]:
    return {
        "first": str(link.first),
        "second": str(link.second),
        "reason": "same file" if link.agreement is None else "same picture",
        "cosines": dict(link.cosines),
        "agreement": None if link.agreement is None else asdict(link.agreement),
    }
