"""What training needs of an open collection."""

from pathlib import Path
from typing import Protocol

from PIL import Image

from catalog.artworks import ArtworkFacts
from catalog.database import Database
from embedders import ModelRegistry
from search.index.contract import GenerationalIndex
from settings import Settings


class Collection(Protocol):
    """A collection to train on, and to keep what was trained; a ``Deployment`` is one."""

    settings: Settings
    registry: ModelRegistry

    @property
    def database(self) -> Database:
        """The catalog."""

    @property
    def index(self) -> GenerationalIndex:
        """The vectors."""

    @property
    def models_dir(self) -> Path:
        """Folder of the collection's own models."""

    def picture_of(self, artwork: ArtworkFacts) -> Image.Image:
        """Return a work's RGB picture. Raises UnreadableImage."""

    def look_for_own_models(self) -> dict[str, str]:
        """Register the models in ``models_dir``; return those that cannot be used, and why."""

    def share_own_model(self, name: str, description: Path) -> None:
        """Give a model, which ``models_dir`` is about to have, to whoever shares them."""
