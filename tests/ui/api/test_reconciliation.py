"""OpenRefine's requests are answered as the Reconciliation API 0.2 has them, whatever is sent."""

import json
from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.artists import list_artists
from catalog.models import Artist, ArtistName
from catalog.names import name_key
from deployment import Deployment
from tests.pictures import ARTISTS
from tests.ui.api.asking import refused
from ui.api import reconciliation
from ui.api.reconciliation import BATCH

SERVICE = "/api/reconcile"
HOSTILE = '<img src=x onerror="alert(1)"> & Söhne'
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}

TYPE = {"type": "object", "required": ["id", "name"], "additionalProperties": {"type": "string"}}
CANDIDATE = {
    "type": "object",
    "required": ["id", "name", "description", "type", "score", "match", "features"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9a-f-]{36}$"},
        "name": {"type": "string", "minLength": 1},
        "description": {"type": "string"},
        "type": {"type": "array", "items": TYPE, "minItems": 1},
        "score": {"type": "number", "minimum": 0, "maximum": 100},
        "match": {"type": "boolean"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "value"],
                "properties": {"id": {"type": "string"}, "value": {"type": ["number", "boolean"]}},
            },
        },
    },
}
RESULTS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["result"],
        "additionalProperties": False,
        "properties": {"result": {"type": "array", "items": CANDIDATE}},
    },
}
TEMPLATE = {"type": "string", "pattern": r"^http://museum\.example/.*\{\{id\}\}"}
SUGGEST = {
    "type": "object",
    "required": ["service_url", "service_path"],
    "properties": {"service_url": {"type": "string"}, "service_path": {"type": "string"}},
}
MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace"],
    "properties": {
        "versions": {"type": "array", "contains": {"const": "0.2"}},
        "name": {"type": "string"},
        "identifierSpace": {"type": "string", "pattern": "^[a-z]+:"},
        "schemaSpace": {"type": "string", "pattern": "^https?:"},
        "defaultTypes": {"type": "array", "items": TYPE, "uniqueItems": True},
        "view": {"type": "object", "required": ["url"], "properties": {"url": TEMPLATE}},
        "preview": {
            "type": "object",
            "required": ["url", "width", "height"],
            "properties": {
                "url": TEMPLATE,
                "width": {"type": "integer"},
                "height": {"type": "integer"},
            },
        },
        "suggest": {"type": "object", "properties": {"entity": SUGGEST, "property": SUGGEST}},
        "batchSize": {"type": "integer"},
    },
}


@pytest.fixture(autouse=True)
def _more_artists(filled: Deployment) -> None:
    """Add artists with lives, a namesake, and a name that is markup."""
    people = [
        ("Claude Monet", 1840, 1926),
        ("Édouard Manet", 1832, 1883),
        ("Pieter Bruegel the Elder", 1525, 1569),
        ("Pieter Brueghel the Younger", 1564, 1638),
        (HOSTILE, None, None),
    ]
    with filled.database.transaction() as session:
        for name, born, died in people:
            artist = Artist(name=name, born=born, died=died)
            session.add(artist)
            session.flush()
            session.add(ArtistName(name=name, key=name_key(name), artist_id=artist.id))


@pytest.fixture
def ids(filled: Deployment, _more_artists: None) -> dict[str, str]:
    with filled.database.transaction() as session:
        return {artist.name: str(artist.id) for artist in list_artists(session)}


def posted(asking: TestClient, batch: Any) -> Any:
    body = urlencode({"queries": json.dumps(batch)})
    return asking.post(SERVICE, content=body, headers=FORM)


