"""Where the picture of a work comes from, which this room does not know."""

from collections.abc import Callable

from PIL import Image

from catalog.artworks import ArtworkFacts

PictureOf = Callable[[ArtworkFacts], Image.Image]
"""Gives the RGB picture of a work, or raises UnreadableImage."""
