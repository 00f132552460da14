"""What an index takes of a Qdrant server, and how it lies on the nodes of a cluster."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from qdrant_client import QdrantClient, models

from redaction import redact
from search.index.status import Replica, Shard, Storage

ANSWER_SECONDS = 5.0
ACTIVE = models.ReplicaState.ACTIVE.value
DETAILS = 4
"""Of the telemetry: sizes of segments are in it from here on."""


def server_storage(
    client: QdrantClient,
    addresses: Sequence[str],
    *,
    api_key: str | None,
    alias: str,
    collection: str | None,
) -> Storage:
    """Return what the generations of an index take, and where the one in use lies.

    Args:
        addresses: of all nodes.
        alias: whose generations are counted.
        collection: the generation in use; ``None`` before any.

    Raises:
        IndexUnreachable: no node answers.
    """
    memory = disk = 0
    silent = []
    for address in addresses:
        told = _telemetry(address, api_key=api_key)
        if told is None:
            silent.append(address)
            continue
        memory += told["memory"]["resident_bytes"]
        disk += sum(
            segment["info"]["vectors_size_bytes"] + segment["info"]["payloads_size_bytes"]
            for held in told["collections"]["collections"]
            if held["id"].startswith(f"{alias}_")
            for shard in held["shards"]
            for segment in (shard["local"] or {}).get("segments", ())
        )
    shards = _shards(client, collection) if collection is not None else []
    return Storage(
        memory_bytes=memory, disk_bytes=disk, shards=shards, advice=_advice(shards, silent)
    )


def _telemetry(address: str, *, api_key: str | None) -> Mapping[str, Mapping[str, Any]] | None:
    """Return what a node says of itself; ``None`` where it says nothing."""
    try:
        answer = httpx.get(
            f"{address}/telemetry",
            params={"details_level": DETAILS},
            headers={"api-key": api_key} if api_key else {},
            timeout=ANSWER_SECONDS,
        )
        answer.raise_for_status()
    except httpx.HTTPError:
        return None
    told: Mapping[str, Mapping[str, Any]] = answer.json()["result"]
    return told


def _shards(client: QdrantClient, collection: str) -> list[Shard]:
    """Return the shards of a collection with their copies; none where there is one server."""
    # Without a cluster the server says no more than that.
    cluster = client.http.distributed_api.cluster_status().result
    if not isinstance(cluster, models.ClusterStatusOneOf1):
        return []
    nodes = {int(peer): told.uri.rstrip("/") for peer, told in cluster.peers.items()}
    spread = client.http.distributed_api.collection_cluster_info(collection).result
    if spread is None:
        return []
    copies = [(one.shard_id, spread.peer_id, one.state) for one in spread.local_shards]
    copies += [(one.shard_id, one.peer_id, one.state) for one in spread.remote_shards]
    by_shard = defaultdict(list)
    for number, peer, state in copies:
        node = nodes.get(peer, f"node {peer}")
        by_shard[number].append(Replica(node=node, state=state.value))
    return [
        Shard(number=number, replicas=sorted(by_shard[number], key=lambda copy: copy.node))
        for number in sorted(by_shard)
    ]


def _advice(shards: Sequence[Shard], silent: Sequence[str]) -> list[str]:
    advice = [
        f"{redact(address)} does not answer. Start that node again: it catches up by itself. "
        "If it is gone for good, put another in its place (docs/how-to/run-a-cluster.md)."
        for address in silent
    ]
    missing = [
        shard.number for shard in shards if all(copy.state != ACTIVE for copy in shard.replicas)
    ]
    if missing:
        named = ", ".join(map(str, missing))
        advice.append(
            f"No copy of shard {named} can be searched: its works are not found until a node that "
            "has one is back."
        )
    behind = sum(copy.state != ACTIVE for shard in shards for copy in shard.replicas)
    if behind:
        advice.append(
            f"{behind} of {sum(len(shard.replicas) for shard in shards)} copies are not in use. "
            "Those of a node that is back are being brought up to date; the others wait for it."
        )
    if shards and all(len(shard.replicas) == 1 for shard in shards):
        advice.append(
            "There is one copy of each shard: with any node gone, its works are not found. Set "
            "VASARI_QDRANT_REPLICAS=2 and run `vasari reembed` to have two."
        )
    return advice
