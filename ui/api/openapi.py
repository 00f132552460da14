"""How the API describes itself."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from ui.api.keys import KEY_SCHEME
from ui.api.problems import PROBLEM_SCHEMA, described_problems

TOO_MANY = {
    str(status): described
    for status, described in described_problems(HTTPStatus.TOO_MANY_REQUESTS).items()
}

PROBES = ("/healthz", "/readyz", "/metrics")
"""What those who watch over the process ask, as often as they like."""

PREFIXES = ("/api/", "/iiif/", "/images/")
"""What the paths of the API start with."""

CURATORS = "curators"
"""The tag of what only curators may ask."""


def answered_as(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Return how OpenAPI describes an answer of another type than JSON.

    The route's ``response_class`` is ``Response``, unless its answer may be JSON as well.
    """
    return {int(HTTPStatus.OK): {"content": {media_type: {}}}}


def answered_with(
    model: Any, status: HTTPStatus = HTTPStatus.OK
) -> dict[int | str, dict[str, Any]]:
    """Return how OpenAPI describes an answer in JSON, which is sent as it is: nothing is checked.

    Args:
        model: anything that Pydantic makes a schema of.
    """
    return {int(status): {"model": model}}


def describe(api: FastAPI) -> None:
    """Have an application's description name its problems and who may ask what."""
    described = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            document = described()
            components = document.setdefault("components", {})
            components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
            components["securitySchemes"] = {"key": KEY_SCHEME}
            for path, methods in document["paths"].items():
                for operation in methods.values():
                    operation["security"] = _security(path, operation)
                    if path not in PROBES:
                        operation["responses"] |= TOO_MANY
                    _say_it_once(operation)
        return described()

    api.openapi = openapi  # type: ignore[method-assign]


def _say_it_once(operation: dict[str, Any]) -> None:
    """Leave of an answer's schema only the model, where FastAPI has put the function's type too."""
    for answer in operation["responses"].values():
        for described in answer.get("content", {}).values():
            schema = described.get("schema", {})
            if model := {key: schema[key] for key in ("$ref", "anyOf") if key in schema}:
                described["schema"] = model


def _security(path: str, operation: dict[str, Any]) -> list[dict[str, list[str]]]:
    if CURATORS in operation.get("tags", []):
        return [{"key": []}]
    # Whether reading takes a key is a setting.
    return [{}, {"key": []}] if path.startswith(PREFIXES) else []
