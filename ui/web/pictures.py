"""The pictures of the page: of works by their address in the API, of uploads in the page itself.

Uploads are their visitors' own, so no address leads to them: it holds the picture itself. Works'
pictures are shown so too where the API is for bearers of a key only.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

import streamlit as st
from PIL import Image, ImageDraw, ImageEnhance

from catalog.artworks import ArtworkFacts
from embedders import DecodedPicture, UnreadableImage, decode_image, decoded
from ingest.place import PlaceRefused
from search.query import InvalidQuery, Region
from ui.addresses import image_address
from ui.pictures import data_uri, shrunk
from ui.web.collection import deployment
from ui.web.markup import described_work, picture
from ui.web.visit import Upload

TILE_PIXELS = 256
"""The width of most tiles, for most screens; a third of the bytes of a whole thumbnail."""

_TILE: Final = "256"
_FINE: Final = "512"

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
    if work.image_sha256 is None:
        return None
    if part is None and not deployment().settings.read_needs_key:
        return image_address(work, _FINE if pixels > TILE_PIXELS else _TILE)
    try:
        return _thumbnail(work.image_sha256, pixels, part)
    except PlaceRefused:  # and not kept as the answer: it may be there the next time
        return None


def picture_of(work: ArtworkFacts, *, pixels: int = TILE_PIXELS) -> str:
    """Return a work's picture as HTML, sharper where the screen is fine.

    Args:
        pixels: its longer side at most.
    """
    address, described = address_of(work, pixels=pixels), described_work(work)
    fine = image_address(work, _FINE)
    if address is None or fine is None or address == fine or address.startswith("data:"):
        return picture(address, described)
    return picture(address, described, fine=fine)


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
        data = deployment().image_store.fetched(sha256).read_bytes()
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
