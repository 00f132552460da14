"""The page from top to bottom."""

from uuid import UUID

import streamlit as st
from pydantic import ValidationError
from streamlit.delta_generator import DeltaGenerator

from embedders import Embedder, UnreadableImage
from search.index import Index
from search.similar import SimilarWorks
from ui.session import EXPLAINED, models_for_search
from ui.web import collection
from ui.web.browsing import show_collection, show_nothing_passes
from ui.web.collection import Overview
from ui.web.figures import show_chart, show_statistics
from ui.web.look import apply_style, colours_of
from ui.web.markup import escaped, notice
from ui.web.query import Query, Upload, choose_query, scroll_up, show_query
from ui.web.results import show_answers
from ui.web.sidebar import Choices, choose
from ui.web.words import GENERATED_SOURCE, agreement, model_title, works

PURPOSE = "Show it a picture, and it finds the works that look alike, and says how alike."


def show_page() -> None:
    """Draw the page. What goes wrong in a way that can be explained is explained on it."""
    st.set_page_config(page_title="Vasari", page_icon="🖼", layout="wide")
    apply_style()
    try:
        _draw()
    except EXPLAINED as error:
        _explain(str(error))
    except ValidationError as error:
        _explain("; ".join(f"{item['loc'][0]}: {item['msg']}" for item in error.errors()))


def _draw() -> None:
    whole = collection.overview()
    _masthead(whole)
    if not whole.works:
        # The index stays closed, so that the ingest this asks for can open it; and the next look
        # counts again.
        collection.overview.clear()
        _say_empty(whole)
        return
    index = collection.index()
    held = _in_order(index)
    choices = choose(whole, held=held, usual=models_for_search(collection.deployment(), None))
    query = choose_query(choices.wanted)
    if query is None:
        show_collection(choices.wanted)
    else:
        try:
            beside = show_query(query)
        except UnreadableImage as error:
            _refuse_upload(error)
            show_collection(choices.wanted)
            return
        scroll_up(query)
        _show_answer(query, choices, index, beside)


def _show_answer(query: Query, choices: Choices, index: Index, beside: DeltaGenerator) -> None:
    if not choices.models:
        st.html(notice("Choose at least one model in the sidebar."))
        return
    with st.spinner("Searching …"):
        answer = _answer(query, choices)
    if answer is None:
        return
    if not any(found.hits for found in answer.models.values()):
        if choices.wanted:
            show_nothing_passes("No other work passes these filters.")
        else:
            st.html(notice("There is no other work to compare with."))
        return
    colours = colours_of(_in_order(index))
    sentence = agreement(answer, top=choices.top)
    if sentence:
        beside.html(f"<p>{escaped(sentence)}</p>")
    st.html('<hr class="v-rule">')
    show_answers(answer, index.specs, colours)
    st.html('<hr class="v-rule">')
    show_statistics(answer, colours, top=choices.top)
    show_chart(answer, colours)


def _answer(query: Query, choices: Choices) -> SimilarWorks | None:
    embedders: list[Embedder] = []
    models = choices.models
    subject: bytes | UUID
    if isinstance(query, Upload):
        subject, key = query.data, query.key
        embedders, refused = collection.embedders_for(models)
        for name, reason in refused.items():
            title = f"{model_title(name)} cannot embed your picture"
            st.html(notice(reason, title=title, problem=True))
        models = tuple(item.name for item in embedders)
        if not models:
            return None
    else:
        subject, key = query.id, str(query.id)
    return collection.answer_to(
        subject,
        key=key,
        embedders=embedders,
        models=models,
        wanted=choices.wanted,
        top=choices.top,
        exact=choices.exact,
    )


def _refuse_upload(error: UnreadableImage) -> None:
    st.html(
        notice(
            f"{error}. Remove it above and choose another file.",
            title="Your picture cannot be read",
            problem=True,
        )
    )


def _in_order(index: Index) -> list[str]:
    """Return the models of the index, those of the settings first, as they are named there."""
    usual = collection.deployment().settings.models
    return [name for name in usual if name in index.specs] + sorted(set(index.specs) - set(usual))


def _masthead(whole: Overview) -> None:
    sources = whole.values["source"]
    listed = ", ".join(f"{name} ({count:,})" for name, count in list(sources.items())[:6])
    more = f" and {len(sources) - 6} more" if len(sources) > 6 else ""
    size = f"<b>{works(whole.works)}</b><br>{escaped(listed)}{more}" if whole.works else ""
    st.html(
        f'<header class="v-masthead"><div><h1>Vasari</h1><p>{PURPOSE}</p></div>'
        f'<div class="v-size">{size}</div></header>'
    )
    if set(sources) == {GENERATED_SOURCE}:
        st.html(
            notice(
                "No painter made these works: Vasari drew them, to show how the search works "
                "where no collection is at hand. `vasari ingest folder FOLDER` takes in your own.",
                title="A generated sample",
            )
        )


def _say_empty(whole: Overview) -> None:
    waiting = (
        f"{works(whole.known)} are in the catalog, but none can be searched yet: an ingest is "
        "running, was stopped, or failed. `vasari jobs list` says which.\n"
        if whole.known
        else ""
    )
    st.html(
        notice(
            f"{waiting}`vasari demo` fills it with a sample, `vasari ingest folder FOLDER` with "
            "the images of a folder. Give the command the same `--home` as this page, if it has "
            "one, and reload the page when it is done.",
            title="The collection is empty",
        )
    )


def _explain(message: str) -> None:
    st.html(notice(message, title="This cannot be done now", problem=True))
    st.button("Try again", key="try-again")
