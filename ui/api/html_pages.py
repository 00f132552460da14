"""The few pages that the API has for people."""

from http import HTTPStatus
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, select_autoescape

_PAGES = Environment(
    loader=PackageLoader("ui.api"),
    autoescape=select_autoescape(["jinja"]),
    trim_blocks=True,
    lstrip_blocks=True,
)


def html_page(name: str, *, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    """Return a page of a template; it is not to be kept by browsers."""
    page = _PAGES.get_template(f"{name}.html.jinja").render(**values)
    return HTMLResponse(page, status, headers={"Cache-Control": "no-store"})
