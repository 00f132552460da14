"""The connection to a Qdrant server, whose failures are put in the index's own words."""

from functools import partial

import httpx
from httpx import Request, Response
from qdrant_client import QdrantClient
from qdrant_client.http.api_client import Send
from qdrant_client.http.exceptions import ResponseHandlingException

from redaction import redact
from search.index.contract import IndexFault, IndexUnreachable
from search.index.server.silence import unless_silent

SECONDS_AN_ANSWER = 60
NOT_NOW = frozenset({502, 503, 504})
"""What a proxy says while the server behind it is away, and the server while it starts."""


class CollectionGone(IndexFault):
    """The collection that was asked is not there, or no longer."""


def connect(url: str, *, api_key: str | None) -> QdrantClient:
    """Return a client of which every call raises errors of the index.

    ``IndexUnreachable`` where nothing answers, at whatever call that shows, and ``IndexFault``
    where the server refuses.

    Raises:
        IndexFault: this is no address of a server.
    """
    try:
        client = QdrantClient(
            url=url, api_key=api_key, timeout=SECONDS_AN_ANSWER, check_compatibility=False
        )
    except (ValueError, httpx.InvalidURL):
        # Without it in the message: what cannot be read may be a password.
        raise IndexFault(
            "the address of the Qdrant server cannot be read. It is written http://host:6333"
        ) from None
    client.http.client.add_middleware(partial(_in_plain_words, url))
    return client


def _in_plain_words(address: str, request: Request, send: Send) -> Response:
    url = redact(address)
    try:
        response = unless_silent(address, partial(send, request))
    except ResponseHandlingException as error:
        raise IndexUnreachable(f"no Qdrant server answers at {url}: {error}") from error
    if response.status_code in NOT_NOW:
        raise IndexUnreachable(
            f"the Qdrant server at {url} is not ready: it answers {response.status_code}"
        )
    if response.status_code == httpx.codes.NOT_FOUND:
        raise CollectionGone(f"the Qdrant server at {url} has lost it: {_reason(response)}")
    if response.is_error:
        raise IndexFault(f"the Qdrant server at {url} refused: {_reason(response)}")
    return response


def _reason(response: Response) -> str:
    try:
        return str(response.json()["status"]["error"])
    except (ValueError, KeyError, TypeError):
        return f"{response.status_code} {response.reason_phrase}"
