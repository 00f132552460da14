"""What every model is to the rest of the house: pictures or texts in, unit vectors out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from embedders.images import ImageInput, decode_image
from embedders.precision import Precision, precision_of
from embedders.preparation import Preparation
from embedders.registry import ModelDescription
from errors import VasariError

Vectors = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


class TextNotSupported(VasariError):
    """A text was given to a model that knows only pictures."""

    is_for_visitors = True

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the model {name} embeds pictures only, it cannot embed a text")


class FeatureMapNotSupported(VasariError):
    """A model was asked what it sees where, and its embedding is no mean over places."""

    is_for_visitors = True

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"the model {name} does not average a map of the picture, so its similarity cannot be "
            "shared out among regions; ask a convolutional model, such as resnet50"
        )


class Embedder(ABC):
    """A loaded model. Safe to use from several threads at once.

    ``fingerprint`` is a hash of weights, network, preparation and normalisation, marked with the
    precision that the forward pass computes in: vectors may be put side by side if and only if the
    fingerprints are equal. ``provider`` says where the weights came from, None for a model that
    needs none.
    """

    def __init__(
        self, description: ModelDescription, *, fingerprint: str, provider: str | None
    ) -> None:
        self.description = description
        self.fingerprint = fingerprint
        self.provider = provider

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def dimension(self) -> int:
        return self.description.dimension

    @property
    def preparation(self) -> Preparation:
        return self.description.preparation

    def load(self) -> None:  # noqa: B027 - only a lazy model has something to do here
        """Read the weights now, where that is still to be done: the first picture need not wait.

        Raises WeightsUnavailable where they have gone or are damaged.
        """

    def in_precision(self, precision: Precision) -> "Embedder":
        """Return the same model in that precision; without a network there is but one."""
        if not self.description.needs_weights or precision == precision_of(self.fingerprint):
            return self
        return self._in_precision(precision)

    def passes_at_once(self) -> int:
        """Return how many passes side by side make the best use of this machine; may load."""
        return 1

    def prepare(self, image: Image.Image) -> Pixels:
        """Paint a decoded RGB picture into uint8 [size, size, 3]; see Preparation.apply."""
        return self.preparation.apply(image)

    def embed_prepared(self, batch: Pixels) -> Vectors:
        """Embed prepared pictures, uint8 [n, size, size, 3], as unit float32 vectors [n, d].

        The result for a picture does not depend on what else is in the batch. Raises ValueError
        for another shape or dtype, and ValueError naming the rows where the model's output is
        zero or not finite: such a vector has no direction and must not reach an index.
        """
        self._check(batch)
        if len(batch) == 0:
            return np.empty((0, self.dimension), np.float32)
        return self._unit_rows(self._image_features(batch), dimension=self.dimension)

    def embed_with_features(self, batch: Pixels) -> dict[str, Vectors]:
        """Embed prepared pictures, uint8 [n, size, size, 3], and keep the features of the pass.

        Returns unit float32 vectors by name: the embeddings [n, d] under the model's own name, and
        each of ``description.features`` under its name. Raises as ``embed_prepared`` does.
        """
        self._check(batch)
        described = {item.name: item.dimension for item in self.description.features}
        dimensions = {self.name: self.dimension} | described
        if len(batch) == 0:
            return {name: np.empty((0, size), np.float32) for name, size in dimensions.items()}
        features = self._all_features(batch)
        return {
            name: self._unit_rows(features[name], dimension=size)
            for name, size in dimensions.items()
        }

    def feature_map(self, batch: Pixels) -> Vectors:
        """What the model sees where in prepared pictures, uint8 [n, size, size, 3].

        Returns float32 [n, h, w, d]: a vector for each cell of a grid over the whole picture,
        whose mean over the cells, brought to length one, is the embedding. Raises ValueError for
        another shape or dtype or an empty batch, and FeatureMapNotSupported where the embedding
        is no such mean.
        """
        self._check(batch)
        if len(batch) == 0:
            raise ValueError("a feature map is of at least one picture")
        return self._feature_map(batch)

    def embed(self, images: Sequence[ImageInput], *, batch_size: int = 32) -> Vectors:
        """Decode, prepare and embed pictures, ``batch_size`` at a time; float32 [n, d].

        Raises UnreadableImage for the first picture that cannot be read.
        """
        if batch_size < 1:
            raise ValueError(f"a batch holds at least one picture, not {batch_size}")
        vectors = np.empty((len(images), self.dimension), np.float32)
        for start in range(0, len(images), batch_size):
            chunk = images[start : start + batch_size]
            batch = np.stack([self.prepare(decode_image(image)) for image in chunk])
            vectors[start : start + len(chunk)] = self.embed_prepared(batch)
        return vectors

    def embed_text(self, texts: Sequence[str]) -> Vectors:
        """Embed texts as unit float32 vectors [n, d] in the space of the model's pictures.

        Raises TextNotSupported where ``description.text`` is false.
        """
        if not self.description.text:
            raise TextNotSupported(self.name)
        if len(texts) == 0:
            return np.empty((0, self.dimension), np.float32)
        return self._unit_rows(self._text_features(texts), dimension=self.dimension)

    def _in_precision(self, precision: Precision) -> "Embedder":
        return self

    @abstractmethod
    def _image_features(self, batch: Pixels) -> Vectors:
        """The model's raw output for a checked, non-empty batch; [n, d]."""

    def _all_features(self, batch: Pixels) -> dict[str, Vectors]:
        return {self.name: self._image_features(batch)}

    def _feature_map(self, batch: Pixels) -> Vectors:
        raise FeatureMapNotSupported(self.name)

    def _text_features(self, texts: Sequence[str]) -> Vectors:
        raise TextNotSupported(self.name)

    def _check(self, batch: Pixels) -> None:
        size = self.preparation.size
        if batch.dtype != np.uint8 or batch.ndim != 4 or batch.shape[1:] != (size, size, 3):
            raise ValueError(
                f"{self.name} embeds uint8 pictures of shape [n, {size}, {size}, 3], "
                f"not {batch.dtype} of shape {list(batch.shape)}"
            )

    def _unit_rows(self, features: Vectors, *, dimension: int) -> Vectors:
        if features.shape[1:] != (dimension,):
            raise ValueError(
                f"{self.name} is described with {dimension} dimensions "
                f"but gave an output of shape {list(features.shape)}"
            )
        # Squares of large float32 features may overflow, and of small ones vanish.
        with np.errstate(over="ignore", invalid="ignore"):
            norms = np.linalg.norm(features.astype(np.float64), axis=1)
        broken = np.flatnonzero(~np.isfinite(norms) | (norms == 0))
        if len(broken):
            rows = ", ".join(str(row) for row in broken)
            raise ValueError(f"{self.name} gave a zero or non-finite output for rows {rows}")
        return np.asarray(features / norms[:, None], dtype=np.float32)
