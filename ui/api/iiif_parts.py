"""What part of a picture an address of the IIIF Image API 3 names, at level 1."""

import re
from http import HTTPStatus

from ingest.tiled_pictures import Part, Size
from ui.api.problems import ApiProblem

MOST_SIDE = 2_048
"""Longest side of a picture that is given out, in pixels."""

_REGION = re.compile(r"(\d{1,9}),(\d{1,9}),(\d{1,9}),(\d{1,9})")
_SIZE = re.compile(r"(!?)(\d{0,9}),(\d{0,9})")


def read_part(whole: Size, region: str, size: str) -> Part:
    """Return the part that an address names.

    Args:
        whole: width and height of the picture.
        region: `full`, `square` or `X,Y,W,H` in pixels.
        size: `max`, `W,`, `,H`, `W,H` or `!W,H`, never more than the region has.

    Raises:
        ApiProblem: it names nothing that is served.
    """
    left, top, width, height = _region(whole, region)
    return Part(left, top, width, height, _size((width, height), size))


def within(size: Size, longest: int) -> Size:
    """Return width and height within a longest side, in proportion, and never enlarged."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _region(whole: Size, region: str) -> tuple[int, int, int, int]:
    if region == "full":
        return 0, 0, *whole
    if region == "square":
        side = min(whole)
        return (whole[0] - side) // 2, (whole[1] - side) // 2, side, side
    asked = _REGION.fullmatch(region)
    if asked is None:
        raise unsupported()
    left, top, width, height = map(int, asked.groups())
    width, height = min(width, whole[0] - left), min(height, whole[1] - top)
    if width < 1 or height < 1:
        raise unsupported()
    return left, top, width, height


def _size(part: Size, size: str) -> Size:
    if size == "max":
        return within(part, MOST_SIDE)
    asked = _SIZE.fullmatch(size)
    if asked is None:
        raise unsupported()
    best_fit, *sides = asked.groups()
    width, height = (int(side) if side else None for side in sides)
    if width and height:
        if best_fit:
            scale = min(width / part[0], height / part[1], 1.0, MOST_SIDE / max(part))
            return max(1, round(part[0] * scale)), max(1, round(part[1] * scale))
        wanted = (width, height)
    elif width and height is None and not best_fit:
        wanted = (width, max(1, round(part[1] * width / part[0])))
    elif height and width is None and not best_fit:
        wanted = (max(1, round(part[0] * height / part[1])), height)
    else:
        raise unsupported()
    if wanted[0] > part[0] or wanted[1] > part[1] or max(wanted) > MOST_SIDE:
        raise unsupported()
    return wanted


def unsupported() -> ApiProblem:
    """Return the refusal of an address that names nothing."""
    return ApiProblem(
        HTTPStatus.BAD_REQUEST,
        "unsupported-image",
        "pictures are served at level 1: REGION/SIZE/0/default.jpg, with REGION full, square or "
        f"X,Y,W,H and SIZE max, W, or ,H or W,H or !W,H, of at most {MOST_SIDE:,} pixels a side "
        "and not larger than the region",
    )
