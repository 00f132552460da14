"""Asks each copy of a shard alone, by the way in which the nodes of a cluster ask one another."""

from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urlsplit

import grpc  # type: ignore[import-untyped]
from qdrant_client import grpc as messages

from search.index.status import Shard

from .qdrant import QdrantServer

_SCROLL = "/qdrant.PointsInternal/Scroll"
_PAGE = 1_000
# Of the message that wraps a question: field 1, the question, and field 2, a shard's number.
_QUESTION, _SHARD = b"\x0a", b"\x10"

Points = dict[str, str]
"""Id -> payload and vectors, as text that is equal where they are."""


def points_by_copy(
    nodes: Sequence[QdrantServer], collection: str, shards: Sequence[Shard]
) -> dict[int, list[Points]]:
    """Return what each copy of each shard holds, by the shard's number."""
    by_port = {node.peer_port: node for node in nodes}
    found: dict[int, list[Points]] = defaultdict(list)
    for shard in shards:
        for copy in shard.replicas:
            node = by_port[urlsplit(copy.node).port]
            found[shard.number].append(_points(node, collection, shard.number))
    return found


def _points(node: QdrantServer, collection: str, shard: int) -> Points:
    found: Points = {}
    offset = None
    with grpc.insecure_channel(f"127.0.0.1:{node.peer_port}") as channel:
        scroll = channel.unary_unary(
            _SCROLL,
            request_serializer=bytes,
            response_deserializer=messages.ScrollResponse.FromString,
        )
        while True:
            question = messages.ScrollPoints(
                collection_name=collection,
                limit=_PAGE,
                offset=offset,
                with_payload=messages.WithPayloadSelector(enable=True),
                with_vectors=messages.WithVectorsSelector(enable=True),
            ).SerializeToString()
            answer = scroll(_QUESTION + _varint(len(question)) + question + _SHARD + _varint(shard))
            for point in answer.result:
                payload = sorted((key, str(value)) for key, value in point.payload.items())
                found[point.id.uuid] = f"{payload} {point.vectors}"
            if not answer.HasField("next_page_offset"):
                return found
            offset = answer.next_page_offset


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])
