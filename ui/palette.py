"""The colours and typefaces that the web page and the reports share."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any

MODEL_COLOURS = ("#9a3f2d", "#23686b", "#8a6414", "#56447c", "#4c6a2c", "#8a2f5c")
"""Heading and line of each model: dark enough to be read on the background, and told apart."""

JOINT_COLOUR = "#4a443d"

_ON_DARK = {
    "#9a3f2d": "#e58f7b",
    "#23686b": "#63b5b8",
    "#8a6414": "#d3a94c",
    "#56447c": "#ac9bd8",
    "#4c6a2c": "#9dbf74",
    "#8a2f5c": "#dd84b0",
    JOINT_COLOUR: "#c3baad",
}
"""The same hues, light enough to be read on a dark background."""


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours of everything that is no model's.

    Args:
        paper: behind a page.
        frame: behind pictures.
        hint, problem: behind notices.
    """

    ink: str
    faint_ink: str
    rule: str
    grid: str
    paper: str
    frame: str
    hint: str
    problem: str


LIGHT = Theme(
    ink="#26221e",
    faint_ink="#6b635a",
    rule="#ddd6c9",
    grid="#ece7dd",
    paper="#fbfaf7",
    frame="#efebe2",
    hint="#f5efdf",
    problem="#f6e9e4",
)
DARK = Theme(
    ink="#ece6da",
    faint_ink="#aca396",
    rule="#454039",
    grid="#37322c",
    paper="#1b1917",
    frame="#292622",
    hint="#39311f",
    problem="#43291f",
)

INK, FAINT_INK, RULE = LIGHT.ink, LIGHT.faint_ink, LIGHT.rule
"""Of what is drawn on white."""

SANS = "'Source Sans', 'Source Sans 3', system-ui, 'Segoe UI', 'Liberation Sans', sans-serif"
SERIF = (
    "'Source Serif', 'Iowan Old Style', 'Palatino Linotype', Palatino, 'Book Antiqua', Georgia, "
    "'Liberation Serif', 'DejaVu Serif', serif"
)
"""Streamlit serves Source Serif (SIL Open Font Licence); reports stand alone, and have the others.
"""


def chart_look(theme: Theme = LIGHT) -> dict[str, Any]:
    """Return the configuration of every chart."""
    label = {"labelFontSize": 13, "labelColor": theme.ink, "titleColor": theme.ink}
    return {
        "background": "transparent",
        "font": SANS,
        "view": {"stroke": None},
        "axis": {
            "labelColor": theme.faint_ink,
            "titleColor": theme.ink,
            "labelFontSize": 12,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
            "titlePadding": 10,
            "domainColor": theme.rule,
            "tickColor": theme.rule,
            "gridColor": theme.grid,
        },
        "header": label | {"labelAnchor": "start"},
        "legend": label | {"orient": "top"},
        "title": {"fontSize": 14, "fontWeight": "normal", "color": theme.ink, "anchor": "start"},
    }


def css_variables(**more: str) -> str:
    """Return the colours and typefaces, and more values, as variables of a style sheet.

    The colours are those of the theme that the page, or a part of it, says it has.
    """
    colours = {
        field.name.upper(): f"light-dark({getattr(LIGHT, field.name)}, {getattr(DARK, field.name)})"
        for field in fields(Theme)
    }
    values = colours | {"SANS": SANS, "SERIF": SERIF} | more
    return f":root {{{''.join(f' --{name}: {value};' for name, value in values.items())} }}\n"


def on_either(colour: str) -> str:
    """Return a model's colour for a style sheet: readable in either theme."""
    return f"light-dark({colour}, {_ON_DARK[colour]})"


def on_dark(colour: str) -> str:
    """Return a model's colour as it is drawn on a dark background."""
    return _ON_DARK[colour]


def colours_of(names: Iterable[str], joint: Collection[str]) -> dict[str, str]:
    """Return a colour for each model, the same on a whole page, and one for all joint answers.

    Args:
        joint: names of answers that several models give together.
    """
    models = [name for name in names if name not in joint]
    return dict.fromkeys(joint, JOINT_COLOUR) | {
        model: MODEL_COLOURS[place % len(MODEL_COLOURS)] for place, model in enumerate(models)
    }
