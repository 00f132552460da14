"""The networks, built without their classifiers, ready for weights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from embedders.batch_norm_folding import fold_batch_norms
from embedders.feature_maps import last_map_of
from embedders.stage_statistics import stage_statistics_of
from embedders.torchvision_operators import import_networks

DENSE = "dense256"
"""A layer of 256 that fine-tuning puts behind the average: its tensors, and the ending of the name
of the network whose output it is. A network without that ending passes it over."""

DENSE_DIMENSION = 256

_CLASSIFIERS = ("fc.", "classifier.", "classif.")
_KERAS_EPSILON = 1e-3


@dataclass(frozen=True)
class Network:
    """A network ready to run. ``image_features`` takes normalised float32 [n, 3, size, size].

    ``text_features`` takes texts and is None for a network of pictures only. Both give float32
    [n, dimension], not normalised. ``feature_map`` gives the map whose mean over the places
    ``image_features`` is, float32 [n, dimension, h, w], and is None for a network without one.
    ``with_third_stage`` gives, of one pass, ``image_features`` and the statistics of the third
    stage, and is None for a network of which they are not wanted.
    """

    module: nn.Module
    image_features: Callable[[Tensor], Tensor]
    text_features: Callable[[list[str]], Tensor] | None = None
    feature_map: Callable[[Tensor], Tensor] | None = None
    with_third_stage: Callable[[Tensor], tuple[Tensor, Tensor]] | None = None


def build_network(name: str, tensors: Mapping[str, Tensor], device: torch.device) -> Network:
    """Build the network of that name with these weights, in evaluation mode on ``device``.

    Classifier weights in ``tensors`` are ignored. Raises ValueError if the weights do not fit,
    and for a name that is not known.
    """
    if name not in _BUILDERS:
        raise ValueError(f"unknown network {name!r}; known are {', '.join(_BUILDERS)}")
    return _BUILDERS[name](tensors, device)


def trainable_network(name: str, tensors: Mapping[str, Tensor]) -> nn.Module:
    """Build a convolutional network with these weights as it is trained: nothing is folded.

    It gives the average of its last map, float32 [n, dimension], and is in evaluation mode. Its
    state dict is what ``build_network`` takes. Raises ValueError if the weights do not fit, and for
    a network that is not known or not convolutional.
    """
    if name not in _CONVOLUTIONAL:
        known = ", ".join(_CONVOLUTIONAL)
        raise ValueError(f"the network {name!r} cannot be trained here; these can: {known}")
    module = _without_classifier(_CONVOLUTIONAL[name])
    _load(module, tensors)
    return module.eval()


def keras_resnet50() -> nn.Module:
    """torchvision's ResNet50 as Keras computes it.

    The stride of a stage sits on the first 1 x 1 convolution of its first block, as in the
    original paper (He et al., Deep Residual Learning, 2015), not on the 3 x 3, and batch
    normalisation adds 1e-3.
    """
    norm = partial(nn.BatchNorm2d, eps=_KERAS_EPSILON)
    module = cast(
        nn.Module, import_networks("torchvision.models").resnet50(weights=None, norm_layer=norm)
    )
    for stage in ("layer2", "layer3", "layer4"):
        block = module.get_submodule(f"{stage}.0")
        for convolution, stride in (("conv1", 2), ("conv2", 1)):
            cast(nn.Conv2d, block.get_submodule(convolution)).stride = (stride, stride)
    return module


def _torchvision(name: str) -> nn.Module:
    return cast(nn.Module, getattr(import_networks("torchvision.models"), name)(weights=None))


def _timm(name: str) -> nn.Module:
    return cast(nn.Module, import_networks("timm").create_model(name, pretrained=False))


def _convolutional(
    build: Callable[[], nn.Module],
    tensors: Mapping[str, Tensor],
    device: torch.device,
    *,
    third_stage: str | None = None,
    exact: Sequence[str] = (),
) -> Network:
    module = _without_classifier(build)
    _load(module, tensors)
    module.eval()
    fold_batch_norms(module)
    for part in exact:
        _keep_in_float32(module.get_submodule(part))
    # Convolutions run faster on pixels whose channels lie side by side.
    module = module.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Network(
        module,
        module,
        feature_map=last_map_of(module),
        with_third_stage=stage_statistics_of(module, third_stage) if third_stage else None,
    )


def _keep_in_float32(module: nn.Module) -> None:
    """Have a part of a network compute in float32 in passes of lower precision too."""
    forward = module.forward

    def exact(given: Tensor) -> Tensor:
        with torch.autocast(given.device.type, enabled=False):
            return cast(Tensor, forward(given.float()))

    module.forward = exact


def _with_dense(
    build: Callable[[Mapping[str, Tensor], torch.device], Network],
    tensors: Mapping[str, Tensor],
    device: torch.device,
) -> Network:
    """The network whose output is that of a rectified layer of 256 behind the average."""
    given = {name: tensors.get(f"{DENSE}.{name}") for name in ("weight", "bias")}
    weight, bias = given["weight"], given["bias"]
    if weight is None or bias is None:
        raise ValueError(f"the weights do not fit the network: they lack the layer {DENSE}")
    network = build(tensors, device)
    with torch.inference_mode():
        (pooled,) = network.image_features(torch.zeros(1, 3, 32, 32, device=device)).shape[1:]
    if weight.shape != (DENSE_DIMENSION, pooled) or bias.shape != (DENSE_DIMENSION,):
        raise ValueError(f"the weights do not fit the network: {DENSE} is of another shape")
    dense = nn.Linear(pooled, DENSE_DIMENSION)
    dense.load_state_dict({"weight": weight, "bias": bias})
    module = nn.Sequential(network.module, dense, nn.ReLU()).eval().to(device)
    return Network(module, module)


def _without_classifier(build: Callable[[], nn.Module]) -> nn.Module:
    module = build()
    for classifier in ("fc", "classifier"):
        if hasattr(module, classifier):
            setattr(module, classifier, nn.Identity())
    return module


def _clip(architecture: str, tensors: Mapping[str, Tensor], device: torch.device) -> Network:
    open_clip = import_networks("open_clip")
    module = open_clip.create_model(architecture, pretrained=None)
    _load(module, tensors)
    module.eval().to(device)
    tokenise = open_clip.get_tokenizer(architecture)

    def text_features(texts: list[str]) -> Tensor:
        return cast(Tensor, module.encode_text(tokenise(texts).to(device)))

    return Network(module, module.encode_image, text_features)


def _load(module: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load a state dict, by name or, where no name matches, by order.

    EfficientNet-Lite0's package names its layers differently from timm and lists them in the same
    order, so order is enough as long as every shape agrees.
    """
    wanted = {name: value for name, value in module.state_dict().items() if _counts(name)}
    given = {name: value for name, value in tensors.items() if _counts(name)}
    if not wanted.keys() & given.keys() and len(given) >= len(wanted):
        given = dict(zip(wanted, given.values(), strict=False))
    missing = sorted(wanted.keys() - given.keys())
    surplus = sorted(given.keys() - wanted.keys())
    shapes = sorted(
        name for name in wanted.keys() & given.keys() if wanted[name].shape != given[name].shape
    )
    problems = (("lacking", missing), ("unknown", surplus), ("of another shape", shapes))
    if missing or surplus or shapes:
        listed = "; ".join(
            f"{len(names)} {problem} ({', '.join(names[:3])})"
            for problem, names in problems
            if names
        )
        raise ValueError(f"the weights do not fit the network, tensors {listed}")
    module.load_state_dict(given, strict=False)


