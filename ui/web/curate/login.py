"""The ways into the curators' pages and out again."""

import streamlit as st

from ui.curating.access import account_of, password_login
from ui.curating.openid_login import Account, openid_login
from ui.web import collection
from ui.web.blocks import show_notice, small_button
from ui.web.markup import escaped

_FORM = '<form method="post" action="/logout"><button class="v-link">Log out</button></form>'


def show_way_in() -> None:
    """Draw the logins that there are, for somebody who is no curator."""
    settings = collection.settings()
    account = account_of(settings, st.context.cookies)
    has_provider = openid_login(settings) is not None
    if account is not None:
        show_notice(_refusal(account), title="This account may not curate")
        small_button("Log out", "account-log-out", st.logout)
    else:
        if "login" in st.query_params:
            show_notice(
                "Please try again; the log of the server says more.",
                title="The login has failed, or took too long",
                problem=True,
            )
        else:
            show_notice("This page is for curators.", title="Please log in")
        if has_provider:
            st.button("Log in with your account", key="account-log-in", on_click=st.login)
    if settings.curator_header is None and password_login(settings) is not None:
        label = "Log in with the password" if has_provider else "Log in"
        st.html(f'<p><a class="v-link" href="/login" target="_self">{label}</a></p>')


def show_way_out(name: str) -> None:
    """Draw who has logged in, and the way out unless a proxy knows it."""
    settings = collection.settings()
    account = account_of(settings, st.context.cookies)
    # The other name is that of a login by password, which counts first.
    has_account = account is not None and account.address == name
    said = f'<span class="v-faint">Logged in as {escaped(name)}</span>'
    if has_account:
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.html(said, width="content")
            small_button("Log out", "account-log-out", st.logout)
    else:
        form = _FORM if settings.curator_header is None else ""
        st.html(f'<div class="v-curator">{said}{form}</div>')


def _refusal(account: Account) -> str:
    if not account.address:
        return "Your login says no e-mail address. Log out, and log in with another account."
    if not account.is_verified:
        return (
            f"The address {account.address} has not been verified. Verify it where you log in, or "
            "log out and take another account."
        )
    return (
        f"You are logged in as {account.address}, which is not on the list of curators. Whoever "
        "runs the server can add it to `VASARI_CURATORS`; or log out and take another account."
    )
