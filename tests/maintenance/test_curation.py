"""A curator's corrections and deletions: the index follows at once, and no ingest undoes them."""

from pathlib import Path

import pytest

from catalog.artworks import ArtworkFacts, by_id, list_artworks
from catalog.corrections import InvalidCorrection, source_values
from catalog.deletions import deletions, restore
from catalog.filters import Filter
from catalog.same_works import mark_same, same_works
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from ingest.summary import JobSummary
from maintenance.curation import delete, edit
from maintenance.drift import find_drift
from tests.pictures import facts, write_table


def _ingest(deployment: Deployment, folder: Path) -> JobSummary:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    return ingest(FolderReader(folder), deployment.ingest_context(embedders))


def _works(deployment: Deployment) -> tuple[ArtworkFacts, ...]:
    with deployment.database.transaction() as session:
        return list_artworks(session, Filter()).artworks


def _by_artist(deployment: Deployment, artist: str) -> list[str]:
    """Return the titles of the works that a search finds under an artist."""
    query = deployment.embedder("colour_grid").embed([_picture(deployment)])[0]
    found = deployment.index.nearest(
        "colour_grid", query, wanted=Filter(artist=(artist,)), top=50, exact=True
    )
    with deployment.database.transaction() as session:
        known = by_id(session, [hit.id for hit in found])
    return [known[hit.id].title for hit in found]


def _picture(deployment: Deployment) -> Path:
    return Path(_works(deployment)[0].image_location)


def _work(deployment: Deployment, title: str) -> ArtworkFacts:
    return next(work for work in _works(deployment) if work.title == title)


def _says(deployment: Deployment, work: ArtworkFacts) -> dict[str, str | int | None]:
    with deployment.database.transaction() as session:
        return source_values(session, work.id)


@pytest.mark.slow
def test_a_correction_reaches_the_index_and_outlives_the_next_ingest(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    work = _work(deployment, "Picture 5")
    edited = edit(
        deployment.database,
        deployment.index,
        work.id,
        {"artist": "Łucja Nowak-Ægir", "genre": None, "year": 1901},
    )
    assert (edited.artist, edited.genre, edited.year) == ("Łucja Nowak-Ægir", None, 1901)
    assert _by_artist(deployment, "Łucja Nowak-Ægir") == ["Picture 5"]
    assert _says(deployment, work) == {
        "artist": work.artist,
        "genre": work.genre,
        "year": work.year,
    }

    rows = [facts(number) for number in range(24)]
    rows[5] |= {"artist": "The Source's Second Thought", "title": "Picture 5, renamed"}
    write_table(pictures / "works.csv", rows)
    again = _ingest(deployment, pictures)
    assert again.updated == 1
    now = _work(deployment, "Picture 5, renamed")
    assert (now.artist, now.genre, now.year) == ("Łucja Nowak-Ægir", None, 1901)
    assert _by_artist(deployment, "Łucja Nowak-Ægir") == ["Picture 5, renamed"]
    assert _says(deployment, work)["artist"] == "The Source's Second Thought"
    assert _ingest(deployment, pictures).updated == 0
    assert not find_drift(
        deployment.database, deployment.index, deployment.image_store, deployment.registry
    )

    edit(deployment.database, deployment.index, work.id, {}, withdrawn=["artist"])
    assert _by_artist(deployment, "The Source's Second Thought") == ["Picture 5, renamed"]
    assert "artist" not in _says(deployment, work)


@pytest.mark.slow
def test_a_correction_that_cannot_be_kept_changes_nothing(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    work = _work(deployment, "Picture 5")
    for values, said in (
        ({"title": None}, "no title"),
        ({"artist": "a" * 501}, "longer than 500"),
        ({"artist": 5}, "is a text"),
        ({"year": "then"}, "is no whole number"),
        ({"file": "elsewhere.jpg"}, "cannot be corrected"),
    ):
        with pytest.raises(InvalidCorrection, match=said):
            edit(deployment.database, deployment.index, work.id, {"style": "Grid", **values})
    with pytest.raises(InvalidCorrection, match="has not been corrected"):
        edit(deployment.database, deployment.index, work.id, {}, withdrawn=["year"])
    assert _work(deployment, "Picture 5") == work
    assert _says(deployment, work) == {}


@pytest.mark.slow
def test_a_deleted_work_is_gone_everywhere_and_stays_away_until_it_is_restored(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    work, other = _work(deployment, "Picture 5"), _work(deployment, "Picture 6")
    with deployment.database.transaction() as session:
        mark_same(session, [work.id, other.id])
    thumbnail = deployment.image_store.thumbnail_path(work.image_sha256 or "")
    assert thumbnail.exists()

    gone = delete(deployment.database, deployment.index, deployment.image_store, work.id)
    assert gone == work
    assert delete(deployment.database, deployment.index, deployment.image_store, work.id) is None
    assert deployment.index.held([work.id]) == set()
    assert not thumbnail.exists()
    assert Path(work.image_location).exists()
    with deployment.database.transaction() as session:
        assert same_works(session) == ()
        assert [item.title for item in deletions(session)] == ["Picture 5"]

    assert _ingest(deployment, pictures).added == 0
    assert len(_works(deployment)) == 23
    assert not find_drift(
        deployment.database, deployment.index, deployment.image_store, deployment.registry
    )

    with deployment.database.transaction() as session:
        assert [item.id for item in restore(session, [work.id])] == [work.id]
    assert _ingest(deployment, pictures).added == 1
    assert deployment.index.held([work.id], model="edge_grid") == {work.id}


@pytest.mark.slow
def test_a_thumbnail_that_two_works_share_outlives_one_of_them(
    deployment: Deployment, pictures: Path
) -> None:
    (pictures / "images" / "006.jpg").write_bytes((pictures / "images" / "005.jpg").read_bytes())
    _ingest(deployment, pictures)
    work = _work(deployment, "Picture 5")
    delete(deployment.database, deployment.index, deployment.image_store, work.id)
    assert deployment.image_store.thumbnail_path(work.image_sha256 or "").exists()


@pytest.mark.slow
@pytest.mark.parametrize("step", ["index", "image_store"])
def test_a_deletion_cut_short_at_any_step_is_found_unfinished_by_the_next(
    deployment: Deployment, pictures: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    _ingest(deployment, pictures)
    work = _work(deployment, "Picture 5")

    def cut_short(*_: object) -> None:
        raise KeyboardInterrupt

    name = {"index": "delete", "image_store": "remove"}[step]
    monkeypatch.setattr(getattr(deployment, step), name, cut_short)
    with pytest.raises(KeyboardInterrupt):
        delete(deployment.database, deployment.index, deployment.image_store, work.id)
    monkeypatch.undo()
    assert delete(deployment.database, deployment.index, deployment.image_store, work.id) == work
    assert not find_drift(
        deployment.database, deployment.index, deployment.image_store, deployment.registry
    )
