"""Pictures as a report holds them within itself."""

import base64
import io
from collections.abc import Callable
from uuid import UUID

from PIL import Image

from catalog.artworks import ArtworkFacts
from embedders import UnreadableImage
from ui.reports.parts import Mark, Picture
from ui.wording.works import made_by

PIXELS = 150
QUALITY = 78


def data_uri(picture: Image.Image, *, pixels: int = PIXELS) -> str:
    """Return a small JPEG of an RGB picture as an address that holds it.

    Args:
        pixels: the longer side, at most.
    """
    small = picture.copy()
    small.thumbnail((pixels, pixels), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


class WorkPictures:
    """Works as pictures of a report; each is read once.

    Args:
        picture_of: gives a work's RGB picture, or raises UnreadableImage.
    """

    def __init__(self, picture_of: Callable[[ArtworkFacts], Image.Image]) -> None:
        self._picture_of = picture_of
        self._addresses: dict[UUID, str | None] = {}

    def show(self, work: ArtworkFacts, *, mark: Mark | None = None, below: str = "") -> Picture:
        """Return a work with its caption.

        Args:
            below: said under its title, instead of artist and year.
        """
        if work.id not in self._addresses:
            try:
                self._addresses[work.id] = data_uri(self._picture_of(work))
            except UnreadableImage:
                self._addresses[work.id] = None
        return Picture(
            address=self._addresses[work.id],
            title=work.title,
            below=below or made_by(work),
            mark=mark,
        )
