"""An explanation as a picture: the two works, heat maps over them, and what the colours mean."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray
from PIL import Image

from search.explanation import Cell, Explanation

Pixels = NDArray[np.uint8]

_BOX = 460
"""Pixels of the longer side of each picture."""

_MARGIN = 24
_LINE = 26
_BAR_HEIGHT = 16
_TEXT = 17
"""Height of the letters, in pixels, and of a small line below."""
_SMALL = 14
_WEIGHT = 400

_INK = (30, 30, 34)
_FAINT = (105, 105, 112)

# Inferno rises evenly in lightness, so a step of the colour is the same step of the value
# anywhere on the scale, to a colour-blind eye too (Smith and van der Walt, matplotlib, 2015).
_COLOURS = cv2.COLORMAP_INFERNO
_OPACITY = 0.6
# The picture beneath is grey, and neither black nor white, so that it bends no colour far.
_DARKEST, _LIGHTEST = 50, 245


@dataclass(frozen=True)
class Scale:
    """From which contribution to which the colours go."""

    low: float
    high: float

    @classmethod
    def over(cls, *maps: NDArray[np.float32]) -> "Scale":
        """Return the scale of several maps together; it always holds zero."""
        low = min(0.0, *(float(values.min()) for values in maps))
        high = max(0.0, *(float(values.max()) for values in maps))
        return cls(low, high if high > low else low + 1.0)

    def place(self, values: npt.ArrayLike) -> NDArray[np.float64]:
        """Return where values lie on it, in [0, 1]."""
        shares = (np.asarray(values, np.float64) - self.low) / (self.high - self.low)
        return np.asarray(np.clip(shares, 0, 1))


def heat_map(picture: Image.Image, contributions: NDArray[np.float32], scale: Scale) -> Image.Image:
    """Lay contributions over an RGB picture, in its own shape and size.

    Args:
        contributions: float32 [h, w], of a grid over the whole picture: models see it squeezed
            into a square, and here the grid is stretched back with it.
    """
    # Between the middles of the cells values go over smoothly; a bicubic wave must not leave the
    # scale, or invent a negative contribution.
    smooth = cv2.resize(contributions, picture.size, interpolation=cv2.INTER_CUBIC)
    smooth = np.clip(smooth, contributions.min(), contributions.max())
    return Image.fromarray(_blend(_grey(picture), _coloured(scale.place(smooth))))


def draw_explanation(
    explanation: Explanation,
    *,
    query_title: str = "query",
    work_title: str = "work",
    at: Cell | None = None,
) -> Image.Image:
    """Draw the two pictures, below each its heat map, and a legend.

    Args:
        at: only what the work's regions add together with this one of the query, which is framed.

    Returns:
        An RGB picture, under a thousand pixels wide.
    """
    pictures = [_fitted(item) for item in (explanation.query_picture, explanation.work_picture)]
    maps = [explanation.query_map, explanation.work_map]
    if at is not None:
        maps = [np.zeros_like(maps[0]), explanation.answers_to(at)]
    scale = Scale.over(*maps)
    heats = [
        np.array(heat_map(picture, values, scale))
        for picture, values in zip(pictures, maps, strict=True)
    ]
    grid = maps[0].shape
    if at is not None:
        heats[0] = np.repeat(_grey(pictures[0])[..., None], 3, axis=2)
        _frame(heats[0], at, grid)
    else:
        for number, pair in enumerate(explanation.pairs, start=1):
            _badge(heats[0], pair.query, grid, number)
            _badge(heats[1], pair.work, grid, number)
    below = _MARGIN + _LINE + 2 * max(picture.height for picture in pictures) + 2 * _MARGIN
    notes = _notes(explanation, at)
    height = below + _BAR_HEIGHT + _LINE * (len(notes) + 1) + _MARGIN
    sheet = np.full((height, 2 * _BOX + 3 * _MARGIN, 3), 255, np.uint8)
    for column, title in enumerate((query_title, work_title)):
        left, top = _MARGIN + column * (_BOX + _MARGIN), _MARGIN + _LINE
        _write(sheet, _shortened(title), (left, top - 10))
        _paste(sheet, np.array(pictures[column]), left, top)
        _paste(sheet, heats[column], left, top + pictures[column].height + _MARGIN // 2)
    _legend(sheet, below, scale, notes, _even(explanation, at))
    return Image.fromarray(sheet)


def _notes(explanation: Explanation, at: Cell | None) -> list[str]:
    named = f"{explanation.cosine:.3f} under {explanation.model}"
    if at is not None:
        return [
            "Brighter: the region of the work adds more to the cosine together with the framed one "
            "of the query.",
            f"The framed region adds {explanation.query_map[at]:.3g} of the cosine of {named}.",
        ]
    return [
        f"Brighter: the region adds more to the cosine of {named}. Each map adds up to it.",
        "Equal numbers: the pairs of regions that add most together.",
    ]


def _even(explanation: Explanation, at: Cell | None) -> float:
    """What each region would add if all added the same."""
    total = explanation.cosine if at is None else float(explanation.query_map[at])
    return total / explanation.work_map.size


def _legend(sheet: Pixels, top: int, scale: Scale, notes: list[str], even: float) -> None:
    width = sheet.shape[1] - 2 * _MARGIN
    ramp = np.broadcast_to(np.linspace(0, 1, width), (_BAR_HEIGHT, width))
    grey = np.full(ramp.shape, (_DARKEST + _LIGHTEST) // 2, np.uint8)
    _paste(sheet, _blend(grey, _coloured(ramp)), _MARGIN, top)
    ticks = {scale.low: f"{scale.low:.3g}", scale.high: f"{scale.high:.3g}", 0.0: "0"}
    if scale.low < even < scale.high:
        ticks.setdefault(even, f"{even:.3g} if all added the same")
    written: list[tuple[int, int]] = []
    for value, text in ticks.items():
        x = _MARGIN + round(float(scale.place(value)) * (width - 1))
        cv2.line(sheet, (x, top), (x, top + _BAR_HEIGHT + 3), _INK, 1)
        room = _width(text, _SMALL)
        left = min(max(x - room // 2, _MARGIN), _MARGIN + width - room)
        # Two numbers too near each other: the mark of the second stays without one.
        if all(left + room + 8 < start or left > end + 8 for start, end in written):
            _write(sheet, text, (left, top + _BAR_HEIGHT + 18), size=_SMALL)
            written.append((left, left + room))
    for number, note in enumerate(notes):
        baseline = top + _BAR_HEIGHT + 20 + _LINE * (number + 1)
        _write(sheet, note, (_MARGIN, baseline), size=_SMALL, colour=_FAINT)


def _frame(pixels: Pixels, cell: Cell, grid: tuple[int, ...]) -> None:
    left, top, right, bottom = _box(pixels, cell, grid)
    cv2.rectangle(pixels, (left, top), (right - 1, bottom - 1), (255, 255, 255), 4)
    cv2.rectangle(pixels, (left, top), (right - 1, bottom - 1), _INK, 2)


def _badge(pixels: Pixels, cell: Cell, grid: tuple[int, ...], number: int) -> None:
    left, top, right, bottom = _box(pixels, cell, grid)
    middle = ((left + right) // 2, (top + bottom) // 2)
    cv2.circle(pixels, middle, 11, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.circle(pixels, middle, 11, _INK, 1, cv2.LINE_AA)
    text = str(number)
    _write(pixels, text, (middle[0] - _width(text, _SMALL) // 2, middle[1] + 5), size=_SMALL)


def _box(pixels: Pixels, cell: Cell, grid: tuple[int, ...]) -> tuple[int, int, int, int]:
    (row, column), (rows, columns) = cell, grid
    height, width = pixels.shape[:2]
    return (
        column * width // columns,
        row * height // rows,
        (column + 1) * width // columns,
        (row + 1) * height // rows,
    )


def _fitted(picture: Image.Image) -> Image.Image:
    scale = _BOX / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)


def _grey(picture: Image.Image) -> Pixels:
    luma = np.asarray(picture.convert("L"), np.float64) / 255
    return np.rint(_DARKEST + luma * (_LIGHTEST - _DARKEST)).astype(np.uint8)


def _coloured(places: NDArray[np.float64]) -> Pixels:
    codes = np.rint(places * 255).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(codes, _COLOURS)[..., ::-1], np.uint8)


def _blend(grey: Pixels, colours: Pixels) -> Pixels:
    mixed = (1 - _OPACITY) * grey[..., None] + _OPACITY * colours
    return np.rint(mixed).astype(np.uint8)


def _paste(sheet: Pixels, pixels: Pixels, left: int, top: int) -> None:
    height, width = pixels.shape[:2]
    sheet[top : top + height, left : left + width] = pixels


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    if _width(text, _TEXT) <= _BOX:
        return text
    while text and _width(text + "…", _TEXT) > _BOX:
        text = text[:-1]
    return text.rstrip() + "…"


def _width(text: str, size: int) -> int:
    _, _, width, _ = cv2.getTextSize((1, 1), text, (0, 0), _font(), size, _WEIGHT)
    return int(width)


def _write(
    pixels: Pixels,
    text: str,
    origin: tuple[int, int],
    *,
    size: int = _TEXT,
    colour: tuple[int, int, int] = _INK,
) -> None:
    cv2.putText(pixels, text, origin, colour, _font(), size, _WEIGHT)


def _font() -> cv2.FontFace:
    # OpenCV's own: it has the letters of titles in any script, and no file of a machine is needed.
    return cv2.FontFace("sans")
