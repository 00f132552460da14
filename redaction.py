"""Takes the secrets out of what is shown or kept: messages, addresses, command lines."""

import re
from collections.abc import Sequence

HIDDEN = "…"

_SECRET_OPTION = re.compile(r"--[\w-]*(?:key|password|secret|token)|--to-database")
"""Options whose value is a secret, or an address that may hold one."""

_USER_OF_A_PAGE = re.compile(
    r"\b(https?|wss?|ftp)://[^\s/?#@\"'<>]+(?:@[^\s/?#@\"'<>]*)*@", re.IGNORECASE
)
"""Where an address may have an @ behind its host too."""

_USER_OF_A_SERVER = re.compile(
    r"\b(?!https?:|wss?:|ftp:)([a-z][a-z0-9+.-]*)://[^\s\"'<>]*@", re.IGNORECASE
)
"""Up to the last @: passwords of databases are often given with signs that ought to be escaped."""

_PARAMETER = re.compile(
    r"([?&;](?:[\w.-]*[-_.])?(?:api|access|auth|secret|session)?"
    r"(?:key|token|secret|password|passwd|pwd|auth|credential|signature|sign?|hmac|hdnea|hdnts)=)"
    r"[^&#;\s\"'<>]+",
    re.IGNORECASE,
)

_OPTION = re.compile(r"(--[\w-]*(?:key|password|secret|token)(?:=|\s+))(?!-)\S+")


def redact(text: str) -> str:
    """Return a text without the secrets in it.

    Left out are users and passwords of addresses, parameters of addresses that are named like a
    secret, and what follows an option that is.
    """
    text = _USER_OF_A_PAGE.sub(rf"\1://{HIDDEN}@", text)
    text = _USER_OF_A_SERVER.sub(rf"\1://{HIDDEN}@", text)
    text = _PARAMETER.sub(rf"\1{HIDDEN}", text)
    return _OPTION.sub(rf"\1{HIDDEN}", text)


def redact_command(arguments: Sequence[str]) -> str:
    """Return a command line without the secrets in it, fit for others to read."""
    shown: list[str] = []
    for argument in arguments:
        option, equals, value = argument.partition("=")
        if shown and _SECRET_OPTION.fullmatch(shown[-1]):
            shown.append(_without_secret(shown[-1], argument))
        elif equals and _SECRET_OPTION.fullmatch(option):
            shown.append(f"{option}={_without_secret(option, value)}")
        else:
            shown.append(redact(argument))
    return " ".join(shown)


def _without_secret(option: str, value: str) -> str:
    scheme, sign, rest = value.partition("://")
    if option == "--to-database" and sign:
        return redact(f"{scheme}://{HIDDEN}@{rest.rpartition('@')[2]}")
    return HIDDEN
