"""What identification found, as the JSON documents that other programs rely on."""

from typing import Any

import numpy as np

from catalog.artworks import ArtworkFacts
from evaluation.identification import IdentificationQuality
from evaluation.identification_curves import CurvePoint, IdentificationCurves
from evaluation.photo_queries import IDENTIFY, PhotoQueryResult
from evaluation.strengths import STRENGTHS
from redaction import redact
from search.identification.identify import FoundWork, Identification
from ui.documents.plain import plain


def identification_document(picture: str, found: Identification) -> dict[str, Any]:
    """Return what is known of the painting in one photo."""
    works = [_found_work(work) for work in found.works]
    first = works[0] if works else {}
    return {
        "picture": picture,
        "verdict": found.verdict,
        "artwork": _named(found.artwork) if found.artwork else None,
        "shows_too_little": found.shows_too_little,
        "confidence": round(found.confidence, 6),
        "inliers": found.inliers,
        **{name: first.get(name) for name in ("mirrored", "rotation", "outline")},
        "works": works,
        "candidates": [
            _named(candidate.artwork)
            | {
                "source": candidate.artwork.source,
                "file": redact(candidate.artwork.file),
                "cosine": candidate.cosine,
                "inliers": candidate.inliers,
            }
            for candidate in found.candidates
        ],
        "attributes": {
            name: [{"value": item.value, "share": round(item.share, 4)} for item in shares]
            for name, shares in found.attributes.items()
        },
        "timings_ms": {stage: round(value, 3) for stage, value in found.timings_ms.items()},
    }


def unreadable_document(picture: str, error: Exception) -> dict[str, Any]:
    """Return why one picture has no answer."""
    return {"picture": picture, "error": str(error)}


def identification_quality_document(
    quality: IdentificationQuality, *, queries: bool
) -> dict[str, Any]:
    """Return what an evaluation of identification found.

    Args:
        queries: give every query's evidence, too.
    """
    methods: dict[str, dict[str, Any]] = plain(quality.top)
    median, slow = quality.seconds
    methods[IDENTIFY] |= {
        "named_same": plain(quality.named_same),
        "wrongly_absent": plain(quality.wrongly_absent),
        "misnamed": plain(quality.misnamed),
        "wrongly_same": plain(quality.wrongly_same),
        "seconds_per_query": round(median, 4),
        "seconds_p95": round(slow, 4),
    }
    document = {
        "perturbation": quality.perturbation,
        "n": quality.queries,
        "left_out": quality.left_out,
        "works": quality.works,
        "seed": quality.seed,
        "methods": methods,
    }
    if queries:
        document["queries"] = [_asked(item) for item in quality.asked]
    return document


def curves_document(found: IdentificationCurves) -> dict[str, Any]:
    """Return all curves; each point's methods are as of an evaluation of identification."""
    return {
        "n": found.queries,
        "works": found.works,
        "seed": found.seed,
        "curves": {name: _curve(name, points) for name, points in found.curves.items()},
    }


def _curve(name: str, points: tuple[CurvePoint, ...]) -> dict[str, Any]:
    graded = STRENGTHS[name]
    return {
        "title": graded.title,
        "scale": graded.scale,
        "unit": graded.unit,
        "none": graded.none,
        "reached": dict(graded.reached),
        "points": [
            {
                "strength": point.strength,
                "n": point.quality.queries,
                "methods": identification_quality_document(point.quality, queries=False)["methods"],
            }
            for point in points
        ],
    }


def _asked(item: PhotoQueryResult) -> dict[str, Any]:
    return {
        "work": str(item.work),
        "left_out": item.left_out,
        "neutral": item.neutral,
        "top1": {method: ranking.first for method, ranking in item.rankings.items()},
        "verdict": item.verdict,
        "named": item.named,
        "inliers": item.inliers,
        "confidence": round(item.confidence, 6),
        "seconds": round(item.seconds, 3),
    }


def _named(artwork: ArtworkFacts) -> dict[str, Any]:
    return {"id": str(artwork.id), "title": artwork.title, "artist": artwork.artist}


def _found_work(work: FoundWork) -> dict[str, Any]:
    outline = work.match.outline
    return _named(work.artwork) | {
        "confidence": round(work.confidence, 6),
        "inliers": work.match.inliers,
        "mirrored": work.match.mirrored,
        "rotation": round(work.match.rotation, 1),
        "outline": None if outline is None else np.round(outline, 1).tolist(),
    }
