"""The contract of the index, the same for the embedded engine and for a real server."""

from uuid import UUID, uuid5

import numpy as np
import pytest

from catalog.filters import Filter
from search.index.contract import (
    GenerationalIndex,
    Index,
    IndexFault,
    IndexPoint,
    UnknownVector,
    VectorSpec,
)
from search.index.graph import oversampling, walk_width
from tests.search.index.world import BROAD, NAMESPACE, NARROW, World, drawn_world, fill, unit

POINTS = 300


@pytest.fixture
def world() -> World:
    return drawn_world(POINTS)


@pytest.fixture
def filled(index: GenerationalIndex, world: World) -> GenerationalIndex:
    fill(index, world.points)
    return index


def test_a_deep_answer_is_walked_for_with_fewer_candidates_to_each_hit() -> None:
    assert [oversampling(top) for top in (1, 64, 65, 1000)] == [2, 2, 1.28, 1.28]
    assert [walk_width(top) for top in (1, 64, 100, 1000)] == [128, 128, 128, 1280]


def test_an_empty_index_says_that_it_is_empty(index: Index) -> None:
    status = index.status()
    assert (status.points, status.generation, dict(status.vectors)) == (0, None, {})
    assert list(index.ids()) == []
    with pytest.raises(UnknownVector, match="ingest first"):
        index.nearest("broad", np.ones(64, np.float32), wanted=Filter(), top=3)


def test_writing_a_point_twice_leaves_one_with_the_later_content(
    filled: Index, world: World
) -> None:
    rng = np.random.default_rng(9)
    again = IndexPoint(
        id=world.points[3].id,
        vectors={"broad": unit(rng, 64), "narrow": unit(rng, 16)},
        payload={"source": "other"},
    )
    filled.upsert([again])
    assert filled.status().points == POINTS
    nearest = filled.nearest(
        "broad", again.vectors["broad"], wanted=Filter(source=("other",)), top=5
    )
    assert [hit.id for hit in nearest] == [again.id]
    assert nearest[0].cosine == pytest.approx(1.0, abs=1e-5)


def test_a_point_keeps_the_vectors_that_are_not_given_anew(filled: Index, world: World) -> None:
    rng = np.random.default_rng(10)
    known, fresh = world.points[0], UUID(int=99)
    new = {"narrow": unit(rng, 16)}
    filled.upsert(
        [
            IndexPoint(id=known.id, vectors=new, payload={"source": "nga"}),
            IndexPoint(id=fresh, vectors=new, payload={"source": "nga"}),
        ]
    )
    broad = filled.vectors("broad", [known.id, fresh])
    assert set(broad) == {known.id}
    np.testing.assert_allclose(broad[known.id], known.vectors["broad"], atol=1e-6)
    narrow = filled.vectors("narrow", [known.id, fresh])
    np.testing.assert_allclose(narrow[known.id], new["narrow"], atol=1e-6)
    np.testing.assert_allclose(narrow[fresh], new["narrow"], atol=1e-6)


@pytest.mark.slow
def test_many_long_vectors_are_written_at_once_and_outlive_a_new_generation(
    index: GenerationalIndex,
) -> None:
    # As text 48 MB: more than a server takes in one request.
    rng = np.random.default_rng(14)
    long = VectorSpec(model="long", dimension=4_096, fingerprint="f4")
    points = [
        IndexPoint(id=uuid5(NAMESPACE, str(number)), vectors={"long": unit(rng, 4_096)}, payload={})
        for number in range(550)
    ]
    index.ensure([long])
    index.upsert(points)
    index.ensure([NARROW])
    index.upsert(
        [IndexPoint(id=point.id, vectors={"narrow": unit(rng, 16)}, payload={}) for point in points]
    )
    stored = index.vectors("long", [point.id for point in points])
    assert set(stored) == {point.id for point in points}
    np.testing.assert_allclose(stored[points[-1].id], points[-1].vectors["long"], atol=1e-6)


def test_a_payload_is_replaced_and_unknown_ids_are_passed_over(filled: Index, world: World) -> None:
    point = world.points[7]
    filled.set_payload({point.id: {"artist": "Renamed"}, UUID(int=1234): {"artist": "Renamed"}})
    query = point.vectors["broad"]
    found = filled.nearest("broad", query, wanted=Filter(artist=("Renamed",)), top=5)
    assert [hit.id for hit in found] == [point.id]
    # The fields that the new payload does not have are gone.
    source = str(point.payload["source"])
    others = filled.nearest("broad", query, wanted=Filter(source=(source,)), top=5)
    assert point.id not in [hit.id for hit in others]


def test_points_are_deleted_and_unknown_ids_are_passed_over(filled: Index, world: World) -> None:
    filled.delete([])
    gone = [point.id for point in world.points[:5]]
    filled.delete([*gone, UUID(int=4321)])
    assert set(filled.ids()) == {point.id for point in world.points[5:]}


