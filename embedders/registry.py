"""The models that come with Vasari and those of one collection, described before any is loaded."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from embedders.normalisation import CENTRED, CLIP, IMAGENET
from embedders.preparation import Preparation
from embedders.weights.keras_package import KerasPackage
from embedders.weights.lite0_package import Lite0Package
from embedders.weights.local_file import LocalFile
from embedders.weights.open_clip_download import OpenClipDownload
from embedders.weights.provider import WeightsProvider
from embedders.weights.torchvision_download import TorchvisionDownload
from errors import VasariError

JOINT = "+"
"""Stands between the names of vectors that are taken one behind the other."""

WHOLE_PICTURE = Preparation(224, "bicubic")
"""One for all, so that a picture is prepared once however many models embed it."""

MODEL_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class FeatureDescription:
    """A second thing that a model's forward pass gives, stored beside the embedding.

    It is what derived models are projected from, and not searched itself. ``output`` names what
    the network gives and how it is computed.
    """

    name: str
    dimension: int
    output: str


@dataclass(frozen=True)
class Derivation:
    """How a derived model comes from another: a feature, and a projection fitted on the collection.

    ``feature`` is the name of a feature of ``model``, or ``model`` itself for its embedding, or
    several of these joined by ``+``, for one vector behind the other.
    ``recipe`` is one of ``embedders.projection``. ``finds`` says to a person what the nearest
    works have in common. ``label`` is what the projection was fitted to tell apart: one with a
    label is fitted when a person asks for it, and no job fits it anew.
    """

    model: str
    feature: str
    recipe: str
    finds: str
    label: str | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """What is projected: one vector, or several, one behind the other."""
        return tuple(self.feature.split(JOINT))


@dataclass(frozen=True)
class ModelDescription:
    """A model as a value: what it is called, what it gives, what it needs.

    ``name`` becomes the name of a vector in the index. ``network`` names a builder in
    ``embedders.networks`` or, for a model without weights, a function in
    ``embedders.descriptors``; weights may bring a variant of the network of their own.
    ``providers`` are asked for weights in this order, none for a model that needs no weights.
    ``licence`` is that of the weights, as far as it does not depend on the provider. ``parent``
    is the model that this one was fine-tuned from.
    """

    name: str
    title: str
    dimension: int
    licence: str
    network: str
    preparation: Preparation = WHOLE_PICTURE
    providers: tuple[WeightsProvider, ...] = ()
    text: bool = False
    features: tuple[FeatureDescription, ...] = ()
    parent: str | None = None

    def __post_init__(self) -> None:
        if not MODEL_NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} is no name for a model: small letters, digits and _ only"
            )
        if self.dimension < 1:
            raise ValueError(f"{self.name}: a vector has at least one dimension")
        for attribute in ("title", "licence", "network"):
            if not getattr(self, attribute).strip():
                raise ValueError(f"{self.name}: {attribute} is empty")
        names = [provider.name for provider in self.providers]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: two providers have one name: {', '.join(names)}")

    @property
    def needs_weights(self) -> bool:
        return bool(self.providers)


@dataclass(frozen=True)
class DerivedDescription(ModelDescription):
    """A model that ingest makes of another one's features."""

    derivation: Derivation = field(kw_only=True)


class UnknownModel(VasariError):
    """A name that is not in the registry; the message lists those that are, or says ``why``."""

    def __init__(self, name: str, known: tuple[str, ...], why: str | None = None) -> None:
        self.name = name
        self.known = known
        self.why = why
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        because = f": {why}." if why else "."
        super().__init__(
            f"there is no model {name!r}{because}{hint} Known models: {', '.join(known)}"
        )

    def __reduce__(self) -> tuple[type["UnknownModel"], tuple[str, tuple[str, ...], str | None]]:
        return type(self), (self.name, self.known, self.why)


