"""What a source would bring, as a JSON document."""

from dataclasses import asdict
from typing import Any

from catalog.record import ArtworkRecord
from ingest.survey import Survey
from redaction import redact
from ui.documents.collection import failure_document


def survey_document(found: Survey) -> dict[str, Any]:
    """Return what a source would bring; centuries are numbers, those before Christ negative."""
    return {
        "works": found.works,
        "failed": found.failed,
        "failures": [failure_document(group) for group in found.failures],
        "left_out": dict(found.left_out),
        **{name: dict(values) for name, values in found.counts.items()},
        "century": {str(century): works for century, works in found.centuries.items()},
        "missing": dict(found.missing),
        "extra": dict(found.extra),
        "duplicates": {
            "same_title_and_artist": asdict(found.same_title_and_artist),
            "same_image": asdict(found.same_image),
        },
        "first": [record_document(record) for record in found.first],
    }


def record_document(record: ArtworkRecord) -> dict[str, Any]:
    """Return one record."""
    return {
        "id": str(record.id),
        "source": record.source,
        "source_id": record.source_id,
        "title": record.title,
        "artist": record.artist,
        "genre": record.genre,
        "style": record.style,
        "school": record.school,
        "year": record.year,
        "file": redact(record.file),
        "image_location": redact(record.image_location),
        "extra": dict(record.extra),
    }
