"""What a visitor may choose to see: senses of similarity, and the models that answer in each.

Each vector of the index serves one sense: a model's own embedding works that look alike, a
derived one what it was derived for, such as the same style. Joint answers are made from all
models of a sense.
"""

from collections.abc import Iterable, Sequence

from embedders import DerivedDescription, ModelDescription, ModelRegistry
from search.auto import AUTO
from search.fusion import FUSION

ALIKE = ""
"""The sense of a model's own embedding."""


class ModelChoice:
    """What may be chosen among the models of one collection."""

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry = registry

    def parent_of(self, vector: str) -> str | None:
        """Return the model that an own vector was made from; ``None`` for a built-in one.

        Own ones are fine-tuned models, and projections that were fitted to a label.
        """
        described = self._described(vector)
        if isinstance(described, DerivedDescription):
            return described.derivation.model if described.derivation.label else None
        return described.parent if described else None

    def sense_of(self, vector: str) -> str:
        """Return the sense that a vector serves; an own one stands beside its parent."""
        described = self._described(vector)
        if not isinstance(described, DerivedDescription) or self.parent_of(vector):
            return ALIKE
        return vector.removeprefix(f"{described.derivation.model}_")

    def base_of(self, vector: str) -> str:
        """Return the model that a vector was made by."""
        described = self._described(vector)
        return described.derivation.model if isinstance(described, DerivedDescription) else vector

    def senses(self, held: Iterable[str]) -> dict[str, str]:
        """Return the senses that vectors serve, each with what is looked for in it."""
        served = {}
        for vector in held:
            described = self._described(vector)
            if isinstance(described, DerivedDescription) and not self.parent_of(vector):
                served[self.sense_of(vector)] = described.derivation.finds
            else:
                served[ALIKE] = "works that look alike"
        return dict(sorted(served.items(), key=lambda pair: (pair[0] != ALIKE, pair[1])))

    def models_in(self, sense: str, held: Iterable[str]) -> list[str]:
        """Return the vectors that serve a sense, a collection's own ones after their parent."""
        serving = [name for name in held if self.sense_of(name) == sense]

        def place(name: str) -> tuple[int, ...]:
            parent = self.parent_of(name)
            before = place(parent) if parent in serving else ()
            return (*before, serving.index(name))

        return sorted(serving, key=place)

    def offered(self, sense: str, held: Iterable[str]) -> list[str]:
        """Return what can be shown side by side in a sense, joint answers first."""
        models = self.models_in(sense, held)
        # The choice is made for similarity in general, and needs something to choose from.
        joint = (AUTO, FUSION) if sense == ALIKE else (FUSION,)
        return [*(joint if len(models) > 1 else ()), *models]

    def usually_shown(self, sense: str, held: Sequence[str], usual: Sequence[str]) -> list[str]:
        """Return what is shown of a sense at first.

        Args:
            usual: models that are asked when nothing else is said.
        """
        models = self.models_in(sense, held)
        built_in = [name for name in models if not self.parent_of(name)]
        return [name for name in built_in if self.base_of(name) in usual] or built_in or models

    def knows_text(self, vector: str) -> bool:
        """Tell whether a vector's model can be asked in words."""
        described = self._described(vector)
        return described is not None and described.text

    def _described(self, vector: str) -> ModelDescription | None:
        return self._registry.describe(vector) if vector in self._registry else None
