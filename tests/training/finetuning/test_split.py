from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from catalog.artworks import ArtworkFacts
from catalog.models import ImageState
from catalog.record import artwork_id
from evaluation.labels import UNLABELLED, Label
from evaluation.stored import NothingToEvaluate
from training.finetuning.presets import CLASSIC, SplitUnit
from training.finetuning.split import UNKNOWN, label_classes, split_dataset

SIZES = {"Cubism": 40, "Impasto": 60, "Tonalism": 20, "Grid": 4}


def works() -> list[ArtworkFacts]:
    found: list[ArtworkFacts] = []
    for style, size in SIZES.items():
        for number in range(size):
            name = f"{style}-{number}"
            found.append(
                ArtworkFacts(
                    id=artwork_id("test", name),
                    title=name,
                    artist=f"{style} painter {number % 10}",
                    genre=("landscape", "portrait", None)[number % 3],
                    style=style,
                    school=None,
                    year=None,
                    source="test",
                    file=name,
                    image_location=name,
                    image_sha256=f"{len(found):064x}",
                    image_state=ImageState.READY,
                    image_width=1,
                    image_height=1,
                )
            )
    return found


def divided(*, by_artist: bool = False, min_works: int = 10, max_works: int | None = None, seed=1):  # type: ignore[no-untyped-def]
    split: SplitUnit = "artists" if by_artist else "works"
    preset = replace(CLASSIC, min_works=min_works, max_works=max_works, split=split)
    return split_dataset(works(), Label.STYLE, preset, seed=seed)


def test_each_class_is_divided_in_the_stated_shares() -> None:
    found = divided()
    assert found.names == ("Cubism", "Impasto", "Tonalism")
    assert found.sizes == {"training": 84, "validation": 18, "held out": 18}
    for part, share in zip(
        (found.training, found.validation, found.held_out), CLASSIC.shares, strict=True
    ):
        counts = Counter(found.works[place].style for place in part)
        assert counts == {name: round(SIZES[name] * share) for name in found.names}
    everyone = np.concatenate([found.training, found.validation, found.held_out])
    assert len(set(everyone.tolist())) == 120
    assert int((found.classes == UNLABELLED).sum()) == SIZES["Grid"]


def test_the_seed_decides_the_division() -> None:
    assert np.array_equal(divided().held_out, divided().held_out)
    assert not np.array_equal(divided().held_out, divided(seed=2).held_out)


def test_no_artist_is_in_two_parts_when_artists_are_kept_apart() -> None:
    found = divided(by_artist=True)
    parts = [
        {found.works[place].artist for place in part}
        for part in (found.training, found.validation, found.held_out)
    ]
    assert sum(map(len, parts)) == len(set.union(*parts))
    assert np.array_equal(found.unseen, found.held_out)
    assert len(divided().unseen) == 0  # ten painters of each style: each is in every part


def test_classes_outside_the_bounds_are_not_learned() -> None:
    assert divided(max_works=40).names == ("Cubism", "Tonalism")


def test_where_no_class_is_within_bounds_the_message_says_which_bounds_would_do() -> None:
    with pytest.raises(NothingToEvaluate) as refusal:
        divided(min_works=CLASSIC.min_works, max_works=CLASSIC.max_works)
    assert "2,000 to 5,000 works" in str(refusal.value)
    assert "--min-works 4 --max-works 60" in str(refusal.value)
    assert divided(min_works=4, max_works=60).names == tuple(sorted(SIZES))


def test_other_labels_are_learned_from_training_works_alone() -> None:
    found = divided()
    classes = label_classes(found, Label.STYLE, others=True)
    assert set(classes) == {"style", "genre", "artist"}
    for label in ("genre", "artist"):
        known = np.flatnonzero(classes[label] != UNKNOWN)
        assert set(known.tolist()) <= set(found.training.tolist())
        values = {(int(classes[label][p]), getattr(found.works[p], label)) for p in known}
        assert len(values) == len({code for code, _ in values}) == len({v for _, v in values})
    assert set(label_classes(found, Label.STYLE, others=False)) == {"style"}
