"""Running the servers until Ctrl-C."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rich.text import Text

from settings import Settings
from ui.invocation import chosen_env_file
from ui.output import Refused, console

if TYPE_CHECKING:
    from uvicorn import Config

PATIENCE_SECONDS = 5
"""How long visitors' requests are waited for when the server ends."""

HEALTH_SECONDS = 60
"""A process that says nothing for so long is replaced: it has to import its libraries first."""


def serve(settings: Settings, port: int) -> None:
    """Serve the web page of a deployment, print its address, and stay until Ctrl-C.

    Raises:
        Refused: the address cannot be listened on.
    """
    with listening(settings.host, port) as listener:
        # Imported here: Streamlit takes a second, which no other command needs.
        from ui.serving.site import MOST_MESSAGE_MEGABYTES, site

        page = site(settings, lambda: _say("Vasari is", settings.host, port))
        _run(
            _config(
                page,
                ws_max_size=MOST_MESSAGE_MEGABYTES * 2**20,
                ws_per_message_deflate=False,
            ),
            listener,
        )


def serve_programs(settings: Settings, port: int, *, processes: int = 1) -> None:
    """Serve the API of a deployment without the page, and stay until Ctrl-C.

    Several processes answer side by side, and do not take in the work of curators: only the process
    that has started a job can tell of it and end it.

    Raises:
        Refused: the address cannot be listened on, or a collection that only one process can have
            open is to be served by several.
    """
    if processes > 1 and (settings.qdrant_url is None or settings.database_url is None):
        raise Refused(
            "one process at a time may hold an embedded collection: leave --processes out, or move "
            "the collection to servers with `vasari promote`, and set VASARI_QDRANT_URL and "
            "VASARI_DATABASE_URL"
        )
    with listening(settings.host, port) as listener:
        # Imported here, as the page is.
        from ui.serving.programs import Programs

        env_file = chosen_env_file.get()
        if processes == 1:
            alone = Programs(settings, env_file=env_file)
            _run(
                _config(alone(lambda: _say("The API is", settings.host, port))),
                listener,
            )
            return
        from uvicorn.supervisors import Multiprocess

        with _measured_together() as folder:
            programs = Programs(settings, env_file=env_file, metrics_folder=folder)
            together = _config(
                programs,
                factory=True,
                workers=processes,
                timeout_worker_healthcheck=HEALTH_SECONDS,
            )
            # Whoever asks before they have started waits for them.
            _say("The API is", settings.host, port)
            Multiprocess(together, sockets=[listener]).run()


def _run(config: "Config", listener: socket.socket) -> None:
    from uvicorn import Server

    # The server ends in good order first, and then this process as it was told to.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    with suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listener])


def _config(app: Any, **more: Any) -> "Config":
    from uvicorn import Config

    return Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=PATIENCE_SECONDS,
        **more,
    )


@contextmanager
def _measured_together() -> Iterator[Path]:
    """Have the processes that are started in the block add up what they measure, in a folder."""
    with TemporaryDirectory(prefix="vasari-metrics-") as folder:
        # It is looked for when the client of Prometheus is imported.
        os.environ.update(PROMETHEUS_MULTIPROC_DIR=folder)
        yield Path(folder)


def _say(what: str, host: str, port: int) -> None:
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104
    address = (f"http://{shown}:{port}", "bold")
    console.print(Text.assemble(f"{what} at ", address, " (Ctrl-C ends it)"))


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that connections to an address come to.

    Raises:
        Refused: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise Refused(
            f"nothing can be served at {host}, port {port} ({error.strerror}); choose another "
            "port with VASARI_PORT or --port, or another address with VASARI_HOST"
        ) from error
    # For its connections: an answer's body would wait for the acknowledgement of its head, 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
