"""Requests to the API that its description allows, and that it forbids, made at random.

    python -m benchmarks.fuzz_api --minutes 10
    python -m benchmarks.fuzz_api --minutes 10 --address http://localhost:8501

Schemathesis draws requests from the OpenAPI document, a round at a time with a seed each. It is a
finding, and the exit code is 1, where an answer has a status of 500 or above, or a status, a type
or a body that the document does not name, where a request that it forbids is taken, and where what
only curators may ask is answered to anybody else. Without an address, a small collection is served.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import httpx
import requests
import schemathesis
import typer
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Err
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from benchmarks.campaign import run
from deployment import Deployment
from tests.ui.served_page import MODELS, fill, make_pictures, page_settings, served
from ui.api.openapi import CURATORS

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]

EXAMPLES = 50
"""Requests of each kind to each operation, in one round."""


def main(
    minutes: float = 10,
    address: Annotated[str | None, typer.Option(help="Of a server that is running.")] = None,
    first_seed: Annotated[int, typer.Option("--seed", help="Of the first round.")] = 0,
) -> None:
    """Ask the API at random, and say what it answers wrongly."""
    about = partial(campaign, minutes=minutes, address=address, first_seed=first_seed)
    run(about, f"{minutes:g} minutes of requests")


def campaign(place: Path, *, minutes: float, address: str | None, first_seed: int) -> Iterator[str]:
    """Ask a server for some minutes, and yield each finding once."""
    end = time.monotonic() + 60 * minutes
    with ExitStack() as stack:
        if address is None:
            with Deployment(page_settings(place / "home")) as deployment:
                fill(deployment, make_pictures(place / "pictures"))
            more = {"VASARI_REQUESTS_PER_MINUTE": "0"}
            address = stack.enter_context(
                served(place / "home", place / "weights", models=MODELS, more=more)
            )
        number, told = first_seed, set()
        while time.monotonic() < end:
            for finding in findings(address, examples=EXAMPLES, number=number, end=end):
                title = finding.partition("\n")[0]
                if title not in told:
                    told.add(title)
                    yield f"seed {number}: {finding}"
            number += 1
        print(f"{number - first_seed} rounds")


def findings(
    address: str, *, examples: int, number: int = 0, end: float = float("inf")
) -> Iterator[str]:
    """Ask every operation of a server at random, once; yield what is wrong with an answer.

    Args:
        examples: requests that the description allows, and as many that it forbids, of each.
        number: the seed.
        end: of the monotonic clock, after which no further operation is asked.
    """
    document = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
    known = httpx.get(f"{address}/api/artworks", params={"limit": 1}).json()["artworks"]
    for found in document.get_all_operations():
        if isinstance(found, Err):
            yield f"the description cannot be read: {found.err()}"
            continue
        operation = found.ok()
        ways: list[tuple[GenerationMode, dict[str, str]]] = [(mode, {}) for mode in GenerationMode]
        if known and "{artwork}" in operation.path:
            ways.append((GenerationMode.POSITIVE, {"artwork": known[0]["id"]}))
        for mode, path in ways:
            if time.monotonic() > end:
                return
            drawn = operation.as_strategy(generation_mode=mode, path_parameters=path or None)
            for wrong in _wrong(operation, drawn, examples=examples, number=number):
                yield f"{operation.method.upper()} {operation.path}: {wrong}"


def _wrong(
    operation: APIOperation[Any, Any, Any, Any],
    cases: SearchStrategy[Case[Any]],
    *,
    examples: int,
    number: int,
) -> list[str]:
    is_for_curators = CURATORS in (operation.tags or [])

    answered: list[str] = []

    def ask(case: Case[Any]) -> None:
        response = case.call()
        if is_for_curators and response.status_code != HTTPStatus.UNAUTHORIZED:
            answered.append(f"{response.status_code} to nobody\n{case.as_curl_command()}")
        case.validate_response(response, checks=CHECKS)

    drawn = given(case=cases)(ask)
    bounded = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(drawn)
    try:
        seed(number)(bounded)()
    except FailureGroup as group:
        answered += [
            f"{item.title}\n{item.message}"
            for item in group.exceptions
            if isinstance(item, Failure)
        ]
    except Unsatisfiable:
        pass  # nothing can be wrong with a request that carries nothing
    except requests.RequestException as fault:
        answered.append(f"no answer\n{fault}")
    except ValueError as fault:
        # Schemathesis cannot always break a form that has a file.
        if "Unsupported type" not in str(fault):
            raise
    return answered


if __name__ == "__main__":
    typer.run(main)
