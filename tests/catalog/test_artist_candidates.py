"""A name from outside finds whom it may mean; only where nobody else can be meant it is a match."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.artist_candidates import LONGEST_NAME, ArtistNames
from catalog.artists import ArtistFacts


def artist(
    number: int, *names: str, born: int | None = None, died: int | None = None
) -> ArtistFacts:
    return ArtistFacts(
        id=UUID(int=number), name=names[0], born=born, died=died, works=9, names=names
    )


NAMES = ArtistNames(
    [
        artist(1, "Claude Monet", "Monet, Claude", born=1840, died=1926),
        artist(2, "Édouard Manet", born=1832, died=1883),
        artist(3, "Pieter Bruegel the Elder", born=1525, died=1569),
        artist(4, "Pieter Brueghel the Younger", born=1564, died=1638),
        artist(5, "Поль Гоген"),
        artist(6, "Unknown"),
        artist(7, "José Ruiz"),
        artist(8, "Jose Ruiz"),
        artist(9, "John Smith", born=1652, died=1742),
        artist(10, "John Smith (engraver)", born=1798, died=1856),
        artist(11, "Berthe Morisot"),
    ]
)


def asked(text: str, *, born: int | None = None, died: int | None = None) -> list[tuple[int, bool]]:
    found = NAMES.candidates(text, born=born, died=died, limit=10)
    assert all(0 < item.confidence <= 1 for item in found)
    assert [item.confidence for item in found] == sorted(
        (item.confidence for item in found), reverse=True
    )
    assert not any(item.is_match for item in found[1:])
    return [(item.artist.id.int, item.is_match) for item in found]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Claude Monet", 1),
        ("claude  MONET", 1),
        ("Monet, Claude", 1),
        ("Monet Claude (1840-1926)", 1),
        ("Edouard Manet", 2),
        ("Manet, Edouard", 2),
        ("Paul Gauguin", 5),
        ("Pieter Bruegel the Elder", 3),
        ("00000000-0000-0000-0000-000000000002", 2),
    ],
)
def test_a_name_that_can_be_one_artist_s_only_is_a_match(text: str, number: int) -> None:
    assert asked(text)[0] == (number, True)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Pieter Bruegel", {3, 4}),
        ("Jose Ruiz", {7, 8}),
        ("J. Smith", {9, 10}),
        ("Smith", {9, 10}),
        ("Monet", {1}),
        ("Berta Morizot", {11}),
        ("Unknown", {6}),
        ("after Claude Monet", {1}),
        ("Claude Monet and Édouard Manet", set()),
    ],
)
def test_where_it_may_be_another_nobody_is_a_match(text: str, numbers: set[int]) -> None:
    found = asked(text)
    assert numbers <= {number for number, _ in found}
    assert not any(is_match for _, is_match in found)


def test_years_tell_namesakes_apart() -> None:
    assert asked("John Smith", born=1652)[0] == (9, True)
    assert asked("John Smith (1798-1856)")[0][0] == 10
    first, second = NAMES.candidates("Pieter Bruegel", born=1564, died=1638, limit=2)
    assert (first.artist.id.int, first.same_life) == (4, True)
    assert (second.artist.id.int, second.same_life) == (3, False)
    assert second.confidence < 0.5 < first.confidence


def test_other_years_unmake_a_match() -> None:
    (found,) = NAMES.candidates("Claude Monet", born=1780, limit=1)
    assert (found.same_life, found.is_match, found.confidence) == (False, False, 0.5)


@pytest.mark.parametrize(
    "text", ["", " ", "…", "x" * (LONGEST_NAME + 1), "Qqqq Wwww", "\x00", "\ud800", "%", "0" * 32]
)
def test_what_is_nobody_s_name_finds_nobody(text: str) -> None:
    assert asked(text) == []


def test_names_are_completed_from_their_start_and_from_their_words() -> None:
    def started(prefix: str) -> list[int]:
        return [found.id.int for found in NAMES.starting_with(prefix)]

    assert started("mone") == [1]
    assert started("edouard MA") == [2]
    assert started("smi") == [9, 10]
    assert started("M") == [1, 2, 11]
    assert started("") == started("?") == []
    assert started("00000000-0000-0000-0000-00000000000b") == [11]


@pytest.mark.slow
@given(st.text(max_size=60), st.none() | st.integers(), st.integers(1, 20))
def test_any_text_is_answered(text: str, born: int | None, limit: int) -> None:
    assert len(NAMES.candidates(text, born=born, limit=limit)) <= limit
    NAMES.starting_with(text)
