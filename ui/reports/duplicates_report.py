"""What a search for duplicates found, with the pictures."""

from redaction import redact
from search.duplicates import DuplicateGroup, Duplicates
from ui.reports.parts import Command, Facts, PictureRow, Report, Section, Text
from ui.reports.pictures import WorkPictures
from ui.tables.duplicates import evidence, summary

PIXELS = 280
"""Of a picture's longer side, large enough to compare."""


def duplicates_report(found: Duplicates, pictures: WorkPictures) -> Report:
    """Return the groups, each with the commands that decide about it."""
    return Report(
        kind="Duplicates",
        title="Records that seem to be one work",
        lead=summary(found),
        sections=[
            _group(number, group, pictures) for number, group in enumerate(found.groups, start=1)
        ],
    )


def _group(number: int, group: DuplicateGroup, pictures: WorkPictures) -> Section:
    ids = " ".join(str(work.id) for work in group.works)
    files = {str(work.id): f"{work.source}: {redact(work.file)}" for work in group.works}
    return Section(
        title=f"{number} (marked as one work)" if group.marked else str(number),
        parts=[
            PictureRow(name="", pictures=[pictures.show(work) for work in group.works], large=True),
            Facts(facts=files),
            *(Text(text=line, faint=True) for line in evidence(group)),
            Text(text="One work?"),
            Command(line=f"vasari duplicates mark {ids}"),
            Text(text="Not the same?"),
            Command(line=f"vasari duplicates dismiss {ids}"),
        ],
    )
