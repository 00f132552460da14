"""A report as one HTML page without scripts, that refers to nothing outside itself."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ui import palette
from ui.reports.parts import Cell, Report

HERE = Path(__file__).parent


def render(report: Report) -> str:
    """Set a report in type. Every text of it is escaped."""
    return _template().render(report=report, palette=palette, style=_style())


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = lambda part: type(part).__name__
    environment.filters["cell"] = lambda value: value if isinstance(value, Cell) else Cell(value)
    environment.filters["drawn"] = _drawn
    return environment.get_template("page.html.jinja")


def _drawn(drawing: str, name: str) -> Markup:
    # Charts are drawn here, and the drawing escapes the texts in it.
    return Markup(_inline(drawing, name=name))  # noqa: S704


def _inline(drawing: str, *, name: str) -> str:
    """Return an SVG as it stands within a page.

    HTML knows the namespaces of drawings by itself. The names that a drawing gives its parts are
    made its own, since a page has many drawings.

    Args:
        name: of the drawing, unlike that of any other on the page.
    """
    drawing = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", drawing[drawing.index("<svg") :])
    drawing = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', drawing)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", drawing)


@cache
def _style() -> Markup:
    style = (HERE / "page.css").read_text(encoding="utf-8")
    for name in ("INK", "FAINT_INK", "RULE", "SANS", "SERIF"):
        style = style.replace(f"var(--{name})", getattr(palette, name))
    return Markup(style)  # noqa: S704
