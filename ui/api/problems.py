"""Errors as problem details (RFC 9457), whose ``type`` programs may rely on."""

import logging
import re
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from embedders import UnreadableImage
from errors import UNREACHABLE, VasariError
from redaction import redact

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)


class ApiProblem(VasariError):
    """A request that is refused for a reason of the API's own.

    Args:
        kind: names the problem for programs, and never changes.
        detail: says it to people.
        retry_after: seconds after which it may be tried again.
    """

    is_for_visitors = True

    def __init__(
        self, status: HTTPStatus, kind: str, detail: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}


def problem(status: int, kind: str, detail: str, **headers: str) -> JSONResponse:
    """Return an answer that says what is wrong with a request."""
    return JSONResponse(
        {
            "type": f"urn:vasari:problem:{kind}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
        },
        status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        media_type=MEDIA_TYPE,
    )


def explain_problems(api: FastAPI) -> None:
    """Have every error of an application answered as a problem."""
    api.add_exception_handler(VasariError, _refused)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _fault)


def described_problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Return how OpenAPI describes the problems that an operation may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        int(status): {
            "description": status.phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


PROBLEM_SCHEMA = {
    "title": "Problem",
    "description": "Problem details (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Names the kind of problem; never changes."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, for people."},
    },
}


def _refused(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, ApiProblem):
        return problem(error.status, error.kind, str(error), **error.headers)
    if isinstance(error, VasariError) and error.is_for_visitors:
        status = HTTPStatus.BAD_REQUEST
        if isinstance(error, UnreadableImage):
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        elif isinstance(error, LookupError):
            status = HTTPStatus.NOT_FOUND
        return problem(status, _kind_of(error), str(error))
    # What is wrong with the files, servers and settings is for those who look after them.
    _log.error("%s", redact(str(error)))
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", UNREACHABLE)


def _invalid(_: Request, error: Any) -> JSONResponse:
    reasons = [f"{_place(item['loc'])}: {item['msg']}" for item in error.errors()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", "; ".join(reasons))


def _http(_: Request, error: Any) -> JSONResponse:
    kind = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    return problem(error.status_code, kind, str(error.detail), **(error.headers or {}))


def _fault(_: Request, error: Exception) -> JSONResponse:
    _log.error("a fault of the API", exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "fault", "This is a fault of Vasari. It has been logged."
    )


def _place(loc: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in loc if part not in ("body", "query", "path")) or "body"


def _kind_of(error: VasariError) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
