"""Telling web addresses from paths, and showing them without their secrets."""

import re

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_web_address(location: str) -> bool:
    """Tell whether an image's location is an address, be it one that can be asked or not."""
    return _SCHEME.match(location) is not None


def without_credentials(url: str) -> str:
    """Return an address without its user, password and query, which may hold keys."""
    scheme, _, rest = url.partition("://")
    rest, question, _ = rest.partition("?")
    place, slash, path = rest.partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}{'?…' if question else ''}"
