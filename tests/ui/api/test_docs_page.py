"""The page about the API says all that its description says, and takes nothing from elsewhere."""

import html
import re
import shlex

import pytest
from fastapi.testclient import TestClient

from deployment import Deployment
from settings import Settings
from tests.ui.test_reports import OUTSIDE
from ui.api.application import Operations, application
from ui.api.docs_page import operations_of
from ui.api.keys import Role, make_key


@pytest.fixture
def asking(tiny_settings: Settings) -> TestClient:
    _, entry = make_key("curator", Role.CURATOR)
    settings = tiny_settings.model_copy(update={"api_keys": (str(entry),)})
    deployment = Deployment(settings)
    return TestClient(application(Operations(settings, lambda: deployment)))


def test_the_page_names_every_operation_and_field(asking: TestClient) -> None:
    page = asking.get("/api/docs").text
    document = asking.get("/api/openapi.json").json()
    shown = html.unescape(page)
    operations = operations_of(document, "http://testserver")
    assert len(operations) == sum(len(methods) for methods in document["paths"].values())
    for operation in operations:
        assert f"{operation.method}</span> {operation.path}<" in shown
        assert operation.description.splitlines()[0] in shown
        assert operation.curl in shown
        for _, fields in operation.variants:
            for field in fields:
                assert f"<code>{field.name}</code>" in shown
    # The commands name this server; nothing is loaded from anywhere.
    assert not OUTSIDE.search(page.replace("http://testserver", "").replace('href="/api', ""))


def test_every_answer_in_json_has_a_schema(asking: TestClient) -> None:
    document = asking.get("/api/openapi.json").json()
    described = [
        (path, status, answer["schema"])
        for path, methods in document["paths"].items()
        for operation in methods.values()
        for status, response in operation["responses"].items()
        for kind, answer in response.get("content", {}).items()
        if kind.endswith("json")
    ]
    for path, status, schema in described:
        values = schema.get("additionalProperties")
        assert {"$ref", "anyOf"} & set(schema) or isinstance(values, dict), (path, status)


KINDS = ["ingest", "retry", "reembed", "reconcile", "fit-projection", "map", "index-check"]


def test_each_kind_of_job_has_its_own_fields(asking: TestClient) -> None:
    [start] = [
        operation
        for operation in operations_of(asking.get("/api/openapi.json").json(), "")
        if (operation.method, operation.path) == ("POST", "/api/jobs")
    ]
    kinds = [fields[0].type for _, fields in start.variants]
    assert kinds == [f'"{kind}"' for kind in KINDS]
    assert start.for_curators
    assert "Authorization: Bearer KEY" in start.curl


def test_the_commands_ask_what_is_answered(asking: TestClient) -> None:
    document = asking.get("/api/openapi.json").json()
    for operation in operations_of(document, "http://testserver"):
        words = shlex.split(operation.curl)
        url = words[-1]
        if operation.method == "GET" and not re.search("[A-Z]", url) and "-H" not in words:
            assert asking.get(url).status_code in (200, 503), url  # no models are loaded


def test_forms_and_pictures_are_explained_as_what_they_are(asking: TestClient) -> None:
    document = asking.get("/api/openapi.json").json()
    operations = operations_of(document, "")
    curls = {(item.method, item.path): item.curl for item in operations}
    said = "curl --data-urlencode queries=QUERIES /api/reconcile"
    assert curls["POST", "/api/reconcile"] == said
    watching = asking.get("/api/docs").text.partition("<h2>Watching over it")
    assert watching[1]
    assert "/iiif/" in watching[0]
    assert "/iiif/" not in watching[2]


def test_who_may_ask_is_in_the_description(asking: TestClient) -> None:
    document = asking.get("/api/openapi.json").json()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    paths = document["paths"]
    assert paths["/api/jobs"]["get"]["security"] == [{"key": []}]
    for path in ("/api/models", "/iiif/{artwork}/manifest", "/images/{artwork}/{size}"):
        assert paths[path]["get"]["security"] == [{}, {"key": []}]
    names = [item["name"] for item in paths["/api/models"]["get"].get("parameters", [])]
    assert "authorization" not in names
