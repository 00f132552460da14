"""Who is a curator: those who know the password or log in elsewhere, and programs with a key."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from threading import Lock

from errors import VasariError
from settings import Settings
from ui.curating.openid_login import Account, openid_login

COOKIE = "vasari_curator"
"""Holds a session's token; scripts of a page cannot read it."""

SHORTEST_PASSWORD = 12

SESSION_SECONDS = 12 * 3600

COST = 2**15
BLOCK = 8
PARALLEL = 1
"""Of scrypt (RFC 7914): 32 MB and a tenth of a second for each guess."""

_MEMORY = 2**26
_LONGEST_PASSWORD = 1024
_PAUSE_SECONDS = 1.0
_WAIT_SECONDS = 1.5


class LoginBusy(VasariError):
    """A password cannot be looked at now."""

    is_for_visitors = True


def hash_password(password: str) -> str:
    """Return what the settings keep of a password."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{COST}:{BLOCK}:{PARALLEL}:{salt.hex()}:{_scrypt(password, salt).hex()}"


class PasswordLogin:
    """Sessions that the curators' password opens; another password ends them all.

    Args:
        hashed: as :func:`hash_password` returns it.
    """

    def __init__(self, hashed: str) -> None:
        self._hashed = hashed
        self._one_at_a_time = Lock()

    def accepts(self, password: str) -> bool:
        """Tell whether this is the password.

        Guesses wait for one another, so that they are slow, and only so long, so that many of them
        do not take all threads.

        Raises:
            LoginBusy: too many wait already.
        """
        _, cost, block, parallel, salt, wanted = self._hashed.split(":")
        if not self._one_at_a_time.acquire(timeout=_WAIT_SECONDS):
            raise LoginBusy("Too many log in at once: try again in a moment.")
        try:
            given = _scrypt(
                password,
                bytes.fromhex(salt),
                cost=int(cost),
                block=int(block),
                parallel=int(parallel),
            )
            right = hmac.compare_digest(given, bytes.fromhex(wanted))
            if not right:
                time.sleep(_PAUSE_SECONDS)
            return right
        finally:
            self._one_at_a_time.release()

    def token(self, name: str) -> str:
        """Return what a browser shows in a session of somebody who knows the password."""
        content = json.dumps({"name": name, "until": int(time.time()) + SESSION_SECONDS})
        written = base64.urlsafe_b64encode(content.encode()).decode()
        return f"{written}.{self._signature(written)}"

    def name(self, token: str) -> str | None:
        """Return whose session a token is of; ``None`` if it is not a valid one."""
        written, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(written).encode()):
            return None
        try:
            content = json.loads(base64.urlsafe_b64decode(written))
        except (binascii.Error, ValueError):
            return None
        return str(content["name"]) if content["until"] > time.time() else None

    def _signature(self, written: str) -> str:
        key = hashlib.sha256(b"vasari session " + self._hashed.encode()).digest()
        return hmac.new(key, written.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def curator_of(
    settings: Settings, *, cookies: Mapping[str, str], headers: Mapping[str, str]
) -> str | None:
    """Return who asks, as the audit log has it; ``None`` for whoever is no curator.

    Args:
        cookies, headers: of a browser's request.
    """
    if settings.curator_header is not None:
        named = headers.get(settings.curator_header, "").strip()
        return named or None
    login, token = password_login(settings), cookies.get(COOKIE)
    name = login.name(token) if login is not None and token else None
    if name is not None:
        return name
    account = account_of(settings, cookies)
    return account.address if account is not None and account.may_curate else None


def account_of(settings: Settings, cookies: Mapping[str, str]) -> Account | None:
    """Return the account of whoever has logged in at the provider, whether a curator's or not.

    Args:
        cookies: of a browser's request.
    """
    login = openid_login(settings)
    return login.account(cookies, within_seconds=SESSION_SECONDS) if login is not None else None


def password_login(settings: Settings) -> PasswordLogin | None:
    """Return the login by password, if the settings have one."""
    hashed = settings.curator_password_hash
    return PasswordLogin(hashed) if hashed is not None else None


def _scrypt(
    password: str, salt: bytes, *, cost: int = COST, block: int = BLOCK, parallel: int = PARALLEL
) -> bytes:
    written = password[:_LONGEST_PASSWORD].encode("utf-8", "surrogatepass")
    return hashlib.scrypt(written, salt=salt, n=cost, r=block, p=parallel, maxmem=_MEMORY, dklen=32)
