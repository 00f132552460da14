"""Reads the settings. Nothing else in the project reads the environment.

A setting is given as an environment variable with the prefix ``VASARI_`` (``VASARI_HOME``,
``VASARI_QDRANT_URL``, ...); in a file that the command line names; in a file ``.env`` in the home;
or as a file of its own in ``/run/secrets``, such as ``vasari_qdrant_api_key``, where containers are
given their secrets. The first of these that has it counts. A ``.env`` in the working directory does
not: whoever unpacks a museum's export and works in it has not chosen what is in there.
"""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from errors import VasariError
from settings import Destination, Settings

SECRETS = Path("/run/secrets")

Read = TypeVar("Read", bound=BaseSettings)


class SettingsUnreadable(VasariError):
    """A file of settings cannot be read."""


class InvalidSettings(VasariError):
    """Some settings are not what they must be; the message leaves out their values."""


def read_settings(home: Path | None = None, *, env_file: Path | None = None) -> Settings:
    """Read the settings from all places that have any.

    Args:
        home: the home that was chosen, whatever the settings say.
        env_file: a file of settings that was chosen.

    Raises:
        SettingsUnreadable: a file of them cannot be read.
        InvalidSettings: a setting is not what it must be.
    """
    chosen = {} if home is None else {"home": home}
    settings = _read(Settings, [env_file], **chosen)
    in_home = settings.home / ".env"
    if in_home.is_file():
        is_set = "home" in settings.model_fields_set
        # What lies in the home cannot say that the home is elsewhere.
        settings = _read(Settings, [in_home, env_file], home=settings.home)
        if not is_set:
            settings.model_fields_set.discard("home")
    return settings


def read_destination(home: Path, *, env_file: Path | None = None) -> Destination:
    """Read where a collection is moved to, from the same places.

    Raises:
        SettingsUnreadable: a file of settings cannot be read.
        InvalidSettings: a setting is not what it must be.
    """
    in_home = home / ".env"
    return _read(Destination, [in_home if in_home.is_file() else None, env_file])


def _read(kind: type[Read], files: list[Path | None], **chosen: Any) -> Read:
    """Read settings; of two files the later counts."""
    named = [file for file in files if file is not None]
    for file in named:
        _check(file)
    secrets = SECRETS if SECRETS.is_dir() else None
    try:
        return kind(_env_file=named, _secrets_dir=secrets, **chosen)
    except ValidationError as error:
        raise InvalidSettings(_reasons(error)) from None


def _reasons(error: ValidationError) -> str:
    """Return which settings are wrong and why, without their values, which may be secret."""
    reasons = []
    for item in error.errors():
        name = "_".join(map(str, item["loc"])).upper()
        message = item["msg"].removeprefix("Value error, ")
        reasons.append(f"VASARI_{name}: {message}" if name else message)
    return "; ".join(reasons)


def _check(env_file: Path) -> None:
    try:
        env_file.read_text("utf-8")
    except UnicodeDecodeError:
        raise SettingsUnreadable(
            f"the settings in {env_file} are not text in UTF-8: save the file in that encoding"
        ) from None
    except OSError as error:
        raise SettingsUnreadable(
            f"the settings in {env_file} cannot be read: {error.strerror}"
        ) from error
