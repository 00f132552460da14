"""Random requests to every operation are answered as the description of the API says."""

from collections.abc import Iterator

import pytest

from benchmarks.fuzz_api import findings
from deployment import Deployment
from tests.ui.api.serving import serving_programs
from ui.api.keys import Role, make_key

EXAMPLES = 4


@pytest.fixture
def with_curators(filled: Deployment) -> Iterator[str]:
    """The address of a server that has curators, none of whom asks."""
    _, entry = make_key("curator", Role.CURATOR)
    settings = filled.settings.model_copy(
        update={"api_keys": (str(entry),), "requests_per_minute": 0}
    )
    with serving_programs(settings, filled) as address:
        yield address


@pytest.mark.slow
def test_no_answer_is_another_than_the_description_says(with_curators: str) -> None:
    assert list(findings(with_curators, examples=EXAMPLES)) == []
