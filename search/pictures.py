"""How search gets the picture of a work, wherever it is stored."""

from collections.abc import Callable

from PIL import Image

from catalog.artworks import ArtworkFacts

PictureOf = Callable[[ArtworkFacts], Image.Image]
"""Gives the RGB picture of a work, or raises UnreadableImage."""
