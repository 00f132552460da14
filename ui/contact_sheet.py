"""A sheet of pictures with captions, to be printed or sent."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from PIL import Image, ImageDraw, ImageFont

from ui.palette import FAINT_INK, INK, LIGHT

CELL = 220
GAP = 24
COLUMNS = 5
MARGIN = 40

_LINE = 20
_CAPTION_LINES = 3
_FONT = "static/static/media/SourceSansVF-Upright"


@dataclass(frozen=True)
class SheetPicture:
    """One picture of a sheet, and the lines under it; without a picture its place stays empty."""

    picture: Image.Image | None
    title: str
    by: str
    note: str


def contact_sheet(title: str, rows: Mapping[str, Sequence[SheetPicture]]) -> Image.Image:
    """Return a sheet with a heading and a block of pictures for each part, as an RGB picture."""
    down = CELL + (_CAPTION_LINES + 1) * _LINE + GAP
    blocks = {name: -(-len(pictures) // COLUMNS) for name, pictures in rows.items()}
    height = 2 * MARGIN + 50 + sum(44 + number * down for number in blocks.values())
    width = 2 * MARGIN + COLUMNS * (CELL + GAP) - GAP
    sheet = Image.new("RGB", (width, height), "#ffffff")
    draw = ImageDraw.Draw(sheet)
    _write(draw, (MARGIN, MARGIN), title, size=26, most=width - 2 * MARGIN)
    top = MARGIN + 50
    for name, pictures in rows.items():
        _write(draw, (MARGIN, top), name, size=20, most=width - 2 * MARGIN)
        top += 44
        for place, picture in enumerate(pictures):
            row, column = divmod(place, COLUMNS)
            _paste(sheet, draw, picture, MARGIN + column * (CELL + GAP), top + row * down)
        top += blocks[name] * down
    return sheet


def _paste(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, item: SheetPicture, left: int, top: int
) -> None:
    draw.rectangle((left, top, left + CELL, top + CELL), fill=LIGHT.frame)
    if item.picture is not None:
        small = item.picture.copy()
        small.thumbnail((CELL - 12, CELL - 12))
        across, down = (CELL - small.width) // 2, (CELL - small.height) // 2
        sheet.paste(small, (left + across, top + down))
    for line, (text, colour) in enumerate(
        ((item.title, INK), (item.by, FAINT_INK), (item.note, FAINT_INK)), start=0
    ):
        place = (left, top + CELL + 6 + line * _LINE)
        _write(draw, place, text, size=15, most=CELL, colour=colour)


def _write(
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int],
    text: str,
    *,
    size: int,
    most: int,
    colour: str = INK,
) -> None:
    """Write one line, cut to a width in pixels."""
    font = _font(size)
    text = " ".join(text.split())[:400]
    if draw.textlength(text, font) > most:
        while text and draw.textlength(f"{text}…", font) > most:
            text = text[:-1]
        text = f"{text}…"
    draw.text(place, text, fill=colour, font=font)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the typeface of the page, which has more alphabets than Pillow's own."""
    folder = files("streamlit").joinpath(_FONT.rpartition("/")[0])
    name = _FONT.rpartition("/")[2]
    for file in folder.iterdir():
        if file.name.startswith(name):
            return ImageFont.truetype(io.BytesIO(file.read_bytes()), size)
    return ImageFont.load_default(size)
