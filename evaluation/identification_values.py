"""What was measured of every photo, so that evaluations of identification can be compared."""

from collections.abc import Iterable

import numpy as np

from evaluation.identification import IdentificationQuality
from evaluation.identification_curves import IdentificationCurves
from evaluation.photo_ground_truth import DEPTH
from evaluation.photo_queries import IDENTIFY, PhotoQueryResult
from evaluation.query_values import QueryValues

NAMED = "named_same"


def quality_values(quality: IdentificationQuality) -> QueryValues:
    """Return the measures of each photo of a work that is in the collection."""
    return _values((str(item.work), item) for item in quality.asked)


def curves_values(curves: IdentificationCurves) -> QueryValues:
    """Return the measures of each photo, at every strength of every perturbation."""
    return _values(
        (f"{item.work} {point.quality.perturbation} {point.strength:g}", item)
        for points in curves.curves.values()
        for place, point in enumerate(points)
        # What is asked about untouched pictures is the same for all.
        if place or points is next(iter(curves.curves.values()))
        for item in point.quality.asked
    )


def _values(named: Iterable[tuple[str, PhotoQueryResult]]) -> QueryValues:
    asked = [(name, item) for name, item in named if not item.left_out]
    values = {}
    for method in asked[0][1].rankings:
        rankings = [item.rankings[method] for _, item in asked]
        firsts = [np.nan if item.first is None else float(item.first) for item in rankings]
        values[method, "top1"] = np.array(firsts)
        values[method, f"top{DEPTH}"] = np.array([float(item.among) for item in rankings])
    values[IDENTIFY, NAMED] = np.array(
        [
            np.nan if item.named is None else float(item.named and item.verdict == "same")
            for _, item in asked
        ]
    )
    return QueryValues(queries=[name for name, _ in asked], truths=[""] * len(asked), values=values)
