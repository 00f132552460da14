"""The API answers as the command line does, refuses in problem details, and tells no secrets."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from deployment import Deployment
from errors import VasariError
from tests.pictures import ARTISTS
from tests.ui.api.asking import refused, until_ready
from tests.ui.test_cli import Vasari
from ui.api import served_collection
from ui.api.application import Operations, application
from ui.api.keys import Role, make_key


def without_times(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "timings_ms"}


def searched(filled: Deployment, *arguments: str | Path) -> dict[str, Any]:
    """Search at the command line, beside the process that has the index open."""
    return without_times(Vasari(filled.settings).json("search", *arguments))


@pytest.mark.slow
def test_a_picture_finds_what_it_finds_at_the_command_line(
    client: TestClient, filled: Deployment, pictures: Path
) -> None:
    picture = pictures / "images" / "004.jpg"
    options = {"top": "5", "artist": [ARTISTS[0], ARTISTS[1]], "min_percentile": "10"}
    with picture.open("rb") as file:
        answer = client.post("/api/similarity", data=options, files={"picture": file})
    assert answer.status_code == 200, answer.text
    said = searched(
        filled, picture, "--top", "5", "--min-percentile", "10",
        "--artist", ARTISTS[0], "--artist", ARTISTS[1],
    )  # fmt: skip
    assert without_times(answer.json()) == said


def test_works_and_weights_are_asked_in_json(
    client: TestClient, filled: Deployment, works: list[dict[str, Any]]
) -> None:
    first, second, third = (work["id"] for work in works[:3])
    body = {
        "picture": first,
        "like": [second],
        "unlike": [third],
        "model": ["fusion"],
        "weight": ["edge_grid=0.8"],
        "offset": 2,
    }
    answer = client.post("/api/similarity", json=body)
    said = searched(
        filled, first, "--like", second, "--unlike", third, "--model", "fusion",
        "--weight", "edge_grid=0.8", "--offset", "2",
    )  # fmt: skip
    assert without_times(answer.json()) == said


def test_a_work_has_its_neighbours_and_its_thumbnail(
    client: TestClient, works: list[dict[str, Any]]
) -> None:
    work = works[0]["id"]
    answer = client.get(f"/api/artworks/{work}/similar", params={"top": 3})
    asked = client.post("/api/similarity", json={"picture": work, "top": 3})
    assert without_times(answer.json()) == without_times(asked.json())

    thumbnail = client.get(f"/api/artworks/{work}/thumbnail")
    assert thumbnail.headers["content-type"] == "image/jpeg"
    known = {"If-None-Match": thumbnail.headers["etag"]}
    assert client.get(f"/api/artworks/{work}/thumbnail", headers=known).status_code == 304

    details = client.get(f"/api/artworks/{work}").json()
    assert details["title"] == works[0]["title"]
    assert "image_location" not in details


def test_a_photo_is_identified(client: TestClient, pictures: Path) -> None:
    with (pictures / "images" / "004.jpg").open("rb") as file:
        answer = client.post("/api/identify", files={"picture": file}, data={"top": "3"})
    assert answer.status_code == 200, answer.text
    assert {"verdict", "confidence", "candidates", "outline"} <= set(answer.json())
    assert len(answer.json()["candidates"]) == 3


def test_pages_of_a_listing_follow_each_other(client: TestClient) -> None:
    listed, cursor = [], None
    while True:
        page = client.get(
            "/api/artworks", params={"limit": 7} | ({"cursor": cursor} if cursor else {})
        )
        listed += [work["id"] for work in page.json()["artworks"]]
        if (cursor := page.json()["next"]) is None:
            break
    assert len(listed) == len(set(listed)) == page.json()["total"] == 24


def test_facets_count_under_the_other_conditions(client: TestClient) -> None:
    counted = client.get("/api/facets", params={"artist": ARTISTS[0]}).json()
    alone = client.get("/api/artworks", params={"artist": ARTISTS[0]}).json()["total"]
    assert {item["value"]: item["count"] for item in counted["artist"]}[ARTISTS[0]] == alone
    assert sum(item["count"] for item in counted["style"]) == alone


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({}, 400, "invalid-query"),
        ({"picture": "x"}, 400, "invalid-query"),
        ({"text": ["a ship"]}, 400, "no-text-model"),
        (
            {"picture": "00000000-0000-0000-0000-000000000000", "model": ["nobody"]},
            400,
            "unknown-model",
        ),
        ({"year_from": 1900, "year_to": 1800, "text": ["x"]}, 400, "invalid-filter"),
        ({"top": 0}, 422, "invalid-request"),
        ({"colour": "red"}, 422, "invalid-request"),
        ({"weight": ["x"], "text": ["x"]}, 400, "invalid-query"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    client: TestClient, body: dict[str, Any], status: int, kind: str
) -> None:
    answer = client.post("/api/similarity", json=body)
    assert refused(answer, status, kind)


def test_bodies_and_pictures_are_bounded(client: TestClient, filled: Deployment) -> None:
    most = filled.settings.upload_megabytes * 2**20
    large = {"picture": ("a.jpg", b"x" * (most + 2**20 + 1))}
    refused(client.post("/api/similarity", files=large), 413, "too-large")
    refused(client.post("/api/identify", files=large), 413, "too-large")
    refused(client.post("/api/similarity", content=b" " * (2**20 + 1)), 413, "too-large")
    bad = {"picture": ("a.jpg", b"<svg/>")}
    refused(client.post("/api/similarity", files=bad), 422, "unreadable-image")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/api/similarity", content=b"a=b", headers=form)
    refused(answer, 415, "unsupported-media-type")
    refused(client.post("/api/identify", json={}), 400, "no-picture")
    twice = {"top": ["1", "2"]}
    refused(client.post("/api/identify", data=twice, files=bad), 400, "invalid-form")


def test_unknown_paths_works_and_cursors_are_problems(client: TestClient) -> None:
    refused(client.get("/api/nothing"), 404, "not-found")
    refused(client.get("/api/similarity"), 405, "method-not-allowed")
    nobody = "/api/artworks/00000000-0000-0000-0000-000000000000"
    for path in (nobody, f"{nobody}/similar", f"{nobody}/thumbnail"):
        refused(client.get(path), 404, "no-such-work")
    refused(client.get("/api/artworks", params={"cursor": "x"}), 400, "invalid-cursor")


def test_where_keys_are_needed_nothing_is_told_without_one(filled: Deployment) -> None:
    key, entry = make_key("loans", Role.READ)
    closed = filled.settings.model_copy(update={"read_needs_key": True, "api_keys": (str(entry),)})
    assert key not in str(entry)
    with TestClient(application(Operations(closed, lambda: filled))) as client:
        operations = client.get("/api/openapi.json").json()["paths"]
        for path, methods in operations.items():
            for method in methods:
                if not path.startswith("/api/"):
                    continue
                place = re.sub("{.*?}", "00000000-0000-0000-0000-000000000000", path)
                refused(client.request(method, place), 401, "key-needed")
                wrong = {"Authorization": "Bearer wrong"}
                refused(client.request(method, place, headers=wrong), 401, "unknown-key")
        right = {"Authorization": f"Bearer {key}"}
        assert client.get("/api/artworks", headers=right).json()["total"] == 24
        assert client.get("/healthz").status_code == 200


def test_measurements_count_requests_and_stages(
    client: TestClient, works: list[dict[str, Any]]
) -> None:
    client.get(f"/api/artworks/{works[0]['id']}/similar")
    said = client.get("/metrics").text
    route = 'route="/api/artworks/{artwork}/similar"'
    assert f'vasari_requests_total{{{route},status="200"}} 1.0' in said
    assert 'vasari_stage_seconds_count{question="similarity",stage="index"} 1.0' in said


def test_the_description_names_every_operation_and_its_problems(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["description"]
            if path.startswith("/api/"):
                assert {"200", "401", "422"} <= set(operation["responses"])
    assert json.dumps(document).count("#/components/schemas/Problem")
    assert document["components"]["schemas"]["Problem"]["required"]
    assert client.get("/readyz").json() == {"ready": True, "waiting_for": []}


def test_a_collection_that_is_away_is_tried_again_until_its_models_are_loaded(
    filled: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_collection, "RETRY_SECONDS", 0.0)
    away = [VasariError("the database does not answer"), VasariError("nor does the index")]

    def opened() -> Deployment:
        if away:
            raise away.pop()
        return filled

    operations = Operations(filled.settings, opened)
    with TestClient(application(operations)) as asking, operations.kept_open():
        until_ready(asking)


def test_a_server_that_ends_waits_for_no_collection(filled: Deployment) -> None:
    def opened() -> Deployment:
        raise VasariError("the database does not answer")

    operations = Operations(filled.settings, opened)
    with TestClient(application(operations)) as asking:
        with operations.kept_open():
            pass
        assert asking.get("/readyz").json()["waiting_for"] == ["the models", "the collection"]