@pytest.mark.slow
def test_a_new_model_begins_a_generation_that_keeps_all_there_was(
    filled: GenerationalIndex, world: World
) -> None:
    rng = np.random.default_rng(12)
    third = VectorSpec(model="third", dimension=8, fingerprint="f3")
    before = filled.nearest("broad", world.points[4].vectors["broad"], wanted=Filter(), top=5)
    filled.ensure([third])
    filled.upsert([IndexPoint(id=world.points[4].id, vectors={"third": unit(rng, 8)}, payload={})])
    status = filled.status()
    assert status.generation == 2
    assert {model: item.points for model, item in status.vectors.items()} == {
        "broad": POINTS,
        "narrow": POINTS,
        "third": 1,
    }
    after = filled.nearest("broad", world.points[4].vectors["broad"], wanted=Filter(), top=5)
    assert [hit.id for hit in after] == [hit.id for hit in before]


def test_vectors_of_one_model_are_written_and_nothing_else_changes(
    filled: Index, world: World
) -> None:
    rng = np.random.default_rng(5)
    first, second = world.points[0], world.points[1]
    fresh = unit(rng, 16)

    filled.set_vectors("narrow", {first.id: fresh, uuid5(NAMESPACE, "nobody"): unit(rng, 16)})

    assert filled.vectors("narrow", [first.id])[first.id] == pytest.approx(fresh, abs=1e-6)
    for model, point in (("broad", first), ("narrow", second)):
        kept = filled.vectors(model, [point.id])[point.id]
        assert kept == pytest.approx(point.vectors[model], abs=1e-6)
    assert filled.status().points == POINTS
    assert filled.nearest("narrow", fresh, wanted=Filter(), top=1)[0].id == first.id


def test_a_feature_is_read_back_and_counts_as_in_no_graph(
    index: GenerationalIndex, world: World
) -> None:
    feature = VectorSpec(model="broad", dimension=64, fingerprint="f", role="feature")
    index.ensure([feature, NARROW])
    index.upsert(world.points)
    index.optimize()

    assert index.specs["broad"].role == "feature"
    point = world.points[3]
    kept = index.vectors("broad", [point.id])[point.id]
    assert kept == pytest.approx(point.vectors["broad"], abs=1e-6)
    assert index.status().vectors["broad"].points == POINTS
    assert index.status().vectors["broad"].indexed == 0


def test_an_index_says_which_points_it_holds_and_which_have_a_model(
    index: GenerationalIndex, world: World
) -> None:
    assert index.held([world.points[0].id]) == set()
    index.ensure([BROAD, NARROW])
    whole, partial, absent = world.points[:3]
    index.upsert([whole, IndexPoint(id=partial.id, vectors={}, payload=partial.payload)])
    index.set_vectors("broad", {partial.id: partial.vectors["broad"]})
    ids = [whole.id, partial.id, absent.id]
    assert index.held(ids) == {whole.id, partial.id}
    assert index.held(ids, model="broad") == {whole.id, partial.id}
    assert index.held(ids, model="narrow") == {whole.id}
    assert index.held(ids, model="another") == set()
    assert index.held([]) == set()


REFRESHED = VectorSpec(model="broad", dimension=32, fingerprint="other weights")


def _filled_next(index: GenerationalIndex, world: World) -> Index:
    """Begin a generation in which one model has other vectors, and fill it."""
    rng = np.random.default_rng(5)
    begun = index.next_generation([REFRESHED, NARROW])
    begun.upsert(
        [
            IndexPoint(
                id=point.id,
                vectors={"broad": unit(rng, 32), "narrow": point.vectors["narrow"]},
                payload=point.payload,
            )
            for point in world.points[:100]
        ]
    )
    return begun


@pytest.mark.slow
def test_a_generation_that_is_being_filled_changes_nothing_until_the_switch(
    filled: GenerationalIndex, world: World
) -> None:
    query = world.points[3].vectors["broad"]
    before = filled.nearest("broad", query, wanted=Filter(), top=5)
    begun = _filled_next(filled, world)
    assert len(list(begun.ids())) == 100
    begun.close()
    assert filled.nearest("broad", query, wanted=Filter(), top=5) == before
    assert filled.specs["broad"] == BROAD
    filled.switch()
    assert dict(filled.specs) == {"broad": REFRESHED, "narrow": NARROW}
    assert filled.status().points == 100
    assert filled.vectors("broad", [world.points[3].id])[world.points[3].id].shape == (32,)


@pytest.mark.slow
def test_a_generation_that_was_not_finished_is_gone_on_with_if_it_is_for_the_same_vectors(
    filled: GenerationalIndex, world: World
) -> None:
    _filled_next(filled, world).close()
    again = filled.next_generation([REFRESHED, NARROW])
    assert len(list(again.ids())) == 100
    again.close()
    other = filled.next_generation([NARROW])
    assert list(other.ids()) == []
    other.close()


@pytest.mark.slow
def test_a_switch_is_rolled_back_and_forth_until_the_former_generation_is_discarded(
    filled: GenerationalIndex, world: World
) -> None:
    _filled_next(filled, world).close()
    filled.switch()
    former = filled.former_generation()
    assert former is not None
    assert (dict(former.specs)["broad"], len(list(former.ids()))) == (BROAD, POINTS)
    former.close()
    filled.roll_back()
    assert (filled.specs["broad"], filled.status().points) == (BROAD, POINTS)
    filled.roll_back()
    assert (filled.specs["broad"], filled.status().points) == (REFRESHED, 100)
    filled.discard_former()
    assert filled.former_generation() is None
    for without in (filled.roll_back, filled.discard_former, filled.switch):
        with pytest.raises(IndexFault):
            without()
