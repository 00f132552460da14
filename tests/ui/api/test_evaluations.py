"""The API tells of the evaluations that were kept what the command line tells of them."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from deployment import Deployment
from settings import Settings
from tests.evaluation.test_runs import described, keep
from tests.ui.api.asking import refused
from tests.ui.test_cli import Vasari
from ui.api.application import Operations, application
from ui.evaluation_runs import runs_of


@pytest.fixture
def deployment(tiny_settings: Settings) -> Deployment:
    opened = Deployment(tiny_settings)
    assert opened.database
    return opened


@pytest.fixture
def client(deployment: Deployment) -> TestClient:
    return TestClient(application(Operations(deployment.settings, lambda: deployment)))


def test_evaluations_are_listed_and_shown_as_at_the_command_line(
    client: TestClient, deployment: Deployment
) -> None:
    assert client.get("/api/evaluations").json() == {"evaluations": []}
    kept = [keep(runs_of(deployment), described(minutes)) for minutes in (0, 5)]
    vasari = Vasari(deployment.settings)
    assert client.get("/api/evaluations").json()["evaluations"] == vasari.json("evaluate", "runs")
    for name in (kept[1].id, "latest", "20260301-1205"):
        said = vasari.json("evaluate", "show", kept[1].id)
        assert client.get(f"/api/evaluations/{name}").json() == said


def test_no_folder_of_this_machine_is_told(client: TestClient, deployment: Deployment) -> None:
    options = {"photos": "/home/anna/photos.csv", "k": 10}
    run = replace(described(), options=options, files={"photos": "0" * 64})
    keep(runs_of(deployment), run)
    told = client.get("/api/evaluations/latest")
    assert told.json()["options"] == {"photos": "photos.csv", "k": 10}
    assert "/home/anna" not in told.text + client.get("/api/evaluations").text


def test_an_evaluation_that_is_not_there_is_a_problem(
    client: TestClient, deployment: Deployment
) -> None:
    refused(client.get("/api/evaluations/latest"), 404, "no-such-run")
    keep(runs_of(deployment), described())
    for name in ("latest~3", "2027", "latest~" + "9" * 100):
        refused(client.get(f"/api/evaluations/{name}"), 404, "no-such-run")
    refused(client.get(f"/api/evaluations/latest~{'9' * 5000}"), 422, "invalid-request")
