"""What is this? A photo is looked at, and the work in it is named, with how sure that is."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from embedders import Embedder, WeightsUnavailable
from search.attributes import agree
from search.identification.certainty import Verdict
from search.identification.identify import (
    Candidate,
    FoundWork,
    Identification,
    model_for_identifying,
)
from search.identification.match_drawing import draw_matches
from ui.pictures import data_uri
from ui.questions import identification
from ui.web import collection, visit
from ui.web.blocks import place_for_answer, show_heading, show_notice
from ui.web.faults import NOT_AVAILABLE, told
from ui.web.markup import action, escaped, find_similar, heading, numbers, picture, tile, wall
from ui.web.outlines import colour, with_outlines
from ui.web.page_state import Example
from ui.web.pictures import LARGE_PIXELS, address_of, decoded_upload, picture_of, preview
from ui.web.query_inputs import picture_box, show_refusal
from ui.web.query_view import scroll_to_verdict
from ui.web.records import records_button, show_records
from ui.web.visit import Upload
from ui.web.words import how_sure
from ui.wording.identification import SHOWS_TOO_LITTLE
from ui.wording.numbers import percent
from ui.wording.works import made_by

_PHOTO = "photo"
_DRAWN = "photo-drawn"
_EVIDENCE = "photo-evidence"
_HERE = "photo-here"
_UPLOADED = "photo-uploaded"

_LABELS: dict[Verdict, str] = {
    "same": "It is in the collection",
    "unsure": "It may be this work",
    "absent": "Your photo",
}
_NEXT_TO_IT: dict[Verdict, str] = {
    "same": "Also compared",
    "unsure": "The likeliest works",
    "absent": "The nearest works",
}

_PROMISES = {
    "From any side": "Crooked, dim or partly hidden, with the frame and the wall around it. Only a "
    "reflection over the whole picture is too much.",
    "Several at once": "Each work in the photo is outlined and named.",
    "And if it is not here": "You are told so, with the works that come nearest, and what they "
    "say of its style, its genre and its time.",
}


def show_identify(search: StreamlitPage) -> None:
    """Draw the page.

    Args:
        search: the page that leads on from here.
    """
    visit.leave()
    whole = collection.overview()
    show_heading(
        "What is this?",
        note=f"Upload a photo of a painting, and learn which of the {whole.works:,} works of "
        "the collection it is. Your photo is not kept.",
    )
    with st.columns(2)[0]:
        picture_box("photo", _look_at)
    if show_refusal():
        # What was answered before is no answer to the file that was refused.
        _change_to(None)
    token = _asked_about()
    upload = visit.picture(token) if token else None
    if upload is None:
        if token:
            show_notice("A photo stays with the visitor who uploaded it. Upload it again.")
        _say_what_it_can()
        return
    # What was said of another photo is no longer shown while this one is looked at.
    is_drawn = st.session_state.get(_DRAWN) == upload.token
    container = place_for_answer("Looking at your photo …", is_drawn=is_drawn)
    try:
        embedder = collection.loaded(model_for_identifying(collection.index()))
    except WeightsUnavailable as error:
        reason = told(error, otherwise=NOT_AVAILABLE)
        with container():
            show_notice(reason, title="Photos cannot be looked at now", problem=True)
        return
    seen = _seen(upload.key, upload.data, embedder, works=whole.works)
    st.session_state[_DRAWN] = upload.token
    st.set_page_config(page_title=f"{_said(seen)} · What is this?")
    with container(gap="medium"):
        _show_answer(seen, upload, search, whole.values)


def _look_at(example: Example) -> None:
    _change_to(example.of)


def _change_to(token: str | None) -> None:
    """Look at another photo, which the address names from now on; at none if there is no token."""
    st.session_state[_PHOTO] = token
    st.session_state[_UPLOADED] = True


def _asked_about() -> str | None:
    """Return which photo the visitor has uploaded, or has gone back to.

    Who comes from another page finds the last one again. The address is only written when a photo
    is uploaded: if it were on coming here, going back would lead here again.
    """
    here = st.query_params.get(_PHOTO)
    before = here if visit.just_entered() else st.session_state.get(_HERE)
    if st.session_state.pop(_UPLOADED, False):
        token: str | None = st.session_state[_PHOTO]
        if token is None:
            st.query_params.clear()
        elif token != here:
            st.query_params[_PHOTO] = token
        here = token
    elif here is not None or here != before:
        st.session_state[_PHOTO] = here
    st.session_state[_HERE] = here
    return st.session_state.get(_PHOTO)


def _show_answer(
    seen: Identification,
    upload: Upload,
    search: StreamlitPage,
    values: Mapping[str, Mapping[str, int]],
) -> None:
    _show_verdict(seen, upload, search)
    scroll_to_verdict(upload)
    show_records()
    if seen.shows_too_little is None:
        if seen.verdict != "same":
            _show_kind(seen, values)
        _show_candidates(seen)


def _said(seen: Identification) -> str:
    if seen.artwork is not None:
        return seen.artwork.title
    return SHOWS_TOO_LITTLE if seen.shows_too_little else "It is not in the collection"


@st.cache_data(ttl=600, max_entries=64, show_spinner=False)
def _seen(key: str, _data: bytes, _embedder: Embedder, *, works: int) -> Identification:  # noqa: ARG001
    # `key` stands for the photo, and `works` for the collection.
    opened = collection.deployment()
    found = identification(opened, _data, top=6, limits=opened.visitor_limits, embedder=_embedder)
    collection.measured("identify", found.timings_ms)
    return found


def _say_what_it_can() -> None:
    promises = "".join(
        f'<div><p class="v-promise">{title}</p><p class="v-faint">{text}</p></div>'
        for title, text in _PROMISES.items()
    )
    st.html(f'<div class="v-measures">{promises}</div>')


def _show_verdict(seen: Identification, upload: Upload, search: StreamlitPage) -> None:
    artwork = seen.artwork
    given = artwork.catalogued_as if artwork else None
    left, right = st.columns([3, 2], gap="large")
    with left:
        size = preview(upload)
        outlines = [work.match.outline for work in seen.works]
        drawn = with_outlines(size.picture, outlines, scale=size.picture.width / size.width)
        st.html(f'<figure class="v-query v-photo">{picture(data_uri(drawn), upload.name)}</figure>')
    with right, st.container(key="verdict"):
        st.html(
            f'<p class="v-label">{_LABELS[seen.verdict] if artwork else "Your photo"}</p>'
            f'<h2 class="v-title">{escaped(_said(seen))}</h2>'
            + (f"<p>{escaped(made_by(artwork))}</p>" if artwork else "")
            + (f'<p class="v-faint">catalogued as {escaped(given)}</p>' if given else "")
            + f'<p class="v-why">{escaped(how_sure(seen))}</p>'
        )
        if artwork is not None:
            st.html(
                f'<figure class="v-query v-beside">'
                f"{picture(address_of(artwork, pixels=LARGE_PIXELS), artwork.title)}</figure>"
            )
        with st.container(key="verdict-actions", horizontal=True, gap="small"):
            if artwork is not None:
                _lead_on(
                    "Find works like it", Example("work", str(artwork.id)), search, key="like-it"
                )
            _lead_on(
                "Find works like your photo", Example("picture", upload.token), search, key="like"
            )
            if seen.works:
                st.button(
                    "Show the evidence",
                    key="evidence",
                    on_click=ask_for_evidence,
                    args=(seen.works[0].artwork.id,),
                )
            if artwork is not None:
                others = collection.reproductions_of(artwork.id)
                records_button(artwork, others, key="records-verdict", kind="secondary")
    if len(seen.works) > 1:
        _show_others(seen.works)
    _answer_evidence(seen.works, upload)


def _lead_on(
    label: str,
    example: Example,
    search: StreamlitPage,
    *,
    key: str,
) -> None:
    if st.button(label, key=key, on_click=visit.start_from, args=(example,)):
        st.switch_page(search)


def _show_others(works: Sequence[FoundWork]) -> None:
    show_heading(f"{len(works)} works in your photo", note="As numbered in it.")
    with st.container(key="tiles-found"):
        st.html(wall(_found(work, number) for number, work in enumerate(works, start=1)))


def _found(work: FoundWork, number: int) -> str:
    artwork = work.artwork
    return tile(
        picture_of(artwork),
        artwork,
        over=f'<span class="v-rank" style="background: {colour(number)}">{number}</span>',
        below=numbers({"sure": percent(100 * work.confidence)}),
        actions=[find_similar(artwork), action("Show the evidence", "evidence", artwork)],
    )


def ask_for_evidence(work: UUID) -> None:
    """Show, in the run of the page that follows, what says that a work is in the photo."""
    visit.acted()
    st.session_state[_EVIDENCE] = work


def _answer_evidence(works: Sequence[FoundWork], upload: Upload) -> None:
    asked = st.session_state.pop(_EVIDENCE, None)
    first = [work for work in works if work.artwork.id == asked]
    if first:
        _show_evidence([*first, *(other for other in works if other not in first)], upload)


@st.dialog("The evidence", width="large")
def _show_evidence(works: Sequence[FoundWork], upload: Upload) -> None:
    """Draw what shows that the first of the works is in the photo."""
    match = works[0].match
    stored = collection.deployment().thumbnail_of(works[0].artwork)
    with decoded_upload(upload.data) as photo:
        drawn = draw_matches(photo.picture, stored, works, photo_width=photo.width)
    st.html(
        f"<p>Each line joins a spot of your photo with the same spot of "
        f"{escaped(works[0].artwork.title)}: {match.inliers} "
        "of them fit one viewpoint. With any other work only a handful would.</p>"
        f'<figure class="v-evidence">{picture(data_uri(drawn), "Matching spots")}</figure>'
    )


def _show_kind(seen: Identification, values: Mapping[str, Mapping[str, int]]) -> None:
    rows = "".join(
        f'<div><p class="v-label">{escaped(name)}</p>'
        + "".join(
            f'<div class="v-bar"><span>{escaped(item.value)}</span>'
            f'<i style="width: {100 * item.share:.0f}%"></i><b>{item.share:.0%}</b></div>'
            for item in shares[:3]
        )
        + "</div>"
        for name, shares in seen.attributes.items()
        if agree(shares, values.get(name, {}))
    )
    if rows:
        st.html(
            heading(
                "What it looks like",
                note="By the works of the collection that look most like it: a guess, in shares "
                "of their votes.",
            )
            + f'<div class="v-measures">{rows}</div>'
        )


def _show_candidates(seen: Identification) -> None:
    named = {work.artwork.id for work in seen.works}
    # What is the same work again is not a work that was compared beside it.
    named |= {other.id for item in named for other in collection.reproductions_of(item)}
    candidates = [item for item in seen.candidates if item.artwork.id not in named]
    if not candidates:
        return
    note = "Matching spots say whether it is the same work; likeness, up to 1, how alike they look."
    show_heading(_NEXT_TO_IT[seen.verdict], note=note)
    with st.container(key="tiles-candidates"):
        st.html(
            wall(
                tile(
                    picture_of(candidate.artwork),
                    candidate.artwork,
                    below=_figures(candidate),
                    actions=[find_similar(candidate.artwork)],
                )
                for candidate in candidates
            )
        )


def _figures(candidate: Candidate) -> str:
    spots = "not counted" if candidate.inliers is None else f"{candidate.inliers:,}"
    return numbers({"matching spots": spots, "likeness": f"{candidate.cosine:.3f}"})
