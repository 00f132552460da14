"""Artists as persons, on SQLite and on Postgres."""

from collections.abc import Sequence
from uuid import uuid4

import pytest
from sqlalchemy import text

from catalog.artist_suggestions import MergeSuggestion, suggest_merges
from catalog.artists import (
    ArtistFacts,
    InvalidArtistChange,
    UnknownArtist,
    find_artist,
    list_artists,
    merge,
    rename,
    split,
    with_preferred_names,
)
from catalog.artworks import by_id, facets, list_artworks, take_outdated_payloads, upsert
from catalog.corrections import correct
from catalog.filters import Filter
from catalog.models import Artwork, ImageState
from catalog.record import ArtworkRecord, Maker
from catalog.revisions import migrate
from catalog.same_works import mark_same
from deployment import Deployment


def _record(number: int, artist: str | None, **more: object) -> ArtworkRecord:
    return ArtworkRecord(
        **{  # type: ignore[arg-type]
            "source": "museum",
            "source_id": str(number),
            "title": f"Work {number}",
            "file": f"{number}.jpg",
            "image_location": f"/{number}.jpg",
            "image_signature": "x",
            "artist": artist,
        }
        | more
    )


def _take_in(deployment: Deployment, records: Sequence[ArtworkRecord]) -> None:
    with deployment.database.transaction() as session:
        upsert(session, records, reader="test")


def _artists(deployment: Deployment) -> dict[str, ArtistFacts]:
    with deployment.database.transaction() as session:
        return {artist.name: artist for artist in list_artists(session)}


def _spoken(deployment: Deployment, records: Sequence[ArtworkRecord]) -> list[tuple[str, str]]:
    """Return the preferred name and the source's spelling of each record's artist."""
    with deployment.database.transaction() as session:
        works = by_id(session, [record.id for record in records])
    return [
        (str(works[record.id].artist), str(works[record.id].artist_as_given)) for record in records
    ]


def _merge(deployment: Deployment, into: str, *others: str) -> None:
    with deployment.database.transaction() as session:
        merge(session, find_artist(session, into), [find_artist(session, name) for name in others])


def _suggested(deployment: Deployment, least: float = 0.75) -> list[set[str]]:
    with deployment.database.transaction() as session:
        found = suggest_merges(session, least=least)
    return [{item.into.name, *(other.name for other in item.others)} for item in found]


def test_spellings_that_differ_in_accents_and_case_are_one_artist(deployment: Deployment) -> None:
    names = ("Jean-Honoré Fragonard", "Jean Honore Fragonard", "JEAN-HONORÉ FRAGONARD", "Goya")
    records = [_record(number, name) for number, name in enumerate(names)]
    _take_in(deployment, records)
    found = _artists(deployment)
    assert {name: artist.works for name, artist in found.items()} == {names[0]: 3, "Goya": 1}
    assert set(found[names[0]].names) == set(names[:3])
    assert _spoken(deployment, records) == [
        (names[0], names[0]),
        (names[0], names[1]),
        (names[0], names[2]),
        ("Goya", "Goya"),
    ]


def test_a_merge_holds_in_filters_facets_and_later_ingests(deployment: Deployment) -> None:
    records = [_record(1, "Vincent van Gogh"), _record(2, "Винсент Ван Гог"), _record(3, "Goya")]
    _take_in(deployment, records)
    _merge(deployment, "Vincent van Gogh", "Винсент Ван Гог")
    with deployment.database.transaction() as session:
        outdated = take_outdated_payloads(session, 10)
        assert [work.payload()["artist"] for work in outdated] == ["Vincent van Gogh"]
        for artwork in session.query(Artwork):
            artwork.image_state = ImageState.READY
    _take_in(deployment, [*records, _record(4, "Винсент Ван Гог")])
    with deployment.database.transaction() as session:
        assert not take_outdated_payloads(session, 10)
        for name in ("Vincent van Gogh", "Винсент Ван Гог", "vincent VAN gogh"):
            wanted = Filter(artist=(name,))
            assert with_preferred_names(session, wanted).artist == ("Vincent van Gogh",)
            assert list_artworks(session, wanted).total == 3
            assert list_artworks(session, Filter(not_artist=(name,))).total == 1
        assert facets(session, Filter(artist=("Винсент Ван Гог",)))["artist"] == {
            "Vincent van Gogh": 2,
            "Goya": 1,
        }
        assert list_artworks(session, Filter(artist=("Nobody",))).total == 0
    assert _spoken(deployment, records)[1] == ("Vincent van Gogh", "Винсент Ван Гог")
    assert _artists(deployment)["Vincent van Gogh"].works == 3


