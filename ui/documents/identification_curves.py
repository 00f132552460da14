"""Curves of identification as a JSON document."""

from typing import Any

from evaluation.identification_curves import CurvePoint, IdentificationCurves
from evaluation.strengths import STRENGTHS
from ui.documents.identification import identification_quality_document


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
