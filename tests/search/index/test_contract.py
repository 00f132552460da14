"""The contract of the index, the same for the embedded engine and for a real server."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np
import pytest

from catalog.filters import Filter
from search.index.contract import (
    FingerprintMismatch,
    GenerationalIndex,
    Index,
    IndexFault,
    IndexPoint,
    UnknownVector,
    Vector,
    VectorSpec,
)
from search.index.edge import EdgeIndex
from search.index.server import ServerIndex

NAMESPACE = UUID(int=7)
BROAD = VectorSpec(model="broad", dimension=64, fingerprint="f1")
NARROW = VectorSpec(model="narrow", dimension=16, fingerprint="f2")
POINTS = 1_500
ARTISTS = ["Claude Monet", "Илья Репин", "Søren Ægir", "O'Keeffe, “G.”", "無名"]


@dataclass(frozen=True)
class World:
    """Points drawn at random, and the brute-force answers about them."""

    points: list[IndexPoint]

    def passing(self, wanted: Filter) -> list[IndexPoint]:
        return [point for point in self.points if _passes(point.payload, wanted)]

    def nearest(
        self, model: str, query: Vector, wanted: Filter, top: int
    ) -> list[tuple[UUID, float]]:
        points = [point for point in self.passing(wanted) if model in point.vectors]
        scored = [(point.id, float(point.vectors[model] @ query)) for point in points]
        return sorted(scored, key=lambda item: -item[1])[:top]


def _passes(payload: object, wanted: Filter) -> bool:
    assert isinstance(payload, dict)
    if any(payload.get(name) not in values for name, values in wanted.keywords().items()):
        return False
    if any(payload.get(name) in values for name, values in wanted.exclusions().items()):
        return False
    year = payload.get("year")
    if wanted.year_from is not None and (year is None or year < wanted.year_from):
        return False
    return not (wanted.year_to is not None and (year is None or year > wanted.year_to))


def _unit(rng: np.random.Generator, dimension: int) -> Vector:
    vector = rng.normal(size=dimension)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _payload(rng: np.random.Generator) -> dict[str, str | int]:
    payload: dict[str, str | int] = {"source": str(rng.choice(["nga", "wikiart"]))}
    if rng.random() < 0.9:
        payload["artist"] = str(rng.choice(ARTISTS))
    if rng.random() < 0.6:
        payload["style"] = str(rng.choice(["Cubism", "Baroque", "Rococo"]))
    if rng.random() < 0.3:
        payload["genre"] = "portrait"
    if rng.random() < 0.8:
        payload["year"] = int(rng.integers(1400, 1950))
    return payload


def _point(number: int, rng: np.random.Generator) -> IndexPoint:
    vectors = {"broad": _unit(rng, 64), "narrow": _unit(rng, 16)}
    return IndexPoint(id=uuid5(NAMESPACE, str(number)), vectors=vectors, payload=_payload(rng))


def _random_filter(rng: np.random.Generator) -> Filter:
    def some(values: list[str], chance: float) -> tuple[str, ...]:
        if rng.random() > chance:
            return ()
        return tuple(rng.choice(values, size=rng.integers(1, 3), replace=False))

    first, last = sorted(int(year) for year in rng.integers(1400, 1950, 2))
    return Filter(
        artist=some([*ARTISTS, "nobody"], 0.5),
        style=some(["Cubism", "Baroque", "Rococo"], 0.4),
        genre=("portrait",) if rng.random() < 0.2 else (),
        source=some(["nga", "wikiart"], 0.3),
        not_artist=some(ARTISTS, 0.3),
        not_style=some(["Cubism", "Baroque", "Rococo"], 0.2),
        year_from=first if rng.random() < 0.4 else None,
        year_to=last if rng.random() < 0.4 else None,
    )


@pytest.fixture(params=["edge", pytest.param("server", marks=pytest.mark.server)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GenerationalIndex]:
    opened: GenerationalIndex
    if request.param == "edge":
        opened = EdgeIndex(tmp_path / "index")
    else:
        opened = ServerIndex(
            request.getfixturevalue("qdrant_url"), alias=request.getfixturevalue("qdrant_alias")
        )
    yield opened
    opened.close()


@pytest.fixture
def world() -> World:
    rng = np.random.default_rng(11)
    return World([_point(number, rng) for number in range(POINTS)])


@pytest.fixture
def filled(index: GenerationalIndex, world: World) -> GenerationalIndex:
    index.ensure([BROAD, NARROW])
    for start in range(0, POINTS, 250):
        index.upsert(world.points[start : start + 250])
    index.optimize()
    return index


def test_an_empty_index_says_that_it_is_empty(index: Index) -> None:
    status = index.status()
    assert (status.points, status.generation, dict(status.vectors)) == (0, None, {})
    assert list(index.ids()) == []
    with pytest.raises(UnknownVector, match="ingest first"):
        index.nearest("broad", np.ones(64, np.float32), wanted=Filter(), top=3)


def test_exact_search_equals_brute_force_under_random_filters(filled: Index, world: World) -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        wanted, query = _random_filter(rng), _unit(rng, 64)
        found = filled.nearest("broad", query, wanted=wanted, top=10, exact=True)
        expected = world.nearest("broad", query, wanted, 10)
        assert [hit.id for hit in found] == [artwork_id for artwork_id, _ in expected]
        cosines = [cosine for _, cosine in expected]
        assert [hit.cosine for hit in found] == pytest.approx(cosines, abs=1e-5)


@pytest.mark.parametrize(("model", "dimension"), [("broad", 64), ("narrow", 16)])
def test_hnsw_finds_nearly_all_that_brute_force_finds_and_only_what_passes(
    filled: Index, world: World, model: str, dimension: int
) -> None:
    rng = np.random.default_rng(6)
    right = asked = 0
    for _ in range(60):
        wanted, query = _random_filter(rng), _unit(rng, dimension)
        passing = {point.id for point in world.passing(wanted)}
        found = [hit.id for hit in filled.nearest(model, query, wanted=wanted, top=10)]
        expected = [item for item, _ in world.nearest(model, query, wanted, 10)]
        assert set(found) <= passing
        assert len(found) == len(expected)
        right += len(set(found) & set(expected))
        asked += len(expected)
    assert right / asked >= 0.99


def test_status_counts_points_vectors_and_what_the_graph_holds(filled: Index) -> None:
    status = filled.status()
    assert status.points == POINTS
    assert {model: item.points for model, item in status.vectors.items()} == {
        "broad": POINTS,
        "narrow": POINTS,
    }
    assert status.payload_indexes == ("artist", "genre", "school", "source", "style", "year")
    assert status.vectors["broad"].fingerprint == "f1"


def test_writing_a_point_twice_leaves_one_with_the_later_content(
    filled: Index, world: World
) -> None:
    rng = np.random.default_rng(9)
    again = IndexPoint(
        id=world.points[3].id,
        vectors={"broad": _unit(rng, 64), "narrow": _unit(rng, 16)},
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
    new = {"narrow": _unit(rng, 16)}
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


def test_many_long_vectors_are_written_at_once_and_outlive_a_new_generation(
    index: GenerationalIndex,
) -> None:
    # As text 48 MB: more than a server takes in one request.
    rng = np.random.default_rng(14)
    long = VectorSpec(model="long", dimension=4_096, fingerprint="f4")
    points = [
        IndexPoint(
            id=uuid5(NAMESPACE, str(number)), vectors={"long": _unit(rng, 4_096)}, payload={}
        )
        for number in range(550)
    ]
    index.ensure([long])
    index.upsert(points)
    index.ensure([NARROW])
    index.upsert(
        [
            IndexPoint(id=point.id, vectors={"narrow": _unit(rng, 16)}, payload={})
            for point in points
        ]
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


def test_cosines_of_certain_points_are_exact_and_unknown_ids_are_passed_over(
    filled: Index, world: World
) -> None:
    query = _unit(np.random.default_rng(13), 64)
    chosen = world.points[100:140]
    found = filled.cosines("broad", query, [*(point.id for point in chosen), UUID(int=77)])
    expected = {point.id: float(point.vectors["broad"] @ query) for point in chosen}
    assert found == pytest.approx(expected, abs=1e-5)
    assert filled.cosines("broad", query, []) == {}


def test_several_models_asked_at_once_answer_as_each_asked_alone(
    filled: Index, world: World
) -> None:
    rng = np.random.default_rng(15)
    queries = {"broad": _unit(rng, 64), "narrow": _unit(rng, 16)}
    wanted = Filter(source=("nga",))
    left_out = [point.id for point in world.passing(wanted)[:3]]
    together = filled.nearest_under_each(
        queries, wanted=wanted, top=10, exact=True, without=left_out
    )
    assert list(together) == ["broad", "narrow"]
    for model, query in queries.items():
        alone = filled.nearest(model, query, wanted=wanted, top=10, exact=True, without=left_out)
        assert together[model] == alone
    chosen = {"broad": [point.id for point in world.points[:5]], "narrow": []}
    cosines = filled.cosines_under_each(queries, chosen)
    assert cosines["broad"] == filled.cosines("broad", queries["broad"], chosen["broad"])
    assert cosines["narrow"] == {}
    with pytest.raises(UnknownVector, match="missing"):
        filled.nearest_under_each({**queries, "missing": queries["narrow"]}, wanted=wanted, top=10)


def test_a_hundred_of_the_nearest_are_nearly_all_right(filled: Index, world: World) -> None:
    rng = np.random.default_rng(16)
    right = 0
    for _ in range(20):
        query = _unit(rng, 64)
        found = {hit.id for hit in filled.nearest("broad", query, wanted=Filter(), top=100)}
        right += len(found & {item for item, _ in world.nearest("broad", query, Filter(), 100)})
    assert right / 2_000 >= 0.97


def test_points_can_be_left_out_of_an_answer(filled: Index, world: World) -> None:
    point = world.points[20]
    query = point.vectors["broad"]
    assert filled.nearest("broad", query, wanted=Filter(), top=1)[0].id == point.id
    without = filled.nearest("broad", query, wanted=Filter(), top=5, without=[point.id])
    assert point.id not in [hit.id for hit in without]
    assert len(without) == 5


def test_a_new_model_begins_a_generation_that_keeps_all_there_was(
    filled: GenerationalIndex, world: World
) -> None:
    rng = np.random.default_rng(12)
    third = VectorSpec(model="third", dimension=8, fingerprint="f3")
    before = filled.nearest("broad", world.points[4].vectors["broad"], wanted=Filter(), top=5)
    filled.ensure([third])
    filled.upsert([IndexPoint(id=world.points[4].id, vectors={"third": _unit(rng, 8)}, payload={})])
    status = filled.status()
    assert status.generation == 2
    assert {model: item.points for model, item in status.vectors.items()} == {
        "broad": POINTS,
        "narrow": POINTS,
        "third": 1,
    }
    after = filled.nearest("broad", world.points[4].vectors["broad"], wanted=Filter(), top=5)
    assert [hit.id for hit in after] == [hit.id for hit in before]


def test_other_weights_are_refused_by_name(filled: GenerationalIndex) -> None:
    other = VectorSpec(model="broad", dimension=64, fingerprint="another")
    with pytest.raises(FingerprintMismatch, match=r"f1.*another"):
        filled.ensure([other])


def test_a_model_that_the_index_lacks_is_refused_with_those_that_it_has(filled: Index) -> None:
    with pytest.raises(UnknownVector, match="broad, narrow"):
        filled.nearest("missing", np.ones(8, np.float32), wanted=Filter(), top=1)


def test_vectors_of_one_model_are_written_and_nothing_else_changes(
    filled: Index, world: World
) -> None:
    rng = np.random.default_rng(5)
    first, second = world.points[0], world.points[1]
    fresh = _unit(rng, 16)

    filled.set_vectors("narrow", {first.id: fresh, uuid5(NAMESPACE, "nobody"): _unit(rng, 16)})

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


def test_all_points_come_back_with_payload_and_with_vectors_if_asked(
    filled: Index, world: World
) -> None:
    expected = {point.id: point for point in world.points}

    without = {point.id: point for point in filled.points(with_vectors=False)}
    assert {item: point.payload for item, point in without.items()} == {
        item: point.payload for item, point in expected.items()
    }
    assert not any(point.vectors for point in without.values())

    whole = list(filled.points(with_vectors=True))
    assert len(whole) == POINTS
    for point in whole:
        for model, vector in expected[point.id].vectors.items():
            assert vector == pytest.approx(point.vectors[model], abs=1e-6)


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
                vectors={"broad": _unit(rng, 32), "narrow": point.vectors["narrow"]},
                payload=point.payload,
            )
            for point in world.points[:100]
        ]
    )
    return begun


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
