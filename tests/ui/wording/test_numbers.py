"""Numbers as people read them."""

import pytest

from ui.wording.numbers import decimal, percent


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (12.345, "12.34 %"),
        (99.98444, "99.98 %"),
        (99.99999, "99.99 %"),
        (100.0, "100 %"),
    ],
)
def test_a_percentile_is_rounded_down_so_that_a_hundred_means_all(
    value: float | None, shown: str
) -> None:
    assert percent(value) == shown


def test_a_missing_number_is_a_dash() -> None:
    assert decimal(None, 3) == "–"
    assert decimal(0.12345, 3) == "0.123"
