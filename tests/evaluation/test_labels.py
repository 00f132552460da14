"""Centuries, codes of labels, and which works are copies."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from catalog.artworks import ArtworkFacts
from catalog.models import ImageState
from evaluation.copies import InvalidCopies, copy_groups, read_same_works
from evaluation.labels import UNLABELLED, Label, encode, label_of, one

WORK = ArtworkFacts(
    id=UUID(int=1),
    title="A",
    artist="Ada",
    genre=None,
    style="Grid",
    school=None,
    year=1867,
    source="s",
    file="a.jpg",
    image_location="/a.jpg",
    image_sha256="aa",
    image_state=ImageState.READY,
    image_width=1,
    image_height=1,
)


def test_labels_are_fields_of_the_catalog_and_the_century() -> None:
    assert [label_of(WORK, label) for label in Label] == ["Ada", None, "Grid", None, "19th"]
    assert label_of(replace(WORK, year=None), Label.CENTURY) is None


def test_codes_count_the_values_in_their_order() -> None:
    codes, names = encode(["b", None, "a", "b"])
    assert (codes.tolist(), names) == ([1, UNLABELLED, 0, 1], ("a", "b"))


def test_works_are_copies_by_their_bytes_by_a_given_group_and_by_a_third(tmp_path: Path) -> None:
    table = tmp_path / "same.csv"
    table.write_text("group,file,relation\n1,b.jpg,same\n1,c.jpg,same\n1,e.jpg,related\n")
    works = [
        WORK,
        replace(WORK, file="b.jpg"),
        replace(WORK, file="c.jpg", image_sha256="cc"),
        replace(WORK, file="d.jpg", image_sha256=None),
        replace(WORK, file="e.jpg", image_sha256=None),
    ]
    first, second, third, fourth, fifth = copy_groups(works, read_same_works(table)).tolist()
    assert first == second == third
    assert len({first, fourth, fifth}) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [("file,title\na.jpg,A\n", "columns"), ("group,file\n", "row"), (None, "cannot be read")],
)
def test_a_file_that_names_no_copies_is_refused(
    tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "same.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InvalidCopies, match=message):
        read_same_works(path)


def test_copies_of_another_collection_are_refused() -> None:
    with pytest.raises(InvalidCopies, match="none of the files"):
        copy_groups([WORK], {"elsewhere.jpg": "1"})


def test_a_label_has_its_article() -> None:
    assert [one(label) for label in (Label.ARTIST, Label.STYLE)] == ["an artist", "a style"]
