"""The audit log: who has changed what, and when."""

import json

import streamlit as st

from catalog.audit_log import changes
from ui.web import collection
from ui.web.blocks import show_heading, show_notice

_SHOWN = 200


def show_log(_curator: str) -> None:
    """Draw the latest changes."""
    show_heading("Log", note="What curators have changed over the web, the latest first.")
    with collection.deployment().database.transaction() as session:
        latest = changes(session, limit=_SHOWN)
    if not latest:
        show_notice("Nothing has been changed yet.")
        return
    st.dataframe(
        [
            {
                "when": item.made_at,
                "who": item.curator,
                "what": item.action,
                "details": json.dumps(item.details, ensure_ascii=False),
            }
            for item in latest
        ],
        hide_index=True,
    )
