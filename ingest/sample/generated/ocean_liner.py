"""An ocean liner, seen from low beside its bow: the ship of the travel posters."""

import numpy as np

from ingest.sample.generated.colour import lighter, mix
from ingest.sample.generated.picture import Colour
from ingest.sample.generated.sheet import Sheet, curve

# Outlines in the ship's measure: x from the stem to the stern, y up (negative) from the water.
_FLANK = ((-0.22, -0.60), (0.25, -0.44), (1.10, -0.34), (1.02, 0.0), (-0.12, 0.0))
_BOW = ((-0.22, -0.60), (-0.34, -0.50), (-0.18, 0.0), (-0.12, 0.0))
_RAIL = (
    (-0.22, -0.60),
    (0.25, -0.44),
    (1.10, -0.34),
    (1.10, -0.32),
    (0.25, -0.415),
    (-0.22, -0.57),
)
_KEEL = ((-0.14, -0.08), (1.035, -0.055), (1.02, 0.0), (-0.12, 0.0))
_DECKS = (
    ((0.10, -0.56), (0.92, -0.44), (0.92, -0.34), (0.10, -0.46)),
    ((0.15, -0.63), (0.84, -0.50), (0.84, -0.43), (0.15, -0.54)),
    ((0.15, -0.70), (0.34, -0.67), (0.34, -0.58), (0.15, -0.61)),
)
_FOAM = (
    (-0.36, 0.03),
    (-0.2, -0.06),
    (0.1, -0.01),
    (0.6, -0.012),
    (1.15, 0.02),
    (0.5, 0.05),
    (-0.1, 0.05),
)


def draw_liner(
    sheet: Sheet, colours: tuple[Colour, ...], at: tuple[float, float], tall: float, *, side: int
) -> None:
    """Draw a ship ``tall`` pixels high whose middle floats at ``at``, bow to the left or right.

    ``side`` is 1 for a bow to the left, -1 to the right. The colours are those of
    :class:`~ingest.sample.generated.schools.art_deco.ArtDeco`.
    """
    _, below, light, dark, _, _, metal = colours
    measure = np.array([side * tall, tall])
    place = np.array([at[0] - 0.38 * side * tall, at[1]])

    def shape(outline: object, tone: Colour) -> None:
        sheet.polygon(np.asarray(outline, np.float32) * measure + place, tone)

    for middle, top in ((0.62, -0.84), (0.42, -0.91), (0.22, -0.98)):  # the far funnel first
        smoke = [
            (middle, top),
            (middle + 0.2, top - 0.08),
            (middle + 0.5, top - 0.05),
            (1.4, top - 0.12),
        ]
        sheet.line(curve(smoke) * measure + place, 0.04 * tall, mix(below, light, 0.5))
        shape(_funnel(middle, -0.55, top), mix(metal, light, 0.1))
        shape(_funnel(middle, top + 0.09, top), dark)
    for index, deck in enumerate(_DECKS):
        shape(deck, lighter(light, 0.6 - 0.12 * index))
        for window in np.linspace(deck[0][0] + 0.04, deck[1][0] - 0.04, 12 if index < 2 else 4):
            share = (window - deck[0][0]) / (deck[1][0] - deck[0][0])
            level = deck[0][1] + share * (deck[1][1] - deck[0][1]) + 0.03
            spot = np.array([window, level]) * measure + place
            sheet.disc(spot[0], spot[1], 0.007 * tall, dark)
    shape(_FLANK, lighter(dark, 0.08))
    shape(_BOW, lighter(dark, -0.35))
    shape(_RAIL, lighter(light, 0.5))
    shape(_KEEL, metal)
    for window in np.linspace(0.0, 0.96, 17):
        spot = np.array([window, -0.36 + 0.1 * window]) * measure + place
        sheet.disc(spot[0], spot[1], 0.009 * tall, lighter(light, 0.4))
    sheet.polygon(curve(_FOAM, closed=True) * measure + place, lighter(light, 0.6))


def _funnel(middle: float, foot: float, top: float) -> tuple[tuple[float, float], ...]:
    """A raked funnel, or a band of one, from ``foot`` up to ``top``."""
    low, high = middle - 0.06 * (foot + 0.55), middle + 0.05
    return ((low - 0.055, foot), (low + 0.055, foot), (high + 0.055, top), (high - 0.055, top))
