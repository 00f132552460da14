import pytest

# The contract's assertions say as much as those of the tests that inherit them.
pytest.register_assert_rewrite("tests.ingest.readers.contract")
