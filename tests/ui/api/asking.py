"""Asking the API in tests."""

import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import anyio
import httpx
from fastapi.testclient import TestClient

Result = TypeVar("Result")


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


def awaited(function: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Return what a coroutine returns; this thread may be running the loop of a browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, function).result()
