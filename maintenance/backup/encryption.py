"""Encryption of what is kept in a place that others may read.

Each file has a key of its own, derived from the backups' key and 32 random bytes, and is sealed by
AES-256-GCM in chunks that are counted, the last one marked, so that none can be changed, left out
or put elsewhere.
"""

import hmac
import os
import re
from collections.abc import Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from errors import VasariError

MAGIC = b"vasari sealed 1\n"
SALT_BYTES, TAG_BYTES = 32, 16
CHUNK = 1 << 20


class NotOpened(VasariError):
    """The key is another one, or the file is not as it was sealed."""


class NoKey(VasariError):
    """What was given as a key is none; the message does not hold it."""


class Writable(Protocol):
    """What takes in bytes."""

    def write(self, data: bytes, /) -> int:
        """Take them in."""


class Readable(Protocol):
    """What gives bytes."""

    def read(self, size: int, /) -> bytes:
        """Return so many, or fewer; none at the end."""


class Key:
    """The key of a place's backups.

    Args:
        secret: 32 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def name_of(self, sha256: str) -> str:
        """Return a name for a file that tells nobody without the key what is in it."""
        return hmac.digest(self._derived(b"names"), sha256.encode(), "sha256").hex()

    def seal(self, source: Readable, to: Writable) -> None:
        """Write a file sealed."""
        salt = os.urandom(SALT_BYTES)
        to.write(MAGIC + salt)
        cipher = AESGCM(self._derived(salt))
        for number, chunk, is_last in _chunks(source, CHUNK):
            to.write(cipher.encrypt(_nonce(number, is_last=is_last), chunk, None))

    def open(self, sealed: Readable, to: Writable) -> None:
        """Write out what was sealed.

        Raises:
            NotOpened: what was written until then is nothing to go by.
        """
        head = sealed.read(len(MAGIC) + SALT_BYTES)
        if len(head) != len(MAGIC) + SALT_BYTES or not head.startswith(MAGIC):
            raise NotOpened("it is not sealed")
        cipher = AESGCM(self._derived(head[len(MAGIC) :]))
        for number, chunk, is_last in _chunks(sealed, CHUNK + TAG_BYTES):
            try:
                to.write(cipher.decrypt(_nonce(number, is_last=is_last), chunk, None))
            except InvalidTag:
                raise NotOpened("the key is another one, or the file is damaged") from None

    def _derived(self, salt: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"vasari backup").derive(
            self._secret
        )


def read_key(text: str) -> Key:
    """Return the key that is written as 64 hexadecimal digits.

    Raises:
        NoKey: it is not.
    """
    if not re.fullmatch("[0-9a-fA-F]{64}", text.strip()):
        raise NoKey(
            "the key of the backups is 64 hexadecimal digits, as `openssl rand -hex 32` writes "
            "them; this one is something else"
        )
    return Key(bytes.fromhex(text.strip()))


def sealed_size(size: int) -> int:
    """Return how long a file of so many bytes is once it is sealed."""
    chunks = max(1, -(-size // CHUNK))
    return len(MAGIC) + SALT_BYTES + size + chunks * TAG_BYTES


def _chunks(file: Readable, size: int) -> Iterator[tuple[int, bytes, bool]]:
    number, chunk = 0, _read(file, size)
    while True:
        following = _read(file, size)
        yield number, chunk, not following
        if not following:
            return
        number, chunk = number + 1, following


def _read(file: Readable, size: int) -> bytes:
    """Read so many bytes, or as many as there are: a file far away may give fewer at once."""
    parts = []
    while size > 0 and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
