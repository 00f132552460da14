"""``vasari ui``: serve the web page."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.text import Text

from settings import Settings, settings_in
from ui import options
from ui.session import Refused, chosen_env_file, console, explained_errors, settings_for

PAGE = Path(__file__).resolve().parent.parent / "app.py"
PATIENCE_SECONDS = 60.0
MAX_UPLOAD_MIB = 50

THEME = {
    "base": "light",
    "primaryColor": "#8a3b2e",
    "backgroundColor": "#fbfaf7",
    "secondaryBackgroundColor": "#f1eee7",
    "textColor": "#26221e",
    "font": "sans-serif",
}


def ui_command(
    *,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port.", show_default="VASARI_PORT, or 8501"),
    ] = None,
    home: options.Home = None,
) -> None:
    """Serve the web page, until Ctrl-C."""
    with explained_errors():
        settings = settings_for(home)
        serve(settings, port or settings.port)


def serve(settings: Settings, port: int, *, embedded: bool = False) -> None:
    """Serve the web page of a deployment, print its address, and stay until Ctrl-C.

    Args:
        embedded: whatever servers the environment names, serve the collection in the home.

    Raises:
        Refused: the port is taken, or the page does not come up.
    """
    if _is_taken(settings.host, port):
        raise Refused(f"port {port} is taken; choose another with VASARI_PORT or --port")
    env_file = chosen_env_file.get()
    environment = settings_in(env_file) if env_file is not None else {}
    environment |= dict(os.environ) | {"VASARI_HOME": str(settings.home)}
    if embedded:
        for name in ("VASARI_QDRANT_URL", "VASARI_DATABASE_URL"):
            environment[name] = ""  # which counts as none, whatever is in the home
    # The page imports the code that is running now, and nothing from the working directory.
    paths = [str(PAGE.parent.parent), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    # Without this the page would outlive a `kill` of this process, and hold the index.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    process = subprocess.Popen(  # noqa: S603
        _command(settings.host, port), env=environment, stdout=subprocess.DEVNULL
    )
    try:
        shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0") else settings.host  # noqa: S104
        _wait_until_ready(process, settings.host, port)
        address = (f"http://{shown}:{port}", "bold")
        console.print(Text.assemble("Vasari is at ", address, " (Ctrl-C ends it)"))
        code = process.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        process.terminate()
        process.wait()
    if code != 0:
        raise typer.Exit(code)


def _command(host: str, port: int) -> list[str]:
    options_ = {
        "server.address": host,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": MAX_UPLOAD_MIB,
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        # What nobody foresaw goes to the terminal, never to a visitor's page.
        "client.showErrorDetails": "none",
        "logger.level": "warning",
        # Streamlit's rich tracebacks go to stdout, which is not shown.
        "logger.enableRich": "false",
    } | {f"theme.{name}": value for name, value in THEME.items()}
    flags = [f"--{name}={value}" for name, value in options_.items()]
    return [sys.executable, "-P", "-m", "streamlit", "run", str(PAGE), *flags]


def _is_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _wait_until_ready(process: "subprocess.Popen[bytes]", host: str, port: int) -> None:
    reached = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Refused(f"the web page ended with code {process.returncode} as it started")
        try:
            if httpx.get(f"http://{reached}:{port}/_stcore/health", timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise Refused(f"the web page did not answer within {PATIENCE_SECONDS:.0f} s")
