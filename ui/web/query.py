"""What is asked about: an uploaded picture, or a work that the page's address names."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from catalog.artworks import ArtworkFacts
from catalog.filters import Filter
from ui.commands.web import MAX_UPLOAD_MIB
from ui.web import collection
from ui.web.markup import escaped, facts, notice, picture
from ui.web.pictures import preview, query_address
from ui.web.words import made_by

PICTURE_SUFFIXES = ["jpg", "jpeg", "png", "webp", "tif", "tiff", "gif", "bmp", "avif", "jp2"]

MOST_TITLES = 5_000
"""Works that a box to choose from still lists with ease."""

_WORK = "work"
_UPLOADS = "uploads"
_TITLE = "title"


@dataclass(frozen=True)
class Upload:
    """An uploaded picture.

    Args:
        key: SHA-256 of its bytes.
    """

    name: str
    data: bytes
    key: str


Query = Upload | ArtworkFacts


def ask_about(artwork_id: UUID) -> None:
    """Make a work of the collection the query, in the page's address too."""
    st.query_params[_WORK] = str(artwork_id)
    _forget_upload()


def ask_nothing() -> None:
    """Go back to the collection."""
    _forget_work()
    _forget_upload()


def choose_query(wanted: Filter) -> Query | None:
    """Draw the two ways to ask, and return what is asked about."""
    left, right = st.columns(2, gap="large")
    with left:
        upload = _upload()
    with right:
        _title_box(wanted)
    named = st.query_params.get(_WORK)
    return _named_work(named) if named else upload


def show_query(query: Query) -> DeltaGenerator:
    """Draw the query, large, with its facts.

    Returns:
        The place beside it, for a word on what was found.

    Raises:
        UnreadableImage: the upload cannot be used.
    """
    if isinstance(query, Upload):
        seen = preview(query.key, query.data)
        address: str | None = seen.address
        label, title, by = "Your picture", query.name, ""
        details: dict[str, object] = {"Size": _pixels(seen.width, seen.height)}
        note = "It is compared with the collection and not added to it."
    else:
        address = query_address(query)
        label, title, by = "A work of the collection", query.title, made_by(query)
        details = {
            "Genre": query.genre,
            "Style": query.style,
            "School": query.school,
            "Source": query.source,
            "Size": _pixels(query.image_width, query.image_height),
        }
        note = "The address of this page leads back to this work."
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.html(f'<figure class="v-query">{picture(address, title)}</figure>')
    with right, st.container(key="query"):
        st.html(
            f'<p class="v-label">{label}</p><h2 class="v-title">{escaped(title)}</h2>'
            + (f"<p>{escaped(by)}</p>" if by else "")
            + facts(details)
            + f'<p class="v-faint">{note}</p>'
        )
        beside = st.container(key="summary")
        st.button("Back to the collection", key="back", on_click=ask_nothing)
    return beside


def scroll_up(query: Query) -> None:
    """Show the top of the page when the query has changed: it was chosen further down."""
    name = query.key if isinstance(query, Upload) else str(query.id)
    with st.container(key="scroll"):
        st.html(
            f"<script>/* {name} */"
            "document.querySelector('[data-testid=\"stMain\"]').scrollTo({top: 0});</script>",
            unsafe_allow_javascript=True,
        )


def _upload() -> Upload | None:
    allowed = collection.deployment().settings.max_image_bytes // 2**20
    limit = max(1, min(MAX_UPLOAD_MIB, allowed))
    file = st.file_uploader(
        f"Upload a picture, up to {limit} MB",
        PICTURE_SUFFIXES,
        # Streamlit empties an uploader only by making another one of it.
        key=f"upload-{st.session_state.get(_UPLOADS, 0)}",
        max_upload_size=limit,
        on_change=_forget_work,
    )
    if file is None:
        return None
    data = file.getvalue()
    return Upload(file.name, data, hashlib.sha256(data).hexdigest())


def _title_box(wanted: Filter) -> None:
    labels = collection.labels(wanted, most=MOST_TITLES)
    fits = labels is not None
    st.selectbox(
        "Or choose a work by its title or artist",
        list(labels or ()),
        index=None,
        format_func=lambda artwork_id: (labels or {}).get(artwork_id, ""),
        key=_TITLE,
        placeholder=(
            "Type a title or an artist"
            if fits
            else f"Filter to at most {MOST_TITLES:,} works to choose by title"
        ),
        disabled=not fits,
        filter_mode="contains",
        on_change=_ask_about_chosen,
    )


def _ask_about_chosen() -> None:
    chosen = st.session_state[_TITLE]
    if chosen is not None:
        ask_about(UUID(chosen))
        st.session_state[_TITLE] = None


def _named_work(named: str) -> ArtworkFacts | None:
    try:
        artwork = collection.work(UUID(named))
    except ValueError:
        artwork = None
    if artwork is None:
        st.html(
            notice(
                "It may have left the collection, or the address was cut off.",
                title="The work that this address names is not in the collection",
            )
        )
        st.button("Dismiss", key="back", on_click=ask_nothing)
    return artwork


def _forget_work() -> None:
    st.query_params.pop(_WORK, None)


def _forget_upload() -> None:
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1


def _pixels(width: int | None, height: int | None) -> str | None:
    return None if width is None or height is None else f"{width:,} × {height:,} pixels"
