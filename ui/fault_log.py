"""Where the traceback of an unexpected error is kept."""

import os
import platform
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from redaction import redact, redact_command
from settings import Settings


def keep_traceback(
    error: BaseException, *, arguments: Sequence[str], settings: Settings | None
) -> Path | None:
    """Write the traceback of an error to a file of its own, which only its owner can read.

    Returns where it is: in the folder ``logs`` of the home, if there is a home that can be written
    to, else in the folder for temporary files. None if neither can be written to.
    """
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, Python {platform.python_version()}\n",
        f"arguments: {redact_command(arguments)}\n",
        *traceback.format_exception(error),
    ]
    text = without_secrets("".join(lines), settings)
    for folder in _folders(settings):
        try:
            # Made for its owner alone, and under a name that cannot have been guessed.
            number, name = tempfile.mkstemp(prefix="vasari-", suffix=".log", dir=folder)
            with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return Path(name)
    return None


def without_secrets(text: str, settings: Settings | None) -> str:
    """Return a text without the secrets of the settings, and any others that look like it."""
    for value in vars(settings).values() if settings is not None else ():
        if isinstance(value, SecretStr):
            for secret in _spellings(value.get_secret_value()):
                text = text.replace(secret, "***")
    return redact(text)


def _spellings(secret: str) -> Iterator[str]:
    """Yield how a secret may be written: as it is, or as the password of an address alone."""
    if secret:
        yield secret
    with suppress(ValueError):
        password = urlsplit(secret).password
        if password:
            yield from (password, unquote(password))


def _folders(settings: Settings | None) -> list[Path]:
    folders = [Path(tempfile.gettempdir())]
    if settings is not None and settings.home.is_dir():
        logs = settings.home / "logs"
        try:
            logs.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            return folders
        folders.insert(0, logs)
    return folders
