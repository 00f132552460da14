"""A sheet of what is done to a picture: every perturbation at every strength."""

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from evaluation.strengths import STRENGTHS, GradedPerturbation, shrunk
from ui.palette import FAINT_INK, INK
from ui.wording.identification import strength_label

CELL = (168, 140)
CAPTION = 22
GAP = 12
NAMES = 250
"""Width of the names to the left, in pixels."""

GROUND = "#ffffff"


def strengths_sheet(
    picture: Image.Image,
    *,
    seed: int = 0,
    perturbations: Mapping[str, GradedPerturbation] = STRENGTHS,
) -> Image.Image:
    """Return what an RGB picture looks like under each perturbation, a row each."""
    columns = 1 + max(len(graded.strengths) for graded in perturbations.values())
    down = CELL[1] + CAPTION + GAP
    size = (NAMES + columns * (CELL[0] + GAP), GAP + len(perturbations) * down)
    sheet = Image.new("RGB", size, GROUND)
    draw = ImageDraw.Draw(sheet)
    large, small = ImageFont.load_default(20), ImageFont.load_default(16)
    whole = shrunk(picture)
    for row, graded in enumerate(perturbations.values()):
        top = GAP + row * down
        draw.text((GAP, top + CELL[1] / 2), graded.title, fill=INK, font=large, anchor="lm")
        for column, strength in enumerate((graded.none, *graded.strengths)):
            left = NAMES + column * (CELL[0] + GAP)
            shown = _fitted(graded.photo(whole, strength, np.random.default_rng(seed)))
            middle = left + CELL[0] // 2
            sheet.paste(shown, (middle - shown.width // 2, top + (CELL[1] - shown.height) // 2))
            draw.text(
                (middle, top + CELL[1] + CAPTION / 2),
                strength_label(graded, strength),
                fill=FAINT_INK,
                font=small,
                anchor="mm",
            )
    return sheet


def _fitted(photo: Image.Image) -> Image.Image:
    scale = min(CELL[0] / photo.width, CELL[1] / photo.height)
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    # A small photo is to be seen in its own pixels.
    return photo.resize(size, Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS)
