"""Pictures that can be looked into, in the browser."""

from typing import Any

from catalog.artworks import ArtworkFacts
from ui.addresses import image_service_address, work_address
from ui.api.keys import page_key
from ui.serving.browser_libraries import OPENSEADRAGON
from ui.web.collection import settings
from ui.web.components import component
from ui.web.markup import described_work
from ui.web.pictures import LARGE_PIXELS, address_of

PART = "deep_zoom"
"""The script and the style that show them."""

_ICONS = {
    "in": ("Zoom in", "M10 3v14M3 10h14"),
    "out": ("Zoom out", "M3 10h14"),
    "whole": ("Whole picture", "M3 5h14v10H3zM7 8h6v4H7z"),
    "full": ("Full screen", "M7 3H3v4M13 3h4v4M7 17H3v-4M13 17h4v-4"),
}

BUTTONS = "".join(
    f'<button type="button" data-tool="{tool}" aria-label="{label}" title="{label}">'
    f'<svg viewBox="0 0 20 20" aria-hidden="true"><path d="{path}"/></svg></button>'
    for tool, (label, path) in _ICONS.items()
)

_HTML = (
    '<figure><div class="stage"><img></div>'
    f'<div class="tools" role="toolbar" aria-label="Picture" hidden>{BUTTONS}</div></figure>'
)


def show_large(work: ArtworkFacts) -> None:
    """Draw the picture of a work as large as there is room for, to be looked into."""
    component("zoom", _HTML, parts=[PART])(key="zoom", data=described_for_zoom(work))


def described_for_zoom(work: ArtworkFacts) -> dict[str, Any]:
    """Return what the script is told of a work's picture."""
    width, height = work.image_width, work.image_height
    return {
        "id": str(work.id),
        "page": work_address(work.id),
        "title": described_work(work),
        "picture": address_of(work, pixels=LARGE_PIXELS),
        "shape": width / height if width and height else 1.0,
        "address": image_service_address(work.id),
        "key": page_key() if settings().read_needs_key else None,
        "library": OPENSEADRAGON.path,
    }
