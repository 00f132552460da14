"""A model that runs on torch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
import torch

from embedders.embedder import Embedder, Pixels, Vectors
from embedders.glibc_memory import keep_freed_memory
from embedders.networks import Network, build_network
from embedders.normalisation import Normalisation
from embedders.precision import Precision, in_precision, precision_of
from embedders.registry import ModelDescription
from embedders.weights.stored import StoredWeights, read_tensors


@cache
def device() -> torch.device:
    """The GPU if there is one, else the CPU; decided once for the process."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@cache
def computes_in_bfloat16() -> bool:
    """Whether this machine has instructions for it; a machine without would only imitate it."""
    if device().type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


class TorchEmbedder(Embedder):
    """A network with its normalisation; the precision of its passes is that of its fingerprint."""

    def __init__(
        self,
        description: ModelDescription,
        network: Network,
        *,
        normalisation: Normalisation,
        fingerprint: str,
        provider: str | None,
    ) -> None:
        super().__init__(description, fingerprint=fingerprint, provider=provider)
        self._network = network
        # (p / 255 - mean) / std as one product and one sum a pixel.
        std = torch.tensor(normalisation.std).view(1, 3, 1, 1)
        mean = torch.tensor(normalisation.mean).view(1, 3, 1, 1)
        self._scale = (1 / (255 * std)).to(device())
        self._shift = (-mean / std).to(device())

    def _in_precision(self, precision: Precision) -> Self:
        other = copy(self)
        other.fingerprint = in_precision(self.fingerprint, precision)
        return other

    def passes_at_once(self) -> int:
        """One for each core, as a pass on several waits at every layer for the last of them.

        On a GPU two: while one computes, the other's pictures are brought there.
        """
        return 2 if device().type == "cuda" else torch.get_num_threads()

    @contextmanager
    def _pass(self) -> Iterator[None]:
        quick = precision_of(self.fingerprint) == Precision.BFLOAT16
        with torch.inference_mode(), torch.autocast(device().type, torch.bfloat16, enabled=quick):
            yield

    def _image_features(self, batch: Pixels) -> Vectors:
        with self._pass():
            return _array(self._network.image_features(self._normalised(batch)))

    def _all_features(self, batch: Pixels) -> dict[str, Vectors]:
        if not self.description.features or self._network.with_third_stage is None:
            return super()._all_features(batch)
        (third_stage,) = self.description.features
        with self._pass():
            embedding, statistics = self._network.with_third_stage(self._normalised(batch))
            return {self.name: _array(embedding), third_stage.name: _array(statistics)}

    def _feature_map(self, batch: Pixels) -> Vectors:
        if self._network.feature_map is None:
            return super()._feature_map(batch)
        with self._pass():
            return _array(self._network.feature_map(self._normalised(batch)).permute(0, 2, 3, 1))

    def _text_features(self, texts: Sequence[str]) -> Vectors:
        if self._network.text_features is None:
            return super()._text_features(texts)
        with self._pass():
            return _array(self._network.text_features(list(texts)))

    def _normalised(self, batch: Pixels) -> torch.Tensor:
        pixels = torch.tensor(batch).to(device()).permute(0, 3, 1, 2).to(torch.float32)
        return pixels.mul_(self._scale).add_(self._shift)


def load_torch_embedder(
    description: ModelDescription, weights: StoredWeights, *, fingerprint: str
) -> TorchEmbedder:
    """Build the model from a file of weights.

    Raises ValueError for a file that holds other than tensors or does not fit the network, and
    OSError if it cannot be read.
    """
    keep_freed_memory()
    # A GPU would multiply convolutions in TensorFloat-32, whose ten bits of mantissa show.
    torch.backends.cudnn.allow_tf32 = False
    network = build_network(weights.network, read_tensors(Path(weights.path)), device())
    return TorchEmbedder(
        description,
        network,
        normalisation=weights.normalisation,
        fingerprint=fingerprint,
        provider=weights.provider,
    )


def _array(features: torch.Tensor) -> Vectors:
    return np.asarray(features.to("cpu", torch.float32).numpy())
