"""The API says which regions make two pictures alike as the command line does."""

import io
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from deployment import Deployment
from tests.ui.api.asking import refused
from tests.ui.test_cli import Vasari

NOBODY = "00000000-0000-0000-0000-000000000000"


def test_a_picture_is_explained_as_at_the_command_line(
    client: TestClient, filled: Deployment, pictures: Path, works: list[dict[str, Any]]
) -> None:
    picture, work = pictures / "images" / "004.jpg", works[0]["id"]
    options = {"model": "edge_grid", "region": "0,0,0.5,1", "at": "0.1,0.9"}
    with picture.open("rb") as file:
        answer = client.post(
            "/api/explain", data={"work": work, **options}, files={"picture": file}
        )
    assert answer.status_code == 200, answer.text
    said = Vasari(filled.settings).json(
        "explain", picture, work, "--output", pictures.parent / "why.png",
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    )  # fmt: skip
    assert answer.json() == said | {"picture": None}


def test_two_works_are_explained_and_drawn(client: TestClient, works: list[dict[str, Any]]) -> None:
    body = {"picture": works[1]["id"], "work": works[0]["id"]}
    assert client.post("/api/explain", json=body).json()["model"] == "colour_grid"
    drawn = client.post("/api/explain", json=body, headers={"Accept": "image/png"})
    assert drawn.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(drawn.content)).format == "PNG"


@pytest.mark.parametrize(
    ("changed", "status", "kind"),
    [
        ({"picture": None}, 400, "invalid-query"),
        ({"picture": "x"}, 400, "invalid-query"),
        ({"picture": NOBODY}, 400, "invalid-query"),
        ({"work": NOBODY}, 404, "no-such-work"),
        ({"work": "x"}, 422, "invalid-request"),
        ({"at": "3,4"}, 400, "invalid-query"),
        ({"region": "x"}, 400, "invalid-query"),
        ({"model": "fusion"}, 400, "invalid-query"),
        ({"model": "monet"}, 400, "unknown-model"),
        ({"colour": "red"}, 422, "invalid-request"),
    ],
)
def test_what_cannot_be_explained_is_a_problem(
    client: TestClient,
    works: list[dict[str, Any]],
    changed: dict[str, Any],
    status: int,
    kind: str,
) -> None:
    body = {"picture": works[1]["id"], "work": works[0]["id"]} | changed
    refused(client.post("/api/explain", json=body), status, kind)
