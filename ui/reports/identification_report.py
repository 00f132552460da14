"""The reports of how often works are recognised in photos."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from evaluation.identification import IdentificationQuality
from evaluation.identification_curves import CurvePoint, IdentificationCurves
from evaluation.identification_examples import PhotoExample, PhotoExamples
from evaluation.photo_queries import IDENTIFY, PhotoQueryResult
from evaluation.strengths import STRENGTHS
from evaluation.strengths import shrunk as before_perturbing
from ui.pictures import data_uri, shrunk
from ui.reports import parts
from ui.reports.charts import WIDTH, svg
from ui.reports.drawings import Panel, intervals_chart
from ui.reports.identification_charts import curve_chart
from ui.reports.pictures import PIXELS, WorkPictures
from ui.tables.identification import RECOGNISED, recognition_table, verdicts_table
from ui.tables.identification_curves import curve_table
from ui.wording.identification import strength_label

SMALL = 110
"""Longest side of a picture in a row of strengths, in pixels."""

_VERDICTS = {
    "same": "said to be in the collection",
    "absent": "said not to be in the collection",
    "unsure": "unsure",
}
_METHODS = (
    "Each photo is made of a work's own picture. A model alone answers with the work whose vector "
    "is nearest to the photo's. Identification looks at the photo in several ways, holds the "
    "likeliest works against it point by point, and says how sure it is. An answer is right if it "
    "shows the same painting, in whichever reproduction; works known to share material with it "
    "count neither way. Intervals are Wilson's, at 95 %."
)


def identification_report(
    quality: IdentificationQuality, examples: PhotoExamples, pictures: WorkPictures
) -> parts.Report:
    """Return the report of one perturbation."""
    found = quality.top[IDENTIFY]["top1"]
    best = max(
        (name for name in quality.top if name != IDENTIFY),
        key=lambda name: quality.top[name]["top1"].value,
    )
    median, slow = quality.seconds
    return parts.Report(
        kind="Evaluation of identification",
        title=f"Works recognised in {quality.perturbation} photos",
        lead=f"{quality.queries:,} photos ({quality.perturbation}) were asked about among "
        f"{quality.works:,} works. Identification names the right work first in {found.value:.1%} "
        f"of them, the nearest vector of {best} alone in {quality.top[best]['top1'].value:.1%}.",
        figures={
            "right work named first": f"{found.value:.1%}",
            "of them surely": f"{quality.named_same.value:.1%}",
            "wrongly called absent": f"{quality.wrongly_absent.value:.1%}",
            "seconds a photo": f"{median:.2f}",
        },
        sections=[
            _methods(quality),
            _verdicts(quality),
            *_examples(examples, pictures),
            parts.explained(
                {},
                _METHODS,
                f"A photo took {median:.2f} s in the median, {slow:.2f} s at the 95th percentile.",
            ),
        ],
    )


def curves_report(found: IdentificationCurves, example: Image.Image) -> parts.Report:
    """Return the report of curves.

    Args:
        example: an RGB picture to show what is done on.
    """
    return parts.Report(
        kind="Evaluation of identification",
        title="How much a photo may suffer",
        lead=f"One thing at a time was done to the pictures of {found.queries:,} of "
        f"{found.works:,} works, more and more of it, and each photo was asked about.",
        sections=[
            *(_curve(name, points, found, example) for name, points in found.curves.items()),
            parts.explained({}, _METHODS),
        ],
    )


def _methods(quality: IdentificationQuality) -> parts.Section:
    return parts.Section(
        title="How often the right work is named",
        note="Small figures and lines: 95 % confidence interval (Wilson).",
        parts=[
            parts.Chart(
                drawing=intervals_chart(
                    [
                        Panel(
                            title=title,
                            values={method: shares[name] for method, shares in quality.top.items()},
                        )
                        for name, title in RECOGNISED.items()
                    ]
                )
            ),
            recognition_table(quality),
        ],
    )


def _verdicts(quality: IdentificationQuality) -> parts.Section:
    note = (
        f"{quality.left_out:,} of the photos are of works left out of the collection, with all "
        "their reproductions."
        if quality.left_out
        else ""
    )
    return parts.Section(title="What was said", note=note, parts=[verdicts_table(quality)])


def _examples(examples: PhotoExamples, pictures: WorkPictures) -> list[parts.Section]:
    sorts = (
        ("Not recognised", examples.missed, "The work is in the collection, and was not named."),
        (
            "Made up",
            examples.invented,
            "The work is not in the collection, and was taken for one that is.",
        ),
        (
            "Most disputed",
            examples.disputed,
            "Identified, with few matching points; the nearest vectors alone were wrong.",
        ),
        ("Recognised best", examples.best, "With the most matching points."),
    )
    return [
        parts.Section(
            title=title,
            note=f"{note} To the right: what each method names first. Framed in green: the right "
            "work.",
            parts=[_example(item, pictures) for item in chosen],
        )
        for title, chosen, note in sorts
        if chosen
    ]


def _example(example: PhotoExample, pictures: WorkPictures) -> parts.Example:
    shown = [
        pictures.show(
            work, mark={True: "right", False: "wrong", None: None}[is_right], below=method
        )
        for method, (work, is_right) in example.answers.items()
    ]
    return parts.Example(
        query=parts.Picture(
            address=data_uri(shrunk(example.photo, PIXELS)), title=example.work.title, mark="query"
        ),
        note=_said(example.asked),
        rows=[parts.PictureRow(name="named first", pictures=shown)],
    )


def _said(asked: PhotoQueryResult) -> str:
    points = "1 matching point" if asked.inliers == 1 else f"{asked.inliers} matching points"
    return f"{_VERDICTS[asked.verdict]}; {points}, confidence {asked.confidence:.1%}"


def _curve(
    name: str, points: Sequence[CurvePoint], found: IdentificationCurves, example: Image.Image
) -> parts.Section:
    graded = STRENGTHS[name]
    labels = [strength_label(graded, point.strength) for point in points]
    whole = before_perturbing(example)
    photos = [
        graded.photo(whole, point.strength, np.random.default_rng(found.seed)) for point in points
    ]
    return parts.Section(
        title=graded.title,
        note=f"Strength: {graded.scale}.",
        parts=[
            parts.PictureRow(
                name="",
                pictures=[
                    parts.Picture(address=data_uri(shrunk(photo, SMALL)), title=label)
                    for photo, label in zip(photos, labels, strict=True)
                ],
            ),
            parts.Chart(drawing=svg(curve_chart(name, points, width=WIDTH - 80))),
            curve_table(name, points),
        ],
    )
