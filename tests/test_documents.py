"""The documents say what the code does: the reference is its own, and named paths exist."""

import pytest

from docs.reference import generate


@pytest.mark.parametrize("page", generate.PAGES)
def test_the_reference_says_what_the_code_says(page: str) -> None:
    written = (generate.HERE / page).read_text("utf-8")
    assert written == generate.PAGES[page](), "run: python -m docs.reference.generate"
