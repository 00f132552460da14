"""What a visitor may choose to see: senses of similarity, and the models that answer in each.

Each vector of the index serves one sense: a model's own embedding what the network finds alike, a
derived one what it was derived for, such as the same manner. Joint answers are made from all
models of a sense.
"""

from collections.abc import Iterable, Sequence

from embedders import DerivedDescription, ModelDescription, UnknownModel, describe
from search.auto import AUTO
from search.fusion import FUSION

ALIKE = ""
"""The sense of a model's own embedding."""


def parent_of(vector: str) -> str | None:
    """Return the model that a collection's own vector was made from; ``None`` for a built-in one.

    Own ones are fine-tuned models, and projections that were fitted to a label.
    """
    described = _described(vector)
    if isinstance(described, DerivedDescription):
        return described.derivation.model if described.derivation.label else None
    return described.parent if described else None


def sense_of(vector: str) -> str:
    """Return the sense that a vector serves; an own one stands beside its parent."""
    described = _described(vector)
    if not isinstance(described, DerivedDescription) or parent_of(vector):
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
        if isinstance(described, DerivedDescription) and not parent_of(vector):
            served[sense_of(vector)] = described.derivation.finds
        else:
            served[ALIKE] = "what the network finds alike"
    return dict(sorted(served.items(), key=lambda pair: (pair[0] != ALIKE, pair[1])))


def models_in(sense: str, held: Iterable[str]) -> list[str]:
    """Return the vectors that serve a sense, a collection's own ones after their parent."""
    serving = [name for name in held if sense_of(name) == sense]

    def place(name: str) -> tuple[int, ...]:
        parent = parent_of(name)
        before = place(parent) if parent in serving else ()
        return (*before, serving.index(name))

    return sorted(serving, key=place)


def offered(sense: str, held: Iterable[str]) -> list[str]:
    """Return what can be shown side by side in a sense: joint answers first, then the models."""
    models = models_in(sense, held)
    # The choice is made for similarity in general, and needs something to choose from.
    joint = (AUTO, FUSION) if sense == ALIKE else (FUSION,)
    return [*(joint if len(models) > 1 else ()), *models]


def usually_shown(sense: str, held: Sequence[str], usual: Sequence[str]) -> list[str]:
    """Return what is shown of a sense at first.

    Args:
        usual: models that are asked when nothing else is said.
    """
    models = models_in(sense, held)
    built_in = [name for name in models if not parent_of(name)]
    return [name for name in built_in if base_of(name) in usual] or built_in or models


def knows_text(vector: str) -> bool:
    """Tell whether a vector's model can be asked in words."""
    described = _described(vector)
    return described is not None and described.text


def _described(vector: str) -> ModelDescription | None:
    try:
        return describe(vector)
    except UnknownModel:
        return None
