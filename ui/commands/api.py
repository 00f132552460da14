"""``vasari api``: serve the HTTP API without the web page."""

from typing import Annotated

import typer

from ui import options
from ui.serving.server import serve_programs
from ui.session import settings_for


def api_command(
    *,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port.", show_default="VASARI_PORT, or 8501"),
    ] = None,
    processes: Annotated[
        int,
        typer.Option(
            min=1, max=64, help="That answer side by side; several need a collection on servers."
        ),
    ] = 1,
    home: options.Home = None,
) -> None:
    """Serve the HTTP API without the web page, until Ctrl-C.

    With several processes, curators' operations are left out.
    """
    settings = settings_for(home)
    serve_programs(settings, port or settings.port, processes=processes)
