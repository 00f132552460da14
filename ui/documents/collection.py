"""The JSON documents that other programs rely on. Keys may be added, never renamed."""

from collections.abc import Mapping
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.artworks import ArtworkFacts, ArtworkPage
from catalog.jobs import FailureGroup, JobFacts
from embedders import ModelStatus
from evaluation.index_recall import IndexCheck
from ingest.summary import JobSummary
from redaction import redact
from search.explanation import Cell, Explanation
from search.index.contract import IndexStatus
from search.similar import Hit, SimilarWorks


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
    return {
        "total": page.total,
        "artworks": [artwork_document(artwork) for artwork in page.artworks],
    }


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
    comparison = answer.comparison
    return {
        "models": {
            model: {
                "hits": [_hit_document(hit) for hit in found.hits],
                "statistics": asdict(found.statistics) if found.statistics else None,
            }
            for model, found in answer.models.items()
        },
        "comparison": {
            "overlap": comparison.overlap,
            "rbo": comparison.rbo,
            "spearman": comparison.spearman,
            "pairs": [asdict(pair) for pair in comparison.pairs],
            "consensus": [
                {"id": str(item.id), "score": item.score} for item in comparison.consensus
            ],
            "only": {model: [str(item) for item in ids] for model, ids in comparison.only.items()},
        },
        "chosen": answer.choice.model if answer.choice else None,
        "reason": answer.choice.reason if answer.choice else None,
        "timings_ms": {stage: round(value, 3) for stage, value in answer.timings_ms.items()},
    }


def _hit_document(hit: Hit) -> dict[str, Any]:
    work = artwork_document(hit.artwork)
    del work["image"]
    return {
        "rank": hit.rank,
        **work,
        "cosine": hit.cosine,
        "angular_distance": hit.angular_distance,
        "percentile": hit.percentile,
        "z": hit.z,
        "ranks": dict(hit.ranks),
        "reproductions": [artwork_document(other) for other in hit.reproductions],
    }


def explanation_document(
    explanation: Explanation, work: ArtworkFacts, *, picture: Path, at: Cell | None
) -> dict[str, Any]:
    """Return which regions make a work like a query.

    Contributions are rows of cells from the top, and add up to ``cosine``: that of the two pictures
    as they were compared. ``index_cosine`` is the one that a search gives.
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
            {
                "query": _cell_document(pair.query),
                "work": _cell_document(pair.work),
                "contribution": pair.contribution,
                "cosine": pair.cosine,
            }
            for pair in explanation.pairs
        ],
        "at": None
        if at is None
        else _cell_document(at) | {"contributions": explanation.answers_to(at).tolist()},
        "picture": str(picture),
    }


def _cell_document(cell: Cell) -> dict[str, int]:
    row, column = cell
    return {"row": row, "column": column}


def ingest_document(summary: JobSummary) -> dict[str, Any]:
    """Return what a job did."""
    return {
        "job": summary.job,
        "seen": summary.seen,
        "added": summary.added,
        "updated": summary.updated,
        "unchanged": summary.unchanged,
        "failed": summary.failed,
        "left": summary.left,
        "embedded": dict(summary.embedded),
        "failures": [failure_document(group) for group in summary.failures],
        "seconds": round(summary.seconds, 3),
        "interrupted": summary.interrupted,
    }


def job_document(job: JobFacts) -> dict[str, Any]:
    """Return one job of the job log."""
    return {
        "job": job.id,
        "kind": job.kind,
        "state": str(job.state),
        "arguments": dict(job.arguments),
        "seen": job.seen,
        "added": job.added,
        "updated": job.updated,
        "unchanged": job.unchanged,
        "failed": job.failed,
        "embedded": dict(job.embedded),
        "left": job.left,
        "images_per_second": job.images_per_second,
        "seconds_left": job.seconds_left,
        "error": job.error,
        "started_at": job.started_at.isoformat(),
        "ended_at": job.ended_at.isoformat() if job.ended_at else None,
        "failures": [failure_document(group) for group in job.failures],
    }


def failure_document(group: FailureGroup) -> dict[str, Any]:
    """Return failures for one reason, with examples."""
    return {
        "stage": group.stage,
        "reason": group.reason,
        "count": group.count,
        "examples": [
            {"item": redact(example.item), "detail": redact(example.detail)}
            for example in group.examples
        ],
    }


def index_document(status: IndexStatus) -> dict[str, Any]:
    """Return what the index holds."""
    return {
        "engine": status.engine,
        "location": status.location,
        "generation": status.generation,
        "points": status.points,
        "vectors": {model: asdict(vector) for model, vector in status.vectors.items()},
        "payload_indexes": list(status.payload_indexes),
    }


def index_check_document(check: IndexCheck) -> dict[str, Any]:
    """Return what a check of the index found."""
    return {
        "ok": not check.warnings,
        "models": {
            model: {kind: asdict(recall) for kind, recall in kinds.items()}
            for model, kinds in check.models.items()
        },
        "warnings": list(check.warnings),
        "damaged_files": list(check.damaged_files),
    }


def models_document(statuses: list[ModelStatus]) -> dict[str, Any]:
    """Return the models that Vasari knows, and which of them are ready."""
    return {"models": [asdict(status) for status in statuses]}
