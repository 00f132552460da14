"""A work with several records is shown once, on both engines."""

from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from catalog.artists import find_artist, merge
from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.same_works import mark_same, unmark_same
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from maintenance.artists import merge_artists
from search.fusion import FUSION
from search.reproductions import Reproductions
from search.similar import Hit, HitSelection, SimilarWorks, similar
from tests.reproductions import paint, photographed

OTHERS = 30
NEAR = ("mill-1", "mill-2", "mill-3", "mill-4")


@pytest.fixture
def works(deployment: Deployment, tmp_path: Path) -> dict[str, UUID]:
    """Four reproductions of a painting, and many others, by the names of their files."""
    folder = tmp_path / "works"
    folder.mkdir()
    pictures = {
        f"other-{seed:02}": paint(100 + seed, width=120, height=90) for seed in range(OTHERS)
    }
    for number, name in enumerate(NEAR):
        pictures[name] = photographed(paint(1), warm=1 + 0.02 * number)
    rows = ["file,artist"]
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(folder / f"{name}.jpg", quality=92)
        rows.append(f"{name}.jpg,{'Ada Example' if name in NEAR else 'Example (Ada)'}")
    (folder / "works.csv").write_text("\n".join(rows))
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    assert ingest(FolderReader(folder), deployment.ingest_context(embedders)).failed == 0
    with deployment.database.transaction() as session:
        return {Path(work.file).stem: work.id for work in list_artworks(session, Filter()).artworks}


def _mark(deployment: Deployment, ids: list[UUID]) -> None:
    with deployment.database.transaction() as session:
        mark_same(session, ids)


def _asked(deployment: Deployment, picture: object, **options: object) -> SimilarWorks:
    return similar(
        picture,  # type: ignore[arg-type]
        index=deployment.index,
        database=deployment.database,
        embedders=[deployment.embedder(name) for name in deployment.settings.models],
        **options,  # type: ignore[arg-type]
    )


def _ids(hits: tuple[Hit, ...]) -> list[UUID]:
    return [hit.artwork.id for hit in hits]


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [{}, {"models": [FUSION]}, {"selection": HitSelection(diverse=True)}]
)
def test_a_marked_work_is_shown_once_with_its_reproductions(
    deployment: Deployment, works: dict[str, UUID], options: dict[str, object]
) -> None:
    photo = Image.fromarray(paint(1))
    before = _asked(deployment, photo, **options)
    near = [works[name] for name in NEAR]
    _mark(deployment, near)
    after = _asked(deployment, photo, **options)
    for model, found in after.models.items():
        shown = [hit for hit in found.hits if hit.artwork.id in near]
        assert len(shown) == 1
        assert {work.id for work in shown[0].reproductions} == set(near) - {shown[0].artwork.id}
        assert not any(hit.reproductions for hit in found.hits if hit is not shown[0])
        # The record that is nearest stands for the work.
        assert shown[0].artwork.id == before.models[model].hits[0].artwork.id
        assert [hit.rank for hit in found.hits] == list(range(1, 11))
        assert len(set(_ids(found.hits))) == 10


@pytest.mark.slow
def test_pages_have_each_work_once_and_leave_none_out(
    deployment: Deployment, works: dict[str, UUID]
) -> None:
    photo = Image.fromarray(paint(1))
    model = deployment.settings.models[0]
    _mark(deployment, [works[name] for name in NEAR])
    paged: list[UUID] = []
    for offset in range(0, 40, 4):
        answer = _asked(
            deployment, photo, models=[model], top=4, selection=HitSelection(offset=offset)
        )
        paged += _ids(answer.models[model].hits)
    whole = _asked(deployment, photo, models=[model], top=40)
    assert paged == _ids(whole.models[model].hits)
    assert len(paged) == len(set(paged)) == OTHERS + 1


@pytest.mark.slow
def test_a_hit_s_rank_elsewhere_is_its_work_s(
    deployment: Deployment, works: dict[str, UUID]
) -> None:
    _mark(deployment, [works[name] for name in NEAR])
    answer = _asked(deployment, Image.fromarray(paint(1)), top=31)
    first, second = deployment.settings.models
    orders = {model: _ids(found.hits) for model, found in answer.models.items()}
    for hit in answer.models[first].hits:
        same = {hit.artwork.id, *(work.id for work in hit.reproductions)}
        (rank,) = [number for number, item in enumerate(orders[second], 1) if item in same]
        assert hit.ranks == {second: rank}


@pytest.mark.slow
def test_an_example_s_reproductions_are_left_out_like_the_example(
    deployment: Deployment, works: dict[str, UUID]
) -> None:
    near = [works[name] for name in NEAR]
    assert set(near[1:]) <= set(_ids(_first(_asked(deployment, near[0]))))
    _mark(deployment, near)
    assert not set(near) & set(_ids(_first(_asked(deployment, near[0]))))
    with deployment.database.transaction() as session:
        unmark_same(session, near)
    assert set(near[1:]) <= set(_ids(_first(_asked(deployment, near[0]))))


@pytest.mark.slow
def test_a_filter_knows_an_artist_by_every_name_once_they_are_one(
    deployment: Deployment, works: dict[str, UUID]
) -> None:
    wanted = Filter(artist=("Ada Example",))
    photo = Image.fromarray(paint(1))
    assert len(_first(_asked(deployment, photo, wanted=wanted, top=40))) == len(NEAR)
    with deployment.database.transaction() as session:
        one, other = (find_artist(session, name) for name in ("Ada Example", "Example (Ada)"))
    merge_artists(deployment.database, deployment.index, one, [other])
    for name in ("Ada Example", "Example (Ada)", "ADA EXAMPLE"):
        answer = _asked(deployment, photo, wanted=Filter(artist=(name,)), top=40)
        assert len(_first(answer)) == len(works)
        assert {hit.artwork.artist for hit in _first(answer)} == {"Ada Example"}


@pytest.mark.slow
def test_where_the_index_cannot_be_told_no_artists_are_merged(
    deployment: Deployment, works: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    with deployment.database.transaction() as session:
        one, other = (find_artist(session, name) for name in ("Ada Example", "Example (Ada)"))

    def gone(_: object) -> None:
        raise ConnectionError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(deployment.index, "set_payload", gone)
        with pytest.raises(ConnectionError):
            merge_artists(deployment.database, deployment.index, one, [other])
    with deployment.database.transaction() as session:
        assert find_artist(session, "Example (Ada)") == other
        merge(session, one, [other])


def _first(answer: SimilarWorks) -> tuple[Hit, ...]:
    return next(iter(answer.models.values())).hits


def test_a_ranking_without_marks_stays_as_it_is() -> None:
    items = [UUID(int=number) for number in (4, 2, 9)]
    same = Reproductions()
    assert same.once(items) == items
    assert same.ranks(items) == {items[0]: 1, items[1]: 2, items[2]: 3}
    assert same.among(items) == []
