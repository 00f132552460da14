"""Words and senses, with stand-ins for weights that no registry has and for a larger collection."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from catalog.filters import Filter
from deployment import Deployment
from embedders import BUILT_IN, Embedder, UnreadableImage
from embedders.embedder import Pixels, Vectors
from search.index.contract import Vector
from tests.ui.served_page import (
    MODELS,
    ROOT,
    add_vectors,
    fill,
    listed,
    make_pictures,
    page_settings,
    random_vectors,
)
from ui.web import collection, visit
from ui.web.page_state import Example

WORDY = "clip_vit_b32"
SHARPENED = "colour_grid_identity"


class _Wordy(Embedder):
    """Knows one text, and gives it the vector of one work."""

    def __init__(self, text: str, vector: Vector) -> None:
        super().__init__(BUILT_IN.describe(WORDY), fingerprint="stand-in", provider=None)
        self._known = {text: vector}

    def _image_features(self, batch: Pixels) -> Vectors:
        raise AssertionError("nobody showed a picture")

    def _text_features(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._known[text] for text in texts])


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The page of a collection with a model that knows “a ship”, which is what Picture 4 shows.

    One of its vectors is derived, as a collection of more works would have it.
    """
    home = tmp_path / "home"
    with Deployment(page_settings(home)) as deployment:
        fill(deployment, make_pictures(tmp_path / "pictures"))
        add_vectors(deployment, WORDY, fingerprint="stand-in")
        derived = random_vectors(deployment, SHARPENED)
        deployment.index.set_vectors(SHARPENED, derived)
        ship = next(work for work in listed(deployment) if work.title == "Picture 4")
        wordy = _Wordy("a ship", deployment.index.vectors(WORDY, [ship.id])[ship.id])
    monkeypatch.setenv("VASARI_HOME", str(home))
    monkeypatch.setenv("VASARI_MODELS", ",".join((*MODELS, WORDY)))
    loaded = Deployment.embedder
    monkeypatch.setattr(
        Deployment,
        "embedder",
        lambda self, name: wordy if name == WORDY else loaded(self, name),
    )
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    yield AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=60).run()
    collection.deployment().close()
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()


def _shown(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html")]


@pytest.mark.slow
def test_words_find_what_a_model_says_they_describe(page: AppTest) -> None:
    page.text_input(key="text").input("  a   ship ").run()
    assert not page.exception
    assert page.query_params["text"] in ("a ship", ["a ship"])
    assert any("“a ship”" in html for html in _shown(page))
    first = next(html for html in _shown(page) if "v-rank" in html)
    assert "Picture 4" in first
    # Models that know pictures only are not asked, which is said in one line.
    assert any("Colour grid and Edge grid know pictures only" in html for html in _shown(page))
    assert not page.text_input  # another question is asked from behind a button


@pytest.mark.slow
def test_an_answer_is_taken_away_for_another_question_and_not_to_be_drawn_anew(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_away = Mock(wraps=streamlit.empty)
    monkeypatch.setattr(streamlit, "empty", taken_away)
    page.text_input(key="text").input("a ship").run()
    assert taken_away.call_count == 1
    page.run()
    assert not page.exception
    assert taken_away.call_count == 1
    assert any("“a ship”" in html for html in _shown(page))


@pytest.mark.slow
def test_the_sense_of_similarity_can_be_chosen_where_several_are_served(
    page: AppTest,
) -> None:
    page.query_params["work"] = str(collection.browse(Filter(), limit=1).artworks[0].id)
    sense = page.run().sidebar.radio[0]
    assert sense.options == ["works that look alike", "the same work"]
    assert _columns(page) == ["Colour grid", "Edge grid", "CLIP ViT-B/32"]
    sense.set_value("identity").run()
    assert not page.exception
    assert _columns(page) == ["Colour grid, the same work"]
    assert page.query_params["sense"] in ("identity", ["identity"])


def _columns(page: AppTest) -> list[str]:
    heads = [html for html in _shown(page) if html.startswith('<div class="v-model"')]
    return [re.sub("<[^>]+>", "\n", head).split("\n")[2] for head in heads]


def test_the_uploads_of_one_visit_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit, "session_state", {})
    first = visit.keep_picture("first.jpg", b"123456", most_bytes=10)
    visit.add(Example("picture", first.token))
    with pytest.raises(UnreadableImage, match="remove one first"):
        visit.keep_picture("second.jpg", b"7890123", most_bytes=10)
    assert visit.picture(first.token) == first
    visit.ask_nothing()
    second = visit.keep_picture("second.jpg", b"7890123", most_bytes=10)
    assert visit.picture(first.token) is None
    assert visit.picture(second.token) == second