_BUILT_IN: dict[str, ModelDescription] = {
    model.name: model
    for model in (
        ModelDescription(
            name="resnet50",
            title="ResNet-50",
            dimension=2048,
            licence="BSD-3-Clause (torchvision) or MIT (Keras), trained on ImageNet",
            network="torchvision.resnet50",
            providers=(
                LocalFile("resnet50", "torchvision.resnet50", IMAGENET),
                TorchvisionDownload("resnet50", "torchvision.resnet50", "ResNet50_Weights"),
                KerasPackage("keras.resnet50"),
            ),
            features=(FeatureDescription("resnet50_stage3", 2048, "third_stage_statistics.1"),),
        ),
        ModelDescription(
            name="efficientnet_lite0",
            title="EfficientNet-Lite0",
            dimension=1280,
            licence="Apache-2.0, trained on ImageNet",
            network="timm.tf_efficientnet_lite0",
            providers=(
                LocalFile("efficientnet_lite0", "timm.tf_efficientnet_lite0", CENTRED),
                Lite0Package("timm.tf_efficientnet_lite0"),
            ),
        ),
        ModelDescription(
            name="efficientnet_b0",
            title="EfficientNet-B0",
            dimension=1280,
            licence="BSD-3-Clause (torchvision), trained on ImageNet",
            network="torchvision.efficientnet_b0",
            providers=(
                LocalFile("efficientnet_b0", "torchvision.efficientnet_b0", IMAGENET),
                TorchvisionDownload(
                    "efficientnet_b0", "torchvision.efficientnet_b0", "EfficientNet_B0_Weights"
                ),
            ),
        ),
        ModelDescription(
            name="clip_vit_b32",
            title="CLIP ViT-B/32",
            dimension=512,
            licence="MIT (OpenAI)",
            network="open_clip.ViT-B-32-quickgelu",
            providers=(
                LocalFile("clip_vit_b32", "open_clip.ViT-B-32-quickgelu", CLIP),
                OpenClipDownload(
                    "clip_vit_b32",
                    "open_clip.ViT-B-32-quickgelu",
                    architecture="ViT-B-32-quickgelu",
                    tag="openai",
                    licence="MIT (OpenAI)",
                ),
            ),
            text=True,
        ),
        ModelDescription(
            name="colour_grid",
            title="Colour grid",
            dimension=192,
            licence="none needed",
            network="colour_grid.1",
        ),
        ModelDescription(
            name="edge_grid",
            title="Edge grid",
            dimension=128,
            licence="none needed",
            network="edge_grid.1",
        ),
        DerivedDescription(
            name="resnet50_identity",
            title="ResNet-50, the same work",
            dimension=1024,
            licence="as resnet50",
            network="torchvision.resnet50",
            derivation=Derivation("resnet50", "resnet50", "whiten", "the same work"),
        ),
        DerivedDescription(
            name="resnet50_style",
            title="ResNet-50, the same style",
            dimension=512,
            licence="as resnet50",
            network="torchvision.resnet50",
            derivation=Derivation("resnet50", "resnet50_stage3", "standardise", "the same style"),
        ),
        DerivedDescription(
            name="colour_grid_identity",
            title="Colour grid, the same work",
            dimension=128,
            licence="none needed",
            network="colour_grid.1",
            derivation=Derivation("colour_grid", "colour_grid", "whiten", "the same work"),
        ),
    )
}


class ModelRegistry:
    """The models that one collection can use: those that come with Vasari, and its own.

    It never changes: a collection that has made another model gets another registry.

    Raises:
        ValueError: a model of the collection's own has the name of one that comes with Vasari.
    """

    def __init__(self, own: Iterable[ModelDescription] = ()) -> None:
        self._models = dict(_BUILT_IN)
        for item in own:
            if item.name in _BUILT_IN:
                raise ValueError(f"{item.name}: a model that comes with Vasari has this name")
            self._models[item.name] = item

    def __contains__(self, name: str) -> bool:
        return name in self._models

    def describe(self, name: str) -> ModelDescription:
        """Return the description of a model.

        Raises:
            UnknownModel: there is none of this name.
        """
        if name not in self._models:
            raise UnknownModel(name, tuple(self._models))
        return self._models[name]

    def title_of(self, name: str) -> str:
        """Return what a person calls a model: its title, or its name where nothing else is known.

        A collection may have made several models in one way: their names tell them apart.
        """
        if name not in self._models:
            return name
        title = self._models[name].title
        namesakes = [item for item in self._models.values() if item.title == title]
        return f"{title} ({name})" if len(namesakes) > 1 else title

    def embedding_models(self) -> tuple[ModelDescription, ...]:
        """Return the models that pictures are embedded with, without the derived ones.

        They come in the order in which a person should see them: those with weights first, a
        collection's own last.
        """
        return tuple(
            item for item in self._models.values() if not isinstance(item, DerivedDescription)
        )

    def derived_models(self, of: str | None = None) -> tuple[DerivedDescription, ...]:
        """Return the models that are derived from one model, or from any."""
        return tuple(
            item
            for item in self._models.values()
            if isinstance(item, DerivedDescription) and of in (None, item.derivation.model)
        )


BUILT_IN = ModelRegistry()
"""The models that come with Vasari, and no others."""
