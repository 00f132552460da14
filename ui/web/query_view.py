"""What is asked about, as the page shows it: one picture large, or a tray of examples."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from catalog.artworks import ArtworkFacts
from catalog.filters import Filter
from ui.web import collection, visit
from ui.web.blocks import show_notice, small_button
from ui.web.components import component
from ui.web.examples import Subject
from ui.web.markup import escaped, picture, to_work
from ui.web.page_state import WEIGHTS, Example, PageState
from ui.web.pictures import LARGE_PIXELS, preview
from ui.web.query_inputs import add_example, show_ways_to_ask
from ui.web.records import records_button
from ui.web.region_picker import choose_part
from ui.web.visit import Upload
from ui.web.words import pixels
from ui.wording.works import made_by

_PART_NOTE = '<p class="v-faint">Only the bright part is compared.</p>'
_COUNTS = {0.5: "counts half", 1.0: "counts once", 2.0: "counts double", 3.0: "counts three times"}


def show_question(found: Sequence[Subject], wanted: Filter) -> DeltaGenerator:
    """Draw what is asked about, with all that can be done with it.

    Returns:
        A place for a word on what was found.
    """
    return _alone(found[0], wanted) if len(found) == 1 else _tray(found, wanted)


def show_missing(missing: Sequence[Example]) -> None:
    """Say which examples of an address cannot be had."""
    kinds = {example.kind for example in missing}
    if "work" in kinds:
        show_notice(
            "It may have left the collection, or the address was cut off.",
            title="A work that this address names is not in the collection",
        )
    if "picture" in kinds:
        show_notice(
            "An uploaded picture stays with the visitor who uploaded it, and is not kept. "
            "Upload it again to ask the same.",
            title="This address was made with an uploaded picture",
        )
    st.button("Dismiss", key="back", on_click=_forget, args=(tuple(missing),))


def scroll_up(found: Sequence[Subject]) -> None:
    """Show the top of the page when another thing is asked about: it was asked further down.

    Another example among several changes the answer that the visitor looks at, where it stands.
    """
    alone = found[0].example if len(found) == 1 else None
    component("scroll", "<span hidden></span>")(
        key="scroll", data={"of": f"{alone.kind} {alone.of}" if alone else None}
    )


def scroll_to_verdict(upload: Upload) -> None:
    """Show what is said of a photo, where it stands below what a small screen shows."""
    component("scroll", "<span hidden></span>")(
        key="scroll-verdict", data={"of": upload.token, "to": ".st-key-verdict"}
    )


def _alone(subject: Subject, wanted: Filter) -> DeltaGenerator:
    of, title = subject.of, escaped(subject.title)
    others: Sequence[ArtworkFacts] = ()
    if isinstance(of, Upload):
        seen = preview(of)
        label = f"Your picture, {pixels(seen.width, seen.height)}"
    elif isinstance(of, str):
        label = "In words"
    else:
        label, others = "Works like", collection.reproductions_of(of.id)
        title = to_work(of, title)
    with st.container(key="question", horizontal=True, gap="medium"):
        st.html(_large(subject), width="content")
        with st.container(key="query", gap=None):
            st.html(
                f'<p class="v-label">{label}</p><h2 class="v-title">{title}</h2>'
                + (f'<p class="v-by">{escaped(made_by(of))}</p>' if _is_work(of) else "")
                + ("" if subject.example.region is None else _PART_NOTE)
            )
            beside = st.container(key="summary")
            with st.container(key="query-actions", horizontal=True, gap="small"):
                _ask_anew(visit.state())
                if not isinstance(of, str) and st.button(
                    "Choose a part", key="part", type="tertiary", on_click=visit.acted
                ):
                    choose_part(subject)
                if isinstance(of, ArtworkFacts):
                    records_button(of, others, key="records-query")
                _actions(wanted)
    return beside


def _is_work(of: object) -> TypeGuard[ArtworkFacts]:
    return isinstance(of, ArtworkFacts)


def _tray(found: Sequence[Subject], wanted: Filter) -> DeltaGenerator:
    liked = [subject for subject in found if subject.example.is_like]
    unliked = [subject for subject in found if not subject.example.is_like]
    ordered = (*liked, *unliked)
    with st.container(key="query", gap=None):
        unlike = f", and unlike {_counted(len(unliked))}" if unliked else ""
        st.html(
            f'<h2 class="v-title">Like {_counted(len(liked))}{unlike}</h2>'
            f'<div class="v-examples">{"".join(_small(subject) for subject in ordered)}</div>'
        )
        beside = st.container(key="summary")
        with st.container(key="query-actions", horizontal=True, gap="small"):
            _ask_anew(visit.state())
            _actions(wanted)
        with st.expander("Change the examples", key="change-examples"):
            st.html(
                '<p class="v-faint">The works below come near the examples marked + and keep away '
                "from those marked −.</p>"
            )
            with st.container(key="tray"):
                for subject in ordered:
                    _card(subject, alike=len(liked if subject.example.is_like else unliked))
    return beside


def _small(subject: Subject) -> str:
    return f'<figure class="v-tile"><div class="v-frame">{_shown(subject)}</div></figure>'


def _shown(subject: Subject) -> str:
    """Return an example as a small picture, or as its words, with its sign."""
    sign, kind = ("+", "v-like") if subject.example.is_like else ("−", "v-unlike")
    title = escaped(subject.title)
    shown = (
        f'<span class="v-words">{title}</span>'
        if isinstance(subject.of, str)
        else picture(subject.picture(), subject.title)
    )
    return f'{shown}<span class="v-sign {kind}">{sign}</span>'


@st.fragment
def _ask_anew(before: PageState) -> None:
    # In a fragment, and drawn when it is opened: the list of all titles is long.
    # Another one for another question, which is closed.
    key = f"ask-anew-{abs(hash(before.examples)):x}"
    with st.popover("Ask something else", key=key, on_change=visit.acted) as ways:
        if ways.open:
            show_ways_to_ask(before.wanted, beside=False)
    if visit.state() != before:
        st.rerun()


def _actions(wanted: Filter) -> None:
    if st.button("Add an example", key="add-example", type="tertiary", on_click=visit.acted):
        add_example(wanted)
    with st.popover("Share", key="share", type="tertiary"):
        st.html(
            '<p class="v-faint">This address leads back to this search, with its filters. '
            "A picture that you uploaded stays with you.</p>"
        )
        st.code(visit.link(), language=None, wrap_lines=True)
    st.button("Back to the collection", key="back", type="tertiary", on_click=visit.ask_nothing)


def _card(subject: Subject, *, alike: int) -> None:
    example = subject.example
    name = f"{example.kind}-{abs(hash(example.of)):x}"
    with st.container(key=f"tray-{name}"):
        title = escaped(subject.title)
        st.html(
            f'<figure class="v-tile"><div class="v-frame">{_shown(subject)}</div>'
            f'<figcaption><span class="v-work" title="{title}">{title}</span>'
            f'<span class="v-by">{escaped(subject.by)}</span></figcaption></figure>'
        )
        if alike > 1:
            # Of one example of its sign the weight would change nothing.
            key = f"weight-{name}-{example.weight:g}"
            st.selectbox(
                "Weight",
                WEIGHTS,
                index=WEIGHTS.index(abs(example.weight)),
                format_func=_COUNTS.__getitem__,
                key=key,
                label_visibility="collapsed",
                on_change=_weigh,
                args=(example, key),
            )
        with st.container(key=f"row-{name}", horizontal=True, gap="small"):
            if not isinstance(subject.of, str) and st.button(
                "Part",
                key=f"part-{name}",
                type="tertiary",
                help="Choose a part of the picture.",
                on_click=visit.acted,
            ):
                choose_part(subject)
            other = "unlike" if example.is_like else "like"
            turned = replace(example, weight=-example.weight)
            meaning = f"Count it among what the works should be {other}."
            small_button(
                f"Make it {other}", f"turn-{name}", visit.change_example, turned, help=meaning
            )
            meaning, alone = "Start again from this example alone.", replace(example, weight=1.0)
            small_button("Only this", f"only-{name}", visit.start_from, alone, help=meaning)
            meaning = "Take it away from the examples."
            small_button("Remove", f"remove-{name}", visit.remove, example, help=meaning)


def _weigh(example: Example, key: str) -> None:
    weight = st.session_state[key]
    visit.change_example(replace(example, weight=weight if example.is_like else -weight))


def _forget(missing: Sequence[Example]) -> None:
    for example in missing:
        visit.remove(example)


def _large(subject: Subject) -> str:
    if isinstance(subject.of, str):
        return f'<figure class="v-query v-words">{escaped(subject.title)}</figure>'
    shown = picture(subject.picture(pixels=LARGE_PIXELS), subject.title)
    if _is_work(subject.of):
        shown = to_work(subject.of, shown)
    return f'<figure class="v-query">{shown}</figure>'


def _counted(number: int) -> str:
    return "one example" if number == 1 else f"{number} examples"
