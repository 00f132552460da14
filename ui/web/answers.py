"""Putting a visitor's question to the models that can answer it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from embedders import Embedder
from search.query import InvalidQuery
from search.similar import ModelHits, SimilarWorks
from ui.web import collection
from ui.web.asked import Asked
from ui.web.examples import Subject, query_of
from ui.web.offers import JOINTS, knows_text, models_in
from ui.web.words import model_title

MOST_SHOWN = 100
"""Hits of one model on the page: more would be slow to draw, and nobody looks so far."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found, as the page shows it.

    Args:
        found: by model or joint answer, in the order shown.
        compared: the models alone; ``None`` where only joint answers are shown.
        refused: titles of what cannot answer, with the reason in full.
        wordless: titles of the models that cannot be asked in words, as the question is.
    """

    found: Mapping[str, ModelHits] = field(default_factory=dict)
    compared: SimilarWorks | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    wordless: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no work was found at all."""
        return not any(hits.hits for hits in self.found.values())

    @property
    def longest(self) -> int:
        """How many works the longest of the answers has."""
        return max((len(hits.hits) for hits in self.found.values()), default=0)


def answer(
    subjects: Sequence[Subject],
    asked: Asked,
    shown: Sequence[str],
    *,
    held: Sequence[str],
    top: int,
) -> Answer:
    """Ask each model that is shown, and for joint answers all models of the sense.

    Args:
        shown: models and joint answers, in the order in which they are shown.
        held: vectors of the index.
    """
    query = query_of(subjects)
    models = [name for name in shown if name not in JOINTS]
    joint = [name for name in shown if name in JOINTS]
    everyone = models_in(asked.sense, held) if joint else models
    wordless: list[str] = []
    if any(isinstance(subject.of, str) for subject in subjects):
        wordless = [name for name in everyone if not knows_text(name)]
    embedders: list[Embedder] = []
    reasons: dict[str, str] = {}
    able = [name for name in everyone if name not in wordless]
    if query.needs_embedding:
        embedders, reasons = collection.embedders_for(tuple(able))
        able = [item.name for item in embedders]
    refused = {model_title(name): why for name, why in reasons.items()}

    def ask(names: Sequence[str]) -> SimilarWorks:
        return collection.answer_to(
            query,
            key=_key(subjects),
            embedders=embedders,
            models=tuple(names),
            asked=asked,
            top=top,
        )

    found: dict[str, ModelHits] = {}
    for name in joint:
        try:
            found[name] = ask([*able, name]).models[name] if able else _none(name)
        except InvalidQuery as error:
            refused[model_title(name)] = str(error)
    compared = ask(alone) if (alone := [name for name in models if name in able]) else None
    found |= compared.models if compared else {}
    return Answer(
        found={name: found[name] for name in shown if name in found},
        compared=compared,
        refused=refused,
        wordless=tuple(model_title(name) for name in wordless),
    )


def _none(name: str) -> ModelHits:
    return ModelHits(model=name, hits=(), statistics=None)


def _key(subjects: Sequence[Subject]) -> str:
    return repr([subject.wish for subject in subjects])
