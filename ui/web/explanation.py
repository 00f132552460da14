"""Why a work was found: heat maps over both pictures, and which regions answer each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import streamlit as st
from PIL import Image

from embedders import Embedder, FeatureMapNotSupported, UnreadableImage, WeightsUnavailable
from search.explanation import Cell, Explanation, explain
from search.explanation_drawing import Scale, heat_map
from search.index.contract import IndexFault
from search.query import InvalidQuery
from ui.pictures import data_uri, shrunk
from ui.web import collection, visit
from ui.web.blocks import show_notice
from ui.web.components import component
from ui.web.examples import Subject
from ui.web.faults import NOT_AVAILABLE, told
from ui.web.markup import escaped
from ui.wording.models import JOINTS
from ui.wording.numbers import decimal, percent

HEAT_PIXELS = 640

_ASKED = "why"
_TURN = "why-turn"
_NOT_NOW = (FeatureMapNotSupported, IndexFault, InvalidQuery, UnreadableImage, WeightsUnavailable)


@dataclass(frozen=True)
class Why:
    """A hit that a visitor wants explained."""

    model: str
    work: UUID
    title: str


def ask_why(why: Why) -> None:
    """Explain a hit in the run of the page that follows."""
    visit.acted()
    st.session_state[_ASKED] = why


def answer_why(subjects: Sequence[Subject], models: Sequence[str]) -> None:
    """Open the explanation that was asked for, if one was.

    Args:
        models: that were asked, of which one explains a joint answer.
    """
    why: Why | None = st.session_state.pop(_ASKED, None)
    if why is not None:
        _explain(why, tuple(subjects), tuple(models))


@st.dialog("Why was it found?", width="large")
def _explain(why: Why, subjects: tuple[Subject, ...], models: tuple[str, ...]) -> None:
    shown = [item for item in subjects if not isinstance(item.of, str)]
    if not shown:
        show_notice("A text has no regions that could be shown.")
        return
    with st.container(key="why-choice", horizontal=True, gap="large"):
        model = _model(why, models)
        subject = _subject(shown)
    try:
        with st.spinner("Comparing region by region …"):
            explanation = _explanation(
                subject,
                why.work,
                collection.loaded(model),
                key=repr((subject.example.kind, subject.example.of, subject.example.region, model)),
            )
    except FeatureMapNotSupported:
        show_notice(
            f"{collection.model_title(model)} weighs a picture as a whole: no region of it "
            "can be singled out."
        )
    except _NOT_NOW as error:
        reason = told(error, otherwise=NOT_AVAILABLE)
        show_notice(reason, title="This cannot be explained now", problem=True)
    else:
        _show(explanation, subject, why)


def _model(why: Why, models: tuple[str, ...]) -> str:
    if why.model not in JOINTS or len(models) < 2:
        return models[0] if why.model in JOINTS else why.model
    chosen = st.segmented_control(
        "Under",
        models,
        default=models[0],
        required=True,
        format_func=collection.model_title,
        key="why-model",
    )
    return chosen or models[0]


def _subject(shown: Sequence[Subject]) -> Subject:
    if len(shown) == 1:
        return shown[0]
    place = st.selectbox(
        "Compared with",
        range(len(shown)),
        format_func=lambda number: shown[number].title,
        key="why-subject",
    )
    return shown[place]


@st.cache_data(ttl=600, max_entries=32, show_spinner=False)
def _explanation(_subject: Subject, work: UUID, _embedder: Embedder, *, key: str) -> Explanation:  # noqa: ARG001
    opened = collection.deployment()
    explanation = explain(
        _subject.query_example,
        work,
        embedder=_embedder,
        index=collection.index(),
        database=opened.database,
        picture_of=opened.picture_of,
        limits=opened.visitor_limits,
    )
    # What is remembered must not hold pictures of hundreds of millions of pixels.
    return replace(
        explanation,
        query_picture=shrunk(explanation.query_picture, HEAT_PIXELS),
        work_picture=shrunk(explanation.work_picture, HEAT_PIXELS),
    )


def _show(explanation: Explanation, subject: Subject, why: Why) -> None:
    turn = st.session_state.get(_TURN, 0)
    key = f"why-at-{turn}-{explanation.model}-{why.work}-{subject.example.of}"
    cell = _cell(explanation, st.session_state.get(key))
    st.html(f'<p class="v-why">{_sentence(explanation, cell)}</p>')
    maps = [explanation.query_map, explanation.work_map]
    if cell is not None:
        maps[1] = explanation.answers_to(cell)
    scale = Scale.over(*(maps if cell is None else maps[1:]))
    left, right = st.columns(2, gap="medium")
    pairs = explanation.pairs if cell is None else ()
    with left:
        st.html(f'<p class="v-label v-middle">{escaped(subject.title)}</p>')
        _spots(
            explanation.query_picture
            if cell
            else heat_map(explanation.query_picture, maps[0], scale),
            subject.title,
            [_middle(pair.query, maps[0].shape) for pair in pairs],
            frame=_frame(cell, maps[0].shape),
            key=key,
        )
    with right:
        st.html(f'<p class="v-label v-middle">{escaped(why.title)}</p>')
        _spots(
            heat_map(explanation.work_picture, maps[1], scale),
            why.title,
            [_middle(pair.work, maps[1].shape) for pair in pairs],
        )
    st.html(
        '<div class="v-heat"><span>adds little</span><i></i><span>adds much</span></div>'
        '<p class="v-faint">Equal numbers mark regions that answer each other. Click a place of '
        "the left picture to see what it is alike to in the right one.</p>"
    )
    if cell is not None:
        st.button("Show all regions", key="why-all", on_click=_point_nowhere)


def _sentence(explanation: Explanation, cell: Cell | None) -> str:
    title = escaped(collection.model_title(explanation.model))
    if cell is not None:
        share = float(explanation.query_map[cell]) / explanation.cosine
        return (
            f"The framed region makes up {share:.0%} of the similarity under {title}. "
            "On the right, what it is alike to."
        )
    similarity = explanation.similarity
    closer = (
        f", closer than {percent(similarity.percentile)} of the pairs of works here"
        if similarity and similarity.percentile is not None
        else ""
    )
    return (
        f"{title} gives the two a cosine of {decimal(explanation.cosine, 3)}{closer}. "
        "The brighter a region, the more of it comes from there."
    )


def _spots(
    picture: Image.Image,
    description: str,
    spots: Sequence[tuple[float, float]],
    *,
    frame: tuple[float, ...] | None = None,
    key: str | None = None,
) -> None:
    component("spots", '<div class="stage"><img draggable="false"></div>')(
        key=key or f"why-{description}",
        data={
            "address": data_uri(picture),
            "description": description,
            "spots": [list(spot) for spot in spots],
            "frame": frame and list(frame),
            "live": key is not None,
        },
        on_at_change=lambda: None,
    )


def _cell(explanation: Explanation, state: Any) -> Cell | None:
    """Return the cell that was pointed at; what a browser sends is not to be trusted."""
    try:
        x, y = (float(value) for value in state["at"])
        return explanation.cell_at(x, y)
    except (InvalidQuery, KeyError, TypeError, ValueError):
        return None


def _point_nowhere() -> None:
    # A component keeps its state in the browser; another one of it has none.
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _middle(cell: Cell, grid: tuple[int, ...]) -> tuple[float, float]:
    return (cell[1] + 0.5) / grid[1], (cell[0] + 0.5) / grid[0]


def _frame(cell: Cell | None, grid: tuple[int, ...]) -> tuple[float, ...] | None:
    if cell is None:
        return None
    return cell[1] / grid[1], cell[0] / grid[0], 1 / grid[1], 1 / grid[0]
