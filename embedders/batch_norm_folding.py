"""Batch normalisation folded into the convolution before it."""

from collections.abc import Callable
from threading import Lock, get_ident
from typing import Any

import torch
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_TRACING = Lock()
"""Of two at once, the last would leave all modules of the process called through the first."""


class _Tracer(fx.Tracer):
    """Sees convolutions and normalisations as wholes, timm's own kinds of them too.

    While it traces, every module of the process is called through it: those that other threads
    embed with are none of its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._thread = get_ident()

    def call_module(
        self,
        m: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        if get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if get_ident() != self._thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, nn.Conv2d | nn.BatchNorm2d) or super().is_leaf_module(
            m, module_qualified_name
        )


def fold_batch_norms(network: nn.Module) -> int:
    """Fold in place every batch norm whose input is one convolution's output and nobody else's.

    In evaluation both are linear, so a convolution with scaled kernels and a bias equals the two
    (Jacob et al., Quantization and Training of Neural Networks, 2018, section 3.2). ``network``
    must be in evaluation mode. Returns how many were folded.
    """
    if network.training:
        raise ValueError("batch norms can be folded in evaluation mode only")
    modules = dict(network.named_modules())
    folded = 0
    with _TRACING:
        traced = _Tracer().trace(network)
    for node in traced.nodes:
        norm = modules.get(node.target) if node.op == "call_module" else None
        source = node.args[0] if node.args else None
        if not isinstance(norm, nn.BatchNorm2d) or not isinstance(source, fx.Node):
            continue
        conv = modules.get(str(source.target)) if source.op == "call_module" else None
        if not isinstance(conv, nn.Conv2d) or len(source.users) != 1:
            continue
        with torch.no_grad():
            _replace(network, str(source.target), fuse_conv_bn_eval(conv, norm))
        _replace(network, str(node.target), _rest_of(norm))
        folded += 1
    return folded


def _rest_of(norm: nn.BatchNorm2d) -> nn.Module:
    """What a batch norm does besides normalising: timm's carry dropout and activation."""
    rest = [getattr(norm, part) for part in ("drop", "act") if hasattr(norm, part)]
    rest = [part for part in rest if not isinstance(part, nn.Identity)]
    return nn.Sequential(*rest) if rest else nn.Identity()


def _replace(network: nn.Module, name: str, module: nn.Module) -> None:
    parent, _, last = name.rpartition(".")
    setattr(network.get_submodule(parent), last, module)
