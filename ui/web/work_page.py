"""A work: all that is known of it, its picture large, and the works nearest to it."""

from collections.abc import Sequence
from uuid import UUID

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from catalog.artworks import ArtworkFacts
from catalog.history import WorkHistory, work_history
from search.query import Example, InvalidQuery, Query
from ui.addresses import image_address, manifest_address, record_address
from ui.palette import colours_of
from ui.questions import SearchRequest
from ui.session import models_for_search
from ui.web import collection, visit
from ui.web.blocks import show_heading, show_notice
from ui.web.deep_zoom import show_large
from ui.web.markup import escaped, facts, heading, swatch, tile, to_comparison
from ui.web.pictures import picture_of
from ui.web.words import pixels
from ui.wording.models import JOINTS
from ui.wording.works import citation, made_by

NEAREST = 6
"""Works shown under each model."""


def show_work(search: StreamlitPage) -> None:
    """Draw the page of the work that the address names.

    Args:
        search: the page that leads on from here.
    """
    visit.leave()
    work = _asked()
    if work is None:
        show_notice(
            "It may have left the collection, or the address was cut off.",
            title="This work is not in the collection",
        )
        st.page_link(search, label="Search the collection", icon=":material/search:")
        return
    st.set_page_config(page_title=f"{work.title[:80]} · Vasari")
    with collection.deployment().database.transaction() as session:
        history = work_history(session, work.id)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if work.image_sha256 is None:
            st.html(f'<figure class="v-query v-whole">{picture_of(work)}</figure>')
        else:
            show_large(work)
    with right, st.container(key="work"):
        by = made_by(work)
        st.html(
            f'<h1 class="v-title">{escaped(work.title)}</h1>'
            + (f"<p>{escaped(by)}</p>" if by else "")
            + facts(_facts(work))
        )
        if st.button("Find works like it", key="like-it", type="primary"):
            visit.start_from_work(work.id)
            st.switch_page(search)
        st.code(citation(work, origin=visit.page_origin()), language=None, wrap_lines=True)
        _show_addresses(work)
    if history is not None:
        _show_history(work, history)
    _show_reproductions(work, collection.reproductions_of(work.id))
    _show_nearest(work)


def _asked() -> ArtworkFacts | None:
    try:
        asked = UUID(st.query_params.get("id", ""))
    except ValueError:
        return None
    return collection.works([asked]).get(asked)


def _facts(work: ArtworkFacts) -> dict[str, object]:
    return {
        "Catalogued as": work.catalogued_as,
        "Genre": work.genre,
        "Style": work.style,
        "School": work.school,
        "Source": work.source,
        "Image": pixels(work.image_width, work.image_height),
    } | {name: value for name, value in work.extra.items() if isinstance(value, str | int | float)}


def _show_addresses(work: ArtworkFacts) -> None:
    links = {
        "Record (JSON)": record_address(work.id),
        "IIIF manifest": manifest_address(work.id),
        "Picture": image_address(work, "thumbnail"),
    }
    listed = " · ".join(
        f'<a class="v-link" href="{escaped(address)}" target="_blank">{name}</a>'
        for name, address in links.items()
        if address is not None
    )
    st.html(f'<p class="v-faint">For other programs: {listed}</p>')


def _show_history(work: ArtworkFacts, history: WorkHistory) -> None:
    with st.expander("History of this record", key="history"):
        rows = {
            "Added": f"{history.added_at:%d %B %Y}",
            "Last changed": f"{history.changed_at:%d %B %Y}",
            "Compared by": ", ".join(collection.model_title(name) for name in history.models),
            "File": work.file,
        }
        rows |= {
            f"{item.field.capitalize()} corrected": f"{item.corrected_at:%d %B %Y}; "
            f"the source says “{item.source_value or 'nothing'}”"
            for item in history.corrections
        }
        st.html(facts(rows))


def _show_reproductions(work: ArtworkFacts, others: Sequence[ArtworkFacts]) -> None:
    if not others:
        return
    tiles = "".join(_comparable(work, other) for other in others)
    note = "Other records of the same work, as a curator has marked them."
    st.html(heading("Reproductions", note=note) + f'<div class="v-strip v-wide">{tiles}</div>')


def _show_nearest(work: ArtworkFacts) -> None:
    models = [
        name
        for name in models_for_search(collection.deployment(), None)
        if name in collection.askable()
    ]
    request = SearchRequest(query=Query((Example(work.id),)), models=tuple(models), top=NEAREST)
    try:
        answer = collection.answer_to(
            request, [], key=f"{work.id} {request!r}", works=collection.overview().works
        )
    except InvalidQuery:
        return  # its image could not be read, so it has no vectors
    show_heading("Nearest works", note="As each model sees it, the nearest first.")
    colours = colours_of(models, JOINTS)
    for name, found in answer.models.items():
        tiles = "".join(_comparable(work, hit.artwork) for hit in found.hits)
        st.html(
            f'<h3 class="v-between">{swatch(colours[name])}'
            f"{escaped(collection.model_title(name))}</h3>"
            f'<div class="v-strip v-wide">{tiles}</div>'
        )


def _comparable(work: ArtworkFacts, other: ArtworkFacts) -> str:
    both = work.image_sha256 is not None and other.image_sha256 is not None
    return tile(picture_of(other), other, actions=[to_comparison(work.id, other)] if both else [])
