"""Takes the secrets out of what is shown or kept: messages, addresses, command lines."""

import re
from collections.abc import Sequence

HIDDEN = "***"

_SECRET_OPTION = re.compile(r"--(?!ask-)[\w-]*(?:key|password|secret|token)|--to-database")
"""Options whose value is a secret, or an address that may hold one."""

_PASSWORD_OF_A_PAGE = re.compile(
    r"\b((?:https?|wss?|ftp)://[^\s/?#@:\"'<>]*:)[^\s/?#\"'<>]*@", re.IGNORECASE
)
_TOKEN_OF_A_PAGE = re.compile(r"\b((?:https?|wss?|ftp)://)[^\s/?#:\"'<>]+@", re.IGNORECASE)
"""A name alone is a token there. Neither goes past the host, behind which there may be an @ too."""

_PASSWORD_OF_A_SERVER = re.compile(
    r"\b((?!https?:|wss?:|ftp:)[a-z][a-z0-9+.-]*://[^\s:/\"'<>]*:)(?!password@)[^\s\"'<>]*@",
    re.IGNORECASE,
)
"""Up to the last @: passwords of databases are often given with signs that ought to be escaped.
Messages that explain an address have ``password`` for one."""

_PARAMETER = re.compile(
    r"([?&;](?:[\w.-]*[-_.])?(?:api|access|auth|secret|session)?"
    r"(?:key|token|secret|password|passwd|pwd|auth|credential|signature|sign?|hmac|hdnea|hdnts)=)"
    r"[^&#;\s\"'<>]+",
    re.IGNORECASE,
)

_OPTION = re.compile(r"(--(?!ask-)[\w-]*(?:key|password|secret|token)(?:=|\s+))(?!-)\S+")


def redact(text: str) -> str:
    """Return a text without the secrets in it.

    Left out are passwords of addresses, parameters of addresses that are named like a
    secret, and what follows an option that is.
    """
    for password in (_PASSWORD_OF_A_PAGE, _TOKEN_OF_A_PAGE, _PASSWORD_OF_A_SERVER):
        text = password.sub(rf"\g<1>{HIDDEN}@", text)
    text = _PARAMETER.sub(rf"\g<1>{HIDDEN}", text)
    return _OPTION.sub(rf"\g<1>{HIDDEN}", text)


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
    if option != "--to-database" or "://" not in value:
        return HIDDEN
    login, at, place = value.rpartition("@")
    scheme, _, user = login.partition("://")
    return redact(f"{scheme}://{user.partition(':')[0]}:{HIDDEN}@{place}" if at else value)
