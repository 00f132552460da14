"""Drift as a JSON document."""

from typing import Any

from maintenance.drift import Drift
from ui.documents.plain import fields_of


def drift_document(drift: Drift) -> dict[str, Any]:
    """Return what was found, with all ids."""
    found = fields_of(drift)
    return {"drift": drift.counts(), "strange_points": found.pop("orphaned_points"), **found}
