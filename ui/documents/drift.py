"""Drift and its repair as JSON documents."""

from typing import Any

from maintenance.drift import Drift
from maintenance.reconcile import Repair
from ui.documents.collection import ingest_document


def drift_document(drift: Drift) -> dict[str, Any]:
    """Return what was found, with all ids."""
    return {
        "works": drift.works,
        "points": drift.points,
        "thumbnails": drift.thumbnails,
        "drift": drift.counts(),
        "missing_points": [str(work) for work in drift.missing_points],
        "missing_vectors": {
            name: [str(work) for work in works] for name, works in drift.missing_vectors.items()
        },
        "strange_points": [str(point) for point in drift.orphaned_points],
        "other_payloads": [str(point) for point in drift.other_payloads],
        "missing_thumbnails": {
            sha256: str(work) for sha256, work in drift.missing_thumbnails.items()
        },
        "orphaned_thumbnails": list(drift.orphaned_thumbnails),
        "damaged_thumbnails": {
            sha256: str(work) for sha256, work in drift.damaged_thumbnails.items()
        },
        "damaged_files": list(drift.damaged_files),
    }


def repair_document(repair: Repair) -> dict[str, Any]:
    """Return what was done about it."""
    return {
        "queued": repair.queued,
        "deleted_points": repair.deleted_points,
        "rewritten_payloads": repair.rewritten_payloads,
        "remade_thumbnails": repair.remade_thumbnails,
        "deleted_thumbnails": repair.deleted_thumbnails,
        "replaced_files": repair.replaced_files,
        "job": ingest_document(repair.job) if repair.job else None,
        "unavailable": dict(repair.unavailable),
    }
