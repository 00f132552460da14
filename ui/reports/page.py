"""A report as one HTML page without scripts, that refers to nothing outside itself."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ui import palette
from ui.reports.charts import inline
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
    return Markup(inline(drawing, name=name))  # noqa: S704


@cache
def _style() -> Markup:
    style = (HERE / "page.css").read_text(encoding="utf-8")
    for name in ("INK", "FAINT_INK", "RULE", "SANS", "SERIF"):
        style = style.replace(f"var(--{name})", getattr(palette, name))
    return Markup(style)  # noqa: S704
