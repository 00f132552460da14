"""What a visitor may choose to see: senses of likeness, and the models that answer in each.

Each vector of the index serves one sense: a model's own embedding what the network finds alike, a
derived one what it was derived for, such as the same manner. Joint answers are made from all
models of a sense.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from embedders import DerivedDescription, ModelDescription, UnknownModel, describe
from search.fusion import FUSION

ALIKE = ""
"""The sense of a model's own embedding."""


@dataclass(frozen=True, kw_only=True)
class Joint:
    """An answer that several models give together."""

    title: str
    explanation: str


JOINTS = {
    FUSION: Joint(
        title="All models together",
        explanation="One ranking from all models: what counts is how far each finds a likeness "
        "beyond the usual.",
    ),
}
"""Name -> joint answer, as ``search.similar`` knows it."""


def sense_of(vector: str) -> str:
    """Return the sense that a vector serves."""
    described = _described(vector)
    if not isinstance(described, DerivedDescription):
        return ALIKE
    return vector.removeprefix(f"{described.derivation.model}_")


def base_of(vector: str) -> str:
    """Return the model that a vector was made by."""
    described = _described(vector)
    return described.derivation.model if isinstance(described, DerivedDescription) else vector


def senses(held: Iterable[str]) -> dict[str, str]:
    """Return the senses that the vectors of an index serve, each with what is looked for in it."""
    served = {}
    for vector in held:
        described = _described(vector)
        if isinstance(described, DerivedDescription):
            served[sense_of(vector)] = described.derivation.finds
        else:
            served[ALIKE] = "what the network finds alike"
    return dict(sorted(served.items(), key=lambda pair: (pair[0] != ALIKE, pair[1])))


def models_in(sense: str, held: Iterable[str]) -> list[str]:
    """Return the vectors that serve a sense."""
    return [name for name in held if sense_of(name) == sense]


def offered(sense: str, held: Iterable[str]) -> list[str]:
    """Return what can be shown side by side in a sense: joint answers first, then the models."""
    models = models_in(sense, held)
    return [*(JOINTS if len(models) > 1 else ()), *models]


def usually_shown(sense: str, held: Sequence[str], usual: Sequence[str]) -> list[str]:
    """Return what is shown of a sense at first.

    Args:
        usual: models that are asked when nothing else is said.
    """
    models = models_in(sense, held)
    return [name for name in models if base_of(name) in usual] or models


def knows_text(vector: str) -> bool:
    """Tell whether a vector's model can be asked in words."""
    described = _described(vector)
    return described is not None and described.text


def _described(vector: str) -> ModelDescription | None:
    try:
        return describe(vector)
    except UnknownModel:
        return None
