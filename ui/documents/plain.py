"""What is found, as JSON knows it."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import singledispatch
from typing import Any
from uuid import UUID

import numpy as np

from catalog.artworks import ArtworkFacts
from catalog.jobs import Failure
from ingest.summary import JobSummary
from redaction import redact


@singledispatch
def plain(value: Any) -> Any:
    """Return a value of dicts, lists, texts and numbers: of a dataclass, what is in its fields.

    Other programs rely on the names of those fields: ``tests/ui/test_documents.py`` has them.
    """
    return fields_of(value) if is_dataclass(value) else value


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass, field by field as :func:`plain` has them."""
    return {item.name: plain(getattr(value, item.name)) for item in fields(value)}


@plain.register(ArtworkFacts)
def artwork_document(artwork: ArtworkFacts) -> dict[str, Any]:
    """Return one artwork as it is listed."""
    return {
        "id": str(artwork.id),
        "title": artwork.title,
        "artist": artwork.artist,
        "artist_as_given": artwork.artist_as_given,
        "genre": artwork.genre,
        "style": artwork.style,
        "school": artwork.school,
        "year": artwork.year,
        "source": artwork.source,
        "file": redact(artwork.file),
        "image": str(artwork.image_state),
    }


@plain.register(Failure)
def _(failure: Failure) -> dict[str, str | None]:
    return {
        "item": redact(failure.item),
        "detail": redact(failure.detail),
        "artwork_id": None if failure.artwork_id is None else str(failure.artwork_id),
    }


@plain.register(JobSummary)
def _(summary: JobSummary) -> dict[str, Any]:
    return fields_of(summary) | {"seconds": round(summary.seconds, 3)}


@plain.register(Mapping)
def _(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): plain(value) for name, value in values.items()}


@plain.register(list)
@plain.register(tuple)
def _(values: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [plain(value) for value in values]


@plain.register(UUID)
@plain.register(Enum)
def _(value: UUID | Enum) -> str:
    return str(value)


@plain.register(datetime)
def _(moment: datetime) -> str:
    return moment.isoformat()


@plain.register(np.ndarray)
def _(values: np.ndarray[Any, Any]) -> Any:
    return values.tolist()
