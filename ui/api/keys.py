"""Keys of programs: what each may do, and how they are told from guesses without being kept."""

import hmac
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import Header

from errors import VasariError
from settings import KEY_NAME, Settings
from ui.api.problems import ApiProblem

NAME_RULE = "give up to 64 letters, digits, dots, dashes and underscores"

Authorization = Annotated[str | None, Header(include_in_schema=False)]
"""The header that carries a key; OpenAPI has a word of its own for it."""

KEY_SCHEME = {"type": "http", "scheme": "bearer", "description": "A key of VASARI_API_KEYS."}

_KEY_BYTES = 32

PAGE_KEY_SECONDS = 12 * 3600
"""How long a key of the page is good for, at least."""

_PAGE = "page_"
_PAGE_SECRET = secrets.token_bytes(_KEY_BYTES)
"""Signs the keys of the page: they are good in this process only."""


class InvalidKeyName(VasariError):
    """A key cannot be called so."""


class Role(StrEnum):
    """What the owner of a key may do."""

    READ = "read"
    CURATOR = "curator"


@dataclass(frozen=True)
class Key:
    """A key as the settings know it.

    Args:
        hash: SHA-256 of the key; a random key of 256 bits needs no slower one.
    """

    name: str
    role: Role
    hash: str

    def __str__(self) -> str:
        return f"{self.name}:{self.role}:{self.hash}"


def make_key(name: str, role: Role) -> tuple[str, Key]:
    """Return a new key, which is not kept anywhere, and its entry for the settings.

    Raises:
        InvalidKeyName: the name has other characters than a name may have.
    """
    if not KEY_NAME.fullmatch(name):
        raise InvalidKeyName(f"{name!r} is no name of a key: {NAME_RULE}")
    key = f"vasari_{secrets.token_urlsafe(_KEY_BYTES)}"
    return key, Key(name, role, _hash(key))


def page_key() -> str:
    """Return a key with which the page's own scripts read for some hours, what their visitor sees.

    It is the same for an hour, so that a page drawn again is the same page.
    """
    hour = int(time.time()) // 3600 * 3600
    until = str(hour + 3600 + PAGE_KEY_SECONDS)
    return f"{_PAGE}{until}_{_signature(until)}"


def _is_page_key(given: str) -> bool:
    until, _, signature = given.removeprefix(_PAGE).partition("_")
    return (
        given.startswith(_PAGE)
        and hmac.compare_digest(signature.encode("utf-8", "replace"), _signature(until).encode())
        and int(until) > time.time()
    )


def _signature(until: str) -> str:
    return hmac.new(_PAGE_SECRET, until.encode("utf-8", "replace"), sha256).hexdigest()


def read_keys(settings: Settings) -> tuple[Key, ...]:
    """Return the keys of the settings."""
    parts = [entry.split(":") for entry in settings.api_keys]
    return tuple(Key(name, Role(role), hashed) for name, role, hashed in parts)


class KeyCheck:
    """Lets requests through that may read: all of them, unless the settings ask for a key."""

    def __init__(self, settings: Settings) -> None:
        self._keys = read_keys(settings)
        self._needed = settings.read_needs_key

    def __call__(self, authorization: Authorization = None) -> Key | None:
        """Return the key of a request, if it has one of the settings'.

        Raises:
            ApiProblem: the key is none of the settings', or one is needed and there is none.
        """
        if authorization is None:
            if self._needed:
                raise ApiProblem(
                    HTTPStatus.UNAUTHORIZED,
                    "key-needed",
                    "send a key: `Authorization: Bearer KEY`",
                )
            return None
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "bearer" and _is_page_key(given.strip()):
            return None
        hashed = _hash(given.strip())
        # All are compared, so that the time taken tells nothing.
        known = [key for key in self._keys if hmac.compare_digest(key.hash, hashed)]
        if scheme.lower() != "bearer" or not known:
            raise ApiProblem(HTTPStatus.UNAUTHORIZED, "unknown-key", "this key is not known")
        return known[0]


def _hash(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
