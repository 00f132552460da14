"""Works on their way through a worker: claimed from the queue, and embedded."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from catalog.artworks import ArtworkFacts


@dataclass(frozen=True)
class ClaimedWork:
    """One artwork with the models that it waits for.

    Args:
        models: to embed it with.
        embedded: model -> hash of the image that it embedded last, with these same weights.
    """

    artwork: ArtworkFacts
    models: tuple[str, ...]
    embedded: Mapping[str, str]

    @property
    def embedded_sha256(self) -> str | None:
        """The image that all models embedded last: if it still is, nothing is to be done."""
        hashes = {self.embedded.get(model) for model in self.models}
        return hashes.pop() if len(hashes) == 1 else None

    def lacks(self, model: str, sha256: str) -> bool:
        """Tell whether it waits for a model to embed this image."""
        return model in self.models and self.embedded.get(model) != sha256


@dataclass(frozen=True)
class EmbeddedWork:
    """One artwork whose embeddings are in the index.

    Args:
        models: that it was claimed for.
        width, height: of the picture in pixels; ``None`` where it was not decoded again.
    """

    artwork_id: UUID
    models: tuple[str, ...]
    sha256: str
    width: int | None
    height: int | None
