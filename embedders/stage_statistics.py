"""What the middle of a network knows of a picture's style: how strongly each channel answers, and
how unevenly over the picture.

The last stage tells objects apart; brushwork, contrast and texture show before it, in the mean and
the deviation of channels over all places (cf. Gatys, Ecker and Bethge, "Image Style Transfer Using
Convolutional Neural Networks", 2016, where statistics over places stand for style).
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from embedders.tap import Tap


def stage_statistics_of(
    network: nn.Module, stage: str
) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Return a function that runs ``network`` once for its output and a stage's statistics.

    The statistics are float32 [n, 2 d]: of each of the stage's d channels the mean and the standard
    deviation over all places, under a square root, so that a few loud channels do not drown the
    others. Raises AttributeError if the network has no such stage.
    """
    tap = Tap(network, network.get_submodule(stage), given=False)

    def run(pixels: Tensor) -> tuple[Tensor, Tensor]:
        output, stage_map = tap.run(pixels)
        deviation, mean = torch.std_mean(stage_map.float(), dim=(2, 3), correction=0)
        return output, torch.cat([mean, deviation], dim=1).clamp_(min=0).sqrt_()

    return run