def test_an_artist_renamed_is_still_found_by_the_former_name(deployment: Deployment) -> None:
    records = [_record(1, "Vangogh"), _record(2, "Goya")]
    _take_in(deployment, records)
    with deployment.database.transaction() as session:
        rename(session, find_artist(session, "vangogh"), "Vincent van Gogh")
    _take_in(deployment, records)
    assert _spoken(deployment, records)[0] == ("Vincent van Gogh", "Vangogh")
    other = _record(3, "VANGOGH")
    _take_in(deployment, [other])
    assert _spoken(deployment, [other]) == [("Vincent van Gogh", "VANGOGH")]
    with deployment.database.transaction() as session:
        assert [work.id for work in take_outdated_payloads(session, 9)] == [records[0].id]
        goya = find_artist(session, "Goya")
        for name, message in (("Vangogh", "artists merge"), ("", "1 to 500")):
            with pytest.raises(InvalidArtistChange, match=message):
                rename(session, goya, name)


def test_a_wrong_merge_is_undone_for_good(deployment: Deployment) -> None:
    maker = Maker(source_id="7")
    records = [_record(1, "Hals", maker=maker), _record(2, "Frans Hals"), _record(3, "Hals")]
    _take_in(deployment, records)
    _merge(deployment, "Frans Hals", "Hals")
    with deployment.database.transaction() as session:
        with pytest.raises(InvalidArtistChange, match="preferred name"):
            split(session, "Frans Hals")
        with pytest.raises(UnknownArtist, match="Nobody"):
            split(session, "Nobody")
        split(session, "Hals")
    for _ in range(2):
        assert [name for name, _ in _spoken(deployment, records)] == ["Hals", "Frans Hals", "Hals"]
        _take_in(deployment, records)


def test_a_source_s_authority_tells_namesakes_apart_and_gives_their_lives(
    deployment: Deployment,
) -> None:
    elder, younger = (
        Maker(source_id="11", born=1781, died=1852),
        Maker(source_id="12", born=1890, died=1950),
    )
    records = [
        _record(1, "John Smith", maker=elder),
        _record(2, "John Smith", maker=younger),
        _record(3, "J. Smith", maker=elder),
        _record(4, "John Smith", source="other"),
    ]
    for _ in range(2):
        _take_in(deployment, records)
        assert _spoken(deployment, records) == [
            ("John Smith", "John Smith"),
            ("John Smith (1890–1950)", "John Smith"),
            ("John Smith", "J. Smith"),
            ("John Smith", "John Smith"),
        ]
    found = _artists(deployment)
    assert (found["John Smith"].born, found["John Smith"].died) == (1781, 1852)
    assert _suggested(deployment, least=0.0) == []


def test_an_authority_joins_who_is_known_by_name_unless_the_lives_contradict(
    deployment: Deployment,
) -> None:
    _take_in(deployment, [_record(1, "Rosa Bonheur", source="old")])
    _take_in(deployment, [_record(2, "Rosa Bonheur", maker=Maker(source_id="5", born=1822))])
    found = _artists(deployment)
    assert (found["Rosa Bonheur"].works, found["Rosa Bonheur"].born) == (2, 1822)
    stranger = _record(3, "Rosa Bonheur", source="new", maker=Maker(source_id="9", born=1950))
    _take_in(deployment, [stranger])
    assert _spoken(deployment, [stranger]) == [("Rosa Bonheur (1950–?)", "Rosa Bonheur")]


def test_a_corrected_artist_is_a_person_too_and_the_correction_can_be_taken_back(
    deployment: Deployment,
) -> None:
    records = [_record(1, "Goya"), _record(2, "Vincent van Gogh"), _record(3, "Vangogh")]
    _take_in(deployment, records)
    _merge(deployment, "Vincent van Gogh", "Vangogh")
    with deployment.database.transaction() as session:
        correct(session, records[0].id, {"artist": "Vangogh"})
    _take_in(deployment, records)
    assert _spoken(deployment, records)[0] == ("Vincent van Gogh", "Vangogh")
    with deployment.database.transaction() as session:
        correct(session, records[0].id, {}, withdrawn=["artist"])
        correct(session, records[1].id, {"artist": None})
    assert _spoken(deployment, records) == [
        ("Goya", "Goya"),
        ("None", "None"),
        ("Vincent van Gogh", "Vangogh"),
    ]


def test_who_is_not_known_is_said_with_similar_names(deployment: Deployment) -> None:
    _take_in(deployment, [_record(1, "Vincent van Gogh")])
    with deployment.database.transaction() as session:
        with pytest.raises(UnknownArtist, match="Did you mean “Vincent van Gogh”"):
            find_artist(session, "Vincent van Gog")
        artist = find_artist(session, "Vincent van Gogh")
        with pytest.raises(UnknownArtist, match="artists list"):
            merge(session, artist, [uuid4()])
        with pytest.raises(InvalidArtistChange, match="at least one more"):
            merge(session, artist, [artist])


