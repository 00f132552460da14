"""A hundred random questions: the page shows the hits and figures that the API gives."""

import random
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import streamlit
from fastapi.testclient import TestClient
from streamlit.testing.v1 import AppTest

from deployment import Deployment
from tests.pictures import ARTISTS, GENRES, STYLES
from tests.ui.api.asking import until_ready
from tests.ui.served_page import MODELS, ROOT, fill, make_pictures, page_settings
from ui.api.application import Operations, application
from ui.web import collection
from ui.web.page_state import PERCENTILES
from ui.wording.numbers import percent

QUESTIONS = 100

_TILES = re.compile(r'<figure class="v-tile">.*?</figure>')
_HIT = re.compile(r'<figure class="v-tile">.*?/work\?id=([0-9a-f-]+).*?</figure>', re.DOTALL)
_FIGURES = re.compile(r"<dd>([\d.–-]+)</dd>")
_NEARNESS = re.compile(r"closer than ([\d.]+ %) of pairs")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    home = tmp_path / "home"
    monkeypatch.setenv("VASARI_HOME", str(home))
    monkeypatch.setenv("VASARI_MODELS", ",".join(MODELS))
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    with Deployment(page_settings(home)) as deployment:
        fill(deployment, make_pictures(tmp_path / "pictures"))
    yield collection.deployment()
    collection.deployment().close()
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()


def asked(rng: random.Random, works: list[str]) -> dict[str, Any]:
    """Return the fields of a random question about a work, as the API names them."""
    fields: dict[str, Any] = {"top": rng.randint(3, 12)}
    some: dict[str, Any] = {
        "like": rng.sample(works, 1),
        "unlike": rng.sample(works, 2),
        "artist": rng.sample(ARTISTS, 2),
        "not_style": rng.sample(STYLES, 1),
        "genre": [name for name in GENRES if name],
        "year_from": rng.randint(1850, 1855),
        "model": rng.sample(MODELS, 1),
        "min_percentile": rng.choice(PERCENTILES[1:5]),
        "max_distance": rng.choice([0.6, 0.9, 1.2]),
        "diverse": True,
        "exact": True,
        "region": "0.1,0.1,0.6,0.5",
    }
    return fields | {name: some[name] for name in rng.sample(list(some), rng.randint(0, 4))}


def address(fields: dict[str, Any]) -> dict[str, list[str]]:
    """Return the same as parameters of the page's address."""
    given = {
        name: [str(item) for item in (value if isinstance(value, list) else [value])]
        for name, value in fields.items()
    }
    region = [f"~{part}" for part in given.pop("region", [])]
    works = [given.pop("picture")[0] + "".join(region), *given.pop("like", [])]
    given |= {"work": works} | ({"not_work": given.pop("unlike")} if "unlike" in given else {})
    return given | {name: ["1"] for name in ("diverse", "exact") if name in given}


def shown(parameters: dict[str, list[str]]) -> list[tuple[str, str, str, str]]:
    """Return id, distance, cosine and percentile of the hits that the page shows at an address."""
    page = AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=60)
    for name, values in parameters.items():
        page.query_params[name] = values
    page.run()
    assert not page.exception
    return [
        (found[1], *_FIGURES.findall(unescape(tile)), *_NEARNESS.findall(unescape(tile)))
        for element in page.get("html")
        for tile in _TILES.findall(element.proto.body)
        if "v-rank" in tile and (found := _HIT.search(tile))
    ]


@pytest.mark.slow
def test_the_page_shows_what_the_api_answers(opened: Deployment) -> None:
    operations = Operations(opened.settings, lambda: opened)
    hits = 0
    with TestClient(application(operations)) as client, operations.kept_open():
        until_ready(client)
        ids = [work["id"] for work in client.get("/api/artworks").json()["artworks"]]
        for number in range(QUESTIONS):
            rng = random.Random(number)
            fields = asked(rng, ids)
            picture, *_ = [item for item in ids if item not in fields.get("unlike", [])]
            fields["like"] = [item for item in fields.get("like", []) if item != picture]
            fields["picture"] = picture
            fields.setdefault("model", list(MODELS))
            answer = client.post("/api/similarity", json=fields)
            if answer.status_code == 400:  # the fields contradict each other
                continue
            expected = [
                (
                    hit["id"],
                    f"{hit['angular_distance']:.3f}",
                    f"{hit['cosine']:.3f}",
                    percent(hit["percentile"]),
                )
                for found in answer.json()["models"].values()
                for hit in found["hits"]
            ]
            assert shown(address(fields)) == expected, (number, fields)
            hits += len(expected)
    assert hits > 500
