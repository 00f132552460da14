"""A stylised face, as icon painters and their late admirers drew it."""

from collections.abc import Callable

import numpy as np

from ingest.sample.generated.colour import colour, gradient, lighter, mix, over
from ingest.sample.generated.ground import unit_grid
from ingest.sample.generated.picture import Colour, Pixels, Points
from ingest.sample.generated.sheet import Sheet, curve, stencil

HeadPlace = tuple[float, float, float]
"""Where a head is, in pixels: the middle x of its figure, the y of its top, its height."""


OnFace = Callable[[object], Points]
"""From face units (x from -1 to 1 across, y from 0 to 1 down) to the picture's pixels."""


def both_sides(right: list[tuple[float, float]]) -> Points:
    """The right half of an outline, top to bottom, with its mirror image before it, bottom up."""
    half = np.array(right, np.float32)
    return np.concatenate([half[::-1] * np.array([-1, 1]), half])


def painted_face(
    pixels: Pixels,
    at: HeadPlace,
    wide: float,
    tilt: float,
    tones: tuple[Colour, Colour, Colour, Colour],
) -> Pixels:
    """An oval with a long nose, drawn almond eyes and the light from one side."""
    middle, top, tall = at
    flesh, hair, _, robe = tones
    height, width = pixels.shape[:2]
    size = (width, height)
    lean = np.array([middle, top])

    def on_face(points: object) -> Points:
        """From face units (x from -1 to 1 across, y from 0 to 1 down) to the picture."""
        places = np.asarray(points, np.float32)
        bent = places[:, :1] * wide / 2 + tilt * tall * (0.5 - places[:, 1:])
        return np.asarray(np.concatenate([bent, places[:, 1:] * tall], axis=1) + lean)

    x, y = unit_grid(size)
    side = np.clip((x * width - middle) / wide + 0.5, 0, 1)
    skin = gradient((lighter(flesh, 0.22), flesh, lighter(flesh, -0.38)), side + 0 * y)
    neck = curve(
        on_face([(-0.42, 0.75), (-0.45, 1.2), (-0.2, 1.42), (0.2, 1.42), (0.45, 1.2), (0.42, 0.75)])
    )
    pixels = over(pixels, skin * 0.82, stencil(size, [neck]))
    cheekbone = [(0.0, 0.02), (0.62, 0.14), (0.88, 0.42), (0.74, 0.74), (0.28, 0.99)]
    oval = curve(on_face(both_sides(cheekbone)[1:]), closed=True)
    pixels = over(pixels, skin, stencil(size, [oval]))
    for cheek in (-0.5, 0.5):  # a breath of red
        spot = on_face([(cheek, 0.64)])[0]
        near = np.exp(
            -((x * width - spot[0]) ** 2 + (y * height - spot[1]) ** 2) / (0.012 * tall**2)
        )
        pixels = over(pixels, mix(flesh, colour("b8402f"), 0.45), (0.4 * near).astype(np.float32))
    shadow = mix(flesh, hair, 0.55)
    sheet = Sheet.over(pixels)
    line = max(1.0, 0.016 * tall)
    for eye in (-0.42, 0.42):
        _draw_eye(sheet, eye, on_face, tall, (flesh, hair))
    sheet.line(
        curve(
            on_face(
                [(0.1, 0.33), (0.06, 0.5), (0.11, 0.64), (0.13, 0.69), (0.02, 0.715), (-0.09, 0.69)]
            )
        ),
        line,
        shadow,
    )
    lips = colour("a8483c")
    sheet.polygon(
        curve(
            on_face(
                [(-0.2, 0.81), (-0.06, 0.79), (0, 0.797), (0.06, 0.79), (0.2, 0.81), (0, 0.85)]
            ),
            closed=True,
        ),
        mix(flesh, lips, 0.75),
    )
    sheet.line(
        curve(on_face([(-0.22, 0.812), (0, 0.817), (0.22, 0.812)])),
        line * 0.8,
        mix(shadow, lips, 0.4),
    )
    sheet.line(oval, line * 0.7, shadow)
    sheet.line(curve(on_face([(-0.2, 1.4), (0, 1.44), (0.2, 1.4)])), line, lighter(robe, -0.3))
    return sheet.pixels()


def _draw_eye(
    sheet: Sheet, eye: float, on_face: OnFace, tall: float, tones: tuple[Colour, Colour]
) -> None:
    """An almond eye with its lids, brow and the fold below, its middle at x in face units."""
    flesh, hair = tones
    shadow, line = mix(flesh, hair, 0.55), max(1.0, 0.016 * tall)
    lids = curve(on_face([(eye - 0.25, 0.45), (eye, 0.405), (eye + 0.25, 0.45)]))
    below_lid = curve(on_face([(eye + 0.25, 0.45), (eye, 0.485), (eye - 0.25, 0.45)]))
    sheet.polygon(np.concatenate([lids, below_lid]), lighter(flesh, 0.5))
    iris = on_face([(eye + 0.05, 0.443)])[0]
    sheet.disc(iris[0], iris[1], 0.036 * tall, lighter(hair, -0.3))
    sheet.line(lids, line * 1.3, lighter(hair, -0.4))
    sheet.line(below_lid, line * 0.7, shadow)
    sheet.line(
        curve(on_face([(eye - 0.3, 0.35), (eye, 0.29), (eye + 0.28, 0.34)])),
        line * 1.2,
        mix(hair, flesh, 0.15),
    )
    sheet.line(
        curve(on_face([(eye - 0.2, 0.53), (eye, 0.55), (eye + 0.18, 0.53)])),
        line * 0.7,
        mix(flesh, shadow, 0.5),
    )
