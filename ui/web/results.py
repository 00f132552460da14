"""The models' answers side by side, each hit with its picture and its numbers."""

from collections.abc import Mapping
from uuid import UUID

import streamlit as st

from catalog.artworks import ArtworkFacts
from search.auto import AUTO, Choice
from search.similar import Hit, ModelHits
from ui.palette import on_either
from ui.web import visit
from ui.web.answers import Answer
from ui.web.blocks import show_notice
from ui.web.collection import deployment, model_title
from ui.web.markup import action, escaped, find_similar, numbers, records, tile, to_comparison, wall
from ui.web.pictures import picture_of
from ui.web.words import chosen_by_vasari, rank_elsewhere
from ui.wording.models import JOINTS, model_explanation
from ui.wording.numbers import decimal, percent


def show_answers(answered: Answer, colours: Mapping[str, str]) -> None:
    """Draw one column a model."""
    found = answered.found
    shown = {name: len(hits.hits) for name, hits in found.items()}
    for column, (name, hits) in zip(
        st.columns(len(found), gap="large"), found.items(), strict=True
    ):
        with column, st.container(key=f"model-{name}"):
            st.html(_heading(name, _explanation(name, answered.choice), colours[name]))
            if not hits.hits:
                show_notice("Nothing that this model finds is within the limits.")
            _hits(hits, shown, colours[name])


def _hits(found: ModelHits, shown: Mapping[str, int], colour: str) -> None:
    with st.container(key=f"tiles-{found.model}"):
        st.html(wall(_hit(found.model, hit, shown, colour) for hit in found.hits))


def _what_next(model: str, hit: Hit) -> list[str]:
    work = hit.artwork
    why = "See which regions of the two pictures make them alike."
    more = "More like this: it becomes one of your examples."
    less = "Less like this: keep away from what it shows."
    return [
        *records(work, len(hit.reproductions)),
        find_similar(work),
        action("Why?", "why", work, model=model, meaning=why),
        action("+ More", "more", work, meaning=more),
        action("− Less", "less", work, meaning=less),
        *_comparison(work),
    ]


def _explanation(name: str, choice: Choice | None) -> str:
    if name == AUTO and choice is not None:
        return chosen_by_vasari(choice, model_title)
    if name in JOINTS:
        return JOINTS[name].explanation
    return model_explanation(name, deployment().registry)


def _heading(name: str, explanation: str, colour: str) -> str:
    return (
        f'<div class="v-model" style="border-color: {on_either(colour)}">'
        f'<h2 style="color: {on_either(colour)}">{escaped(model_title(name))}</h2>'
        f"<p>{escaped(explanation)}</p></div>"
    )


def _hit(model: str, hit: Hit, shown: Mapping[str, int], colour: str) -> str:
    models = [name for name in shown if name not in JOINTS]
    ranks = {name: hit.ranks.get(name) for name in models if model not in JOINTS}
    also = [name for name, rank in ranks.items() if rank is not None and rank <= shown[name]]
    mark = ""
    if also:
        by = "both" if len(models) == 2 else f"{len(also) + 1} models"
        mark = f'<span class="v-mark">found by {by}</span>'
    over = f'<span class="v-rank" style="background: {colour}">{hit.rank}</span>{mark}'
    elsewhere = "".join(
        f'<span class="v-other">{escaped(rank_elsewhere(model_title(name), rank))}</span>'
        for name, rank in hit.ranks.items()
    )
    return tile(
        picture_of(hit.artwork),
        hit.artwork,
        over=over,
        below=f'{_score(hit)}<details class="v-more"><summary>In figures</summary>'
        f"{_numbers(hit)}{elsewhere}</details>",
        actions=_what_next(model, hit),
        shared=bool(also),
    )


def _comparison(hit: ArtworkFacts) -> list[str]:
    """Return a link to the comparison with the work that is asked about, where it is one."""
    examples = visit.state().examples
    if len(examples) != 1 or examples[0].kind != "work" or hit.image_sha256 is None:
        return []
    return [to_comparison(UUID(examples[0].of), hit)]


def _score(hit: Hit) -> str:
    """Return how near a hit is, in the one measure that means the same under every model."""
    if hit.percentile is None:
        nearness = f"cosine {decimal(hit.cosine, 3)}"
        meaning = "There are too few works to say how that compares."
    else:
        nearness = f"closer than {percent(hit.percentile)} of pairs"
        meaning = "Of two works of the collection taken at random, so many are less alike."
    return f'<span class="v-score" title="{meaning}">{nearness}</span>'


def _numbers(hit: Hit) -> str:
    if hit.cosine is None:
        return numbers({"standard deviations above the mean": decimal(hit.z, 1)})
    distance = decimal(hit.angular_distance, 3)
    return numbers({"angular distance": distance, "cosine": decimal(hit.cosine, 3)})
