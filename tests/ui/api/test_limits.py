"""Nobody asks more often, or waits longer, than the settings say."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from prometheus_client import Gauge

from deployment import Deployment
from settings import Settings
from tests.ui.api.asking import awaited, refused
from ui.api import request_limit
from ui.api.application import Operations, application
from ui.api.keys import KeyCheck, Role, make_key
from ui.api.problems import ApiProblem
from ui.api.request_limit import RequestLimit
from ui.api.served_collection import AT_ONCE
from ui.api.turns import Turns


def limited(settings: Settings, per_minute: int) -> Callable[..., TestClient]:
    """Return what makes clients of one application, each at an address."""
    settings = settings.model_copy(update={"requests_per_minute": per_minute})
    deployment = Deployment(settings)
    api = application(Operations(settings, lambda: deployment))
    return lambda address="10.0.0.1": TestClient(api, client=(address, 50000))


def test_an_address_that_asks_too_often_is_told_when_to_come_back(
    tiny_settings: Settings,
) -> None:
    at = limited(tiny_settings, 3)
    for _ in range(3):
        assert at().get("/api/docs").status_code == 200
    answer = at().get("/api/docs")
    refused(answer, 429, "too-many-requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 20
    assert at("10.0.0.2").get("/api/docs").status_code == 200
    assert at().get("/healthz").status_code == 200
    # One machine may have all addresses of a network.
    for number in range(3):
        assert at(f"2001:db8::{number}").get("/api/docs").status_code == 200
    assert at("2001:db8::ffff").get("/api/docs").status_code == 429
    assert at("2001:db8:0:1::1").get("/api/docs").status_code == 200


def test_a_key_is_counted_wherever_it_is_used_and_a_wrong_one_by_its_address(
    tiny_settings: Settings,
) -> None:
    key, entry = make_key("loans", Role.READ)
    settings = tiny_settings.model_copy(update={"api_keys": (str(entry),)})
    at = limited(settings, 2)
    right, wrong = ({"Authorization": f"Bearer {given}"} for given in (key, "guess"))
    for number in range(2):
        assert at(f"10.0.0.{number}").get("/api/docs", headers=right).status_code == 200
    assert at("10.0.0.3").get("/api/docs", headers=right).status_code == 429
    for number in range(2):
        guess = {"Authorization": f"Bearer guess{number}"}
        refused(at().get("/api/models", headers=guess), 401, "unknown-key")
    assert at().get("/api/models", headers=wrong).status_code == 429


def test_no_limit_is_no_limit(tiny_settings: Settings) -> None:
    at = limited(tiny_settings, 0)
    assert all(at().get("/api/docs").status_code == 200 for _ in range(5))


def test_requests_come_back_evenly_and_askers_are_forgotten(
    tiny_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(request_limit, "monotonic", lambda: now[0])
    monkeypatch.setattr(request_limit, "FORGET_AT", 5)

    async def nothing(*_: Any) -> None: ...

    keys = KeyCheck(tiny_settings)
    limit = RequestLimit(nothing, per_minute=6, keys=keys, free=frozenset())
    assert [limit.wait("a") for _ in range(6)] == [0] * 6
    assert limit.wait("a") == pytest.approx(10)
    now[0] += 10
    assert limit.wait("a") == 0
    assert limit.wait("a") == pytest.approx(10)
    for number in range(100):
        now[0] += 61
        limit.wait(str(number))
    assert len(limit._whole_at) <= 10


def test_a_question_that_takes_too_long_is_given_up_and_keeps_its_turn() -> None:
    ended = threading.Event()

    async def ask() -> list[str]:
        turns = Turns(1, seconds=0.2, waiting=Gauge("waiting", "", registry=None))
        kinds = []
        for work in (ended.wait, lambda: None):  # the second never has its turn
            try:
                await turns.take(work)
            except ApiProblem as given_up:
                kinds.append(given_up.kind)
        ended.set()
        await anyio.sleep(0.1)
        assert await turns.take(lambda: "done") == "done"
        return kinds

    assert awaited(ask) == ["timed-out", "busy"]


def test_a_search_that_takes_too_long_is_a_problem(
    filled: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = filled.settings.model_copy(update={"answer_seconds": 0.3})
    operations = Operations(settings, lambda: filled)
    monkeypatch.setattr(operations, "_answer", lambda _: time.sleep(1))
    body = {"picture": "00000000-0000-0000-0000-000000000000"}
    many = AT_ONCE + 2
    with TestClient(application(operations)) as asking, ThreadPoolExecutor(many) as together:
        answers = list(
            together.map(lambda _: asking.post("/api/similarity", json=body), range(many))
        )
    kinds = [answer.json()["type"].rpartition(":")[2] for answer in answers]
    assert (kinds.count("timed-out"), kinds.count("busy")) == (AT_ONCE, 2)
    busy = answers[kinds.index("busy")]
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")
