"""What a supervised projection is worth, on works made up so that the answer is known."""

from uuid import UUID

import numpy as np
import pytest

from catalog.artworks import ArtworkFacts
from catalog.models import ImageState
from evaluation.labels import Label
from evaluation.stored import NothingToEvaluate, StoredWorks
from training.projection_transfer import TrainingSet, cross_validate, read_training_set
from training.transfer import gain_of


def _work(number: int, artist: str, style: str | None, content: str) -> ArtworkFacts:
    return ArtworkFacts(
        id=UUID(int=number),
        title="",
        artist=artist,
        genre=None,
        style=style,
        school=None,
        year=None,
        source="made up",
        file=f"{number}.jpg",
        image_location=f"{number}.jpg",
        image_sha256=content,
        image_state=ImageState.READY,
        image_width=None,
        image_height=None,
    )


def _training_set(artists_of_a_style: int, *, copies: int = 1) -> TrainingSet:
    """Two styles that one weak channel tells apart, and what each painter does in a loud one."""
    rng = np.random.default_rng(1)
    works, rows = [], []
    for number in range(80):
        style = number % 2
        artist = style * artists_of_a_style + number // 2 % artists_of_a_style
        name = f"style {style}"
        works.append(_work(number, f"artist {artist}", name, f"{number // copies}"))
        painter = np.random.default_rng(artist).normal(size=10)
        weak = [0.5 * (2 * style - 1), *(2 * painter)]
        rows.append(np.array(weak) + rng.normal(size=11) * [0.1, *[1] * 10])
    vectors = np.array(rows)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    stored = StoredWorks(
        works=tuple(works), vectors={"plain": vectors.astype(np.float32)}, left_out=0
    )
    return read_training_set(stored, label=Label.STYLE, features=("plain",), recipe="lda")


def test_what_is_true_of_a_style_is_learned_for_artists_not_seen() -> None:
    quality = cross_validate(_training_set(10), plain="plain", count=4)
    assert (quality.classes, quality.works, quality.unseen_works.among_all.queries) == (2, 80, 80)
    assert quality.unseen_artists is not None
    for transfer in (quality.unseen_works, quality.unseen_artists):
        for found in (transfer.among_all, transfer.among_held_out):
            assert found is not None
            gain = gain_of(found).micro["map_at_10"]
            assert 0.05 < gain.low < gain.value
    assert quality.unseen_artists.among_all.exclude_same_artist
    assert not quality.unseen_works.among_all.exclude_same_artist


def test_styles_of_one_artist_each_cannot_be_asked_of_artists_not_seen() -> None:
    quality = cross_validate(_training_set(1), plain="plain", count=2)
    assert quality.unseen_artists is None
    assert quality.unseen_works.among_all.queries == 80


def test_works_that_are_all_copies_of_a_few_cannot_be_held_out() -> None:
    with pytest.raises(NothingToEvaluate, match="hold out one in 5"):
        cross_validate(_training_set(10, copies=20), plain="plain")
