"""Random requests to every operation are answered as the description of the API says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fuzz_api import Asker, findings, served_for
from deployment import Deployment
from tests.evaluation.test_runs import described, keep
from tests.ui.api.serving import serving_programs
from ui.api.keys import Role, make_key
from ui.evaluation_runs import runs_of

EXAMPLES = 4


@pytest.fixture
def with_curators(filled: Deployment) -> Iterator[str]:
    """The address of a server that has curators, none of whom asks, and an evaluation."""
    _, entry = make_key("curator", Role.CURATOR)
    settings = filled.settings.model_copy(
        update={"api_keys": (str(entry),), "requests_per_minute": 0}
    )
    keep(runs_of(filled), described())
    with serving_programs(settings, filled) as address:
        yield address


@pytest.mark.slow
def test_no_answer_is_another_than_the_description_says(with_curators: str) -> None:
    assert list(findings(Asker(with_curators), examples=EXAMPLES)) == []


@pytest.mark.slow
def test_no_answer_to_a_curator_is_another_than_the_description_says(tmp_path: Path) -> None:
    key, entry = make_key("curator", Role.CURATOR)
    with served_for(tmp_path, str(entry)) as address:
        curator = Asker(address, key, "pictures")
        assert list(findings(curator, examples=EXAMPLES)) == []
        assert len(curator.asked) >= 17
