"""Artworks in the catalog, on SQLite and on Postgres."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from catalog.artworks import (
    by_id,
    facets,
    list_artworks,
    take_outdated_payloads,
    upsert,
    year_counts,
    year_span,
)
from catalog.filters import Filter
from catalog.listing import Order
from catalog.models import Artwork, ImageState, now
from catalog.record import ArtworkRecord, InvalidRecord, Maker, artwork_id
from deployment import Deployment

MONET = ArtworkRecord(
    source="nga",
    source_id="1",
    title="Кувшинки – Nymphéas",
    artist="Claude Monet",
    style="Impressionism",
    year=1906,
    file="1.jpg",
    image_location="/pictures/1.jpg",
    image_signature="10:1:1",
    extra={"inventory": "1963.10.1"},
)
REPIN = replace(
    MONET, source_id="2", title="Бурлаки на Волге", artist="Илья Репин", style=None, year=None
)

LATER = replace(MONET, source_id="3", title="Яблоки", artist="Поль Сезанн", year=1920)


@pytest.fixture
def filled(deployment: Deployment) -> Deployment:
    with deployment.database.transaction() as session:
        upsert(session, [MONET, REPIN], reader="folder")
        session.execute(update(Artwork).values(image_state=ImageState.READY))
    return deployment


def test_the_same_work_has_the_same_id_everywhere() -> None:
    assert str(artwork_id("nga", "1")) == str(MONET.id) == "4656afb3-e45a-5b58-8400-9545f7301059"
    assert artwork_id("nga", "12") != artwork_id("nga1", "2")


def test_names_keep_their_real_characters(filled: Deployment) -> None:
    with filled.database.transaction() as session:
        found = by_id(session, [MONET.id, REPIN.id])
    assert found[MONET.id].title == "Кувшинки – Nymphéas"
    assert found[REPIN.id].artist == "Илья Репин"
    assert found[MONET.id].extra == {"inventory": "1963.10.1"}


def test_the_same_record_again_changes_nothing(filled: Deployment) -> None:
    with filled.database.transaction() as session:
        outcome = upsert(session, [MONET, REPIN], reader="folder")
    assert not outcome.updated
    assert not outcome.image_to_check


def test_changed_metadata_is_told_to_the_index_once(filled: Deployment) -> None:
    with filled.database.transaction() as session:
        outcome = upsert(session, [replace(MONET, year=1907), REPIN], reader="folder")
        assert outcome.updated == {MONET.id}
        assert [item.payload()["year"] for item in take_outdated_payloads(session, 10)] == [1907]
    with filled.database.transaction() as session:
        assert take_outdated_payloads(session, 10) == ()


def test_an_image_that_may_have_changed_is_to_be_checked(filled: Deployment) -> None:
    with filled.database.transaction() as session:
        outcome = upsert(session, [replace(MONET, image_signature="11:2:2")], reader="folder")
    assert outcome.image_to_check == {MONET.id}
    assert not outcome.updated


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        (Filter(), ["Кувшинки – Nymphéas", "Бурлаки на Волге"]),
        (Filter(artist=("Илья Репин",)), ["Бурлаки на Волге"]),
        (Filter(artist=("Илья Репин", "Claude Monet"), style=("Impressionism",)), [MONET.title]),
        (Filter(year_from=1900), [MONET.title]),
        (Filter(year_from=1907), []),
        (Filter(source=("louvre",)), []),
        (Filter(not_artist=("Claude Monet",)), ["Бурлаки на Волге"]),
        (Filter(not_style=("Impressionism",)), ["Бурлаки на Волге"]),
        (Filter(not_source=("nga",)), []),
    ],
)
def test_a_listing_holds_what_passes_the_filter(
    filled: Deployment, wanted: Filter, titles: list[str]
) -> None:
    with filled.database.transaction() as session:
        page = list_artworks(session, wanted)
        assert sorted(artwork.title for artwork in page.artworks) == sorted(titles)
        assert page.total == len(titles)
        assert list_artworks(session, wanted, limit=1).total == len(titles)


def test_facets_leave_out_the_fields_own_condition(filled: Deployment) -> None:
    with filled.database.transaction() as session:
        counted = facets(session, Filter(artist=("Claude Monet",)))
        span = year_span(session)
    assert counted["artist"] == {"Claude Monet": 1, "Илья Репин": 1}
    assert counted["style"] == {"Impressionism": 1}
    assert counted["genre"] == {}
    assert span == (1906, 1906)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, "no title"),
        ({"artist": "x" * 501}, "artist is longer"),
        ({"title": "\0"}, "no title"),
        ({"file": "a\0.jpg"}, "NUL"),
        ({"source_id": "a\x1b[2J"}, "control character"),
        ({"source_id": "\U0001f5bc" * 700}, "longer than 2600 bytes"),
        ({"file": "\udcff.jpg"}, "not valid UTF-8"),
        ({"year": 2**31}, "year"),
        ({"maker": Maker(source_id="1\0")}, "NUL"),
        ({"extra": {"note": "x" * 1_000_001}}, "other columns"),
        ({"extra": {"n": 10**5000}}, "digits"),
    ],
)
def test_a_record_that_no_database_can_hold_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidRecord, match=message):
        replace(MONET, **changes)


def test_control_characters_stay_out_of_what_is_shown_and_names_of_things_are_not_changed() -> None:
    record = replace(
        MONET,
        title="Water\x1b]0;gone\x07 Lilies\r\nII",
        artist="\x1b",
        image_location="/pictures/a\x85.jpg",
        extra={"no\0te": ["line\nline\x1b", float("nan"), "\ud800", 2**70], "deep": {"a": 1.5}},
    )
    assert (record.title, record.artist) == ("Water]0;gone Lilies II", None)
    assert record.image_location == "/pictures/a\x85.jpg"
    assert record.extra == {
        "note": ["line\nline", None, "\ufffd", str(2**70)],
        "deep": {"a": 1.5},
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nympheas", {MONET.id}),
        ("NYMPHÉAS monet", {MONET.id}),
        ("кувшинки", {MONET.id}),
        ("репин", {REPIN.id}),
        ("monet репин", set()),
        ("1%", set()),
        ("  ", {MONET.id, REPIN.id}),
    ],
)
def test_words_are_found_whatever_their_accents_and_case(
    filled: Deployment, text: str, found: set[UUID]
) -> None:
    with filled.database.transaction() as session:
        page = list_artworks(session, Filter(), text=text)
    assert {work.id for work in page.artworks} == found
    assert page.total == len(found)


@pytest.mark.parametrize(
    ("order", "first"),
    [("artist", MONET.id), ("title", REPIN.id), ("year", MONET.id), ("newest", LATER.id)],
)
def test_works_are_listed_in_an_order(filled: Deployment, order: Order, first: UUID) -> None:
    with filled.database.transaction() as session:
        upsert(session, [LATER], reader="folder")
        later = now() + timedelta(hours=1)
        session.execute(update(Artwork).where(Artwork.id == LATER.id).values(created_at=later))
    with filled.database.transaction() as session:
        page = list_artworks(session, Filter(), order=order)
    assert page.artworks[0].id == first


def test_a_listing_keeps_to_some_works_of_which_there_may_be_very_many(filled: Deployment) -> None:
    strangers = [uuid4() for _ in range(70_000)]  # Postgres takes 65,535 parameters
    with filled.database.transaction() as session:
        page = list_artworks(session, Filter(), among=[*strangers, REPIN.id])
        assert [work.id for work in page.artworks] == [REPIN.id]
        assert page.total == 1
        wanted = Filter(artist=("Claude Monet",))
        assert list_artworks(session, wanted, among=[REPIN.id]).total == 0
        assert list_artworks(session, Filter(), among=[]).total == 0


def test_years_are_counted_under_the_other_filters(filled: Deployment) -> None:
    with filled.database.transaction() as session:
        assert year_counts(session, Filter(artist=("Claude Monet",), year_from=1950)) == {1906: 1}
        assert year_counts(session, Filter(artist=("Илья Репин",))) == {}
