"""Works' activations at the layer where training begins, computed once.

What lies below that layer never changes, so its output is computed once for each view of each
picture and kept on disk in float16, where there is room; else it is computed anew in each epoch.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.finetuning.augmentation import view_of
from training.finetuning.network import Normaliser, TunedNetwork
from training.finetuning.pictures import Pictures
from training.progress import Watch

Places = NDArray[np.int64]

AT_ONCE = 32
MOST_BYTES = 6 * 2**30
"""Of activations kept on disk."""

WHOLE = 0
"""The view that is the whole picture, as it is embedded; the others are parts, by number."""


class ActivationCache:
    """Activations of works, by place and view.

    Args:
        training: places that are seen in ``views`` views, or whole if that is 0.
        whole: places that are only ever seen whole.
        keep_in: folder for what is kept.
    """

    def __init__(
        self,
        network: TunedNetwork,
        pictures: Pictures,
        normaliser: Normaliser,
        *,
        training: Places,
        whole: Places,
        views: int,
        seed: int,
        keep_in: Path,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._network = network
        self._pictures = pictures
        self._seed = seed
        self._device = normaliser.device
        self._normaliser = normaliser
        self.views = views
        seen = range(1, views + 1) if views else (WHOLE,)
        self._kept = [(int(place), view) for view in seen for place in training]
        self._kept += [(int(place), WHOLE) for place in whole]
        self._slots = {pair: slot for slot, pair in enumerate(self._kept)}
        self._pooled: Tensor | None = None
        self._file = keep_in / "activations.npy"
        self._lower: NDArray[np.float16] | None = None
        with torch.inference_mode():
            self._shape = network.lower(self._pixels(self._kept[:1])).shape[1:]
        self._keeps = 2 * len(self._kept) * self._shape.numel() <= most_bytes

    def prepare(self, *, pooled: bool, watch: Watch) -> None:
        """Compute all that is kept; with ``pooled`` also what the frozen backbone makes of it."""
        if self._keeps:
            self._lower = np.lib.format.open_memmap(
                self._file, "w+", np.float16, (len(self._kept), *self._shape)
            )
        elif not pooled:
            return
        averages: list[Tensor] = []
        watch.begin("looking", len(self._kept))
        with torch.inference_mode():
            for start in range(0, len(self._kept), AT_ONCE):
                watch.check()
                some = self._kept[start : start + AT_ONCE]
                lower = self._network.lower(self._pixels(some))
                if self._lower is not None:
                    half = lower.to(torch.float16)
                    self._lower[start : start + len(some)] = half.cpu().numpy()
                    lower = half.to(torch.float32)
                if pooled:
                    averages.append(self._network.upper(lower).cpu())
                watch.advance(len(some))
        self._pooled = torch.cat(averages) if pooled else None

    def pooled(self, places: Places, views: Sequence[int]) -> Tensor:
        """Return the frozen backbone's features, float32 [n, features]."""
        if self._pooled is None:
            raise ValueError("the features were not prepared")
        return self._pooled[self._slots_of(places, views)].to(self._device)

    def lower(self, places: Places, views: Sequence[int]) -> Tensor:
        """Return what the network's ``upper`` takes, float32 [n, channels, h, w]."""
        if self._lower is not None:
            kept = torch.from_numpy(self._lower[self._slots_of(places, views)])
            return kept.to(self._device, torch.float32, memory_format=torch.channels_last)
        return self.computed(places, views)

    def computed(self, places: Places, views: Sequence[int]) -> Tensor:
        """Return the same of any works, computed now and not kept."""
        pairs = [(int(place), view) for place, view in zip(places, views, strict=True)]
        with torch.no_grad():
            return self._network.lower(self._pixels(pairs))

    def _slots_of(self, places: Places, views: Sequence[int]) -> list[int]:
        return [self._slots[int(place), view] for place, view in zip(places, views, strict=True)]

    def _pixels(self, pairs: Sequence[tuple[int, int]]) -> Tensor:
        """Return normalised pixels of works in views, float32 [n, 3, size, size]."""
        size = self._pictures.whole.shape[1]
        squares = []
        for place, view in pairs:
            if view == WHOLE:
                whole = torch.from_numpy(self._pictures.whole[place].copy())
                squares.append(whole.permute(2, 0, 1).float())
            else:
                rng = np.random.default_rng([self._seed, view, place])
                squares.append(view_of(self._pictures.large[place], size, rng))
        return self._normaliser(torch.stack(squares))
