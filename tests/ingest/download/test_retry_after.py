"""When a server says to come back."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.download.retry_after import retry_after


@pytest.mark.parametrize(("header", "seconds"), [("0", 0), ("120", 120), (" 7 ", 7)])
def test_a_number_is_seconds(header: str, seconds: float) -> None:
    assert retry_after(header) == seconds


def test_a_date_is_the_time_until_then() -> None:
    then = datetime.now(UTC) + timedelta(hours=1)
    assert retry_after(format_datetime(then, usegmt=True)) == pytest.approx(3600, abs=60)
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@pytest.mark.parametrize(
    "header",
    [None, "", "soon", "-5", "1.5", "٣", "Wed, 99 Oct 2015", f"Wed, 21 Oct {9**30} 07:28:00 GMT"],
)
def test_anything_else_says_nothing(header: str | None) -> None:
    assert retry_after(header) is None
