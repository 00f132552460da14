"""What a person calls a model, and what it looks at."""

from dataclasses import dataclass

from embedders import ModelRegistry
from search.auto import AUTO
from search.fusion import FUSION
from search.model_choice import ModelChoice

_EXPLANATIONS = {
    "resnet50": "A deep network trained on photographs: sees what is depicted, and textures.",
    "resnet50_identity": "ResNet-50, sharpened on this collection: only the same work, in another "
    "photo or print, stands out.",
    "resnet50_style": "ResNet-50 halfway through: strokes, textures and colours, whatever is "
    "depicted.",
    "efficientnet_lite0": "A small, fast network trained on photographs: sees what is depicted.",
    "efficientnet_b0": "A compact network trained on photographs: sees what is depicted.",
    "clip_vit_b32": "A network trained on pictures with their captions: sees subjects.",
    "colour_grid": "No network: the colours of each part of the picture.",
    "edge_grid": "No network: the directions of the edges in each part of the picture.",
}


@dataclass(frozen=True, kw_only=True)
class Joint:
    """An answer that several models give together."""

    title: str
    explanation: str


JOINTS = {
    AUTO: Joint(
        title="Vasari's choice",
        explanation="What finds the most works of the same style and artist, of all that is here.",
    ),
    FUSION: Joint(
        title="All models together",
        explanation="One ranking from all models: what counts is how similar each finds a "
        "work, beyond what is usual for it.",
    ),
}
"""Name -> joint answer, as ``search.similar`` knows it."""


def model_title(name: str, registry: ModelRegistry) -> str:
    """Return what a person calls a model or a joint answer."""
    return JOINTS[name].title if name in JOINTS else registry.title_of(name)


def model_explanation(name: str, registry: ModelRegistry) -> str:
    """Return in one line what a model looks at."""
    choice = ModelChoice(registry)
    parent = choice.parent_of(name)
    if parent:
        return f"{registry.title_of(parent)}, trained further on this collection."
    return _EXPLANATIONS.get(name) or _EXPLANATIONS.get(choice.base_of(name), "A model of its own.")
