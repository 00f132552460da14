"""A collection that answers programs."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from deployment import Deployment
from tests.ui.api.asking import described_answers, until_ready
from tests.ui.api.serving import serving_programs
from ui.api.application import Operations, application


@pytest.fixture
def client(filled: Deployment) -> Iterator[TestClient]:
    operations = Operations(filled.settings, lambda: filled)
    api = application(operations)
    with TestClient(api, raise_server_exceptions=False) as asking:
        asking.event_hooks = {"response": [described_answers(api)]}
        assert asking.get("/readyz").json() == {"ready": False, "waiting_for": ["the models"]}
        with operations.kept_open():
            until_ready(asking)
            yield asking


@pytest.fixture
def works(client: TestClient) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = client.get("/api/artworks").json()["artworks"]
    return listed


@pytest.fixture
def asking(filled: Deployment) -> Iterator[TestClient]:
    """A program that asks at a name of the museum's; no model is loaded for it."""
    served = application(Operations(filled.settings, lambda: filled))
    where = "http://museum.example"
    with TestClient(served, base_url=where, raise_server_exceptions=False) as program:
        program.event_hooks = {"response": [described_answers(served)]}
        yield program


@pytest.fixture
def served_at(filled: Deployment) -> Iterator[str]:
    """The address of a server of this process that answers programs."""
    with serving_programs(filled.settings, filled) as address:
        yield address
