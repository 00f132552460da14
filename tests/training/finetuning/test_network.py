import pytest
import torch
from torch import nn

from embedders.networks import DENSE, build_network, trainable_network
from embedders.torchvision_operators import import_networks
from training.finetuning.network import Head, TunedNetwork

CPU = torch.device("cpu")
NAMES = ("timm.tf_efficientnet_lite0", "torchvision.efficientnet_b0", "keras.resnet50")
DIMENSIONS = {name: 2048 if "resnet50" in name else 1280 for name in NAMES}


def random_weights(name: str) -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    kind = name.partition(".")[2]
    if name.startswith("timm"):
        module: nn.Module = import_networks("timm").create_model(kind, pretrained=False)
    else:
        module = getattr(import_networks("torchvision.models"), kind)(weights=None)
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):  # so that its statistics are not those of nothing
            norm.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
            norm.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]
    return module.state_dict()


@pytest.fixture(scope="module", params=NAMES)
def tuned(request: pytest.FixtureRequest) -> tuple[str, dict[str, torch.Tensor], TunedNetwork]:
    tensors = random_weights(request.param)
    backbone = trainable_network(request.param, tensors)
    torch.manual_seed(0)
    head = Head(DIMENSIONS[request.param], {"style": 8}, dropout=0.4)
    return request.param, tensors, TunedNetwork(backbone, head)


@pytest.mark.slow
def test_cut_in_two_a_network_gives_what_it_gives_whole(
    tuned: tuple[str, dict[str, torch.Tensor], TunedNetwork],
) -> None:
    name, tensors, network = tuned
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        whole = build_network(name, tensors, CPU).image_features(pixels)
        cut = network.upper(network.lower(pixels))
    scale = float(whole.abs().max())
    torch.testing.assert_close(cut, whole, atol=1e-4 * scale, rtol=1e-4)


def test_the_first_phase_freezes_the_backbone_and_the_second_frees_its_last_half(
    tuned: tuple[str, dict[str, torch.Tensor], TunedNetwork],
) -> None:
    _, _, network = tuned
    layers = [
        name
        for name, layer in network.backbone.named_modules()
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)
    ]
    network.freeze(last_half=False)
    assert not any(p.requires_grad for p in network.backbone.parameters())
    assert all(p.requires_grad for p in network.head.parameters())
    network.freeze(last_half=True)
    free = {n.rpartition(".")[0] for n, p in network.backbone.named_parameters() if p.requires_grad}
    frozen = {
        n.rpartition(".")[0] for n, p in network.backbone.named_parameters() if not p.requires_grad
    }
    assert free == set(layers[len(layers) // 2 :])
    assert frozen == set(layers[: len(layers) // 2])
    assert all(p.requires_grad for p in network.head.parameters())


def test_no_batch_norm_gathers_statistics_while_it_learns(
    tuned: tuple[str, dict[str, torch.Tensor], TunedNetwork],
) -> None:
    _, _, network = tuned
    network.train()
    assert network.head.dropout.training
    assert not any(module.training for module in network.backbone.modules())


@pytest.mark.slow
def test_both_embeddings_come_out_of_one_set_of_weights(
    tuned: tuple[str, dict[str, torch.Tensor], TunedNetwork],
) -> None:
    name, _, network = tuned
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        pooled = network.upper(network.lower(pixels))
        network.head.standardise(torch.cat([pooled, pooled * 1.5 + 0.1]))
        dense = network.head.embed(pooled)
        weights = network.weights()
        assert build_network(name, weights, CPU).image_features(pixels).shape == pooled.shape
        given = build_network(f"{name}+{DENSE}", weights, CPU).image_features(pixels)
    scale = float(dense.abs().max())
    assert scale > 0
    torch.testing.assert_close(given, dense, atol=2e-4 * scale, rtol=1e-3)
    network.head.mean.zero_()
    network.head.deviation.fill_(1)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda w: w.pop(f"{DENSE}.weight"), "lack the layer"),
        (lambda w: w.update({f"{DENSE}.weight": torch.zeros(256, 7)}), "another shape"),
        (lambda w: w.update({f"{DENSE}.bias": torch.zeros(7)}), "another shape"),
        (lambda w: w.update({"conv_stem.weight": torch.zeros(2, 3, 3, 3)}), "another shape"),
    ],
)
def test_weights_of_another_shape_are_refused(change, complaint: str) -> None:  # type: ignore[no-untyped-def]
    name = NAMES[0]
    torch.manual_seed(0)
    backbone = trainable_network(name, random_weights(name))
    weights = TunedNetwork(backbone, Head(1280, {"style": 2}, dropout=0.0)).weights()
    change(weights)
    with pytest.raises(ValueError, match=complaint):
        build_network(f"{name}+{DENSE}", weights, CPU)


def test_a_network_that_is_not_convolutional_cannot_be_trained() -> None:
    with pytest.raises(ValueError, match="cannot be trained here"):
        trainable_network("open_clip.ViT-B-32-quickgelu", {})


def test_another_networks_weights_cannot_be_trained() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        trainable_network("torchvision.resnet50", random_weights(NAMES[0]))
