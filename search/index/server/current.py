"""Which generation this process asks, and how it moves on to another one."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from search.index.contract import VectorSpec, check_specs, unknown_vector
from search.index.server.connection import CollectionGone
from search.index.server.generations import IN_USE, Generations

Item = TypeVar("Item")

LOOK_SECONDS = 5.0
"""How long a generation that another process has put in place may go unseen."""


class CurrentGeneration:
    """The generation that was in use when this process last looked.

    Args:
        only: one to stay with, whether in use or not.

    Attributes:
        number: of the generation; ``None`` before any.
        specs: its named vectors, by model.
    """

    def __init__(self, generations: Generations, *, only: int | None) -> None:
        self.number: int | None = None
        self.specs: Mapping[str, VectorSpec] = {}
        self._generations = generations
        self._only = only
        self._looked = 0.0
        self.refresh()

    @property
    def written(self) -> str:
        """The collection that is written to: whatever the alias names at that moment."""
        if self._only is None:
            return self._generations.alias
        return self._generations.collection(self._only)

    @property
    def read(self) -> str:
        """The collection that is asked, by its own name."""
        return self._generations.collection(self.number or 0)

    def refresh(self) -> None:
        """Look again at which generation the alias names."""
        self._looked = time.monotonic()
        self.number = self._generations.named().get(IN_USE) if self._only is None else self._only
        self.specs = {} if self.number is None else self._generations.specs_of(self.number)

    def require(self, model: str) -> None:
        """Make sure that there are vectors of a model.

        Raises:
            UnknownVector: there are none.
        """
        self._look()
        if model not in self.specs:
            # Another process may have added it since this one looked.
            self.refresh()
        if model not in self.specs:
            raise unknown_vector(model, self.specs)

    def asked(self, ask: Callable[[], Item], of: Sequence[str]) -> Item:
        """Return an answer of the generation last looked at, or of the one that replaced it.

        Args:
            of: the models that the answer is about.

        Raises:
            FingerprintMismatch: it is gone, and in its place are vectors of other weights.
        """
        known = self.specs
        try:
            return ask()
        except CollectionGone:
            if self._only is not None:
                raise
            self.refresh()
            check_specs(self.specs, [known[model] for model in of], to_ask=True)
            for model in of:
                self.require(model)
            return ask()

    def _look(self) -> None:
        """Move on to a generation that another process has put in use, if all known fits it."""
        if self._only is not None or time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        number = self._generations.named().get(IN_USE)
        if number is None or number == self.number:
            return
        specs = self._generations.specs_of(number)
        if all(name in specs and specs[name].holds(spec) for name, spec in self.specs.items()):
            self.number, self.specs = number, specs
