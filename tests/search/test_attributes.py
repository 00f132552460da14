"""What the neighbours say of a picture."""

from uuid import uuid4

import pytest

from catalog.artworks import ArtworkFacts
from catalog.models import ImageState
from search.attributes import SHARPNESS, AttributeShare, agree, weighted_attributes


def _work(*, style: str | None, year: int | None) -> ArtworkFacts:
    return ArtworkFacts(
        id=uuid4(),
        title="",
        artist=None,
        genre=None,
        style=style,
        school=None,
        year=year,
        source="s",
        file="f",
        image_location="f",
        image_sha256=None,
        image_state=ImageState.READY,
        image_width=None,
        image_height=None,
    )


def test_a_nearer_neighbour_has_the_greater_share() -> None:
    found = weighted_attributes(
        [
            (_work(style="Grid", year=1890), 0.9),
            (_work(style="Wave", year=1910), 0.9 - SHARPNESS),
            (_work(style=None, year=None), 0.9),
        ]
    )
    shares = {item.value: item.share for item in found["style"]}
    assert list(shares) == ["Grid", "Wave"]
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["Grid"] / shares["Wave"] == pytest.approx(2.718, abs=0.01)
    assert [item.value for item in found["century"]] == ["19th century", "20th century"]
    assert found["genre"] == ()


def test_no_neighbours_say_nothing() -> None:
    assert weighted_attributes([]) == {"style": (), "genre": (), "artist": (), "century": ()}


def test_votes_agree_only_beyond_chance_and_by_a_margin() -> None:
    def shares(*values: float) -> list[AttributeShare]:
        return [AttributeShare(value="abcde"[n], share=v) for n, v in enumerate(values)]

    even = {"a": 10, "b": 10, "c": 80}
    assert agree(shares(0.7, 0.2), even)
    assert agree(shares(1.0), {})
    assert not agree([], even)
    assert not agree(shares(0.48, 0.1), even)
    assert not agree(shares(0.55, 0.4), even)
    # Most works of the collection have it.
    assert not agree(shares(0.8, 0.1), {"a": 70, "b": 30})
