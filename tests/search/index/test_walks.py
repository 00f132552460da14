"""What both engines answer from an index whose graphs hold every point, which is built once."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import numpy as np
import pytest

from catalog.filters import Filter
from search.index.contract import (
    FingerprintMismatch,
    GenerationalIndex,
    Index,
    UnknownVector,
    VectorSpec,
)
from search.index.edge import EdgeIndex
from search.index.server import ServerIndex
from tests.search.index.world import ARTISTS, World, drawn_world, fill, random_filter, unit
from tests.servers.qdrant import QdrantServer

POINTS = 6_000
"""1.5 MB of ``broad`` vectors, where the engines build a graph from 1 MB on."""

ALWAYS_WALK_KB = 10
"""A filter is answered by a walk unless it leaves less than 40 points."""


@pytest.fixture(scope="module")
def world() -> World:
    return drawn_world(POINTS)


@pytest.fixture(scope="module", params=["edge", pytest.param("server", marks=pytest.mark.server)])
def walked(
    request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GenerationalIndex]:
    """An index for reading only."""
    index: GenerationalIndex
    if request.param == "edge":
        folder = tmp_path_factory.mktemp("walked")
        index = EdgeIndex(folder, full_scan_threshold_kb=ALWAYS_WALK_KB)
        fill(index, world.points)
        yield index
        index.close()
        return
    server: QdrantServer = request.getfixturevalue("qdrant_server")
    if server.lifecycle is not None:
        server.lifecycle.start()
    with server.unique_alias() as alias:
        index = ServerIndex(server.url, alias=alias, full_scan_threshold_kb=ALWAYS_WALK_KB)
        fill(index, world.points)
        yield index
        index.close()


@pytest.mark.slow
def test_exact_search_equals_brute_force_under_random_filters(walked: Index, world: World) -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        wanted, query = random_filter(rng), unit(rng, 64)
        found = walked.nearest("broad", query, wanted=wanted, top=10, exact=True)
        expected = world.nearest("broad", query, wanted, 10)
        assert [hit.id for hit in found] == [artwork_id for artwork_id, _ in expected]
        cosines = [cosine for _, cosine in expected]
        assert [hit.cosine for hit in found] == pytest.approx(cosines, abs=1e-5)


def test_the_graphs_hold_every_point(walked: Index) -> None:
    status = walked.status()
    assert status.points == POINTS
    assert {model: (item.points, item.indexed) for model, item in status.vectors.items()} == {
        "broad": (POINTS, POINTS),
        "narrow": (POINTS, POINTS),
    }
    assert status.payload_indexes == ("artist", "genre", "school", "source", "style", "year")
    assert status.vectors["broad"].fingerprint == "f1"


def _recall(walked: Index, world: World, questions: Sequence[tuple[str, Filter, int]]) -> float:
    """Ask about random vectors, check what holds of every answer, and return the recall.

    Args:
        questions: the model, the filter and how many points are wanted.
    """
    rng = np.random.default_rng(6)
    right = asked = 0
    for model, wanted, top in questions:
        query = unit(rng, walked.specs[model].dimension)
        found = walked.nearest(model, query, wanted=wanted, top=top)
        cosines = {point.id: float(point.vectors[model] @ query) for point in world.passing(wanted)}
        expected = sorted(cosines, key=cosines.__getitem__, reverse=True)[:top]
        assert len(found) == len(expected)
        # By the originals, not by the int8 codes, and only of points that pass.
        assert [hit.cosine for hit in found] == pytest.approx(
            [cosines[hit.id] for hit in found], abs=1e-5
        )
        right += len({hit.id for hit in found} & set(expected))
        asked += len(expected)
    return right / asked


@pytest.mark.slow
@pytest.mark.parametrize(("model", "top"), [("broad", 10), ("broad", 100), ("narrow", 10)])
def test_a_walk_finds_nearly_all_that_brute_force_finds(
    walked: Index, world: World, model: str, top: int
) -> None:
    assert _recall(walked, world, [(model, Filter(), top)] * 20) >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("model", ["broad", "narrow"])
def test_a_walk_under_random_filters_finds_nearly_all_and_only_what_passes(
    walked: Index, world: World, model: str
) -> None:
    rng = np.random.default_rng(6)
    assert _recall(walked, world, [(model, random_filter(rng), 10) for _ in range(60)]) >= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("model", ["broad", "narrow"])
def test_a_walk_steps_over_what_does_not_pass_a_weak_filter(
    walked: Index, world: World, model: str
) -> None:
    # One point in a hundred passes: the graph's edges between them are too few to walk along.
    rng = np.random.default_rng(7)
    filters = [
        Filter(
            artist=(str(rng.choice(ARTISTS)),),
            style=(str(rng.choice(["Cubism", "Baroque", "Rococo"])),),
            year_from=(first := int(rng.integers(1400, 1700))),
            year_to=first + 200,
        )
        for _ in range(40)
    ]
    assert _recall(walked, world, [(model, wanted, 10) for wanted in filters]) >= 0.98


def test_nothing_passes_a_filter_that_excludes_what_it_asks_for(walked: Index) -> None:
    wanted = Filter(artist=(ARTISTS[-1],), not_artist=(ARTISTS[-1],))
    assert walked.nearest("broad", np.eye(64, dtype=np.float32)[0], wanted=wanted, top=10) == []


def test_cosines_of_certain_points_are_exact_and_unknown_ids_are_passed_over(
    walked: Index, world: World
) -> None:
    query = unit(np.random.default_rng(13), 64)
    chosen = world.points[100:140]
    found = walked.cosines("broad", query, [*(point.id for point in chosen), UUID(int=77)])
    expected = {point.id: float(point.vectors["broad"] @ query) for point in chosen}
    assert found == pytest.approx(expected, abs=1e-5)
    assert walked.cosines("broad", query, []) == {}


def test_several_models_asked_at_once_answer_as_each_asked_alone(
    walked: Index, world: World
) -> None:
    rng = np.random.default_rng(15)
    queries = {"broad": unit(rng, 64), "narrow": unit(rng, 16)}
    wanted = Filter(source=("nga",))
    left_out = [point.id for point in world.passing(wanted)[:3]]
    together = walked.nearest_under_each(
        queries, wanted=wanted, top=10, exact=True, without=left_out
    )
    assert list(together) == ["broad", "narrow"]
    for model, query in queries.items():
        alone = walked.nearest(model, query, wanted=wanted, top=10, exact=True, without=left_out)
        assert together[model] == alone
    chosen = {"broad": [point.id for point in world.points[:5]], "narrow": []}
    cosines = walked.cosines_under_each(queries, chosen)
    assert cosines["broad"] == walked.cosines("broad", queries["broad"], chosen["broad"])
    assert cosines["narrow"] == {}
    with pytest.raises(UnknownVector, match="missing"):
        walked.nearest_under_each({**queries, "missing": queries["narrow"]}, wanted=wanted, top=10)


@pytest.mark.parametrize("count", [20, 3_000])
def test_only_chosen_points_are_looked_at_and_those_that_pass_among_them(
    walked: Index, world: World, count: int
) -> None:
    rng = np.random.default_rng(19)
    query = unit(rng, 64)
    wanted = Filter(source=("nga",))
    chosen = [world.points[place] for place in rng.permutation(POINTS)[:count]]
    passing = {point.id for point in world.passing(wanted)} & {point.id for point in chosen}
    cosines = {
        point.id: float(point.vectors["broad"] @ query) for point in chosen if point.id in passing
    }
    nearest = sorted(cosines, key=cosines.__getitem__, reverse=True)
    left_out = nearest[:2]
    found = walked.nearest(
        "broad",
        query,
        wanted=wanted,
        top=10,
        without=left_out,
        among=[point.id for point in chosen],
    )
    expected = nearest[2:12]
    assert {hit.id for hit in found} <= passing - set(left_out)
    assert len({hit.id for hit in found} & set(expected)) >= 0.9 * len(expected)
    assert walked.nearest("broad", query, wanted=Filter(), top=10, among=[]) == []


def test_points_can_be_left_out_of_an_answer(walked: Index, world: World) -> None:
    point = world.points[20]
    query = point.vectors["broad"]
    assert walked.nearest("broad", query, wanted=Filter(), top=1)[0].id == point.id
    without = walked.nearest("broad", query, wanted=Filter(), top=5, without=[point.id])
    assert point.id not in [hit.id for hit in without]
    assert len(without) == 5


def test_other_weights_are_refused_by_name(walked: GenerationalIndex) -> None:
    other = VectorSpec(model="broad", dimension=64, fingerprint="another")
    with pytest.raises(FingerprintMismatch, match=r"f1.*another"):
        walked.ensure([other])


def test_a_model_that_the_index_lacks_is_refused_with_those_that_it_has(walked: Index) -> None:
    with pytest.raises(UnknownVector, match="broad, narrow"):
        walked.nearest("missing", np.ones(8, np.float32), wanted=Filter(), top=1)


@pytest.mark.slow
def test_all_points_come_back_with_payload_and_with_vectors_if_asked(
    walked: Index, world: World
) -> None:
    expected = {point.id: point for point in world.points}

    without = {point.id: point for point in walked.points(with_vectors=False)}
    assert {item: point.payload for item, point in without.items()} == {
        item: point.payload for item, point in expected.items()
    }
    assert not any(point.vectors for point in without.values())

    whole = list(walked.points(with_vectors=True))
    assert len(whole) == POINTS
    for point in whole:
        for model, vector in expected[point.id].vectors.items():
            assert np.allclose(vector, point.vectors[model], atol=1e-6)
