"""Telling web addresses from paths, and showing and knowing them without their secrets."""

import re

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

_SIGNATURES = frozenset(
    (
        "x-amz-signature",
        "x-goog-signature",
        "x-oss-signature",
        "signature",
        "sig",
        "sign",
        "token",
        "access_token",
        "hmac",
        "hdnea",
        "hdnts",
        "q-signature",
    )
)
"""Parameters that show that an address is signed: Amazon S3 and CloudFront, Google Cloud Storage,
Alibaba OSS, Azure, Akamai and Tencent."""

_BESIDE_SIGNATURES = re.compile(
    r"x-(amz|goog)-.*|x-oss-(signature-version|credential|date|expires|security-token)"
    r"|awsaccesskeyid|ossaccesskeyid|googleaccessid|key-pair-id|policy|hash-algorithm|expires|exp"
    r"|q-(sign-algorithm|ak|sign-time|key-time|header-list|url-param-list)"
)
"""What a signature is made with, and for how long it holds."""

_BESIDE_SIG = re.compile(
    "sv|ss|srt|sr|sp|se|st|spr|sip|skoid|sktid|skt|ske|sks|skv|saoid|suoid|scid"
)
"""The same beside Azure's ``sig``, in names that elsewhere may mean anything."""


def is_web_address(location: str) -> bool:
    """Tell whether an image's location is an address, be it one that can be asked or not."""
    return _SCHEME.match(location) is not None


def without_credentials(url: str) -> str:
    """Return an address without its user, password and query, which may hold keys."""
    scheme, _, rest = url.partition("://")
    rest, question, _ = rest.partition("?")
    place, slash, path = rest.partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}{'?…' if question else ''}"


def without_signature(url: str) -> str:
    """Return an address as it is however often it is signed anew.

    A signed address is another one every day, for the same image: the parameters of its signature
    are left out. One that is not signed stays as it is, letter for letter.
    """
    place, question, rest = url.partition("?")
    query, fragment_sign, fragment = rest.partition("#")
    parameters = [(part.partition("=")[0].lower(), part) for part in query.split("&")]
    names = {name for name, _ in parameters}
    if not question or not names & _SIGNATURES:
        return url
    beside = [_BESIDE_SIGNATURES, *([_BESIDE_SIG] if "sig" in names else [])]
    kept = [
        part
        for name, part in parameters
        if name not in _SIGNATURES and not any(pattern.fullmatch(name) for pattern in beside)
    ]
    return place + ("?" + "&".join(kept) if kept else "") + fragment_sign + fragment