def test_a_collection_of_before_has_an_artist_for_each_spelling(
    deployment: Deployment,
) -> None:
    database = deployment.bare_database
    with database.engine.begin() as connection:
        migrate(connection, "0005")
        connection.execute(text("INSERT INTO sources VALUES ('old', 'folder', '2026-01-01')"))
        for number, artist in enumerate(("Ada Example", "ADA EXAMPLE", None, "Ada Example")):
            connection.execute(
                text(
                    "INSERT INTO artworks (id, source, source_id, title, artist, file, "
                    "image_location, image_state, payload_outdated, extra, created_at, updated_at) "
                    "VALUES (:id, 'old', :n, 't', :artist, 'f', 'l', 'pending', :no, '{}', "
                    "'2026-01-01', '2026-01-01')"
                ),
                {
                    "id": uuid4() if deployment.is_served else uuid4().hex,
                    "n": str(number),
                    "artist": artist,
                    "no": False,
                },
            )
    deployment.bare_database.upgrade()
    found = _artists(deployment)
    assert {name: artist.works for name, artist in found.items()} == {
        "Ada Example": 2,
        "ADA EXAMPLE": 1,
    }
    with database.transaction() as session:
        works = list_artworks(session, Filter()).artworks
    assert sorted(str(work.artist_as_given) for work in works) == sorted(
        str(work.artist) for work in works
    )
    assert _suggested(deployment) == [{"Ada Example", "ADA EXAMPLE"}]


def test_suggestions_bring_scripts_and_surnames_together(deployment: Deployment) -> None:
    names = ("Vincent van Gogh", "Vangogh", "Винсент Ван Гог", "Claude Monet", "Эдуард Мане")
    _take_in(deployment, [_record(number, name) for number, name in enumerate(names)])
    assert _suggested(deployment) == [set(names[:3])]
    with deployment.database.transaction() as session:
        (found,) = suggest_merges(session)
    assert found.into.name == "Vincent van Gogh"
    assert len(found.links) == 2
    assert found.confidence == min(link.confidence for link in found.links)
    assert all(link.reasons for link in found.links)
    assert _suggested(deployment, least=0.98) == []


def test_equal_lives_make_a_likely_match_of_names_surer(deployment: Deployment) -> None:
    names = ("Винсент Ван Гог", "Vincent van Gogh", "Поль Гоген", "Paul Gauguin")
    lives = [{"born": 1853, "died": 1890}] * 2 + [{}] * 2
    records = [
        _record(number, name, source=name, maker=Maker(source_id=str(number), **life))
        for number, (name, life) in enumerate(zip(names, lives, strict=True))
    ]
    _take_in(deployment, records)
    assert _suggested(deployment) == [set(names[:2]), set(names[2:])]
    assert _suggested(deployment, least=0.98) == [set(names[:2])]
    with deployment.database.transaction() as session:
        surest = suggest_merges(session)[0]
    assert surest.confidence < 1
    assert any("same years" in reason for reason in surest.links[0].reasons)


def test_a_surname_that_two_artists_have_suggests_neither(deployment: Deployment) -> None:
    names = ("Henri Rousseau", "Théodore Rousseau", "Rousseau", "Monet", "Claude Monet")
    _take_in(deployment, [_record(number, name) for number, name in enumerate(names)])
    assert _suggested(deployment) == [{"Monet", "Claude Monet"}]


def test_one_painting_has_one_painter(deployment: Deployment) -> None:
    names = ("El Greco", "Доменикос Теотокопулос", "Jan Vermeer van Delft", "Ян Вермеер", "Goya")
    records = [_record(number, name) for number, name in enumerate(names)]
    _take_in(deployment, records)
    assert not [group for group in _suggested(deployment) if "Goya" in group]
    before = _suggested(deployment, least=0.9)
    with deployment.database.transaction() as session:
        mark_same(session, [records[0].id, records[1].id])
        mark_same(session, [records[2].id, records[3].id])
    assert before == []
    assert _suggested(deployment, least=0.9) == [set(names[2:4])]
    assert _suggested(deployment, least=0.5) == [set(names[2:4]), set(names[:2])]
    suggestion = _first(deployment)
    assert any("named for one work" in reason for reason in suggestion.links[0].reasons)


def test_who_is_no_person_is_never_suggested_however_many_works_name_them(
    deployment: Deployment,
) -> None:
    names = ("American 19th Century", "Winslow Homer", "Rembrandt Workshop", "Rembrandt van Rijn")
    records = [_record(number, names[number % 4]) for number in range(16)]
    _take_in(deployment, records)
    with deployment.database.transaction() as session:
        for number in range(0, 16, 2):
            mark_same(session, [record.id for record in records[number : number + 2]])
    assert _suggested(deployment, least=0) == []


def _first(deployment: Deployment) -> MergeSuggestion:
    with deployment.database.transaction() as session:
        return suggest_merges(session)[0]
