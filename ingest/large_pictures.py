"""The pictures of works, to be looked into: the originals where they can be had, else thumbnails.

A picture of a hundred megapixels takes seconds to decode. It is decoded small first, in less than
one, and shown; meanwhile its tiles are made, one picture at a time.
"""

import logging
import time
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock

from PIL import Image

from catalog.artworks import ArtworkFacts
from embedders import ImageLimits, UnreadableImage, decoded
from errors import VasariError
from ingest.embedded_picture import original_data
from ingest.image_store import ImageStore
from ingest.originals import Originals
from ingest.place import PlaceRefused
from ingest.tiled_pictures import FlatPicture, LookedInto, TileStore
from redaction import redact

FIRST_SIDE = 2_048
"""Longest side of what is shown first, in pixels."""

MOST_WAITING = 32
"""Pictures whose tiles are to be made; others show their thumbnails meanwhile."""

_FIRST_BYTES = 40 * 2**20
"""For decoding what is shown first: an eighth of the sides of a very large JPEG."""

_LOOK_AGAIN_SECONDS = 600.0
"""After which an original that could not be had is looked for again."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LargePicture:
    """A picture that can be looked into, soon.

    Args:
        first: how it is shown first; of the size of the whole.
        whole: all of it. Both may raise UnreadableImage.
    """

    first: Future[LookedInto] = field(default_factory=Future)
    whole: Future[LookedInto] = field(default_factory=Future)


class LargePictures:
    """Gives the pictures of works.

    Args:
        limits: refuse a larger original.
        with_originals: whether originals may be shown; without, only thumbnails are.
    """

    def __init__(
        self,
        tiles: TileStore,
        *,
        store: ImageStore,
        originals: Originals,
        limits: ImageLimits,
        with_originals: bool,
    ) -> None:
        self._tiles = tiles
        self._store = store
        self._originals = originals
        self._limits = limits
        self._with_originals = with_originals
        self._lock = Lock()
        self._begun: dict[str, LargePicture] = {}
        self._not_there: dict[str, float] = {}
        # Apart, so that a first look need not wait for the tiles of another picture.
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="first-look")
        self._making = ThreadPoolExecutor(1, thread_name_prefix="tiles")

    def of(self, work: ArtworkFacts) -> LargePicture:
        """Return the picture of a work; what is not kept is begun.

        Raises:
            UnreadableImage: there is neither original nor thumbnail.
        """
        sha256 = work.image_sha256
        if sha256 is None:
            raise UnreadableImage("file not found", f"no picture of {work.title!r} was ever read")
        if not self._with_originals:
            return self._thumbnail(sha256)
        if (kept := self._tiles.kept(sha256)) is not None:
            return _there(kept)
        with self._lock:
            if sha256 in self._begun:
                return self._begun[sha256]
            missed = time.monotonic() - self._not_there.get(sha256, -_LOOK_AGAIN_SECONDS)
            if missed < _LOOK_AGAIN_SECONDS or len(self._begun) >= MOST_WAITING:
                return self._thumbnail(sha256)
            begun = self._begun[sha256] = LargePicture()
        self._looking.submit(self._look, work, sha256, begun)
        return begun

    def close(self) -> None:
        """End the work that has not begun."""
        for threads in (self._looking, self._making):
            threads.shutdown(wait=False, cancel_futures=True)

    def _thumbnail(self, sha256: str) -> LargePicture:
        with decoded(self._store.fetched(sha256)) as found:
            return _there(FlatPicture(found.picture, found.picture.size))

    def _look(self, work: ArtworkFacts, sha256: str, begun: LargePicture) -> None:
        """Decode the original small, and have its tiles made."""
        try:
            data = original_data(work, originals=self._originals, limits=self._limits)
        except (UnreadableImage, PlaceRefused):
            self._end(sha256, begun)
            return
        # Only JPEGs and the like can be decoded small: the others wait for the whole.
        with suppress(UnreadableImage):
            begun.first.set_result(self._first(data))
        del data
        self._making.submit(self._make, work, sha256, begun)

    def _first(self, data: bytes) -> FlatPicture:
        limits = replace(
            self._limits,
            decode_bytes=min(_FIRST_BYTES, self._limits.decode_bytes),
            shared_bytes=self._limits.decode_bytes,
        )
        with decoded(data, limits) as found:
            return FlatPicture(_within(found.picture, FIRST_SIDE), (found.width, found.height))

    def _make(self, work: ArtworkFacts, sha256: str, begun: LargePicture) -> None:
        try:
            data = original_data(work, originals=self._originals, limits=self._limits)
            with decoded(data, self._limits) as found:
                del data
                if not begun.first.done():
                    first = _within(found.picture, FIRST_SIDE)
                    begun.first.set_result(FlatPicture(first, found.picture.size))
                made = self._tiles.make(sha256, found.picture)
            begun.whole.set_result(made)
        except (VasariError, OSError, ValueError, zipfile.BadZipFile) as error:
            _log.warning("no tiles of %s: %s", sha256, redact(str(error)))
        finally:
            self._end(sha256, begun)

    def _end(self, sha256: str, begun: LargePicture) -> None:
        """Give those who wait what there is, and forget the work."""
        with self._lock:
            self._begun.pop(sha256, None)
            if not begun.whole.done():
                self._not_there[sha256] = time.monotonic()
        if begun.whole.done():
            return
        try:
            # What was shown first is better than the thumbnail, and has the size that was told.
            least = begun.first if begun.first.done() else self._thumbnail(sha256).first
            for waited in (begun.first, begun.whole):
                if not waited.done():
                    waited.set_result(least.result())
        except (UnreadableImage, PlaceRefused) as error:
            for waited in (begun.first, begun.whole):
                if not waited.done():
                    waited.set_exception(error)


def _there(picture: LookedInto) -> LargePicture:
    there = LargePicture()
    there.first.set_result(picture)
    there.whole.set_result(picture)
    return there


def _within(picture: Image.Image, side: int) -> Image.Image:
    scale = side / max(picture.size)
    if scale >= 1:
        return picture.copy()
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
