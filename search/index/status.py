"""What an index holds, and what that takes of memory, disk and nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class VectorStatus:
    """How many points have one model's vector, and how many of these the HNSW graph holds."""

    points: int
    indexed: int
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class IndexStatus:
    """What the index holds now."""

    engine: Literal["edge", "server"]
    location: str
    generation: int | None
    points: int
    vectors: Mapping[str, VectorStatus] = field(default_factory=dict)
    payload_indexes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Replica:
    """A copy of one shard on a node of a cluster.

    Args:
        node: the address by which the nodes know it.
        state: as the engine says it; only an "Active" one is searched.
    """

    node: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Shard:
    """One of the parts into which a collection on a cluster is cut."""

    number: int
    replicas: Sequence[Replica]


@dataclass(frozen=True, kw_only=True)
class Storage:
    """What the index takes of its machines.

    Args:
        memory_bytes: resident in the process that has it open; on all nodes of a server together.
        disk_bytes: of the embedded index's files; of a server the vectors and payloads of all
            generations and copies, which is all that it tells.
        shards: of the generation in use, on a cluster.
        advice: what is amiss on a cluster, each with what to do about it.
    """

    memory_bytes: int
    disk_bytes: int
    shards: Sequence[Shard] = ()
    advice: Sequence[str] = ()
