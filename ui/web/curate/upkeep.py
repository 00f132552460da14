"""Models and index: how whole they are, embedding anew, going back, repairing."""

from typing import get_args

import streamlit as st

from search.index.contract import embedding_models
from ui.curating.changes import Changes
from ui.curating.job_requests import (
    IndexCheckJob,
    Label,
    MapJob,
    ProjectionJob,
    ReconcileJob,
    ReembedJob,
)
from ui.web import collection
from ui.web.blocks import show_heading
from ui.web.curate.jobs import start
from ui.web.markup import facts


def show_upkeep(curator: str) -> None:
    """Draw the state of the index, and what can be done about it."""
    changes = Changes(collection.deployment(), curator)
    index = collection.index()
    status = index.status()
    show_heading("Models and index")
    st.html(
        facts({"engine": status.engine, "generation": status.generation, "works": status.points})
    )
    st.dataframe(
        [
            {
                "vector": name,
                "role": index.specs[name].role,
                "dimension": index.specs[name].dimension,
                "works": vector.points,
                "in the graph": vector.indexed,
            }
            for name, vector in status.vectors.items()
        ],
        hide_index=True,
    )
    embedding, projecting, mapping, repairing = st.columns(4, gap="large")
    with embedding:
        _embed(changes)
    with projecting:
        _project(embedding_models(index.specs), changes)
    with mapping:
        _map(changes)
    with repairing:
        _repair(changes)


def _embed(changes: Changes) -> None:
    show_heading("Embed anew", note="Beside what is searched; switched at the end.")
    models = [model.name for model in collection.deployment().registry.embedding_models()]
    model = st.selectbox("Model", models, index=None, key="reembed-model")
    if st.button("Embed all works", disabled=model is None):
        start(ReembedJob(model=model), changes)
    if st.button("Back to the former vectors"):
        start(ReembedJob(rollback=True), changes)
    if st.button("Delete the former vectors"):
        start(ReembedJob(discard_former=True), changes)


def _project(models: list[str], changes: Changes) -> None:
    show_heading("Learn from labels", note="A vector in which works of one style lie together.")
    model = st.selectbox("From the model", models, key="projection-model")
    label = st.selectbox("By", get_args(Label), key="projection-label")
    if st.button("Learn", disabled=model is None):
        start(ProjectionJob(model=model, label=label), changes)


def _map(changes: Changes) -> None:
    show_heading("Map", note="Each work beside those that look like it, under each model.")
    if st.button("Bring the maps up to date", help="New works are placed; no other work moves."):
        start(MapJob(), changes)
    if st.button("Draw the maps anew", help="Takes minutes, and every work may move."):
        start(MapJob(anew=True), changes)


def _repair(changes: Changes) -> None:
    show_heading("Check", note="Catalog, index and thumbnails, work by work.")
    if st.button("Compare"):
        start(ReconcileJob(), changes)
    if st.button("Compare and repair"):
        start(ReconcileJob(fix=True), changes)
    if st.button("Measure the index", help="How many of the nearest works its graphs find."):
        start(IndexCheckJob(), changes)
