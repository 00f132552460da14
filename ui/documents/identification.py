"""What identification found, as the JSON documents that other programs rely on."""

from dataclasses import asdict
from typing import Any

from catalog.artworks import ArtworkFacts
from evaluation.identification import IdentificationQuality
from evaluation.photo_queries import IDENTIFY, PhotoQueryResult
from redaction import redact
from search.identification.identify import FoundWork, Identification


def identification_document(picture: str, found: Identification) -> dict[str, Any]:
    """Return what is known of the painting in one photo."""
    first = found.works[0] if found.works else None
    return {
        "picture": picture,
        "verdict": found.verdict,
        "artwork": _named(found.artwork) if found.artwork else None,
        "confidence": round(found.confidence, 6),
        "inliers": found.inliers,
        "mirrored": first.match.mirrored if first else None,
        "rotation": round(first.match.rotation, 1) if first else None,
        "outline": _outline(first) if first else None,
        "works": [_found_work(work) for work in found.works],
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
    methods: dict[str, dict[str, Any]] = {
        method: {name: asdict(share) for name, share in shares.items()}
        for method, shares in quality.top.items()
    }
    median, slow = quality.seconds
    methods[IDENTIFY] |= {
        "named_same": asdict(quality.named_same),
        "wrongly_absent": asdict(quality.wrongly_absent),
        "misnamed": asdict(quality.misnamed),
        "wrongly_same": asdict(quality.wrongly_same) if quality.wrongly_same else None,
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
    return _named(work.artwork) | {
        "confidence": round(work.confidence, 6),
        "inliers": work.match.inliers,
        "mirrored": work.match.mirrored,
        "rotation": round(work.match.rotation, 1),
        "outline": _outline(work),
    }


def _outline(work: FoundWork) -> list[list[float]] | None:
    if work.match.outline is None:
        return None
    return [[round(float(x), 1), round(float(y), 1)] for x, y in work.match.outline]
