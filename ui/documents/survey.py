"""What a source would bring, as a JSON document."""

from typing import Any

from catalog.record import ArtworkRecord
from ingest.survey import Survey
from redaction import redact
from ui.documents.plain import fields_of


def survey_document(found: Survey) -> dict[str, Any]:
    """Return what a source would bring; centuries are numbers, those before Christ negative."""
    said = fields_of(found)
    return {
        **said.pop("counts"),
        "century": said.pop("centuries"),
        "duplicates": {name: said.pop(name) for name in ("same_title_and_artist", "same_image")},
        **said,
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
