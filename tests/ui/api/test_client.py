"""The Python client asks what the API answers, waiting or awaiting, and is told what is wrong."""

import io
import typing
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from typing_extensions import is_typeddict

from tests.ui.api.asking import awaited
from vasari_client import AsyncClient, Client, Problem, answers

NOBODY = "00000000-0000-0000-0000-000000000000"


def fits(value: Any, kind: Any) -> bool:
    """Tell whether an answer is what its type says; keys may be more."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if is_typeddict(kind):
        hints = typing.get_type_hints(kind)
        fitting = isinstance(value, dict) and all(
            name in value and fits(value[name], hint) for name, hint in hints.items()
        )
    elif origin is list:
        fitting = isinstance(value, list) and all(fits(item, arguments[0]) for item in value)
    elif origin is dict:
        values = value.values() if isinstance(value, dict) else [object()]
        fitting = all(fits(item, arguments[1]) for item in values)
    elif origin is typing.Literal:
        fitting = value in arguments
    elif arguments:  # a union
        fitting = any(fits(value, item) for item in arguments)
    else:
        fitting = kind is Any or isinstance(value, (int, float) if kind is float else kind)
    return fitting


def test_every_answer_is_what_its_type_says(served_at: str, pictures: Path) -> None:
    photo = pictures / "images" / "004.jpg"
    with Client(served_at) as vasari:
        page = vasari.artworks(limit=5, style=["Grid", "Dots"], year_from=1800)
        assert fits(page, answers.Works)
        assert {work["style"] for work in page["artworks"]} <= {"Grid", "Dots"}
        first, second = (work["id"] for work in vasari.artworks(limit=2)["artworks"])
        found = vasari.similarity(photo, top=3, model=["fusion", "colour_grid"], exact=True)
        assert fits(found, answers.SimilarWorks)
        assert [len(item["hits"]) for item in found["models"].values()] == [3, 3]
        assert fits(vasari.similarity(first, unlike=[second], offset=2), answers.SimilarWorks)
        assert fits(vasari.similar(first, top=2), answers.SimilarWorks)
        assert fits(vasari.identify(photo.read_bytes(), top=2), answers.Identification)
        assert fits(vasari.explain(photo, first, at="0.5,0.5"), answers.Explanation)
        drawing = vasari.explain_drawing(first, second, model="edge_grid")
        assert Image.open(io.BytesIO(drawing)).format == "PNG"
        assert Image.open(io.BytesIO(vasari.thumbnail(first))).format == "JPEG"
        assert fits(vasari.artwork(first), answers.WorkDetails)
        assert fits(vasari.facets(artist=["Ada Example"]), dict[str, list[answers.ValueCount]])
        assert fits(vasari.models(), list[answers.Model])
        assert fits(vasari.evaluations(), list[answers.Evaluation])


def test_all_pages_are_read(served_at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vasari_client.clients.PAGE", 7)

    async def listed() -> list[str]:
        async with AsyncClient(served_at) as vasari:
            return [work["id"] async for work in vasari.all_artworks()]

    with Client(served_at) as vasari:
        waited = [work["id"] for work in vasari.all_artworks()]
    assert awaited(listed) == waited
    assert len(set(waited)) == len(waited) == 24


@pytest.mark.slow
def test_both_clients_ask_the_same(served_at: str, pictures: Path) -> None:
    photo = pictures / "images" / "004.jpg"
    names = {name for name in vars(Client) if not name.startswith("_")}
    assert names == {name for name in vars(AsyncClient) if not name.startswith("_")}

    async def asked() -> list[Any]:
        async with AsyncClient(served_at) as vasari:
            work = (await vasari.artworks(limit=1))["artworks"][0]["id"]
            found = [
                await vasari.similarity(photo, top=2),
                await vasari.similar(work),
                await vasari.identify(photo),
                await vasari.explain(photo, work),
                await vasari.explain_drawing(photo, work),
                await vasari.artwork(work),
                await vasari.thumbnail(work),
                await vasari.facets(),
                await vasari.models(),
                await vasari.evaluations(),
            ]
            with pytest.raises(Problem, match="no evaluation"):
                await vasari.evaluation()
            return found

    assert all(awaited(asked)[:-1])


def test_a_refusal_is_a_problem_with_its_kind(served_at: str) -> None:
    with Client(served_at, key="wrong") as vasari, pytest.raises(Problem) as refused:
        vasari.models()
    assert (refused.value.status, refused.value.kind) == (401, "unknown-key")
    with Client(served_at) as vasari, pytest.raises(Problem) as refused:
        vasari.artwork(NOBODY)
    assert (refused.value.status, refused.value.kind) == (404, "no-such-work")


def test_what_stands_between_may_answer_in_other_words() -> None:
    said = [
        httpx.Response(502, text="<html>Bad gateway</html>"),
        httpx.Response(429, json={"type": "x"}, headers={"Retry-After": "7"}),
        httpx.Response(503),
    ]
    problems = []
    with Client(transport=httpx.MockTransport(lambda _: said.pop(0))) as vasari:
        for _ in range(3):
            with pytest.raises(Problem) as refused:
                vasari.models()
            problems.append(refused.value)
    assert [problem.kind for problem in problems] == ["", "", ""]
    assert [problem.retry_after for problem in problems] == [None, 7.0, None]
    assert str(problems[2]) == "Service Unavailable (503)"
