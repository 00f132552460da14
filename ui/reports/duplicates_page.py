"""What a search for duplicates found, as a page with the pictures."""

from collections.abc import Callable
from html import escape

from PIL import Image

from catalog.artworks import ArtworkFacts
from embedders import UnreadableImage
from redaction import redact
from search.duplicates import Duplicates
from ui.reports.pictures import data_uri
from ui.tables.duplicates import evidence, summary
from ui.wording.works import made_by

PICTURE_SIDE = 280
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Duplicates</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem }}
section {{ border-top: 1px solid #ccc; padding: 1rem 0 }}
.works {{ display: flex; flex-wrap: wrap; gap: 1.5rem }}
figure {{ margin: 0; max-width: {side}px }}
figcaption, li {{ font-size: 13px; overflow-wrap: anywhere }}
code {{ font-size: 12px; user-select: all }}
</style>
<h1>Duplicates</h1>
<p>{summary}</p>
{groups}
</html>
"""


def duplicates_page(found: Duplicates, picture_of: Callable[[ArtworkFacts], Image.Image]) -> str:
    """Return one HTML page that needs no other file: the groups with their pictures."""
    groups = []
    for number, group in enumerate(found.groups, start=1):
        works = "".join(_figure(work, picture_of) for work in group.works)
        reasons = "".join(f"<li>{escape(line)}</li>" for line in evidence(group))
        ids = " ".join(str(work.id) for work in group.works)
        state = " (marked as one work)" if group.marked else ""
        groups.append(
            f'<section><h2>{number}{state}</h2><div class="works">{works}</div>'
            f"<ul>{reasons}</ul><p>One work? <code>vasari duplicates mark {ids}</code></p>"
            f"<p>Not the same? <code>vasari duplicates dismiss {ids}</code></p></section>"
        )
    return _PAGE.format(side=PICTURE_SIDE, summary=escape(summary(found)), groups="".join(groups))


def _figure(work: ArtworkFacts, picture_of: Callable[[ArtworkFacts], Image.Image]) -> str:
    lines = (work.title, made_by(work), f"{work.source}: {redact(work.file)}")
    caption = "<br>".join(escape(line) for line in lines if line)
    return (
        f"<figure>{_image(work, picture_of)}<figcaption>{caption}<br>"
        f"<code>{work.id}</code></figcaption></figure>"
    )


def _image(work: ArtworkFacts, picture_of: Callable[[ArtworkFacts], Image.Image]) -> str:
    try:
        address = data_uri(picture_of(work), pixels=PICTURE_SIDE)
    except UnreadableImage as error:
        return f"<p>{escape(str(error))}</p>"
    return f'<img src="{address}" alt="{escape(work.title)}">'
