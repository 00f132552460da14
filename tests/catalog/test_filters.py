"""Filters as values."""

from typing import Any

import pytest

from catalog.filters import Filter, InvalidFilter


def test_an_empty_filter_is_false_and_any_condition_makes_it_true() -> None:
    assert not Filter()
    assert Filter(artist=("Claude Monet",))
    assert Filter(year_from=0)


def test_years_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(InvalidFilter, match=r"1900.*1800"):
        Filter(year_from=1900, year_to=1800)


def test_a_filter_can_be_had_without_one_of_its_fields() -> None:
    wanted = Filter(artist=("a",), style=("s",), year_from=1, year_to=2)
    assert wanted.without("artist") == Filter(style=("s",), year_from=1, year_to=2)
    assert Filter(not_artist=("x",)).without("artist") == Filter()
    assert wanted.without("year") == Filter(artist=("a",), style=("s",))


def test_equal_filters_are_one_key() -> None:
    assert {Filter(genre=("x",)): 1}[Filter(genre=("x",))] == 1


@pytest.mark.parametrize("bound", ["year_from", "year_to"])
@pytest.mark.parametrize("year", [10**20, -(10**20), 2**31])
def test_what_no_column_could_hold_is_not_a_year(bound: str, year: int) -> None:
    bounds: dict[str, Any] = {bound: year}
    with pytest.raises(InvalidFilter, match="is not a year"):
        Filter(**bounds)


@pytest.mark.parametrize("value", ["a\x00b", "\ud800"])
def test_values_that_no_database_takes_are_refused_before_they_are_asked_for(value: str) -> None:
    with pytest.raises(InvalidFilter, match="such characters"):
        Filter(style=("Baroque", value))
    with pytest.raises(InvalidFilter, match="such characters"):
        Filter(not_artist=(value,))
