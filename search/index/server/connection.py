"""The connection to a Qdrant server, whose failures are put in the index's own words."""

import secrets
from collections.abc import Sequence
from functools import partial

import httpx
from httpx import Request, Response
from qdrant_client import QdrantClient
from qdrant_client.http.api_client import Send
from qdrant_client.http.exceptions import ResponseHandlingException
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random

from redaction import redact
from search.index.contract import IndexFault, IndexUnreachable
from search.index.server.silence import unless_silent

SECONDS_AN_ANSWER = 60
NOT_NOW = frozenset({502, 503, 504})
"""What a proxy says while the server behind it is away, and the server while it starts."""

FAILOVER_SECONDS = 15.0
"""How long the nodes of a cluster are asked again, one after another, until one answers: a node
that died is known to the others after some seconds, in which they may fail to answer, too."""


class CollectionGone(IndexFault):
    """The collection that was asked is not there, or no longer."""


def addresses_of(url: str) -> list[str]:
    """Return the addresses of a setting that has one, or those of a cluster's nodes by commas."""
    return [address.strip().rstrip("/") for address in url.split(",") if address.strip()]


def connect(url: str, *, api_key: str | None) -> QdrantClient:
    """Return a client of which every call raises errors of the index.

    ``IndexUnreachable`` where nothing answers, at whatever call that shows, and ``IndexFault``
    where the server refuses. Of several nodes, the next one is asked where one does not answer:
    what was half done is done again, which all that is written here allows.

    Args:
        url: as by ``addresses_of``.

    Raises:
        IndexFault: this is no address of a server.
    """
    addresses = addresses_of(url)
    try:
        nodes = [httpx.URL(address) for address in addresses]
        client = QdrantClient(
            url=addresses[0], api_key=api_key, timeout=SECONDS_AN_ANSWER, check_compatibility=False
        )
    except (IndexError, ValueError, httpx.InvalidURL):
        # Without it in the message: what cannot be read may be a password.
        raise IndexFault(
            "the address of the Qdrant server cannot be read. It is written http://host:6333"
        ) from None
    client.http.client.add_middleware(_Nodes(nodes))
    return client


class _Nodes:
    """Asks one node of a cluster, and the next one where it does not answer; or the only server."""

    def __init__(self, nodes: Sequence[httpx.URL]) -> None:
        self._nodes = nodes
        self._patience = FAILOVER_SECONDS if len(nodes) > 1 else 0.0
        # So that not all processes ask the same one.
        self._turn = secrets.randbelow(len(nodes))

    def __call__(self, request: Request, send: Send) -> Response:
        for attempt in Retrying(
            retry=retry_if_exception_type(IndexUnreachable),
            stop=stop_after_delay(self._patience),
            wait=wait_random(0.05, 0.25),
            reraise=True,
        ):
            with attempt:
                turn = self._turn
                try:
                    return self._asked(self._nodes[turn], request, send)
                except IndexUnreachable:
                    self._turn = (turn + 1) % len(self._nodes)
                    raise
        raise AssertionError("it has answered, or has raised an error")

    def _asked(self, node: httpx.URL, request: Request, send: Send) -> Response:
        request.url = request.url.copy_with(scheme=node.scheme, host=node.host, port=node.port)
        request.headers["Host"] = node.netloc.decode("ascii")
        response = _asked(node, request, send)
        if response.is_server_error and len(self._nodes) > 1:
            # It may have failed because of another one, of whose end it has not heard yet.
            raise IndexUnreachable(f"{_server(node)} has failed: {_reason(response)}")
        if response.is_error:
            raise IndexFault(f"{_server(node)} refused: {_reason(response)}")
        return response


def _asked(node: httpx.URL, request: Request, send: Send) -> Response:
    """Return what a server answers, be it a refusal."""
    try:
        response = unless_silent(str(node), partial(send, request))
    except ResponseHandlingException as error:
        url = redact(str(node))
        raise IndexUnreachable(f"no Qdrant server answers at {url}: {error}") from error
    if response.status_code in NOT_NOW:
        raise IndexUnreachable(f"{_server(node)} is not ready: it answers {response.status_code}")
    if response.status_code == httpx.codes.NOT_FOUND:
        raise CollectionGone(f"{_server(node)} has lost it: {_reason(response)}")
    return response


def _server(node: httpx.URL) -> str:
    return f"the Qdrant server at {redact(str(node))}"


def _reason(response: Response) -> str:
    try:
        return str(response.json()["status"]["error"])
    except (ValueError, KeyError, TypeError):
        return f"{response.status_code} {response.reason_phrase}"
