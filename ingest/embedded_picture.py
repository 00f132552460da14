"""The picture that a work's embeddings were made of."""

import hashlib
from pathlib import Path

from PIL import Image

from catalog.artworks import ArtworkFacts
from embedders import ImageLimits, UnreadableImage, decode_image, read_image_file
from ingest.image_store import ImageStore
from ingest.originals import Originals
from ingest.web_address import is_web_address


def embedded_picture(
    artwork: ArtworkFacts, *, store: ImageStore, originals: Originals, limits: ImageLimits
) -> Image.Image:
    """Return the RGB picture that was embedded, or its thumbnail where it is no longer there.

    A thumbnail is nearly the same to a model, but not quite: cosines differ in the second or third
    decimal.

    Raises:
        UnreadableImage: neither can be had.
    """
    if artwork.image_sha256 is None:
        raise UnreadableImage("file not found", f"no picture of {artwork.title!r} was ever read")
    try:
        return decode_image(original_data(artwork, originals=originals, limits=limits), limits)
    except UnreadableImage:
        pass
    try:
        return decode_image(store.fetched(artwork.image_sha256))
    except UnreadableImage as error:
        raise UnreadableImage(
            error.reason,
            f"neither {artwork.image_location} nor its thumbnail can be read; ingest it again",
        ) from error


def original_data(artwork: ArtworkFacts, *, originals: Originals, limits: ImageLimits) -> bytes:
    """Return the file whose picture was embedded: where it lies, or as it was downloaded.

    Raises:
        UnreadableImage: it is not there, or another one is there now.
    """
    if artwork.image_sha256 is None:
        raise UnreadableImage("file not found", f"no picture of {artwork.title!r} was ever read")
    remote = is_web_address(artwork.image_location)
    file = originals.fetched(artwork.image_sha256) if remote else Path(artwork.image_location)
    data = read_image_file(file, max_bytes=limits.file_bytes)
    if hashlib.sha256(data).hexdigest() != artwork.image_sha256:
        raise UnreadableImage("file not found", f"{artwork.image_location} is another one now")
    return data
