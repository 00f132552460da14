"""The pictures of the page, as addresses that hold the picture itself.

Data addresses need no route that serves files, so there is none that could be asked for another.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass

import streamlit as st
from PIL import Image, ImageDraw, ImageEnhance

from catalog.artworks import ArtworkFacts
from embedders import DecodedPicture, UnreadableImage, decode_image, decoded
from search.query import InvalidQuery, Region
from ui.pictures import data_uri, shrunk
from ui.web.collection import deployment
from ui.web.visit import Upload

TILE_PIXELS = 360
"""Twice the width of most tiles, for fine screens; a third of the bytes of a whole thumbnail."""

LARGE_PIXELS = 1_000

_DIMMED = 0.45


@dataclass(frozen=True)
class Preview:
    """An uploaded picture as the page shows it, with its own size in pixels."""

    picture: Image.Image
    width: int
    height: int


def preview(upload: Upload) -> Preview:
    """Return an uploaded picture as the page shows it.

    Raises:
        UnreadableImage: it cannot be used.
    """
    return _preview(upload.key, upload.data)


def address_of(
    work: ArtworkFacts | Upload, *, pixels: int = TILE_PIXELS, part: Region | None = None
) -> str | None:
    """Return a picture of a work or of an upload; ``None`` where there is none.

    Args:
        pixels: its longer side at most.
        part: what is meant of it; the rest is dimmed.
    """
    if isinstance(work, Upload):
        return _uploaded(work.key, work.data, pixels, part)
    return _thumbnail(work.image_sha256, pixels, part) if work.image_sha256 else None


def decoded_upload(data: bytes) -> AbstractContextManager[DecodedPicture]:
    """Decode an uploaded picture within the limits for visitors, for a block.

    Raises:
        UnreadableImage: it cannot be used.
    """
    return decoded(data, deployment().visitor_limits)


@st.cache_data(max_entries=32, show_spinner=False)
def _preview(key: str, _data: bytes) -> Preview:  # noqa: ARG001 - the cache reads it
    with decoded_upload(_data) as found:
        return Preview(shrunk(found.picture, LARGE_PIXELS), found.width, found.height)


@st.cache_data(max_entries=128, show_spinner=False)
def _uploaded(key: str, _data: bytes, pixels: int, part: Region | None) -> str:
    return _address(_preview(key, _data).picture, pixels, part)


@st.cache_data(max_entries=3_000, show_spinner=False)
def _thumbnail(sha256: str, pixels: int, part: Region | None) -> str | None:
    try:
        data = deployment().image_store.thumbnail_path(sha256).read_bytes()
        return _address(decode_image(data), pixels, part)
    except (OSError, UnreadableImage):
        return None


def _address(picture: Image.Image, pixels: int, part: Region | None) -> str:
    small = shrunk(picture, pixels)
    return data_uri(small if part is None else _with_part(small, part))


def _with_part(picture: Image.Image, part: Region) -> Image.Image:
    try:
        meant = part.crop(picture)
    except InvalidQuery:  # too thin for the small picture, or outside of it
        return picture
    dimmed = ImageEnhance.Brightness(picture).enhance(_DIMMED)
    left, top = round(part.left * picture.width), round(part.top * picture.height)
    dimmed.paste(meant, (left, top))
    box = (left, top, left + meant.width - 1, top + meant.height - 1)
    ImageDraw.Draw(dimmed).rectangle(box, outline="white", width=max(2, picture.width // 180))
    return dimmed
