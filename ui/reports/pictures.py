"""Pictures as a report holds them within itself."""

from collections.abc import Callable
from uuid import UUID

from PIL import Image

from catalog.artworks import ArtworkFacts
from embedders import UnreadableImage
from ui.pictures import data_uri, shrunk
from ui.reports.parts import Mark, Picture
from ui.wording.works import made_by

PIXELS = 150
"""Of a picture's longer side."""


class WorkPictures:
    """Works as pictures of a report; each is read once.

    Args:
        picture_of: gives a work's RGB picture, or raises UnreadableImage.
        pixels: of each picture's longer side, at most.
    """

    def __init__(
        self, picture_of: Callable[[ArtworkFacts], Image.Image], *, pixels: int = PIXELS
    ) -> None:
        self._picture_of = picture_of
        self._pixels = pixels
        self._addresses: dict[UUID, str | None] = {}

    def show(self, work: ArtworkFacts, *, mark: Mark | None = None, below: str = "") -> Picture:
        """Return a work with its caption.

        Args:
            below: said under its title, instead of artist and year.
        """
        if work.id not in self._addresses:
            try:
                self._addresses[work.id] = data_uri(shrunk(self._picture_of(work), self._pixels))
            except UnreadableImage:
                self._addresses[work.id] = None
        return Picture(
            address=self._addresses[work.id],
            title=work.title,
            below=below or made_by(work),
            mark=mark,
        )
