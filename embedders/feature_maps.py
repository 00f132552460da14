"""The map of a picture that a convolutional network averages into its embedding."""

from collections.abc import Callable

from torch import Tensor, nn

from embedders.tap import Tap

_POOLINGS = ("avgpool", "global_pool")
"""What torchvision and timm call the layer that averages the last stage over all places."""


def last_map_of(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """Return a function that gives what ``network`` averages last, float32 [n, d, h, w].

    Its mean over h and w is the network's output. Raises ValueError if no layer averages.
    """
    layers = dict(network.named_children())
    poolings = [layers[name] for name in _POOLINGS if name in layers]
    if not poolings:
        raise ValueError(f"{type(network).__name__} has no layer that averages a last map")
    tap = Tap(network, poolings[0], given=True)
    return lambda pixels: tap.run(pixels)[1]
