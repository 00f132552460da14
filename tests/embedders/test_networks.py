"""The networks compute what their weights were trained for, only faster."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
import torch
from PIL import Image

from embedders import BUILT_IN
from embedders.batch_norm_folding import fold_batch_norms
from embedders.glibc_memory import keep_freed_memory
from embedders.networks import build_network, keras_resnet50
from embedders.normalisation import CAFFE, CENTRED, IMAGENET
from embedders.torch_embedder import TorchEmbedder
from embedders.torchvision_operators import import_networks, make_torchvision_importable

CPU = torch.device("cpu")


def with_lively_batch_norms(module: torch.nn.Module) -> torch.nn.Module:
    """Statistics as after training; fresh ones would hide a mistake in folding."""
    torch.manual_seed(0)
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean = torch.randn(part.num_features) * 0.1
            part.running_var = torch.rand(part.num_features) + 0.5
            part.weight.data = torch.rand(part.num_features) + 0.5
            part.bias.data = torch.randn(part.num_features) * 0.1
    return module.eval()


def made(network: str) -> torch.nn.Module:
    """The network as its library builds it, classifier removed, with random weights."""
    torch.manual_seed(0)
    if network == "keras.resnet50":
        module = keras_resnet50()
    elif network.startswith("timm."):
        module = import_networks("timm").create_model(network.removeprefix("timm."), num_classes=0)
    else:
        module = getattr(
            import_networks("torchvision.models"), network.removeprefix("torchvision.")
        )()
    for classifier in ("fc", "classifier"):
        if hasattr(module, classifier):
            setattr(module, classifier, torch.nn.Identity())
    return with_lively_batch_norms(module)


@pytest.mark.slow
@pytest.mark.parametrize(
    "network",
    [
        "torchvision.resnet50",
        "keras.resnet50",
        "torchvision.efficientnet_b0",
        "timm.tf_efficientnet_lite0",
    ],
)
def test_folded_networks_equal_the_library_s_own(network: str) -> None:
    reference = made(network)
    fast = build_network(network, reference.state_dict(), CPU)
    pixels = torch.rand(2, 3, 224, 224)
    with torch.inference_mode():
        expected, found = reference(pixels), fast.image_features(pixels)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=float(expected.abs().max()) * 1e-5)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in fast.module.modules())


def test_folding_leaves_a_convolution_alone_whose_output_is_used_twice() -> None:
    class Twice(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 3, 1)
            self.norm = torch.nn.BatchNorm2d(3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = self.conv(x)
            total: torch.Tensor = self.norm(y) + y
            return total

    assert fold_batch_norms(Twice().eval()) == 0
    with pytest.raises(ValueError, match="evaluation mode"):
        fold_batch_norms(Twice())


class Waiting(torch.nn.Module):
    """Does something, once, while its forward pass is traced."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 3, 1)
        self.norm = torch.nn.BatchNorm2d(3)
        self.meanwhile = meanwhile

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.meanwhile()
        normed: torch.Tensor = self.norm(self.conv(x))
        return normed


def test_a_network_is_folded_while_other_threads_embed_with_another() -> None:
    other = torch.nn.Sequential(torch.nn.Conv2d(3, 3, 1), torch.nn.ReLU()).eval()
    pixels = torch.rand(1, 3, 8, 8)
    expected = other(pixels)
    with ThreadPoolExecutor(1) as thread:
        network = Waiting(lambda: found.append(thread.submit(other, pixels).result()))
        found: list[torch.Tensor] = []
        assert fold_batch_norms(network.eval()) == 1
    torch.testing.assert_close(found, [expected])


def test_networks_that_are_folded_at_the_same_time_leave_torch_as_it_was() -> None:
    def call() -> object:
        return torch.nn.Module.__call__

    original = call()
    begun = Event()

    def hold() -> None:
        begun.set()
        time.sleep(0.1)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(fold_batch_norms, Waiting(hold).eval())
        begun.wait(5)
        second = threads.submit(fold_batch_norms, Waiting(lambda: time.sleep(0.2)).eval())
        assert (first.result(), second.result()) == (1, 1)
    assert call() is original


