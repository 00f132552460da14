"""Asking the API in tests."""

import re
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import anyio
import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

Result = TypeVar("Result")


def described_answers(api: FastAPI) -> Callable[[Any], None]:
    """Return a hook that checks every answer in JSON against the description of an application."""
    document = api.openapi()
    # Paths without a name in them go first: `/artists/split` is no artist.
    paths: dict[re.Pattern[str], dict[str, Any]] = {
        re.compile(re.sub(r"\{\w+\}", "[^/]+", path)): methods
        for path, methods in sorted(document["paths"].items(), key=lambda item: "{" in item[0])
    }

    def check(response: Any) -> None:
        given = response.headers.get("content-type", "").partition(";")[0]
        path = response.request.url.path
        methods = next((paths[each] for each in paths if each.fullmatch(path)), {})
        operation = methods.get(response.request.method.lower())
        if operation is None or not given.endswith("json"):
            return
        described = operation["responses"][str(response.status_code)]["content"][given]
        schema = {**described["schema"], "components": document["components"]}
        response.read()
        Draft202012Validator(schema).validate(response.json())

    return check


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
