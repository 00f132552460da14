"""``vasari serve``: serve the web page and the HTTP API."""

from typing import Annotated

import typer

from ui import options
from ui.serving.server import serve
from ui.session import settings_for


def serve_command(
    *,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port.", show_default="VASARI_PORT, or 8501"),
    ] = None,
    home: options.Home = None,
) -> None:
    """Serve the web page and the HTTP API, until Ctrl-C."""
    settings = settings_for(home)
    serve(settings, port or settings.port)
