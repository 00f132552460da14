"""Centuries: their numbers, and how they are written."""

import pytest

from catalog.centuries import century, century_name


@pytest.mark.parametrize(
    ("year", "number"),
    [
        *((0, 1), (1, 1), (100, 1), (101, 2), (1800, 18), (1801, 19), (1900, 19), (2001, 21)),
        *((-1, -1), (-44, -1), (-100, -1), (-101, -2), (-401, -5), (-500, -5)),
    ],
)
def test_centuries_begin_with_the_year_one_and_there_is_no_year_zero(
    year: int, number: int
) -> None:
    assert century(year) == number


def test_a_century_is_written_with_its_ordinal() -> None:
    names = ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "19th", "20th", "21st"]
    assert [century_name(int(name[:-2])) for name in names] == names
    assert century_name(-5) == "5th BC"
    assert (century_name(19, "century"), century_name(-1, "century")) == (
        "19th century",
        "1st century BC",
    )
