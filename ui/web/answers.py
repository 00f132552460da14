"""Putting a visitor's question to the models that can answer it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from embedders import Embedder
from search.auto import AUTO, Choice, choose
from search.fusion import FUSION
from search.query import InvalidQuery, Query
from search.similar import CutOff, ModelHits, SimilarWorks
from ui.questions import SearchRequest
from ui.web import collection
from ui.web.examples import Subject, query_of
from ui.web.page_state import PageState
from ui.wording.models import JOINTS


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found, as the page shows it.

    Args:
        found: by model or joint answer, in the order shown.
        compared: the models alone; ``None`` where only joint answers are shown.
        refused: titles of what cannot answer, with the reason in full.
        wordless: titles of the models that cannot be asked in words, as the question is.
        choice: what Vasari chose, where the choice was left to it.
    """

    found: Mapping[str, ModelHits] = field(default_factory=dict)
    compared: SimilarWorks | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    wordless: tuple[str, ...] = ()
    choice: Choice | None = None

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
    state: PageState,
    shown: Sequence[str],
    *,
    held: Sequence[str],
    usual: Sequence[str],
    top: int,
) -> Answer:
    """Ask each model that is shown, and for joint answers those that they are made of.

    Args:
        shown: models and joint answers, in the order in which they are shown.
        held: vectors of the index.
        usual: models that are asked when nothing else is said, of which Vasari chooses.
    """
    query = query_of(subjects)
    models = [name for name in shown if name not in JOINTS]
    offers = collection.model_choice()
    everyone = _needed(shown, state.sense, held=held, usual=usual)
    wordless: list[str] = []
    if any(isinstance(subject.of, str) for subject in subjects):
        wordless = [name for name in everyone if not offers.knows_text(name)]
    embedders: list[Embedder] = []
    reasons: dict[str, str] = {}
    able = [name for name in everyone if name not in wordless]
    if query.needs_embedding:
        embedders, reasons = collection.embedders_for(tuple(able))
        able = [item.name for item in embedders]
    refused = {collection.model_title(name): why for name, why in reasons.items()}

    asked = _request(query, state, top)

    def ask(names: Sequence[str], shares: Mapping[str, float] | None = None) -> SimilarWorks:
        diverse = state.diverse and FUSION not in names
        request = replace(asked, models=tuple(names), weights=shares or {}, diverse=diverse)
        key = repr((request, state.within, [subject.example for subject in subjects]))
        works = collection.overview().works
        return collection.answer_to(request, embedders, key=key, works=works)

    found: dict[str, ModelHits] = {}
    choosable = [name for name in usual if name in able]
    choice = choose(choosable, able) if AUTO in shown and choosable else None
    made_of: dict[str, Mapping[str, float]] = {
        AUTO: choice.shares if choice else {},
        FUSION: {name: 1.0 for name in offers.models_in(state.sense, held) if name in able},
    }
    for name in (name for name in shown if name in JOINTS):
        parts = made_of[name]
        fused = [FUSION] if len(parts) > 1 else []
        try:
            answers = ask([*parts, *fused], parts if fused else None).models if parts else {}
        except InvalidQuery as error:
            refused[collection.model_title(name)] = str(error)
        else:
            nothing = ModelHits(model=name, hits=(), statistics=None)
            *_, last = [nothing, *answers.values()]
            # Not called what it is made by: another column may be called so.
            found[name] = replace(last, model=name)
    compared = ask(alone) if (alone := [name for name in models if name in able]) else None
    found |= compared.models if compared else {}
    return Answer(
        found={name: found[name] for name in shown if name in found},
        compared=compared,
        refused=refused,
        wordless=tuple(collection.model_title(name) for name in wordless),
        choice=choice,
    )


def _request(query: Query, state: PageState, top: int) -> SearchRequest:
    return SearchRequest(
        query=query,
        wanted=state.wanted,
        among=collection.works_in(state.within) if state.within else None,
        top=top,
        exact=state.exact,
        cut_off=CutOff(max_distance=state.max_distance, min_percentile=state.min_percentile),
    )


def _needed(
    shown: Sequence[str], sense: str, *, held: Sequence[str], usual: Sequence[str]
) -> list[str]:
    """Return the models to ask, those that joint answers are made of among them."""
    needed = [name for name in shown if name not in JOINTS]
    if FUSION in shown:
        needed += collection.model_choice().models_in(sense, held)
    if AUTO in shown and usual:
        needed += [*usual, *choose(usual, held).shares]
    return list(dict.fromkeys(needed))
