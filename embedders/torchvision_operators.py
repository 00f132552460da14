"""Importing torchvision, and what builds on it, beside any build of torch.

A torchvision wheel built for CUDA cannot load its compiled operators beside a torch built for the
CPU, and its import then fails because two of them were never declared. None of the networks here
uses them, so declaring them is enough. Networks are imported through this file, everywhere.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

_SIGNATURES = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@cache
def make_torchvision_importable() -> "torch.library.Library | None":
    """Declare torchvision's operators if, and only if, its own extension cannot load.

    Returns the declaration, which lasts as long as it is referred to; the cache does that.
    """
    if _extension_loads():
        return None
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for signature in _SIGNATURES:
        library.define(signature)  # type: ignore[no-untyped-call]
    return library


def import_networks(module: str) -> Any:
    """The module ``torchvision.models``, ``timm`` or ``open_clip``."""
    make_torchvision_importable()
    return import_module(module)


def _extension_loads() -> bool:
    if hasattr(torch.ops.torchvision, "nms"):  # somebody imported torchvision already
        return True
    specification = find_spec("torchvision")
    for folder in (specification.submodule_search_locations if specification else None) or ():
        for library in sorted(Path(folder).glob("_C*")):
            try:
                torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]
            except OSError:
                return False
            return True
    return False
