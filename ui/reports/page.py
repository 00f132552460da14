"""A report as one HTML page without scripts, that refers to nothing outside itself."""

import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from ui.palette import css_variables
from ui.reports.parts import Cell, Report


def render(report: Report) -> str:
    """Set a report in type. Every text of it is escaped."""
    return _template().render(report=report, style=_style())


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader(__package__, ""),
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
    sheet = files(__package__).joinpath("page.css").read_text("utf-8")
    return Markup(css_variables() + sheet)  # noqa: S704
