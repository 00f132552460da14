"""The outlines of works, drawn on the photo that they were found in."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from search.identification.views import Quad

_COLOURS = ("#3f7d4a", "#b07d1e", "#23686b", "#8a2f5c", "#56447c", "#9a3f2d")


def colour(number: int) -> str:
    """Return the colour of the outline with a number, from 1."""
    return _COLOURS[(number - 1) % len(_COLOURS)]


def with_outlines(
    photo: Image.Image, outlines: Sequence[Quad | None], *, scale: float
) -> Image.Image:
    """Return a copy of a photo with the outline of each work, numbered where there are several.

    Args:
        outlines: corners in pixels of the photo as it was given, float64 [4, 2].
        scale: of the photo to how it was given.
    """
    drawn = photo.copy()
    draw = ImageDraw.Draw(drawn)
    width = max(3, round(max(photo.size) / 200))
    font = ImageFont.load_default(size=6 * width)
    for number, outline in enumerate(outlines, start=1):
        if outline is None:
            continue
        corners = [(float(x) * scale, float(y) * scale) for x, y in outline]
        line = [*corners, corners[0], corners[1]]
        # A light rim, so that the line is seen on any painting.
        draw.line(line, fill="white", width=2 * width, joint="curve")
        draw.line(line, fill=colour(number), width=width, joint="curve")
        if len(outlines) > 1:
            x, y = (sum(corner[side] for corner in corners) / 4 for side in (0, 1))
            radius = 5 * width
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour(number))
            draw.text((x, y), str(number), fill="white", font=font, anchor="mm")
    return drawn
