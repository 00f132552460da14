"""Pixels as a network takes them."""

import torch
from torch import Tensor

from embedders.normalisation import Normalisation


class Normaliser:
    """Makes what a network is given of pixels, on a device."""

    def __init__(self, normalisation: Normalisation, device: torch.device) -> None:
        std = torch.tensor(normalisation.std).view(1, 3, 1, 1)
        mean = torch.tensor(normalisation.mean).view(1, 3, 1, 1)
        self.device = device
        self._scale = (1 / (255 * std)).to(device)
        self._shift = (-mean / std).to(device)

    def __call__(self, pixels: Tensor) -> Tensor:
        """Return normalised float32 [n, 3, h, w] of pixels in 0 to 255, [n, 3, h, w]."""
        normalised = pixels.to(self.device, torch.float32) * self._scale + self._shift
        return normalised.contiguous(memory_format=torch.channels_last)
