"""The models' answers side by side, each hit with its picture and its numbers."""

from collections.abc import Mapping

import streamlit as st

from search.index import VectorSpec
from search.similar import Hit, ModelHits, SimilarWorks
from ui.numbers import decimal, percent
from ui.web.markup import escaped, tile
from ui.web.pictures import tile_address
from ui.web.query import ask_about
from ui.web.words import model_explanation, model_title, rank_elsewhere


def show_answers(
    answer: SimilarWorks, specs: Mapping[str, VectorSpec], colours: Mapping[str, str]
) -> None:
    """Draw one column a model."""
    shown = {name: len(found.hits) for name, found in answer.models.items()}
    for column, (name, found) in zip(
        st.columns(len(answer.models), gap="large"), answer.models.items(), strict=True
    ):
        with column, st.container(key=f"model-{name}"):
            st.html(_model_heading(name, specs[name].dimension, colours[name]))
            _hits(found, shown, colours[name])


def _hits(found: ModelHits, shown: Mapping[str, int], colour: str) -> None:
    with st.container(key=f"tiles-{found.model}"):
        for hit in found.hits:
            name = f"{found.model}-{hit.artwork.id}"
            with st.container(key=f"tile-{name}"):
                st.html(_hit(hit, shown, colour))
                st.button(
                    "Find similar",
                    key=f"similar-{name}",
                    type="tertiary",
                    on_click=ask_about,
                    args=(hit.artwork.id,),
                )


def _model_heading(name: str, dimension: int, colour: str) -> str:
    return (
        f'<div class="v-model" style="border-color: {colour}">'
        f'<h2 style="color: {colour}">{escaped(model_title(name))}</h2>'
        f"<p>{escaped(model_explanation(name, dimension))}</p></div>"
    )


def _hit(hit: Hit, shown: Mapping[str, int], colour: str) -> str:
    also = [model for model, rank in hit.ranks.items() if rank is not None and rank <= shown[model]]
    mark = ""
    if also:
        by = "both" if len(shown) == 2 else f"{len(also) + 1} models"
        mark = f'<span class="v-mark">found by {by}</span>'
    over = f'<span class="v-rank" style="background: {colour}">{hit.rank}</span>{mark}'
    measures = {
        "angular distance": decimal(hit.angular_distance, 3),
        "cosine": decimal(hit.cosine, 3),
        "closer than": percent(hit.percentile),
    }
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in measures.items())
    numbers = f'<dl class="v-numbers">{rows}</dl>'
    elsewhere = "".join(
        f'<span class="v-other">{escaped(rank_elsewhere(model, rank))}</span>'
        for model, rank in hit.ranks.items()
    )
    return tile(
        tile_address(hit.artwork),
        hit.artwork,
        over=over,
        below=numbers + elsewhere,
        shared=bool(also),
    )
