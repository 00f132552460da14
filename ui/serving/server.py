"""Running the page's server until Ctrl-C."""

import signal
import socket
import sys
from contextlib import suppress

from rich.text import Text

from settings import Settings
from ui.output import Refused, console


def serve(settings: Settings, port: int) -> None:
    """Serve the web page of a deployment, print its address, and stay until Ctrl-C.

    Raises:
        Refused: the address cannot be listened on.
    """
    with _listening(settings.host, port) as listener:
        # Imported here: Streamlit takes a second, which no other command needs.
        from ui.serving.site import run

        # The server ends in good order first, and then this process as it was told to.
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
        shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0") else settings.host  # noqa: S104

        def say() -> None:
            address = (f"http://{shown}:{port}", "bold")
            console.print(Text.assemble("Vasari is at ", address, " (Ctrl-C ends it)"))

        with suppress(KeyboardInterrupt):
            run(settings, listener, say)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise Refused(
            f"the page cannot be served at {host}, port {port} ({error.strerror}); choose another "
            "port with VASARI_PORT or --port, or another address with VASARI_HOST"
        ) from error
