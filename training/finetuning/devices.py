"""Where the training is computed."""

import torch

from evaluation.stored import NothingToEvaluate


def training_device(name: str = "auto") -> torch.device:
    """Return a device: CUDA, else MPS, else the CPU, or the one that is named.

    Raises:
        NothingToEvaluate: the one that is named is not there.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(device for device, found in there.items() if found)
    if not there.get(name, False):
        found = ", ".join(device for device, is_there in there.items() if is_there)
        raise NothingToEvaluate(f"there is no device {name} here; there is {found}")
    return torch.device(name)
