"""An index on three nodes, of which any may be gone: real servers, each a process of its own."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from uuid import UUID

import numpy as np
import pytest

from catalog.filters import Filter
from search.index.contract import IndexPoint, Vector, VectorSpec
from search.index.server import Layout, ServerIndex, connection
from search.index.server.cluster import ACTIVE
from tests.servers import ServerUnavailable
from tests.servers.qdrant import QdrantServer, qdrant_cluster
from tests.servers.replicas import points_by_copy

SPEC = VectorSpec(model="plain", dimension=16, fingerprint="a")
OTHER = VectorSpec(model="other", dimension=8, fingerprint="b")
POINTS = 300
CAUGHT_UP_SECONDS = 60.0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[QdrantServer]]:
    with ExitStack() as running:
        try:
            started = running.enter_context(qdrant_cluster())
        except ServerUnavailable as reason:
            pytest.skip(" ".join(str(reason).split()))
        yield started


@pytest.fixture
def index(nodes: list[QdrantServer], request: pytest.FixtureRequest) -> Iterator[ServerIndex]:
    alias = f"cluster_{abs(hash(request.node.name)):x}"
    opened = ServerIndex(_urls(nodes), alias=alias, layout=Layout(shards=6, replicas=2))
    opened.ensure([SPEC])
    opened.upsert([_point(number) for number in range(POINTS)])
    yield opened
    _revive(nodes)
    opened.close()


def _urls(nodes: Sequence[QdrantServer]) -> str:
    return ",".join(node.url for node in nodes)


def _id(number: int) -> UUID:
    return UUID(int=number + 1)


def _vector(number: int, spec: VectorSpec = SPEC) -> Vector:
    drawn = np.random.default_rng(number).standard_normal(spec.dimension).astype(np.float32)
    return drawn / np.float32(np.linalg.norm(drawn))


def _point(number: int, *, style: str = "first") -> IndexPoint:
    return IndexPoint(
        id=_id(number), vectors={SPEC.model: _vector(number)}, payload={"style": style}
    )


def _revive(nodes: Sequence[QdrantServer]) -> None:
    for node in nodes:
        assert node.lifecycle is not None
        node.lifecycle.start()


def _kill(node: QdrantServer) -> None:
    assert node.lifecycle is not None
    node.lifecycle.kill()


def _catch_up(index: ServerIndex) -> None:
    deadline = time.monotonic() + CAUGHT_UP_SECONDS
    while index.storage().advice:
        assert time.monotonic() < deadline, index.storage().advice
        time.sleep(0.2)


def _check_copies(nodes: Sequence[QdrantServer], index: ServerIndex) -> set[str]:
    """See that all copies of each shard hold the same, and return the ids of all points."""
    shards = index.storage().shards
    assert {copy.state for shard in shards for copy in shard.replicas} == {ACTIVE}
    assert {len(shard.replicas) for shard in shards} == {2}
    collection = f"{index.alias}_{index.status().generation:04d}"
    ids: set[str] = set()
    for first, second in points_by_copy(nodes, collection, shards).values():
        assert first == second
        assert not ids & first.keys()
        assert not any(text.startswith("[] ") for text in first.values()), "an empty payload"
        ids |= first.keys()
    return ids


@pytest.mark.parametrize("dead", [0, 1, 2])
def test_with_any_node_gone_all_is_found_and_written_and_the_node_catches_up(
    nodes: list[QdrantServer], index: ServerIndex, dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A process that speaks to the very node that goes.
    monkeypatch.setattr("secrets.randbelow", lambda _: dead)
    monkeypatch.setattr(index, "_client", connection.connect(index.url, api_key=None))
    _kill(nodes[dead])
    # Before and after the others have heard that one is gone.
    for number in range(0, POINTS, 10):
        (found,) = index.nearest(SPEC.model, _vector(number), wanted=Filter(), top=1)
        assert found.id == _id(number)
    index.upsert([_point(number, style="late") for number in range(POINTS, POINTS + 50)])
    index.delete([_id(number) for number in range(50)])
    index.set_payload({_id(number): {"style": "second"} for number in range(50, 100)})
    assert len(set(index.ids())) == POINTS

    storage = index.storage()
    assert {copy.state for shard in storage.shards for copy in shard.replicas} == {ACTIVE, "Dead"}
    assert f"{nodes[dead].url} does not answer. Start that node again" in " ".join(storage.advice)

    _revive(nodes)
    _catch_up(index)
    expected = {str(_id(number)) for number in range(50, POINTS + 50)}
    assert _check_copies(nodes, index) == expected
    changed = index.nearest(
        SPEC.model, _vector(60), wanted=Filter(style=("second",)), top=100, exact=True
    )
    assert {hit.id for hit in changed} == {_id(number) for number in range(50, 100)}


def test_generations_begin_change_places_and_go_with_a_node_gone(
    nodes: list[QdrantServer], index: ServerIndex
) -> None:
    index.ensure([SPEC, OTHER])
    index.set_vectors(OTHER.model, {_id(7): _vector(7, OTHER)})
    _kill(nodes[1])
    following = index.next_generation([SPEC])
    following.upsert([_point(number) for number in range(POINTS)])
    following.close()
    index.switch()
    assert set(index.specs) == {SPEC.model}
    index.roll_back()
    assert set(index.specs) == {SPEC.model, OTHER.model}
    (hit,) = index.nearest(OTHER.model, _vector(7, OTHER), wanted=Filter(), top=5)
    assert hit.id == _id(7)
    index.discard_former()
    _revive(nodes)
    _catch_up(index)
    assert _check_copies(nodes, index) == {str(_id(number)) for number in range(POINTS)}


def test_one_copy_of_each_shard_is_warned_of(nodes: list[QdrantServer]) -> None:
    alone = ServerIndex(_urls(nodes), alias="cluster_alone")
    alone.ensure([SPEC])
    (sentence,) = alone.storage().advice
    assert "Set VASARI_QDRANT_REPLICAS=2" in sentence
    assert len(alone.storage().shards) == len(nodes)
    alone.close()


def test_on_one_server_there_are_no_shards_to_speak_of(qdrant_url: str, qdrant_alias: str) -> None:
    index = ServerIndex(qdrant_url, alias=qdrant_alias)
    index.ensure([SPEC])
    index.upsert([_point(number) for number in range(POINTS)])
    storage = index.storage()
    assert (storage.shards, storage.advice) == ([], [])
    assert storage.memory_bytes > 10**6
    assert storage.disk_bytes >= POINTS * SPEC.dimension * 4
    index.close()


def test_the_state_of_what_replaced_a_deleted_generation_is_told(
    qdrant_url: str, qdrant_alias: str
) -> None:
    with (
        closing(ServerIndex(qdrant_url, alias=qdrant_alias)) as index,
        closing(ServerIndex(qdrant_url, alias=qdrant_alias)) as elsewhere,
    ):
        index.ensure([SPEC])
        for points in (3, 4):
            following = elsewhere.next_generation([SPEC])
            following.upsert([_point(number) for number in range(points)])
            following.close()
            elsewhere.switch()
        assert index.status().points == 4
