"""The page of a collection that somebody has looked after: marks, artists, models of its own."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from catalog.artists import find_artist
from catalog.artworks import ArtworkFacts
from catalog.same_works import mark_same
from deployment import Deployment
from embedders import BUILT_IN, DerivedDescription, ModelRegistry
from embedders.registry import Derivation
from maintenance.artists import merge_artists
from search.auto import AUTO
from search.fusion import FUSION
from search.model_choice import ALIKE, ModelChoice
from tests.maintenance.moving.conftest import OWN, make_own_models
from tests.ui.served_page import MODELS, ROOT, fill, listed, make_pictures, page_settings, served
from tests.ui.visiting import visit
from ui.web import collection
from ui.wording.models import model_explanation, model_title


@pytest.fixture
def works(tmp_path: Path) -> dict[str, ArtworkFacts]:
    """Works of a collection in which two are marked as one, and two artists are one.

    It has a projection of its own, fitted to labels.
    """
    with Deployment(page_settings(tmp_path / "home")) as deployment:
        fill(deployment, make_pictures(tmp_path / "pictures"))
        found = {work.title: work for work in listed(deployment)}
        names = sorted(
            {work.artist for work in found.values() if work.artist and "<" not in work.artist}
        )
        with deployment.database.transaction() as session:
            mark_same(session, [found["Picture 2"].id, found["Picture 3"].id])
            one, other = (find_artist(session, name) for name in names[:2])
        merge_artists(deployment.database, deployment.index, one, [other])
        make_own_models(deployment)
        return {work.title: work for work in listed(deployment)}


@pytest.fixture
def app(
    works: dict[str, ArtworkFacts], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AppTest]:
    monkeypatch.setenv("VASARI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VASARI_MODELS", ",".join(MODELS))
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    yield AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=60)
    collection.deployment().close()
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()


def _shown(app: AppTest) -> list[str]:
    return [element.proto.body for element in app.get("html")]


def _tiles(app: AppTest) -> set[str]:
    return set(re.findall(r'<figure class="v-tile">.*?</figure>', "".join(_shown(app))))


def test_a_work_that_is_shown_once_leads_to_all_its_records(
    page: Page, works: dict[str, ArtworkFacts], tmp_path: Path
) -> None:
    with served(tmp_path / "home", tmp_path / "no-weights", models=MODELS) as address:
        visit(page, f"{address}/?work={works['Picture 4'].id}")
        more = page.get_by_role("button", name="1 more reproduction")
        # One of the two records under each model, and nothing else.
        expect(more).to_have_count(len(MODELS))
        more.first.click()
        records = page.get_by_role("dialog").locator(".v-tile")
        expect(records).to_have_count(2)
        titles = sorted(records.locator(".v-work").all_inner_texts())
        assert titles == ["Picture 2", "Picture 3"]
        records.filter(has_text="Picture 3").get_by_role("button", name="Find similar").click()
        expect(page.locator(".st-key-query h2").first).to_have_text("Picture 3")
        # A search for one of them leaves the other out, and says that it is there.
        expect(more).to_have_count(1)
        expect(page.locator(".st-key-records-query").locator(more)).to_be_visible()


@pytest.mark.slow
def test_the_source_s_own_spelling_stands_below_the_artist_s_name(
    app: AppTest, works: dict[str, ArtworkFacts]
) -> None:
    app.run()
    other = [work for work in works.values() if work.catalogued_as]
    assert other
    tiles = _tiles(app)
    for work in works.values():
        (tile,) = [html for html in tiles if f">{work.title}</a>" in html or "Mallory" in html]
        said = f"catalogued as {work.catalogued_as}" in tile
        assert said == bool(work.catalogued_as)
        if "Mallory" in tile:
            tiles.discard(tile)


@pytest.mark.slow
def test_an_artist_may_be_named_in_an_address_by_any_of_their_names(
    app: AppTest, works: dict[str, ArtworkFacts]
) -> None:
    renamed = next(work for work in works.values() if work.catalogued_as)
    app.query_params["artist"] = renamed.catalogued_as
    app.run()
    assert not app.exception
    (chosen,) = [box.value for box in app.multiselect if box.label == "Artist"]
    assert chosen == [renamed.artist]
    passing = sum(work.artist == renamed.artist for work in works.values())
    assert any(f"{passing} works pass the filter" in html for html in _shown(app))


@pytest.mark.slow
def test_vasari_s_choice_is_shown_beside_the_others_and_says_what_it_is(
    app: AppTest, works: dict[str, ArtworkFacts]
) -> None:
    app.query_params["work"] = str(works["Picture 4"].id)
    app.query_params["model"] = [AUTO, FUSION, MODELS[0]]
    app.run()
    assert not app.exception
    heads = [html for html in _shown(app) if html.startswith('<div class="v-model"')]
    assert [re.sub("<[^>]+>", "\n", head).split("\n")[2] for head in heads] == [
        "Vasari&#x27;s choice",
        "All models together",
        "Colour grid",
    ]
    assert "50% “Colour grid” and 50% “Edge grid”" in heads[0]


@pytest.mark.slow
def test_a_model_of_the_collection_s_own_answers_in_a_column_beside_its_parent(
    app: AppTest, works: dict[str, ArtworkFacts]
) -> None:
    app.query_params["work"] = str(works["Picture 4"].id)
    app.query_params["model"] = [*MODELS, OWN]
    app.run()
    assert not app.exception
    heads = [html for html in _shown(app) if html.startswith('<div class="v-model"')]
    assert [re.sub("<[^>]+>", "\n", head).split("\n")[2] for head in heads] == [
        "Colour grid",
        "Colours, taught",
        "Edge grid",
    ]
    assert "Colour grid, trained further on this collection." in heads[1]


def test_a_collection_s_own_models_stand_beside_their_parent_and_can_be_told_apart() -> None:
    projections = [
        DerivedDescription(
            **{
                item: getattr(BUILT_IN.describe("colour_grid_identity"), item)
                for item in ("title", "dimension", "preparation", "licence", "network")
            }
            | {"name": f"colour_grid_{label}", "title": "Colour grid, taught"},
            derivation=Derivation("colour_grid", "colour_grid", "lda", f"the same {label}", label),
        )
        for label in ("genre", "style")
    ]
    tuned = replace(
        BUILT_IN.describe("edge_grid"),
        name="edge_grid_style_tuned",
        title="Edge grid, tuned",
        parent="edge_grid",
    )
    grandchild = replace(
        tuned, name="edge_grid_again", title="Edge grid, tuned again", parent=tuned.name
    )
    registry = ModelRegistry([*projections, tuned, grandchild])
    choice = ModelChoice(registry)
    held = sorted(
        [*MODELS, "colour_grid_identity", "resnet50"]
        + [item.name for item in (*projections, tuned, grandchild)]
    )
    assert choice.models_in(ALIKE, held) == [
        "colour_grid",
        "colour_grid_genre",
        "colour_grid_style",
        "edge_grid",
        "edge_grid_style_tuned",
        "edge_grid_again",
        "resnet50",
    ]
    assert choice.offered(ALIKE, held)[:2] == [AUTO, FUSION]
    assert list(choice.senses(held)) == [ALIKE, "identity"]
    assert choice.usually_shown(ALIKE, held, MODELS) == list(MODELS)
    assert model_title("colour_grid_style", registry) == "Colour grid, taught (colour_grid_style)"
    assert model_title(tuned.name, registry) == "Edge grid, tuned"
    assert model_explanation(tuned.name, registry).startswith("Edge grid, trained further")
