"""What identification found, in words and tables for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from evaluation.identification import IdentificationQuality
from evaluation.photo_ground_truth import DEPTH
from search.attributes import Attributes
from search.identification.identify import FoundWork, Identification
from ui.reports import parts
from ui.reports.cells import share_cell
from ui.tables.collection import empty_table, one_line, right, work_label
from ui.tables.measured import drawn
from ui.wording.identification import SHOWS_TOO_LITTLE, how_to_photograph, method_title
from ui.wording.numbers import decimal

SHOWN_VALUES = 3

RECOGNISED = {"top1": "right work first", f"top{DEPTH}": f"right work among {DEPTH}"}
"""Measures of identification."""


def identification_tables(picture: str, found: Identification) -> RenderableType:
    """Return the answer for one photo: a sentence, the candidates, and the likely attributes."""
    parts: list[RenderableType] = [Text(one_line(picture), style="bold"), _sentence(found)]
    parts += [_beside(work) for work in found.works[1:]]
    if found.shows_too_little is None:
        parts += _compared(found)
    total = sum(found.timings_ms.values())
    parts.append(Text(f"{total:.0f} ms", style="dim"))
    return Group(*parts)


def _compared(found: Identification) -> list[RenderableType]:
    attributes = _attributes(found.attributes)
    parts: list[RenderableType] = [_candidates_table(found)] if found.candidates else []
    return parts + ([attributes] if attributes.plain else [])


def identification_quality_tables(quality: IdentificationQuality) -> RenderableType:
    """Return the shares of right answers by method, and what the verdicts were worth."""
    heading = (
        f"{quality.queries} photos ({quality.perturbation}) of {quality.works} works; "
        f"{quality.left_out} photos of works left out."
    )
    median, slow = quality.seconds
    note = (
        f"{median:.2f} s a photo in the median, {slow:.2f} s at the 95th percentile. "
        "[ ]: 95 % confidence interval (Wilson)."
    )
    tables = map(drawn, (recognition_table(quality), verdicts_table(quality)))
    return Group(Text(heading), *tables, Text(note, style="dim"))


def recognition_table(quality: IdentificationQuality) -> parts.Table:
    """Return the shares of photos whose work each method names."""
    return parts.Table(
        columns=["", *RECOGNISED.values()],
        rows=[
            [method_title(method), *(share_cell(shares[name]) for name in RECOGNISED)]
            for method, shares in quality.top.items()
        ],
    )


def verdicts_table(quality: IdentificationQuality) -> parts.Table:
    """Return what was said of the photos, rightly and wrongly."""
    said = {
        "in the collection, and rightly named": quality.named_same,
        "in the collection, but wrongly named": quality.misnamed,
        "wrongly called absent": quality.wrongly_absent,
        "left out of the collection, yet called in": quality.wrongly_same,
    }
    rows: list[list[str | parts.Cell]] = [
        [verdict, share_cell(share)] for verdict, share in said.items() if share is not None
    ]
    return parts.Table(columns=["verdict", "share of photos"], rows=rows)


def _sentence(found: Identification) -> Text:
    sure = f"confidence {_percentage(found.confidence)}"
    if found.shows_too_little is not None:
        return Text(f"{SHOWS_TOO_LITTLE} {how_to_photograph(found.shows_too_little)}")
    if found.artwork is None:
        return Text(
            f"Not in this collection: the likeliest work has a {sure}, "
            f"with {found.inliers} matching points."
        )
    evidence = f"{sure}, {found.inliers} matching points"
    if found.verdict == "unsure":
        return Text.assemble("It may be ", work_label(found.artwork), f" ({evidence}).")
    return Text.assemble(
        "This is ", work_label(found.artwork), f" ({evidence}{_posture(found.works)})."
    )


def _posture(works: tuple[FoundWork, ...]) -> str:
    if not works:
        return ""
    said = ", mirrored" if works[0].match.mirrored else ""
    turned = works[0].match.rotation
    return said + (f", turned by {turned:.0f}°" if abs(turned) >= 3 else "")


def _beside(work: FoundWork) -> Text:
    return Text.assemble(
        "Beside it: ", work_label(work.artwork), f" ({work.match.inliers} matching points)."
    )


def _candidates_table(found: Identification) -> Table:
    table = empty_table(
        right("#"),
        Column("work", max_width=60),
        right("matching points", no_wrap=True),
        right("cosine", no_wrap=True),
    )
    for number, candidate in enumerate(found.candidates, start=1):
        inliers = "" if candidate.inliers is None else str(candidate.inliers)
        table.add_row(
            str(number), work_label(candidate.artwork), inliers, decimal(candidate.cosine, 3)
        )
    return table


def _attributes(attributes: Attributes) -> Text:
    parts = [
        f"{name}: " + ", ".join(f"{item.value} {item.share:.0%}" for item in shares[:SHOWN_VALUES])
        for name, shares in attributes.items()
        if shares
    ]
    return Text(one_line("By its neighbours: " + "; ".join(parts)) if parts else "", style="dim")


def _percentage(probability: float) -> str:
    # 99.96 % is not 100 %.
    shown = min(99.9, 100 * probability) if probability < 1 else 100.0
    return f"{shown:.1f} %"
