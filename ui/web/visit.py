"""One visitor's session: what is asked now, and the pictures that were uploaded.

What is asked is kept as one value. The page's address is written from it and, when the visitor
comes with an address or goes back in the browser, it is read from the address.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit
from uuid import UUID
from weakref import WeakSet

import streamlit as st

from catalog.filters import Filter
from embedders import UnreadableImage
from ui.web import address
from ui.web.page_state import MOST_EXAMPLES, Example, PageState

MOST_PICTURES = 8
"""Uploads that a session keeps, so that going back finds them again."""

TOKEN_LENGTH = 16

_ASKED = "asked"
_ACTED = "acted"
_BROWSING = "browsing"
_ENTERED = "page-entered"
_GENERATION = "state-generation"
_HERE = "address-here"
_PICTURES = "pictures"
_PAGE = "page-drawn"
_WRITTEN = "state-written"


@dataclass(frozen=True, eq=False)
class Upload:
    """An uploaded picture.

    Args:
        key: SHA-256 of its bytes.
    """

    name: str
    data: bytes
    key: str

    @property
    def token(self) -> str:
        """What the page's address calls it."""
        return self.key[:TOKEN_LENGTH]


_live: WeakSet[Upload] = WeakSet()
"""The pictures of all visits. One that its visit has let go of is no longer among them."""


def state() -> PageState:
    """Return what is asked now."""
    now: PageState = st.session_state.get(_ASKED, PageState())
    return now


def change(to: PageState) -> None:
    """Ask something else; widgets that would say otherwise are drawn again."""
    acted()
    if replace(to, examples=(), shown=None) != replace(state(), examples=(), shown=None):
        # New widgets, and not the old ones set: a browser that has not heard of the setting yet
        # would send the old choices along with the visitor's next click.
        st.session_state[_GENERATION] = generation() + 1
    st.session_state[_ASKED] = to


def chosen_in_widgets(now: PageState) -> None:
    """Take over what the visitor has chosen in widgets, which show it already."""
    st.session_state[_ASKED] = now if now == state() else replace(now, shown=None)


def acted() -> None:
    """Note that this run of the page was caused by what the visitor did on it."""
    st.session_state[_ACTED] = True


def has_acted() -> bool:
    """Tell, once, whether this run of the page was caused by what the visitor did on it."""
    return bool(st.session_state.pop(_ACTED, False))


def generation() -> int:
    """Return a number that changes whenever widgets have to be drawn again."""
    return int(st.session_state.get(_GENERATION, 0))


def follow_address(understood: Callable[[Filter], Filter], *, browsing: bool = False) -> None:
    """Read the address, where the visitor came with it or went back to it.

    A click may carry an older address, of before the browser has heard of the present one: an
    address is followed only where nothing was done on the page.

    Args:
        understood: gives a filter as the collection speaks of its values.
        browsing: whether the page asks about nothing; what is asked is kept for the one that does.
    """
    if st.session_state.setdefault(_BROWSING, browsing) != browsing:
        leave()
        st.session_state[_BROWSING] = browsing
    here = parameters()
    did = has_acted()
    if _HERE in st.session_state and (did or here == st.session_state[_HERE]):
        return
    found = address.read(here)
    found = replace(found, wanted=understood(found.wanted))
    if browsing:
        found = replace(state(), wanted=found.wanted, within=found.within, listing=found.listing)
    change(found)
    st.session_state.pop(_ACTED)
    st.session_state[_HERE], st.session_state[_WRITTEN] = here, state()


def write_address(*, browsing: bool = False) -> None:
    """Make the address lead back to what is asked now, or to what is browsed."""
    if state() != st.session_state.get(_WRITTEN):
        now = state()
        browsed = PageState(wanted=now.wanted, within=now.within, listing=now.listing)
        shown = browsed if browsing else now
        st.query_params.from_dict(address.written(shown))
        st.session_state[_WRITTEN] = state()
    st.session_state[_HERE] = parameters()


def enter(page: str) -> None:
    """Note which page is drawn."""
    st.session_state[_ENTERED] = st.session_state.get(_PAGE) != page
    st.session_state[_PAGE] = page


def just_entered() -> bool:
    """Tell whether another page was drawn before this one."""
    return bool(st.session_state.get(_ENTERED))


def leave() -> None:
    """Keep what is asked while another page is shown, whose address is its own."""
    st.session_state[_HERE] = {}
    st.session_state[_WRITTEN] = None


def link() -> str:
    """Return the whole address that leads back to what is asked now."""
    return address.link(st.context.url or "", state())


def page_origin() -> str:
    """Return what the addresses of this server begin with, as the visitor's browser has it."""
    whole = urlsplit(st.context.url or "")
    return f"{whole.scheme}://{whole.netloc}" if whole.netloc else ""


def start_from(example: Example) -> None:
    """Ask about one thing, with the filter as it is."""
    change(replace(state(), examples=(example,), shown=None))


def start_from_work(work: UUID) -> None:
    """Ask about a work of the collection."""
    start_from(Example("work", str(work)))


def add(example: Example) -> None:
    """Add an example to what is asked."""
    now = state()
    known = any(item.is_about(example) for item in now.examples)
    if len(now.examples) >= MOST_EXAMPLES and not known:
        st.toast(f"{MOST_EXAMPLES} examples are as many as the page takes: remove one first.")
        return
    change(now.with_example(example))


def add_work(work: UUID, weight: float) -> None:
    """Add a work as an example of what the works should be like, or unlike."""
    add(Example("work", str(work), weight))


def remove(example: Example) -> None:
    """Take an example away."""
    change(state().without_example(example))


def change_example(example: Example) -> None:
    """Put an example in place of the one about the same thing."""
    change(state().with_changed(example))


def ask_nothing() -> None:
    """Go back to the collection, with the filter as it is."""
    change(replace(state(), examples=(), shown=None))


def keep_picture(name: str, data: bytes, *, most_bytes: int) -> Upload:
    """Keep an uploaded picture for this visit; the oldest ones that are not asked about go.

    Args:
        most_bytes: of all pictures that a visit keeps.

    Raises:
        UnreadableImage: with it, the pictures that are asked about would be too large together.
    """
    upload = Upload(name, data, hashlib.sha256(data).hexdigest())
    kept: dict[str, Upload] = st.session_state.setdefault(_PICTURES, {})
    kept.pop(upload.token, None)
    in_use = {example.of for example in state().examples if example.kind == "picture"}
    for token in [token for token in kept if token not in in_use]:
        if len(kept) >= MOST_PICTURES or _bytes(kept) + len(data) > most_bytes:
            del kept[token]
    if _bytes(kept) + len(data) > most_bytes:
        raise UnreadableImage(
            "file too large",
            f"all examples together may have {most_bytes // 2**20} MB: remove one first",
        )
    kept[upload.token] = upload
    _live.add(upload)
    return upload


def bytes_kept() -> int:
    """Return how many bytes the pictures of all visits have."""
    return sum(len(upload.data) for upload in list(_live))


def _bytes(kept: Mapping[str, Upload]) -> int:
    return sum(len(upload.data) for upload in kept.values())


def forget_picture(upload: Upload) -> None:
    """Drop an uploaded picture that cannot be used."""
    st.session_state.get(_PICTURES, {}).pop(upload.token, None)


def picture(token: str) -> Upload | None:
    """Return an uploaded picture; ``None`` where it is not of this visit."""
    kept: dict[str, Upload] = st.session_state.get(_PICTURES, {})
    return kept.get(token)


def parameters() -> address.Parameters:
    """Return the parameters of the address."""
    return {name: st.query_params.get_all(name) for name in st.query_params}
