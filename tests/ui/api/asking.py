"""Asking the API in tests."""

import time
from typing import Any

import httpx
from fastapi.testclient import TestClient


def until_ready(asking: TestClient | httpx.Client) -> None:
    end = time.monotonic() + 60
    while asking.get("/readyz").status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.02)


def refused(answer: Any, status: int, kind: str) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert (problem["type"], problem["status"]) == (f"urn:vasari:problem:{kind}", status)
    return str(problem["detail"])
