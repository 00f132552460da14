"""A model made of another one's features and a projection fitted on the collection."""

from collections.abc import Callable

import numpy as np

from embedders.embedder import Embedder, Pixels, Vectors
from embedders.fingerprint import derived_fingerprint
from embedders.projection import Projection
from embedders.registry import DerivedDescription


class DerivedEmbedder(Embedder):
    """Embeds with ``base`` and projects with the collection's current projection.

    Args:
        current: gives the projection; asked with every batch, so that a process that runs for long
            follows a collection that grows.
    """

    def __init__(
        self, description: DerivedDescription, *, base: Embedder, current: Callable[[], Projection]
    ) -> None:
        if description.derivation.model != base.name:
            raise ValueError(f"{description.name} is not derived from {base.name}")
        super().__init__(
            description,
            fingerprint=derived_fingerprint(description, base.fingerprint),
            provider=base.provider,
        )
        self._base = base
        self._features = description.derivation.features
        self._current = current

    def load(self) -> None:
        self._base.load()

    def _feature_map(self, batch: Pixels) -> Vectors:
        """Each cell's share of the projected mean, where it is a projection of the embedding."""
        if self._features != (self._base.name,):
            return super()._feature_map(batch)
        cells = self._base.feature_map(batch)
        lengths = np.linalg.norm(cells.mean(axis=(1, 2)), axis=1)
        return self._current().apply(cells / lengths[:, None, None, None])

    def _image_features(self, batch: Pixels) -> Vectors:
        given = self._base.embed_with_features(batch)
        return self._current().apply(np.concatenate([given[name] for name in self._features], 1))
