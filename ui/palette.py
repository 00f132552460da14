"""The colours and typefaces that the web page and the reports share."""

from collections.abc import Collection, Iterable
from typing import Any

MODEL_COLOURS = ("#9a3f2d", "#23686b", "#8a6414", "#56447c", "#4c6a2c", "#8a2f5c")
"""Heading and line of each model: dark enough to be read on the background, and told apart."""

JOINT_COLOUR = "#4a443d"
INK = "#26221e"
FAINT_INK = "#6b635a"
RULE = "#ddd6c9"

SANS = "'Source Sans', 'Source Sans 3', system-ui, 'Segoe UI', 'Liberation Sans', sans-serif"
SERIF = (
    "'Iowan Old Style', 'Palatino Linotype', Palatino, 'Book Antiqua', Georgia, "
    "'Liberation Serif', 'DejaVu Serif', serif"
)

_AXIS = {
    "labelColor": FAINT_INK,
    "titleColor": INK,
    "labelFontSize": 12,
    "titleFontSize": 13,
    "titleFontWeight": "normal",
    "titlePadding": 10,
    "domainColor": RULE,
    "tickColor": RULE,
    "gridColor": "#ece7dd",
}
CHART_LOOK: dict[str, Any] = {
    "background": "transparent",
    "font": SANS,
    "view": {"stroke": None},
    "axis": _AXIS,
    "header": {"labelFontSize": 13, "labelColor": INK, "titleColor": INK, "labelAnchor": "start"},
    "legend": {"labelFontSize": 13, "labelColor": INK, "titleColor": INK, "orient": "top"},
    "title": {"fontSize": 14, "fontWeight": "normal", "color": INK, "anchor": "start"},
}
"""Configuration of every chart."""


def css_variables(**more: str) -> str:
    """Return the colours and typefaces, and more values, as variables of a style sheet."""
    shared = {"INK": INK, "FAINT_INK": FAINT_INK, "RULE": RULE, "SANS": SANS, "SERIF": SERIF}
    values = "".join(f" --{name}: {value};" for name, value in (shared | more).items())
    return f":root {{{values} }}\n"


def colours_of(names: Iterable[str], joint: Collection[str]) -> dict[str, str]:
    """Return a colour for each model, the same on a whole page, and one for all joint answers.

    Args:
        joint: names of answers that several models give together.
    """
    models = [name for name in names if name not in joint]
    return dict.fromkeys(joint, JOINT_COLOUR) | {
        model: MODEL_COLOURS[place % len(MODEL_COLOURS)] for place, model in enumerate(models)
    }