def _counts(name: str) -> bool:
    return not name.startswith((*_CLASSIFIERS, f"{DENSE}.")) and not name.endswith(
        "num_batches_tracked"
    )


_CONVOLUTIONAL: dict[str, Callable[[], nn.Module]] = {
    "torchvision.resnet50": partial(_torchvision, "resnet50"),
    "keras.resnet50": keras_resnet50,
    "torchvision.efficientnet_b0": partial(_torchvision, "efficientnet_b0"),
    "timm.tf_efficientnet_lite0": partial(_timm, "tf_efficientnet_lite0"),
}

# What is rounded in the first layers shows in all others: with these two exact, bfloat16 changes
# cosines half as much, and takes little longer.
_RESNET50 = partial(_convolutional, third_stage="layer3", exact=("conv1", "layer1.0"))

_BARE = {
    name: partial(_RESNET50 if name.endswith("resnet50") else _convolutional, build)
    for name, build in _CONVOLUTIONAL.items()
}

_BUILDERS: dict[str, Callable[[Mapping[str, Tensor], torch.device], Network]] = {
    **_BARE,
    **{f"{name}+{DENSE}": partial(_with_dense, build) for name, build in _BARE.items()},
    "open_clip.ViT-B-32-quickgelu": partial(_clip, "ViT-B-32-quickgelu"),
}
