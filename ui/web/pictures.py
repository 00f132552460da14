"""The pictures of the page, as addresses that hold the picture itself.

Data addresses need no route that serves files, so there is none that could be asked for another.
"""

import base64
from dataclasses import dataclass
from io import BytesIO

import streamlit as st
from PIL import Image

from catalog.artworks import ArtworkFacts
from embedders import UnreadableImage, decode_image
from ui.web.collection import deployment

TILE_PIXELS = 360
"""Twice the width of most tiles, for fine screens; a third of the bytes of a whole thumbnail."""

QUERY_PIXELS = 1_000


@dataclass(frozen=True)
class Preview:
    """An uploaded picture as the page shows it, with its own size in pixels."""

    address: str
    width: int
    height: int


def tile_address(artwork: ArtworkFacts) -> str | None:
    """Return a work's small picture; ``None`` where there is no thumbnail."""
    return _thumbnail(artwork.image_sha256, TILE_PIXELS) if artwork.image_sha256 else None


def query_address(artwork: ArtworkFacts) -> str | None:
    """Return a work's whole thumbnail; ``None`` where there is none."""
    return _thumbnail(artwork.image_sha256, QUERY_PIXELS) if artwork.image_sha256 else None


@st.cache_data(max_entries=32, show_spinner=False)
def preview(key: str, _data: bytes) -> Preview:  # noqa: ARG001 - the cache reads it
    """Decode an uploaded picture within the limits of the settings.

    Args:
        key: the picture's hash.

    Raises:
        UnreadableImage: it cannot be used.
    """
    limits = deployment().settings
    picture = decode_image(
        _data, max_pixels=limits.max_image_pixels, max_bytes=limits.max_image_bytes
    )
    return Preview(_address(picture, QUERY_PIXELS), picture.width, picture.height)


@st.cache_data(max_entries=3_000, show_spinner=False)
def _thumbnail(sha256: str, pixels: int) -> str | None:
    try:
        data = deployment().image_store.thumbnail_path(sha256).read_bytes()
        return _address(decode_image(data), pixels)
    except (OSError, UnreadableImage):
        return None


def _address(picture: Image.Image, pixels: int) -> str:
    small = picture.copy()
    small.thumbnail((pixels, pixels), Image.Resampling.BICUBIC)
    buffer = BytesIO()
    small.save(buffer, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