def test_keras_resnet50_halves_at_the_first_convolution_of_a_stage() -> None:
    block = keras_resnet50().get_submodule("layer3.0")
    strides = [block.get_submodule(name).stride for name in ("conv1", "conv2", "downsample.0")]
    assert strides == [(2, 2), (1, 1), (2, 2)]
    assert block.get_submodule("bn1").eps == 1e-3


@pytest.mark.slow
def test_weights_that_do_not_fit_are_refused_with_the_names() -> None:
    tensors = made("torchvision.resnet50").state_dict()
    shortened = {name: value for name, value in tensors.items() if name != "layer1.0.conv1.weight"}
    with pytest.raises(ValueError, match=r"1 lacking \(layer1.0.conv1.weight\)"):
        build_network("torchvision.resnet50", shortened, CPU)
    with pytest.raises(ValueError, match="of another shape"):
        build_network("torchvision.resnet50", {**tensors, "conv1.weight": torch.zeros(1)}, CPU)
    with pytest.raises(ValueError, match="do not fit"):
        build_network("torchvision.efficientnet_b0", tensors, CPU)
    with pytest.raises(ValueError, match="unknown network"):
        build_network("vgg", tensors, CPU)


def test_the_classifier_in_a_file_of_weights_is_ignored() -> None:
    module = import_networks("torchvision.models").resnet50(num_classes=7)
    build_network("torchvision.resnet50", module.state_dict(), CPU)


@pytest.mark.parametrize("normalisation", [IMAGENET, CENTRED, CAFFE])
def test_pixels_are_normalised_as_the_weights_expect(normalisation: object) -> None:
    seen: list[torch.Tensor] = []

    def features(pixels: torch.Tensor) -> torch.Tensor:
        seen.append(pixels.clone())
        return torch.ones(len(pixels), 2048)

    from embedders.networks import Network

    network = Network(torch.nn.Identity(), features)
    embedder = TorchEmbedder(
        BUILT_IN.describe("resnet50"),
        network,
        normalisation=normalisation,  # type: ignore[arg-type]
        fingerprint="f",
        provider=None,
    )
    batch = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3)).astype(np.uint8)
    before = batch.copy()
    embedder.embed_prepared(batch)
    mean, std = np.array(normalisation.mean), np.array(normalisation.std)  # type: ignore[attr-defined]
    expected = ((batch / 255 - mean) / std).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(seen[0].cpu().numpy(), expected, rtol=1e-4, atol=1e-3)
    assert seen[0].is_contiguous(memory_format=torch.channels_last)
    np.testing.assert_array_equal(batch, before)


def test_torchvision_can_be_imported_and_the_cure_is_applied_once() -> None:
    assert make_torchvision_importable() is make_torchvision_importable()
    assert import_networks("torchvision.models").resnet50


def test_the_memory_setting_says_whether_it_applies_and_never_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import platform

    assert keep_freed_memory() == (platform.libc_ver()[0] == "glibc")
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert keep_freed_memory.__wrapped__() is False


def test_a_frozen_picture_array_can_be_embedded(picture: Image.Image) -> None:
    """Arrays that come from Pillow are read-only, which torch warns of when it shares memory."""
    network = build_network(
        "timm.tf_efficientnet_lite0", made("timm.tf_efficientnet_lite0").state_dict(), CPU
    )
    embedder = TorchEmbedder(
        BUILT_IN.describe("efficientnet_lite0"),
        network,
        normalisation=CENTRED,
        fingerprint="f",
        provider=None,
    )
    prepared = embedder.prepare(picture)[None]
    prepared.flags.writeable = False
    assert embedder.embed_prepared(prepared).shape == (1, 1280)
