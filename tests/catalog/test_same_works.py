"""What a curator says of records that are one work."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from catalog.artworks import list_artworks, upsert
from catalog.filters import Filter
from catalog.models import Artwork
from catalog.record import ArtworkRecord
from catalog.same_works import (
    InvalidMark,
    mark_same,
    reproductions,
    same_bytes,
    same_works,
    unmark_same,
)
from deployment import Deployment
from ingest.readers.folder import FolderReader


@pytest.fixture
def ids(deployment: Deployment, pictures: Path) -> list[UUID]:
    records = [item for item in FolderReader(pictures).read() if isinstance(item, ArtworkRecord)]
    with deployment.database.transaction() as session:
        upsert(session, records, reader="folder")
        return sorted(work.id for work in list_artworks(session, Filter()).artworks)


def test_records_marked_as_one_work_know_each_other(
    deployment: Deployment, ids: list[UUID]
) -> None:
    with deployment.database.transaction() as session:
        assert mark_same(session, [ids[4], ids[2], ids[4]]) == (ids[2], ids[4])
    with deployment.database.transaction() as session:
        assert reproductions(session, ids) == {ids[2]: (ids[4],), ids[4]: (ids[2],)}
        assert same_works(session) == ((ids[2], ids[4]),)


def test_marks_that_share_a_record_become_one_work(deployment: Deployment, ids: list[UUID]) -> None:
    with deployment.database.transaction() as session:
        mark_same(session, ids[0:2])
        mark_same(session, ids[2:4])
        mark_same(session, ids[6:8])
        assert mark_same(session, [ids[1], ids[3], ids[4]]) == tuple(ids[0:5])
        assert set(same_works(session)) == {tuple(ids[0:5]), tuple(ids[6:8])}
        assert mark_same(session, ids[0:2]) == tuple(ids[0:5])


def test_a_record_taken_out_leaves_the_others_and_none_alone(
    deployment: Deployment, ids: list[UUID]
) -> None:
    with deployment.database.transaction() as session:
        mark_same(session, ids[0:3])
        assert unmark_same(session, [ids[0], ids[9]]) == (ids[0],)
        assert same_works(session) == (tuple(ids[1:3]),)
        assert unmark_same(session, [ids[1]]) == tuple(ids[1:3])
        assert same_works(session) == ()
        assert unmark_same(session, ids) == ()


def test_what_cannot_be_one_work_is_refused(deployment: Deployment, ids: list[UUID]) -> None:
    with deployment.database.transaction() as session:
        with pytest.raises(InvalidMark, match="at least two"):
            mark_same(session, [ids[0], ids[0]])
        stranger = uuid4()
        with pytest.raises(InvalidMark, match=f"{stranger}.*artworks list"):
            mark_same(session, [ids[0], stranger])
        assert same_works(session) == ()


def test_a_deleted_record_is_marked_no_longer(deployment: Deployment, ids: list[UUID]) -> None:
    with deployment.database.transaction() as session:
        mark_same(session, ids[0:3])
    with deployment.database.transaction() as session:
        session.delete(session.get(Artwork, ids[0]))
    with deployment.database.transaction() as session:
        assert reproductions(session, ids) == {ids[1]: (ids[2],), ids[2]: (ids[1],)}
        session.delete(session.get(Artwork, ids[1]))
    with deployment.database.transaction() as session:
        assert reproductions(session, ids) == {}
        assert same_works(session) == ()


def test_records_of_one_file_are_found_by_its_hash(deployment: Deployment, ids: list[UUID]) -> None:
    with deployment.database.transaction() as session:
        for item in ids[:4]:
            artwork = session.get(Artwork, item)
            assert artwork is not None
            artwork.image_sha256 = "a" * 64 if item != ids[2] else "b" * 64
    with deployment.database.transaction() as session:
        assert same_bytes(session) == ((ids[0], ids[1], ids[3]),)
