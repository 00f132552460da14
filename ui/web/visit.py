"""One visitor's session: what is asked now, and the pictures that were uploaded.

What is asked is kept as one value. The page's address is written from it and, when the visitor
comes with an address or goes back in the browser, it is read from the address.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID
from weakref import WeakSet

import streamlit as st

from catalog.filters import Filter
from embedders import UnreadableImage
from ui.web import address
from ui.web.page_state import MOST_EXAMPLES, Asked, Wish

MOST_PICTURES = 8
"""Uploads that a session keeps, so that going back finds them again."""

SIGN_LENGTH = 16

_ASKED = "asked"
_ACTED = "acted"
_GENERATION = "asked-generation"
_HERE = "address-here"
_PICTURES = "pictures"
_WRITTEN = "asked-written"


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
    def sign(self) -> str:
        """What the page's address calls it."""
        return self.key[:SIGN_LENGTH]


_live: WeakSet[Upload] = WeakSet()
"""The pictures of all visits. One that its visit has let go of is no longer among them."""


def asked() -> Asked:
    """Return what is asked now."""
    now: Asked = st.session_state.get(_ASKED, Asked())
    return now


def change(to: Asked) -> None:
    """Ask something else; widgets that would say otherwise are drawn anew."""
    acted()
    if replace(to, wishes=()) != replace(asked(), wishes=()):
        # New widgets, and not the old ones set: a browser that has not heard of the setting yet
        # would send the old choices along with the visitor's next click.
        st.session_state[_GENERATION] = generation() + 1
    st.session_state[_ASKED] = to


def chosen_in_widgets(now: Asked) -> None:
    """Take over what the visitor has chosen in widgets, which show it already."""
    st.session_state[_ASKED] = now


def acted() -> None:
    """Note that this run of the page was caused by what the visitor did on it."""
    st.session_state[_ACTED] = True


def generation() -> int:
    """Return a number that changes whenever widgets have to be drawn anew."""
    return int(st.session_state.get(_GENERATION, 0))


def follow_address(understood: Callable[[Filter], Filter]) -> None:
    """Read the address, where the visitor came with it or went back to it.

    A click may carry an older address, of before the browser has heard of the present one: an
    address is followed only where nothing was done on the page.

    Args:
        understood: gives a filter as the collection speaks of its values.
    """
    here = _parameters()
    did = st.session_state.pop(_ACTED, False)
    if _HERE in st.session_state and (did or here == st.session_state[_HERE]):
        return
    found = address.read(here)
    change(replace(found, wanted=understood(found.wanted)))
    st.session_state.pop(_ACTED)
    st.session_state[_HERE], st.session_state[_WRITTEN] = here, asked()


def write_address() -> None:
    """Make the address lead back to what is asked now."""
    if asked() != st.session_state.get(_WRITTEN):
        st.query_params.from_dict(address.written(asked()))
        st.session_state[_WRITTEN] = asked()
    st.session_state[_HERE] = _parameters()


def leave() -> None:
    """Keep what is asked while another page is shown, whose address is its own."""
    st.session_state[_HERE] = {}
    st.session_state[_WRITTEN] = None


def link() -> str:
    """Return the whole address that leads back to what is asked now."""
    return address.link(st.context.url or "", asked())


def start_from(wish: Wish) -> None:
    """Ask about one thing, with the filter as it is."""
    change(replace(asked(), wishes=(wish,)))


def start_from_work(work: UUID) -> None:
    """Ask about a work of the collection."""
    start_from(Wish("work", str(work)))


def add(wish: Wish) -> None:
    """Add an example to what is asked."""
    now = asked()
    known = any(item.is_about(wish) for item in now.wishes)
    if len(now.wishes) >= MOST_EXAMPLES and not known:
        st.toast(f"{MOST_EXAMPLES} examples are as many as the page takes: remove one first.")
        return
    change(now.with_wish(wish))


def add_work(work: UUID, weight: float) -> None:
    """Add a work as an example of what the works should be like, or unlike."""
    add(Wish("work", str(work), weight))


def remove(wish: Wish) -> None:
    """Take an example away."""
    change(asked().without_wish(wish))


def change_wish(wish: Wish) -> None:
    """Put an example in place of the one about the same thing."""
    change(asked().with_changed(wish))


def ask_nothing() -> None:
    """Go back to the collection, with the filter as it is."""
    change(replace(asked(), wishes=()))


def keep_picture(name: str, data: bytes, *, most_bytes: int) -> Upload:
    """Keep an uploaded picture for this visit; the oldest ones that are not asked about go.

    Args:
        most_bytes: of all pictures that a visit keeps.

    Raises:
        UnreadableImage: with it, the pictures that are asked about would be too large together.
    """
    upload = Upload(name, data, hashlib.sha256(data).hexdigest())
    kept: dict[str, Upload] = st.session_state.setdefault(_PICTURES, {})
    kept.pop(upload.sign, None)
    in_use = {wish.of for wish in asked().wishes if wish.kind == "picture"}
    for sign in [sign for sign in kept if sign not in in_use]:
        if len(kept) >= MOST_PICTURES or _bytes(kept) + len(data) > most_bytes:
            del kept[sign]
    if _bytes(kept) + len(data) > most_bytes:
        raise UnreadableImage(
            "file too large",
            f"all examples together may have {most_bytes // 2**20} MB: remove one first",
        )
    kept[upload.sign] = upload
    _live.add(upload)
    return upload


def bytes_kept() -> int:
    """Return how many bytes the pictures of all visits have."""
    return sum(len(upload.data) for upload in list(_live))


def _bytes(kept: Mapping[str, Upload]) -> int:
    return sum(len(upload.data) for upload in kept.values())


def forget_picture(upload: Upload) -> None:
    """Drop an uploaded picture that cannot be used."""
    st.session_state.get(_PICTURES, {}).pop(upload.sign, None)


def picture(sign: str) -> Upload | None:
    """Return an uploaded picture; ``None`` where it is not of this visit."""
    kept: dict[str, Upload] = st.session_state.get(_PICTURES, {})
    return kept.get(sign)


def _parameters() -> address.Parameters:
    return {name: st.query_params.get_all(name) for name in st.query_params}
