"""What a visitor is told when something goes wrong, and what only the log is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from catalog.errors import CatalogUnreachable
from catalog.filters import InvalidFilter
from embedders.unreadable import UnreadableFile, UnreadableImage
from errors import UNREACHABLE
from search.query import InvalidQuery
from tests.ui.served_page import ROOT
from ui.web import collection
from ui.web.faults import told


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The page of a home without a collection, not yet opened."""
    monkeypatch.setenv("VASARI_HOME", str(tmp_path / "home"))
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    yield AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=60)
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()


def _shown(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(element.proto.body for element in page.get("html"))


@pytest.mark.slow
def test_a_visitor_does_not_read_where_the_catalog_is_and_the_log_does(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("VASARI_DATABASE_URL", "postgresql://keeper:sesame@127.0.0.1:9/treasury")
    shown = _shown(page.run())
    assert UNREACHABLE.replace("'", "&#x27;") in shown
    assert not any(word in shown for word in ("keeper", "127.0.0.1", "treasury", "sesame"))
    assert "127.0.0.1" in caplog.text
    assert "sesame" not in caplog.text


def test_a_visitor_does_not_read_of_settings_and_the_log_names_them_without_their_values(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("VASARI_QDRANT_ALIAS", "not an alias")
    shown = _shown(page.run())
    assert UNREACHABLE.replace("'", "&#x27;") in shown
    assert "alias" not in shown
    assert "VASARI_QDRANT_ALIAS" in caplog.text
    assert "not an alias" not in caplog.text


def test_what_nobody_foresaw_is_told_in_the_same_words_and_traced_in_the_log(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down() -> None:
        raise RuntimeError("/srv/treasury is on fire")

    monkeypatch.setattr(collection, "overview", break_down)
    shown = _shown(page.run())
    assert UNREACHABLE.replace("'", "&#x27;") in shown
    assert "treasury" not in shown
    assert "Traceback" in caplog.text
    assert "/srv/treasury is on fire" in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        InvalidFilter("the first year is after the last"),
        InvalidQuery("a text has no region"),
        UnreadableImage("not an image", "no known picture format"),
    ],
)
def test_a_visitor_is_told_what_is_wrong_with_what_they_asked(error: Exception) -> None:
    assert told(error) == str(error)


@pytest.mark.parametrize(
    "error",
    [CatalogUnreachable("keeper@db:5432"), UnreadableFile("file not found", "/srv/treasury/1.jpg")],
)
def test_a_visitor_is_not_told_what_is_for_those_who_run_the_collection(error: Exception) -> None:
    assert told(error) == UNREACHABLE
