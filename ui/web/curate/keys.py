"""Keys: which programs may ask the API, and new ones for the settings."""

import streamlit as st

from ui.api.keys import InvalidKeyName, Key, Role, make_key, read_keys
from ui.curating.changes import Changes
from ui.web import collection
from ui.web.blocks import show_heading, show_notice

_MAY = {Role.READ: "read", Role.CURATOR: "read and change, as curators do"}
_KINDS = list(_MAY)


def show_keys(curator: str) -> None:
    """Draw the keys that the settings know, and let a new one be made."""
    show_heading("Keys", note="With them programs ask the API. They are kept in the settings.")
    keys = read_keys(collection.settings())
    if keys:
        st.dataframe(
            [{"name": key.name, "kind": key.role.value, "may": _MAY[key.role]} for key in keys],
            hide_index=True,
        )
    else:
        show_notice("No program has a key yet.")
    show_heading("A new key", note="It lets nobody in before it stands in the settings.")
    with st.form("new-key"):
        name = st.text_input("Whose key it is", max_chars=64)
        role = st.radio("What its owner may do", _KINDS, format_func=_MAY.__getitem__)
        is_wanted = st.form_submit_button("Make a key")
    if is_wanted:
        _make(name.strip(), role, Changes(collection.deployment(), curator))


def _make(name: str, role: Role, changes: Changes) -> None:
    try:
        key, entry = make_key(name, role)
    except InvalidKeyName as error:
        show_notice(str(error), title="No key was made", problem=True)
        return
    changes.log("make key", name=entry.name, role=entry.role.value)
    _show_once(key, entry)


def _show_once(key: str, entry: Key) -> None:
    with st.container(key="made-key"):
        show_notice(
            "Copy it now, and give it to nobody but its owner: it is kept nowhere and cannot be "
            "shown again.",
            title=f"The key of {entry.name}",
        )
        st.code(key, language=None)
        show_notice(
            "Have whoever runs the server add this entry to `VASARI_API_KEYS`, separated by a "
            "comma from what is there, and start `vasari serve` again. The entry is no secret: "
            "the key cannot be found from it.",
            title="To let it in",
        )
        st.code(str(entry), language=None)
