"""The benchmarks of large collections, on small ones made of drawn pictures."""

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from benchmarks.filtered_recall import (
    bucket_of,
    draw_filters,
    draw_questions,
    draw_ranges,
    measure,
    measure_ranges,
    read_works,
    really_nearest,
)
from benchmarks.large_collection import RealWorks, finish, make, read_real, write
from benchmarks.peers import compare_peers
from benchmarks.search_overhead import draw_questions as draw_searches
from benchmarks.search_overhead import measure as measure_overhead
from catalog.artworks import facets, list_artworks
from catalog.filters import Filter
from catalog.models import ImageState
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from settings import Settings
from tests.conftest import TINY_MODELS

WORKS = 300


@pytest.fixture
def real(tmp_path: Path, pictures: Path) -> RealWorks:
    settings = Settings(home=tmp_path / "real", models=TINY_MODELS, batch_size=8)
    with Deployment(settings) as opened:
        embedders = [opened.embedder(name) for name in TINY_MODELS]
        ingest(FolderReader(pictures), opened.ingest_context(embedders))
    return read_real(tmp_path / "real", TINY_MODELS)


@pytest.fixture
def large(deployment: Deployment, real: RealWorks) -> Deployment:
    assert list(write(deployment, real, WORKS, seed=0))[-1] == WORKS
    finish(deployment)
    return deployment


@pytest.mark.slow
def test_a_made_work_is_like_its_main_part_under_every_model_and_has_its_labels(
    real: RealWorks,
) -> None:
    by_title = {work.title: place for place, work in enumerate(real.facts)}
    for batch in make(real, 100, seed=3):
        for work in batch:
            main = by_title[work.record.title.rpartition(" (")[0]]
            assert work.record.artist in (real.facts[main].artist, None)
            for model, rows in real.vectors.items():
                vector = work.vectors[model]
                assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
                # More alike than the main part is to the rest, on the whole.
                assert vector @ rows[main] > np.median(rows @ rows[main])


@pytest.mark.slow
def test_the_same_seed_makes_the_same_works(real: RealWorks) -> None:
    first, second = (next(make(real, 20, seed=5)) for _ in range(2))
    assert [work.record for work in first] == [work.record for work in second]
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.vectors["colour_grid"], other.vectors["colour_grid"])


@pytest.mark.slow
def test_a_large_collection_is_whole_on_either_engine(large: Deployment) -> None:
    status = large.index.status()
    assert status.points == WORKS
    assert {held.points for held in status.vectors.values()} == {WORKS}
    with large.database.transaction() as session:
        assert list_artworks(session, Filter(), state=ImageState.READY, limit=1).total == WORKS
        counts = facets(session, Filter())["school"]
    assert len(counts) > 1


@pytest.mark.slow
def test_filters_are_drawn_for_every_bucket_and_pass_what_is_counted(large: Deployment) -> None:
    works = read_works(large.database)
    drawn = draw_filters(works, 60, np.random.default_rng(0))
    buckets = [bucket_of(item, works) for item in drawn]
    # Of so few works, the narrowest filters pass one or none.
    assert {3} == {buckets.count(bucket) for bucket in range(10, 20)}
    with large.database.transaction() as session:
        for item in drawn:
            assert list_artworks(session, item.wanted, limit=1).total == item.works


@pytest.mark.slow
def test_what_is_really_nearest_is_what_the_index_finds_by_a_scan(large: Deployment) -> None:
    works, rng = read_works(large.database), np.random.default_rng(0)
    questions = draw_questions(large.index, works, draw_filters(works, 40, rng), rng)
    nearest = really_nearest(large.index, works, questions)
    for question, truth in zip(questions, nearest, strict=True):
        for model, vector in question.vectors.items():
            hits = large.index.nearest(
                model,
                vector,
                wanted=question.drawn.wanted,
                top=10,
                exact=True,
                without=[question.work],
            )
            assert {hit.id for hit in hits} == truth[model]


@pytest.mark.slow
def test_recall_is_told_for_each_model_and_bucket(large: Deployment) -> None:
    works, rng = read_works(large.database), np.random.default_rng(0)
    questions = draw_questions(large.index, works, draw_filters(works, 40, rng), rng)
    nearest = really_nearest(large.index, works, questions)
    rows = measure(large.index, works, questions, nearest, timed=TINY_MODELS)
    assert sum(row.questions for row in rows) == len(questions)
    # A collection that small is scanned.
    assert all(row.recall == dict.fromkeys(TINY_MODELS, 1.0) for row in rows)
    wrong = [{name: {UUID(int=0)} for name in TINY_MODELS}] * len(questions)
    none = measure(large.index, works, questions, wrong, timed=TINY_MODELS[:1])
    assert all(row.recall == dict.fromkeys(TINY_MODELS, 0.0) for row in none)


@pytest.mark.slow
def test_years_are_asked_for_as_a_range_and_as_a_set(large: Deployment) -> None:
    works, rng = read_works(large.database), np.random.default_rng(0)
    questions = draw_questions(large.index, works, draw_ranges(works, 10, rng), rng)
    found = measure_ranges(large.index, questions, really_nearest(large.index, works, questions))
    assert found == {kind: dict.fromkeys(TINY_MODELS, 1.0) for kind in ("range", "set")}


@pytest.mark.slow
def test_a_search_is_measured_against_the_bare_engine(large: Deployment) -> None:
    works, rng = read_works(large.database), np.random.default_rng(0)
    filters = [item.wanted for item in draw_filters(works, 20, rng)][:10]
    questions = draw_searches(large.index, TINY_MODELS, works.ids, filters, rng)
    row = measure_overhead("filtered", questions, large.index, large.database, TINY_MODELS)
    assert row.rounds == 10
    assert row.ratio == pytest.approx(row.vasari_ms / row.bare_ms, rel=0.05)
    assert set(row.stages) == {"index", "catalog", "rest"}


@pytest.mark.slow
def test_other_libraries_are_asked_the_same_questions(large: Deployment, tmp_path: Path) -> None:
    pytest.importorskip("faiss", reason="FAISS is in the optional group `benchmarks`")
    pytest.importorskip("annoy", reason="Annoy is in the optional group `benchmarks`")
    ids, rng = read_works(large.database).ids, np.random.default_rng(0)
    questions = draw_searches(large.index, TINY_MODELS, ids, [Filter()] * 20, rng)
    vectors = [question.vectors for question in questions]
    for _ in ("made", "kept"):
        rows = compare_peers(large.index, vectors, top=10, folder=tmp_path / "peers")
        assert [row.by.split()[0] for row in rows] == ["bare", "FAISS", "Annoy,"]
        assert all(row.recall >= 0.99 for row in rows)
