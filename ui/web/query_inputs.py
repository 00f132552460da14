"""The ways to ask: an uploaded picture, a work by its title, a text."""

from collections.abc import Callable
from urllib.parse import unquote, urlsplit
from uuid import UUID

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from catalog.filters import Filter
from embedders import UnreadableImage
from ui.web import collection, visit
from ui.web.blocks import show_notice
from ui.web.components import component
from ui.web.page_state import Example
from ui.web.picture_address import fetched, visitors_rules
from ui.web.pictures import preview

PICTURE_SUFFIXES = [
    "jpg",
    "jpeg",
    "heic",
    "heif",
    "png",
    "webp",
    "tif",
    "tiff",
    "gif",
    "bmp",
    "avif",
    "jp2",
]

MOST_TITLES = 5_000
"""Works that a box to choose from still lists with ease."""

LONGEST_TEXT = 200
LONGEST_ADDRESS = 2000

_PHOTO_BUTTON = '<button type="button" hidden>Take a photo</button>'

_ADDED = "example-added"
_REFUSED = "refused-upload"
_UPLOADS = "uploads"


def show_ways_to_ask(wanted: Filter, *, beside: bool = True) -> None:
    """Draw the ways to ask something new, beside one another or in one column."""
    left, right = st.columns(2, gap="large") if beside else (st.container(), st.container())
    with left:
        picture_box("upload", visit.start_from)
    with right:
        address_box("picture-address", visit.start_from)
        title_box("title", wanted, visit.start_from)
        text_box("text", visit.start_from)
    show_refusal()


@st.dialog("Add an example", width="medium")
def add_example(wanted: Filter) -> None:
    """Let the visitor add one more example, in a dialog."""
    liked = st.segmented_control(
        "The works should be",
        (1.0, -1.0),
        format_func=lambda sign: "like it" if sign > 0 else "unlike it",
        default=1.0,
        required=True,
        key="add-sign",
    )

    def add(example: Example) -> None:
        visit.add(Example(example.kind, example.of, liked or 1.0))
        st.session_state[_ADDED] = True

    picture_box("add-upload", add)
    address_box("add-address", add)
    title_box("add-title", wanted, add)
    text_box("add-text", add)
    show_refusal()
    if st.session_state.pop(_ADDED, False):
        st.rerun()


def picture_box(name: str, use: Callable[[Example], None]) -> None:
    """Draw a box that takes a picture, whose limits hold before it is used."""
    settings = collection.deployment().settings
    limit = max(1, min(settings.upload_megabytes, settings.max_image_bytes // 2**20))
    # Streamlit empties an uploader only by making another one of it.
    key = f"{name}-{st.session_state.get(_UPLOADS, 0)}"
    st.file_uploader(
        f"Upload a picture, up to {limit} MB",
        PICTURE_SUFFIXES,
        key=key,
        max_upload_size=limit,
        on_change=_take_picture,
        args=(key, use),
    )
    component("picture_sources", _PHOTO_BUTTON)(key=f"sources-{name}", data={"box": key})


def address_box(name: str, use: Callable[[Example], None]) -> None:
    """Draw a box that takes the address of a picture on the web."""
    st.text_input(
        "Or give the address of a picture",
        key=name,
        max_chars=LONGEST_ADDRESS,
        placeholder="https://…",
        on_change=_take_address,
        args=(name, use),
    )


def _take_address(name: str, use: Callable[[Example], None]) -> None:
    address = st.session_state[name].strip()
    st.session_state[name] = ""
    if not address:
        return
    visit.acted()
    try:
        data = fetched(address, visitors_rules(collection.settings()))
    except UnreadableImage as error:
        st.session_state[_REFUSED] = f"{error.details[:1].upper()}{error.details[1:]}."
        return
    path = urlsplit(address).path.rstrip("/")
    _use(unquote(path.rpartition("/")[2]) or "picture", data, use)


def _take_picture(key: str, use: Callable[[Example], None]) -> None:
    file = st.session_state[key]
    # One that was let go of is named again by a browser that has not heard of the new box yet.
    if not isinstance(file, UploadedFile):
        return
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
    data = file.getvalue()
    _let_go(file)
    _use(file.name, data, use)


def _use(name: str, data: bytes, use: Callable[[Example], None]) -> None:
    """Ask about a picture that was given, if it can be read."""
    settings = collection.deployment().settings
    # So much that there is room for the next upload beside it.
    most_bytes = (settings.upload_visit_megabytes - settings.upload_megabytes) * 2**20
    upload = None
    try:
        upload = visit.keep_picture(name, data, most_bytes=most_bytes)
        preview(upload)
    except UnreadableImage as error:
        if upload is not None:
            visit.forget_picture(upload)
        st.session_state[_REFUSED] = f"{name}: {error}."
    else:
        use(Example("picture", upload.token))


def _let_go(file: UploadedFile) -> None:
    """Take a file out of Streamlit's memory, where it would stay as long as the visitor does."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def show_refusal() -> bool:
    """Say in a sentence what was wrong with the last upload, once; tell whether anything was."""
    reason = st.session_state.pop(_REFUSED, None)
    if reason:
        show_notice(f"Your picture cannot be read, choose another one: {reason}", problem=True)
    return bool(reason)


def title_box(name: str, wanted: Filter, use: Callable[[Example], None]) -> None:
    """Draw a box to choose a work that passes a filter by its title."""
    labels = collection.labels(wanted, most=MOST_TITLES)
    fits = labels is not None
    st.selectbox(
        "Or choose a work by its title or artist",
        list(labels or ()),
        index=None,
        format_func=lambda artwork_id: (labels or {}).get(artwork_id, ""),
        key=name,
        placeholder=(
            "Type a title or an artist"
            if fits
            else f"Filter to at most {MOST_TITLES:,} works to choose by title"
        ),
        disabled=not fits,
        filter_mode="contains",
        on_change=_take_title,
        args=(name, use),
    )


def _take_title(name: str, use: Callable[[Example], None]) -> None:
    chosen = st.session_state[name]
    if chosen is not None:
        use(Example("work", str(UUID(chosen))))
        st.session_state[name] = None


def text_box(name: str, use: Callable[[Example], None]) -> None:
    """Draw a box to ask in words, or say why there is none."""
    if any(collection.model_choice().knows_text(model) for model in collection.askable()):
        st.text_input(
            "Or say in words what to look for",
            key=name,
            max_chars=LONGEST_TEXT,
            placeholder="A ship in a storm",
            on_change=_take_text,
            args=(name, use),
        )
        return
    st.html(
        '<p class="v-faint">Words cannot be asked here: no model of this collection has learned '
        "them.</p>"
    )


def _take_text(name: str, use: Callable[[Example], None]) -> None:
    text = " ".join(st.session_state[name].split())
    if text:
        use(Example("text", text))
        st.session_state[name] = ""
