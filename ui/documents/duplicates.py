"""What a search for duplicates found, as JSON."""

from typing import Any

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
