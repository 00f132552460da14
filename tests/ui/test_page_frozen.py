"""The page of a collection on servers, one of which stands still and says nothing."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from deployment import Deployment
from errors import UNREACHABLE
from settings import Settings
from tests.servers.postgres import PostgresServer
from tests.servers.qdrant import QdrantServer
from tests.ui.served_page import MODELS, ROOT, fill, make_pictures
from ui.web import collection

PATIENCE_SECONDS = 15.0
"""The page says so after some ten; the machine of the tests may be busy."""


@pytest.fixture
def page(
    tmp_path: Path,
    postgres_url: str,
    stoppable_qdrant: QdrantServer,
    qdrant_alias: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[AppTest]:
    given = {
        "home": str(tmp_path / "home"),
        "models": ",".join(MODELS),
        "database_url": postgres_url,
        "qdrant_url": stoppable_qdrant.url,
        "qdrant_alias": qdrant_alias,
    }
    for name, value in given.items():
        monkeypatch.setenv(f"VASARI_{name.upper()}", value)
    with Deployment(Settings()) as deployment:
        deployment.database.upgrade()
        fill(deployment, make_pictures(tmp_path / "pictures"))
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    yield AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=90).run()
    collection.deployment().close()
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()


@pytest.mark.parametrize("frozen", ["postgres", "qdrant"])
def test_a_server_that_stands_still_is_told_of_neutrally_and_soon(
    page: AppTest,
    frozen: Literal["postgres", "qdrant"],
    postgres_server: PostgresServer,
    stoppable_qdrant: QdrantServer,
) -> None:
    lifecycle = (postgres_server if frozen == "postgres" else stoppable_qdrant).lifecycle
    if lifecycle is None:
        pytest.skip("a server that was named for the tests is not theirs to freeze")
    assert "12 works" in _shown(page)
    streamlit.cache_data.clear()
    began = time.monotonic()
    lifecycle.freeze()
    try:
        shown = _shown(page.run())
    finally:
        lifecycle.thaw()
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert UNREACHABLE.replace("'", "&#x27;") in shown
    assert "127.0.0.1" not in shown
    assert "localhost" not in shown
    deadline = time.monotonic() + 30
    while UNREACHABLE.replace("'", "&#x27;") in shown and time.monotonic() < deadline:
        shown = _shown(page.button(key="try-again").click().run())
    assert "12 works" in shown


def _shown(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(element.proto.body for element in page.get("html"))
