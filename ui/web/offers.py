"""What a visitor may choose to see: senses of likeness, and the models that answer in each.

A vector of the index is called after its model, and where it was derived from it for one sense,
after that sense too: ``resnet50_style``. Joint answers are made from all models of a sense.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from embedders import UnknownModel, describe
from search.fusion import FUSION

SENSES = {
    "": "what the network finds alike",
    "style": "the same manner",
    "identity": "the same work",
}
"""Sense -> what is looked for in it, in the order in which they are offered."""


@dataclass(frozen=True, kw_only=True)
class Joint:
    """An answer that several models give together."""

    title: str
    explanation: str


JOINTS = {
    FUSION: Joint(
        title="All models together",
        explanation="One ranking from all models. Each says how far a likeness stands out from "
        "what is usual for both pictures; the mean of that decides.",
    ),
}
"""Name -> joint answer, as ``search.similar`` knows it."""


def sense_of(vector: str) -> str:
    """Return the sense that a vector serves."""
    last = vector.rpartition("_")[2]
    return last if last in SENSES else ""


def senses(held: Iterable[str]) -> list[str]:
    """Return the senses that the vectors of an index serve."""
    served = {sense_of(name) for name in held}
    return [sense for sense in SENSES if sense in served]


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


def base_of(vector: str) -> str:
    """Return the model that a vector was made by."""
    sense = sense_of(vector)
    return vector.removesuffix(f"_{sense}") if sense else vector


def knows_text(vector: str) -> bool:
    """Tell whether a vector's model can be asked in words."""
    try:
        return describe(vector).text
    except UnknownModel:
        return False
