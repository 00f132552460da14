"""What a curator says of records that are not one work."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from catalog.artworks import list_artworks, upsert
from catalog.dismissals import dismiss, dismissals, dismissed_pairs, undismiss
from catalog.filters import Filter
from catalog.models import Artwork
from catalog.record import ArtworkRecord
from catalog.same_works import InvalidMark, mark_same, same_works
from deployment import Deployment
from ingest.readers.folder import FolderReader


@pytest.fixture
def ids(deployment: Deployment, pictures: Path) -> list[UUID]:
    records = [item for item in FolderReader(pictures).read() if isinstance(item, ArtworkRecord)]
    with deployment.database.transaction() as session:
        upsert(session, records, reader="folder")
        return sorted(work.id for work in list_artworks(session, Filter()).artworks)


def test_a_group_that_is_dismissed_is_so_pair_by_pair_and_only_once(
    deployment: Deployment, ids: list[UUID]
) -> None:
    with deployment.database.transaction() as session:
        assert dismiss(session, [ids[2], ids[0], ids[1], ids[0]]) == 3
        assert dismiss(session, [ids[1], ids[0]]) == 0
        assert dismissed_pairs(session) == {
            (ids[0], ids[1]),
            (ids[0], ids[2]),
            (ids[1], ids[2]),
        }
        found = dismissals(session)
        assert {tuple(work.id for work in item.works) for item in found} == dismissed_pairs(session)


def test_what_was_dismissed_is_taken_back_for_a_record_or_among_several(
    deployment: Deployment, ids: list[UUID]
) -> None:
    with deployment.database.transaction() as session:
        dismiss(session, ids[:3])
        dismiss(session, ids[2:4])
        assert undismiss(session, [ids[0], ids[1], ids[5]]) == 1
        assert undismiss(session, [ids[2]]) == 3
        assert dismissals(session) == ()


def test_who_marks_records_as_one_work_dismisses_them_no_longer_and_not_both_at_once(
    deployment: Deployment, ids: list[UUID]
) -> None:
    with deployment.database.transaction() as session:
        dismiss(session, ids[:3])
        mark_same(session, ids[:2])
        assert dismissed_pairs(session) == {(ids[0], ids[2]), (ids[1], ids[2])}
        with pytest.raises(InvalidMark, match="duplicates unmark"):
            dismiss(session, [ids[0], ids[1], ids[7]])
        assert same_works(session) == (tuple(ids[:2]),)
        for wrong, reason in (([ids[0]], "from 2"), ([ids[0], uuid4()], "artworks list")):
            with pytest.raises(InvalidMark, match=reason):
                dismiss(session, wrong)
        assert len(dismissed_pairs(session)) == 2


def test_a_deleted_record_takes_what_was_said_of_it_along(
    deployment: Deployment, ids: list[UUID]
) -> None:
    with deployment.database.transaction() as session:
        dismiss(session, ids[:3])
    with deployment.database.transaction() as session:
        session.delete(session.get(Artwork, ids[1]))
    with deployment.database.transaction() as session:
        assert dismissed_pairs(session) == {(ids[0], ids[2])}
