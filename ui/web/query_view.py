"""What is asked about, as the page shows it: one picture large, or a tray of examples."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from catalog.artworks import ArtworkFacts
from catalog.filters import Filter
from ui.web import collection, visit
from ui.web.blocks import show_heading, show_notice, small_button
from ui.web.components import component
from ui.web.examples import Subject
from ui.web.markup import escaped, facts, picture
from ui.web.page_state import WEIGHTS, Example
from ui.web.pictures import LARGE_PIXELS, preview
from ui.web.query_inputs import add_example
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
    """Show the top of the page when the question has changed: it was asked further down."""
    component("scroll", "<span></span>")(
        key="scroll",
        data={"of": " ".join(f"{item.example.kind} {item.example.of}" for item in found)},
    )


def _alone(subject: Subject, wanted: Filter) -> DeltaGenerator:
    of, title = subject.of, subject.title
    others: Sequence[ArtworkFacts] = ()
    if isinstance(of, Upload):
        seen = preview(of)
        label, by = "Your picture", ""
        details: dict[str, object] = {"Size": pixels(seen.width, seen.height)}
        note = "It is compared with the collection and not added to it."
    elif isinstance(of, str):
        label, by, details = "In words", "", {}
        note = "Models that know words look for pictures which such words would describe."
    else:
        label, by = "A work of the collection", made_by(of)
        details = _details(of)
        note = ""
        others = collection.reproductions_of(of.id)
    with st.container(key="hero"):
        left, right = st.columns([2, 3], gap="large")
        with left:
            st.html(_large(subject))
        with right, st.container(key="query"):
            st.html(
                f'<p class="v-label">{label}</p><h2 class="v-title">{escaped(title)}</h2>'
                + (f"<p>{escaped(by)}</p>" if by else "")
                + facts(details)
                + ("" if subject.example.region is None else _PART_NOTE)
                + (f'<p class="v-faint">{note}</p>' if note else "")
            )
            beside = st.container(key="summary")
            with st.container(key="query-actions", horizontal=True, gap="small"):
                if not isinstance(of, str) and st.button(
                    "Choose a part of it", key="part", on_click=visit.acted
                ):
                    choose_part(subject)
                if isinstance(of, ArtworkFacts):
                    records_button(of, others, key="records-query", kind="secondary")
                _actions(wanted)
    return beside


def _tray(found: Sequence[Subject], wanted: Filter) -> DeltaGenerator:
    liked = [subject for subject in found if subject.example.is_like]
    unliked = [subject for subject in found if not subject.example.is_like]
    with st.container(key="query"):
        unlike = f", and unlike {_counted(len(unliked))}" if unliked else ""
        show_heading(
            f"Like {_counted(len(liked))}{unlike}",
            note="The works below come near the examples marked + and keep away from those "
            "marked −.",
        )
        with st.container(key="tray"):
            for subject in (*liked, *unliked):
                _card(subject, alike=len(liked if subject.example.is_like else unliked))
        beside = st.container(key="summary")
        with st.container(key="query-actions", horizontal=True, gap="small"):
            _actions(wanted)
    return beside


def _actions(wanted: Filter) -> None:
    if st.button("Add an example", key="add-example", on_click=visit.acted):
        add_example(wanted)
    with st.popover("Share", key="share"):
        st.html(
            '<p class="v-faint">This address leads back to this search, with its filters. '
            "A picture that you uploaded stays with you.</p>"
        )
        st.code(visit.link(), language=None, wrap_lines=True)
    st.button("Back to the collection", key="back", on_click=visit.ask_nothing)


def _card(subject: Subject, *, alike: int) -> None:
    example = subject.example
    name = f"{example.kind}-{abs(hash(example.of)):x}"
    with st.container(key=f"tray-{name}"):
        sign = "+" if example.is_like else "−"
        kind = "v-like" if example.is_like else "v-unlike"
        title = escaped(subject.title)
        shown = (
            f'<span class="v-words">{title}</span>'
            if isinstance(subject.of, str)
            else picture(subject.picture(), subject.title)
        )
        st.html(
            f'<figure class="v-tile"><div class="v-frame">{shown}'
            f'<span class="v-sign {kind}">{sign}</span></div>'
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
    return f'<figure class="v-query">{shown}</figure>'


def _details(artwork: ArtworkFacts) -> dict[str, object]:
    return {
        "Catalogued as": artwork.catalogued_as,
        "Genre": artwork.genre,
        "Style": artwork.style,
        "School": artwork.school,
        "Source": artwork.source,
        "Size": pixels(artwork.image_width, artwork.image_height),
    }


def _counted(number: int) -> str:
    return "one example" if number == 1 else f"{number} examples"
