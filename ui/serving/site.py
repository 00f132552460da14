"""The web page and the API as one application."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import pandas as pd  # noqa: F401 - two threads that need it first would see half of it
import streamlit as st
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.web import bootstrap

from deployment import Deployment
from settings import Settings
from ui.addresses import PUBLIC_PATHS
from ui.api.application import PATHS, Operations, application
from ui.api.curators import CURATE_PATH
from ui.api.html_pages import html_page
from ui.api.openapi import PREFIXES
from ui.curating.openid_login import openid_login
from ui.invocation import chosen_env_file
from ui.palette import DARK, LIGHT
from ui.serving.browser_libraries import PREFIX, BrowserLibraries
from ui.serving.headers import SecurityHeaders
from ui.serving.login_paths import LOGIN_PATHS, LoginPaths
from ui.serving.open_paths import OpenPaths
from ui.serving.origin_check import guarded
from ui.serving.quota import UploadQuota
from ui.web.faults import show_fault
from ui.web.visit import bytes_kept

PAGE = Path(__file__).resolve().parent.parent / "app.py"

MOST_MESSAGE_MEGABYTES = 64
"""Of what a browser says or is sent at once: a hundred hits of each model are a tenth of it."""

_ROOM_MEGABYTES = 1
"""What a form says around the file that it carries."""

_RESOURCES = ("/_stcore/", "/component/", "/media/", "/static/", "/vendor/")
"""What Streamlit serves below, beside the pages."""

_THEME = {
    "font": "sans-serif",
    "light.primaryColor": "#8a3b2e",
    "light.backgroundColor": LIGHT.paper,
    "light.secondaryBackgroundColor": "#f1eee7",
    "light.textColor": LIGHT.ink,
    "dark.primaryColor": "#e08a72",
    "dark.backgroundColor": DARK.paper,
    "dark.secondaryBackgroundColor": "#26231f",
    "dark.textColor": DARK.ink,
}


def site(settings: Settings, when_ready: Callable[[], None] = lambda: None) -> ASGIApp:
    """Return the page and the API of a collection as one application, with all that guards it."""
    bootstrap.load_config_options(_options(settings))

    operations = Operations(settings, _shown_collection, env_file=chosen_env_file.get())
    libraries = BrowserLibraries(settings.weights_dir / "browser")

    @asynccontextmanager
    async def lifespan(_: st.App) -> AsyncIterator[None]:
        # What the page remembers is remembered by Streamlit, which has to be running. All of it is
        # imported, so that the first visitor does not wait for it.
        from ui.web import collection, page  # noqa: F401

        libraries.start()
        measured = operations.metrics.took
        with collection.shown(settings, operations.runner, measured), operations.kept_open():
            when_ready()
            yield

    login = openid_login(settings)
    page = st.App(
        PAGE,
        lifespan=lifespan,
        on_script_error=_explained,
        secrets=login.streamlit_secrets() if login is not None else None,
    )
    uploads = UploadQuota(
        LoginPaths(page, login),
        visit_bytes=(settings.upload_megabytes + _ROOM_MEGABYTES) * 2**20,
        total_bytes=settings.upload_total_megabytes * 2**20,
        kept_bytes=bytes_kept,
    )
    open_paths = OpenPaths(settings)
    either = _by_path(settings, application(operations), libraries, uploads)
    return SecurityHeaders(guarded(either, settings, open_paths), open_paths)


def _by_path(settings: Settings, programs: ASGIApp, libraries: ASGIApp, page: ASGIApp) -> ASGIApp:
    """Give programs' requests to the API, those for libraries to these, all others to the page."""

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(PREFIX):
            await libraries(scope, receive, send)
            return
        is_api = scope["type"] == "http" and (path.startswith(PREFIXES) or path in PATHS)
        is_known = is_api or scope["type"] != "http" or _is_served(path, settings)
        nothing = html_page("not_found", status=HTTPStatus.NOT_FOUND)
        await (programs if is_api else page if is_known else nothing)(scope, receive, send)

    return either


def _is_served(path: str, settings: Settings) -> bool:
    """Tell whether there is anything at a path: Streamlit shows its page at any."""
    if path == CURATE_PATH:
        return settings.has_curators_page
    return path in (*PUBLIC_PATHS, *LOGIN_PATHS) or path.startswith(_RESOURCES) or "." in path


def _shown_collection() -> Deployment:
    from ui.web import collection

    return collection.deployment()


def _explained(error: Exception) -> bool:
    show_fault(error)
    return True


def _options(settings: Settings) -> dict[str, object]:
    return {
        "global.developmentMode": False,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": settings.upload_megabytes + _ROOM_MEGABYTES,
        "server.maxMessageSize": MOST_MESSAGE_MEGABYTES,
        "browser.gatherUsageStats": False,
        # Widgets are given both, as ui/web/sidebar.py says.
        "global.disableWidgetStateDuplicationWarning": True,
        # The settings alone say who may log in, and no file in the working directory.
        "secrets.files": [],
        "client.toolbarMode": "minimal",
        # The unexpected goes to the terminal, never to a visitor's page.
        "client.showErrorDetails": "none",
        "logger.level": "warning",
        # Streamlit's rich tracebacks go to stdout, which is for the page's address.
        "logger.enableRich": False,
    } | {f"theme.{name}": value for name, value in _THEME.items()}
