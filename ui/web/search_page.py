"""The search: a question above, the models' answers side by side, and what they say in figures."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from ui.palette import colours_of
from ui.session import models_for_search
from ui.web import collection, visit
from ui.web.agreement import show_agreement
from ui.web.answers import Answer, answer
from ui.web.blocks import place_for_answer, show_notice
from ui.web.browsing import show_collection, show_nothing_passes
from ui.web.examples import Subject, subjects
from ui.web.explanation import answer_why
from ui.web.figures import show_chart, show_statistics
from ui.web.hit_files import show_downloads
from ui.web.markup import escaped
from ui.web.page_state import MOST_SHOWN, PageState
from ui.web.query_inputs import show_ways_to_ask
from ui.web.query_view import scroll_up, show_missing, show_question
from ui.web.records import show_records
from ui.web.results import show_answers
from ui.web.sidebar import choose, drop_cut_offs
from ui.web.words import agreement, listed
from ui.wording.models import JOINTS

PURPOSE = "Show it a picture, and it finds the works that look alike, and says how alike."

_DRAWN = "question-drawn"


def show_search(browse: StreamlitPage) -> None:
    """Draw the search page of a collection that has works.

    Args:
        browse: the page that has all of them.
    """
    held = collection.askable()
    visit.follow_address(collection.understood)
    choose(collection.overview(), held=held)
    shown = _chosen_models(held)
    visit.write_address()
    state = visit.state()
    found, missing = subjects(state.examples)
    if missing:
        show_missing(missing)
    if not found:
        st.html(f'<p class="v-purpose">{PURPOSE}</p>')
        show_ways_to_ask(state.wanted)
    else:
        st.set_page_config(page_title=f"{_named(found)} · Vasari")
        scroll_up(found)
        beside = show_question(found, state.wanted)
        show_records()
    if any(subject.example.is_like for subject in found):
        _show_answer(found, shown, held, beside)
    else:
        if found:
            show_notice(
                "All examples say what the works should be unlike. Turn one round, or add one.",
                title="What should the works be like?",
            )
        show_collection(state, browse)


def _named(found: Sequence[Subject]) -> str:
    if len(found) > 1:
        return f"Like {len(found)} examples"
    return f"Like {found[0].title[:80]}"


def _show_answer(
    found: Sequence[Subject],
    shown: Sequence[str],
    held: Sequence[str],
    beside: DeltaGenerator,
) -> None:
    _show_models(held)
    state = visit.state()
    if not shown:
        show_notice("Choose at least one model above.")
        return
    top = state.hits
    # Another question's answer is no longer shown while this one's is looked for.
    is_drawn = st.session_state.get(_DRAWN) == state.examples
    container = place_for_answer("Searching …", is_drawn=is_drawn)
    answered = answer(found, state, shown, held=held, usual=_usual(held), top=top)
    st.session_state[_DRAWN] = state.examples
    with container(gap="medium"):
        _show_found(answered, found, held, beside, top=top)


def _show_found(
    answered: Answer,
    found: Sequence[Subject],
    held: Sequence[str],
    beside: DeltaGenerator,
    *,
    top: int,
) -> None:
    state = visit.state()
    _say_refused(answered)
    if not answered.found:
        return
    if answered.is_empty:
        _say_nothing_found(state)
        return
    choice = collection.model_choice()
    models = choice.models_in(state.sense, held)
    colours = colours_of(models, JOINTS)
    compared = answered.compared
    if compared and (sentence := agreement(compared, collection.model_title, top=top)):
        beside.html(f"<p>{escaped(sentence)}</p>")
    answer_why(found, list(compared.models) if compared else models)
    show_answers(answered, colours)
    if answered.longest >= top and top < MOST_SHOWN:
        with st.container(key="more", horizontal=True, horizontal_alignment="center"):
            st.button("Show more", key="show-more", on_click=_show_more, args=(state,))
    show_downloads(answered.found, _named(found))
    if compared and any(hits.hits for hits in compared.models.values()):
        st.html('<hr class="v-rule">')
        show_statistics(compared, colours)
        show_agreement(compared, colours)
        show_chart(compared, colours, collection.backgrounds())


def _chosen_models(held: Sequence[str]) -> list[str]:
    """Return the models and joint answers to show, in the order in which they are shown."""
    state = visit.state()
    choice = collection.model_choice()
    offered = choice.offered(state.sense, held)
    usual = choice.usually_shown(state.sense, held, _usual(held))
    before = [name for name in state.models if name in offered] or usual
    chosen = st.session_state.setdefault(_models_key(state), before)
    shown = [name for name in offered if name in chosen]
    models = () if set(shown) in (set(), set(usual)) else tuple(shown)
    visit.chosen_in_widgets(replace(state, models=models))
    return shown


def _usual(held: Sequence[str]) -> list[str]:
    """Return the models that are asked when nothing else is said."""
    return [name for name in models_for_search(collection.deployment(), None) if name in held]


def _show_models(held: Sequence[str]) -> None:
    state = visit.state()
    choice = collection.model_choice()
    offered = choice.offered(state.sense, held)
    if len(offered) > 1:
        st.pills(
            "Answers to show",
            offered,
            selection_mode="multi",
            # As the widgets of the sidebar are given theirs.
            default=[name for name in st.session_state[_models_key(state)] if name in offered],
            format_func=collection.model_title,
            key=_models_key(state),
            on_change=visit.acted,
            label_visibility="collapsed",
        )


def _models_key(state: PageState) -> str:
    return f"models-{state.sense}-{visit.generation()}"


def _say_refused(answered: Answer) -> None:
    for title, reason in answered.refused.items():
        show_notice(reason, title=f"{title} cannot answer this", problem=True)
    if answered.wordless:
        one = len(answered.wordless) == 1
        show_notice(
            f"{listed(answered.wordless)} {'knows' if one else 'know'} pictures only, and "
            f"{'is' if one else 'are'} not asked as long as words are among the examples."
        )


def _say_nothing_found(state: PageState) -> None:
    if state.min_percentile is not None or state.max_distance is not None:
        with st.container(key="nothing-near"):
            st.html("<p>No work is as close as the limits demand.</p>")
            st.button("Drop the limits", key="drop-cut-offs", on_click=drop_cut_offs)
    elif state.wanted or state.within:
        show_nothing_passes("No other work passes these filters.")
    else:
        show_notice("There is no other work to compare with.")


def _show_more(state: PageState) -> None:
    visit.change(replace(state, shown=min(MOST_SHOWN, state.hits + state.top)))
