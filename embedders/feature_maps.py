"""The map of a picture that a convolutional network averages into its embedding."""

from collections.abc import Callable
from contextvars import ContextVar

from torch import Tensor, nn

_POOLINGS = ("avgpool", "global_pool")
"""What torchvision and timm call the layer that averages the last stage over all places."""

_kept: ContextVar[list[Tensor] | None] = ContextVar("kept", default=None)


def last_map_of(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """Return a function that gives what ``network`` averages last, float32 [n, d, h, w].

    Its mean over h and w is the network's output. A pass of another thread is not disturbed: each
    keeps the map only where it was asked for. Raises ValueError if no layer averages.
    """
    layers = dict(network.named_children())
    poolings = [layers[name] for name in _POOLINGS if name in layers]
    if not poolings:
        raise ValueError(f"{type(network).__name__} has no layer that averages a last map")
    poolings[0].register_forward_pre_hook(_keep)

    def last_map(pixels: Tensor) -> Tensor:
        maps: list[Tensor] = []
        token = _kept.set(maps)
        try:
            network(pixels)
        finally:
            _kept.reset(token)
        return maps[0]

    return last_map


def _keep(layer: nn.Module, given: tuple[Tensor, ...]) -> None:
    del layer
    maps = _kept.get()
    if maps is not None:
        maps.append(given[0])
