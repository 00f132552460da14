"""A hundred random questions: the API and the command line give the same hits and figures."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from deployment import Deployment
from tests.conftest import TINY_MODELS
from tests.pictures import ARTISTS, GENRES, STYLES, draw
from tests.ui.test_cli import Vasari

QUESTIONS = 100


def asked(rng: random.Random, works: list[str]) -> dict[str, Any]:
    """Return the fields of a random question, without its picture."""
    fields: dict[str, Any] = {"top": rng.randint(1, 30)}
    some: dict[str, Any] = {
        "like": rng.sample(works, 1),
        "unlike": rng.sample(works, 2),
        "artist": rng.sample(ARTISTS, 2),
        "not_style": rng.sample(STYLES, 1),
        "genre": [name for name in GENRES if name],
        "year_from": rng.randint(1850, 1860),
        "year_to": rng.randint(1861, 1880),
        "model": rng.sample([*TINY_MODELS, "fusion", "auto"], rng.randint(1, 3)),
        "offset": rng.randint(0, 5),
        "min_percentile": rng.uniform(0, 90),
        "max_distance": rng.uniform(0.5, 2),
        "diverse": True,
        "exact": True,
        "region": "0.1,0.1,0.6,0.5",
        "weight": [f"{TINY_MODELS[0]}={rng.uniform(0.1, 0.9):.3f}"],
    }
    for name in rng.sample(list(some), rng.randint(0, 4)):
        fields[name] = some[name]
    if "weight" in fields:
        fields["model"] = ["fusion"]
    return fields


def options(fields: dict[str, Any]) -> Iterator[str]:
    """Return the same as options of the command line."""
    for name, value in fields.items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            yield flag
        else:
            for item in value if isinstance(value, list) else [value]:
                yield f"{flag}={item}"


@pytest.mark.slow
def test_the_api_answers_as_the_command_line(
    client: TestClient, works: list[dict[str, Any]], filled: Deployment, tmp_path: Path
) -> None:
    vasari = Vasari(filled.settings)
    ids = [work["id"] for work in works]
    hits = 0
    for number in range(QUESTIONS):
        rng = random.Random(number)
        fields = asked(rng, ids)
        if rng.random() < 0.5:
            picture: str | Path = rng.choice(ids)
            answer = client.post("/api/similarity", json=fields | {"picture": picture})
        else:
            picture = tmp_path / "query.jpg"
            draw(rng.randint(0, 40)).save(picture)
            answer = client.post(
                "/api/similarity", data=fields, files={"picture": picture.read_bytes()}
            )
        found = answer.json()
        if answer.status_code == 400:  # the fields contradict each other
            assert vasari.json("search", picture, *options(fields), code=1) == {
                "error": found["detail"]
            }
            continue
        assert answer.status_code == 200, (number, fields, answer.text)
        said = vasari.json("search", picture, *options(fields))
        for document in (said, found):
            del document["timings_ms"]
        assert found == said, (number, fields)
        hits += sum(len(model["hits"]) for model in found["models"].values())
    assert hits > 1_000
