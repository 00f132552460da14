"""What passes a layer of a network, for whoever asked for it and for nobody else."""

from contextvars import ContextVar

from torch import Tensor, nn


class Tap:
    """Keeps what one layer is given, or gives, during a pass that asks for it.

    Passes of other threads, and those that do not ask, keep nothing.
    """

    def __init__(self, network: nn.Module, layer: nn.Module, *, given: bool) -> None:
        self._network = network
        self._kept: ContextVar[list[Tensor] | None] = ContextVar("kept", default=None)
        if given:
            layer.register_forward_pre_hook(lambda _layer, inputs: self._keep(inputs[0]))
        else:
            layer.register_forward_hook(lambda _layer, _inputs, output: self._keep(output))

    def run(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Run the network; return its output and what passed the layer."""
        kept: list[Tensor] = []
        token = self._kept.set(kept)
        try:
            output = self._network(pixels)
        finally:
            self._kept.reset(token)
        return output, kept[0]

    def _keep(self, passing: Tensor) -> None:
        kept = self._kept.get()
        if kept is not None:
            kept.append(passing)