def results(asking: TestClient, batch: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    answer = posted(asking, batch)
    assert answer.status_code == 200, answer.text
    jsonschema.validate(answer.json(), RESULTS)
    assert list(answer.json()) == list(batch)
    return {name: found["result"] for name, found in answer.json().items()}


def test_the_service_describes_itself(asking: TestClient) -> None:
    manifest = asking.get(SERVICE).json()
    jsonschema.validate(manifest, MANIFEST)
    assert manifest["suggest"]["entity"]["service_url"] == "http://museum.example/api/reconcile"


def test_a_session_of_openrefine(asking: TestClient, ids: dict[str, str]) -> None:
    """Add the service, guess the type, match a column, choose by hand what is in doubt."""
    manifest = asking.get(SERVICE).json()
    assert manifest["defaultTypes"] == [{"id": "artist", "name": "Artist"}]
    # To guess types it sends a sample of the column, without a type and with a limit of 3.
    sample = {
        f"q{number}": {"query": name, "limit": 3}
        for number, name in enumerate(["Monet, Claude", "Edouard Manet", "Илья Репин"])
    }
    for candidates in results(asking, sample).values():
        assert candidates[0]["type"] == manifest["defaultTypes"]
    # Then batches of ten, with the type and the columns that the user maps to properties.
    batch = {
        "q0": {
            "query": "claude monet",
            "type": "artist",
            "type_strict": "should",
            "properties": [{"pid": "born", "v": "1840"}, {"pid": "died", "v": 1926}],
        },
        "q1": {"query": "Pieter Bruegel", "type": "artist", "type_strict": "should"},
        "q2": {"query": "Nobody Ever", "type": "artist", "type_strict": "should"},
    }
    found = results(asking, batch)
    best = found["q0"][0]
    assert (best["id"], best["match"], best["score"]) == (ids["Claude Monet"], True, 100)
    assert {"id": "same_life", "value": True} in best["features"]
    assert best["description"] == "1840–1926, 0 works"
    assert len(found["q1"]) == 2
    assert not any(item["match"] for item in found["q1"])
    assert found["q2"] == []
    # For the cell in doubt the user looks at previews, and types a name.
    preview = asking.get(manifest["preview"]["url"].replace("{{id}}", found["q1"][0]["id"]))
    assert preview.headers["content-type"].startswith("text/html")
    suggest = manifest["suggest"]["entity"]
    address = suggest["service_url"] + suggest["service_path"]
    typed = asking.get(address, params={"prefix": "pieter br", "type": "artist"}).json()["result"]
    assert [item["name"] for item in typed] == [
        "Pieter Bruegel the Elder",
        "Pieter Brueghel the Younger",
    ]
    for item in typed:
        assert item["notable"] == manifest["defaultTypes"]


def test_a_batch_may_be_asked_by_get(asking: TestClient, ids: dict[str, str]) -> None:
    batch = {"monet": {"query": "Claude Monet"}, "id": {"query": ids["Claude Monet"]}}
    answer = asking.get(SERVICE, params={"queries": json.dumps(batch)}).json()
    assert answer == posted(asking, batch).json()
    for found in answer.values():
        assert (found["result"][0]["id"], found["result"][0]["match"]) == (
            ids["Claude Monet"],
            True,
        )


def test_all_that_a_query_may_carry(asking: TestClient, ids: dict[str, str]) -> None:
    """The shapes of the specification: several types, values of every kind, properties alone."""
    found = results(
        asking,
        {
            "several types": {"query": "Claude Monet", "type": ["person", "artist"], "limit": 1},
            "other type": {"query": "Claude Monet", "type": "museum"},
            "other types": {"query": "Claude Monet", "type": ["museum", "work"]},
            "no name": {"properties": [{"pid": "born", "v": 1840}]},
            "values": {
                "query": "Claude Monet",
                "properties": [
                    {"pid": "P31", "v": {"id": "Q5", "name": "human"}},
                    {"pid": "born", "v": [True, {"id": "x"}, "about", "1780-02-01T00:00:00Z"]},
                ],
            },
            "one only": {"query": "Pieter Bruegel", "limit": 1},
            "no date": {"query": "Claude Monet", "properties": [{"pid": "died", "v": "12345"}]},
        },
    )
    assert [item["id"] for item in found["several types"]] == [ids["Claude Monet"]]
    assert found["other type"] == found["other types"] == found["no name"] == []
    assert len(found["one only"]) == 1
    assert found["values"][0]["score"] == 50
    assert not found["values"][0]["match"]
    assert found["no date"][0]["match"]


def test_artists_of_works_are_shown_with_them(asking: TestClient, ids: dict[str, str]) -> None:
    page = asking.get(f"{SERVICE}/preview", params={"id": ids[ARTISTS[0]]}).text
    assert page.count("<img") == 3
    assert "6 works" in page
    nobody = {"id": "00000000-0000-0000-0000-000000000000"}
    refused(asking.get(f"{SERVICE}/preview", params=nobody), 404, "unknown-artist")
    refused(asking.get(f"{SERVICE}/preview", params={"id": "1' or 1"}), 422, "invalid-request")
    refused(asking.get(f"{SERVICE}/preview"), 422, "invalid-request")


def test_a_name_is_never_markup(asking: TestClient, ids: dict[str, str]) -> None:
    page = asking.get(f"{SERVICE}/preview", params={"id": ids[HOSTILE]}).text
    assert "<img" not in page
    assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt; &amp; Söhne" in page


def test_suggestions_come_in_pages(asking: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def suggested(**asked: Any) -> list[str]:
        answer = asking.get(f"{SERVICE}/suggest/entity", params=asked)
        return [item["name"] for item in answer.json()["result"]]

    monkeypatch.setattr(reconciliation, "SUGGESTIONS", 1)
    assert suggested(prefix="pieter") == ["Pieter Bruegel the Elder"]
    assert suggested(prefix="pieter", cursor=1) == ["Pieter Brueghel the Younger"]
    assert suggested(prefix="pieter", cursor=2) == suggested() == suggested(prefix="%_\x00") == []
    refused(asking.get(f"{SERVICE}/suggest/entity", params={"cursor": -1}), 422, "invalid-request")


@pytest.mark.parametrize(
    ("prefix", "found"),
    [("", ["born", "died"]), ("Year of d", ["died"]), ("bo", ["born"]), ("x", [])],
)
def test_properties_are_suggested(asking: TestClient, prefix: str, found: list[str]) -> None:
    answer = asking.get(f"{SERVICE}/suggest/property", params={"prefix": prefix}).json()
    assert [item["id"] for item in answer["result"]] == found


def test_what_curators_change_is_seen_after_a_while(
    asking: TestClient, filled: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = {"q": {"query": "Berthe Morisot"}}
    assert results(asking, batch)["q"] == []
    with filled.database.transaction() as session:
        artist = Artist(name="Berthe Morisot")
        session.add(artist)
        session.flush()
        session.add(ArtistName(name=artist.name, key="berthe morisot", artist_id=artist.id))
    assert results(asking, batch)["q"] == []
    monkeypatch.setattr(reconciliation, "FRESH_SECONDS", -1.0)
    assert results(asking, batch)["q"][0]["match"]


@pytest.mark.parametrize(
    "queries",
    [
        "",
        "[]",
        "null",
        "{",
        '{"q0": "Claude Monet"}',
        '{"q0": {"query": {}}}',
        '{"q0": {"query": "x", "limit": 0}}',
        '{"q0": {"query": "x", "limit": "many"}}',
        '{"q0": {"query": "x", "properties": {}}}',
        '{"q0": {"query": "\\ud800"}}',
        '{"q0": {"query": "x", "properties": [' + '{"pid": "born"},' * 60 + '{"pid": ""}]}}',
        '{"q0": {"properties": [{"pid": "a", "v": ' + "[" * 100_000 + "]" * 100_000 + "}]}}",
    ],
)
def test_what_is_no_batch_is_refused(asking: TestClient, queries: str) -> None:
    answer = asking.post(SERVICE, content=urlencode({"queries": queries}), headers=FORM)
    assert len(refused(answer, 400, "invalid-queries")) < 500


def test_batches_and_forms_are_bounded(asking: TestClient) -> None:
    many = {str(number): {"query": "x"} for number in range(BATCH + 1)}
    refused(posted(asking, many), 413, "too-large")
    refused(asking.post(SERVICE, content=b"x" * (2**20 + 1), headers=FORM), 413, "too-large")
    for body in (b"", b"query=Claude", b"\xff\xfe", b"a=b&" * 50):
        refused(asking.post(SERVICE, content=body, headers=FORM), 400, "invalid-form")
    refused(asking.post(SERVICE, json={"queries": "{}"}), 415, "unsupported-media-type")


def test_a_cell_that_is_no_name_spoils_no_batch(asking: TestClient) -> None:
    cells = ["", " ", "\x00", "x" * 100_000, "<script>", "'; drop table artists; --", "𝔐onet", "%"]
    batch = {str(number): {"query": cell} for number, cell in enumerate(cells)}
    found = results(asking, batch | {"good": {"query": "Claude Monet"}})
    assert found["good"][0]["match"]
    assert not any(item["match"] for name in batch for item in found[name])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["query", "type", "limit", "properties", "pid", "v", "q0"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(JSON)
def test_any_json_is_answered_or_refused(asking: TestClient, sent: Any) -> None:
    answer = posted(asking, sent)
    if answer.status_code == 200:
        jsonschema.validate(answer.json(), RESULTS)
    else:
        refused(answer, 400, "invalid-queries")
