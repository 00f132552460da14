"""The JSON documents that other programs rely on. Keys may be added, never renamed."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.artworks import ArtworkFacts, ArtworkPage
from catalog.jobs import JobFacts
from embedders import OwnModel
from evaluation.index_recall import IndexCheck
from redaction import redact
from search.explanation import Cell, Explanation
from search.similar import Hit, SimilarWorks
from ui.documents.plain import artwork_document, fields_of, plain


def artwork_details(
    artwork: ArtworkFacts, *, source_says: Mapping[str, str | int | None]
) -> dict[str, Any]:
    """Return all that is known of one artwork.

    Args:
        source_says: what its source has in the fields that a curator corrected.
    """
    return artwork_document(artwork) | {
        "image_location": redact(artwork.image_location),
        "image_sha256": artwork.image_sha256,
        "image_width": artwork.image_width,
        "image_height": artwork.image_height,
        "extra": dict(artwork.extra),
        "source_says": dict(source_says),
    }


def listing_document(page: ArtworkPage) -> dict[str, Any]:
    """Return one page of artworks."""
    return {"total": page.total, "artworks": plain(page.artworks)}


def facets_document(
    counted: Mapping[str, Mapping[str, int]], *, total: int, limit: int | None
) -> dict[str, Any]:
    """Return how many works each value of each field would leave, the most frequent first.

    ``total`` works pass the whole filter; ``distinct`` counts all values of a field, shown or not.
    """
    return {
        "total": total,
        "distinct": {field: len(values) for field, values in counted.items()},
        "facets": {field: dict(islice(values.items(), limit)) for field, values in counted.items()},
    }


def search_document(answer: SimilarWorks) -> dict[str, Any]:
    """Return the models' answers to one query."""
    return {
        "models": {
            model: {
                "hits": [_hit_document(hit) for hit in found.hits],
                "statistics": plain(found.statistics),
            }
            for model, found in answer.models.items()
        },
        "comparison": plain(answer.comparison),
        "chosen": answer.choice.model if answer.choice else None,
        "reason": answer.choice.reason if answer.choice else None,
        "timings_ms": {stage: round(value, 3) for stage, value in answer.timings_ms.items()},
    }


def _hit_document(hit: Hit) -> dict[str, Any]:
    figures = fields_of(hit)
    work = figures.pop("artwork")
    del work["image"]
    return {"rank": figures.pop("rank"), **work, **figures}


def explanation_document(
    explanation: Explanation, work: ArtworkFacts, *, picture: Path | None, at: Cell | None
) -> dict[str, Any]:
    """Return which regions make a work like a query.

    Contributions are rows of cells from the top, and add up to ``cosine``: that of the two pictures
    as they were compared. ``index_cosine`` is the one that a search gives.

    Args:
        picture: where the drawing was saved, if it was.
    """
    similarity = explanation.similarity
    return {
        "model": explanation.model,
        "cosine": explanation.cosine,
        "index_cosine": similarity.cosine if similarity else None,
        "percentile": similarity.percentile if similarity else None,
        "z": similarity.z if similarity else None,
        "query": {"contributions": explanation.query_map.tolist()},
        "work": artwork_document(work) | {"contributions": explanation.work_map.tolist()},
        "pairs": [
            fields_of(pair)
            | {"query": _cell_document(pair.query), "work": _cell_document(pair.work)}
            for pair in explanation.pairs
        ],
        "at": None
        if at is None
        else _cell_document(at) | {"contributions": explanation.answers_to(at).tolist()},
        "picture": None if picture is None else str(picture),
    }


def _cell_document(cell: Cell) -> dict[str, int]:
    row, column = cell
    return {"row": row, "column": column}


def job_document(job: JobFacts) -> dict[str, Any]:
    """Return one job of the job log."""
    facts = fields_of(job)
    return {
        "job": facts.pop("id"),
        **facts,
        "images_per_second": job.images_per_second,
        "seconds_left": job.seconds_left,
    }


def index_check_document(check: IndexCheck) -> dict[str, Any]:
    """Return what a check of the index found."""
    return {"ok": not check.warnings, **fields_of(check)}


def own_models_document(own: Sequence[OwnModel], broken: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return each model's origin and how it was made, or why it cannot be used."""
    return [
        {
            "name": model.description.name,
            "dimension": model.description.dimension,
            "made_from": model.made_from,
            "about": dict(model.about),
            "folder": str(model.folder),
        }
        for model in own
    ] + [{"name": name, "broken": reason} for name, reason in broken.items()]
