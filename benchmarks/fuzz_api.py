"""Requests to the API that its description allows, and that it forbids, made at random.

    python -m benchmarks.fuzz_api --minutes 10
    python -m benchmarks.fuzz_api --minutes 10 --address http://localhost:8501

Schemathesis draws requests from the OpenAPI document, a round at a time with a seed each. It is a
finding, and the exit code is 1, where an answer has a status of 500 or above, or a status, a type
or a body that the document does not name, where a request that it forbids is taken, and where what
only curators may ask is answered to anybody else. Without an address, a small collection is served:
half of the time nobody in particular asks, and the other half a curator, who changes and deletes
works and starts jobs. At an address, where the collection may be somebody's, no curator asks.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
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
from schemathesis.core.failures import AcceptedNegativeData, Failure, FailureGroup
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
from ui.api.keys import Role, make_key
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

JOBS = 2
"""Of those that start jobs, each of which is a process."""

JOB_SECONDS = 120.0

PICTURES = "pictures"

Operation = APIOperation[Any, Any, Any, Any]


@dataclass
class Asker:
    """Who asks a server, and how often they have asked for what.

    Args:
        key: of a curator, who asks for what only curators may; anybody asks without one.
        folder: that may be taken in again, relative to those of the server's settings.
    """

    address: str
    key: str | None = None
    folder: str = ""
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def headers(self) -> dict[str, str]:
        """Of each request."""
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    def document(self, method: str, path: str, **options: Any) -> Any:
        """Return the answer to a request that is no random one."""
        address = self.address + path
        return httpx.request(method, address, headers=self.headers, timeout=60, **options).json()

    def end_job(self, job: str) -> None:
        """Wait until a job is over."""
        end = time.monotonic() + JOB_SECONDS
        while self.document("GET", f"/api/jobs/{job}")["state"] in ("starting", "running"):
            if time.monotonic() > end:
                raise TimeoutError(f"the job {job} does not end")
            time.sleep(0.1)

    def known(self) -> tuple[dict[str, str], dict[str, Any]]:
        """Return what there is: a value of each parameter of a path, and bodies by path."""
        works = self.document("GET", "/api/artworks", params={"limit": 2})["artworks"]
        values = {"artwork": works[0]["id"]} if works else {}
        if self.key is None:
            return values, {}
        look = {"kind": "ingest", "source": "folder", "options": {"folder": self.folder}}
        bodies: dict[str, Any] = {"/api/jobs": look | {"dry_run": True}}
        if works:
            bodies["/api/duplicates/{decision}"] = {"ids": [work["id"] for work in works]}
        for job in self.document("GET", "/api/jobs")["jobs"][:1]:
            values["job"] = job["job"]
        artists = self.document("GET", "/api/artists")["artists"]
        if artists:
            values["artist"] = artists[0]["id"]
            bodies["/api/artists/split"] = {"name": artists[0]["names"][-1]}
            bodies["/api/artists/{artist}/merge"] = {"others": [artists[-1]["id"]]}
        return values, bodies

    def take_in_again(self) -> None:
        """Bring back the works that an earlier round has deleted."""
        for change in self.document("GET", "/api/changes")["changes"]:
            if change["action"] == "delete":
                self.document("POST", f"/api/artworks/{change['details']['artwork']}/restore")
        options = {"folder": self.folder}
        asked = {"kind": "ingest", "source": "folder", "options": options}
        self.end_job(self.document("POST", "/api/jobs", json=asked)["job"])


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
    with ExitStack() as stack:
        if address is None:
            key, entry = make_key("fuzz", Role.CURATOR)
            address = stack.enter_context(served_for(place, str(entry)))
            askers = {"anybody": Asker(address), "a curator": Asker(address, key, PICTURES)}
        else:
            askers = {"anybody": Asker(address)}
        for name, asker in askers.items():
            end = time.monotonic() + 60 * minutes / len(askers)
            number, told = first_seed, set()
            while time.monotonic() < end:
                for finding in findings(asker, examples=EXAMPLES, number=number, end=end):
                    title = finding.partition("\n")[0]
                    if title not in told:
                        told.add(title)
                        yield f"{name}, seed {number}: {finding}"
                number += 1
            print(
                f"{name}: {len(asker.asked)} operations, {asker.asked.total():,} requests, "
                f"{len(told)} failures, seeds {first_seed} to {number - 1}"
            )


def served_for(place: Path, entry: str) -> AbstractContextManager[str]:
    """Serve a small collection that may be spoiled, and give its address.

    Args:
        entry: of a curator's key, as the settings have it.
    """
    with Deployment(page_settings(place / "home")) as deployment:
        fill(deployment, make_pictures(place / PICTURES))
    more = {
        "VASARI_REQUESTS_PER_MINUTE": "0",
        "VASARI_API_KEYS": entry,
        "VASARI_INGEST_FOLDERS": str(place),
    }
    return served(place / "home", place / "weights", models=MODELS, more=more)


def findings(
    asker: Asker, *, examples: int, number: int = 0, end: float = float("inf")
) -> Iterator[str]:
    """Ask every operation of a server at random, once; yield what is wrong with an answer.

    A curator asks for what is theirs alone.

    Args:
        examples: requests that the description allows, and as many that it forbids, of each.
        number: the seed.
        end: of the monotonic clock, after which no further operation is asked.
    """
    document = schemathesis.openapi.from_url(f"{asker.address}/api/openapi.json")
    # Who may ask what is looked at here, and no key is made up.
    document.config.generation.update(with_security_parameters=False)
    if asker.key is not None:
        asker.take_in_again()
    known = asker.known()
    for found in document.get_all_operations():
        if isinstance(found, Err):
            yield f"the description cannot be read: {found.err()}"
            continue
        operation = found.ok()
        if asker.key is not None and not _is_for_curators(operation):
            continue
        for drawn in _ways(operation, *known):
            if time.monotonic() > end:
                return
            for wrong in _wrong(asker, operation, drawn, examples=examples, number=number):
                yield f"{_name(operation)}: {wrong}"


def _ways(
    operation: Operation, values: Mapping[str, str], bodies: Mapping[str, Any]
) -> Iterator[SearchStrategy[Case[Any]]]:
    """Yield ways of drawing requests: as the description says, as it forbids, of what there is."""
    for mode in GenerationMode:
        yield operation.as_strategy(generation_mode=mode)
    there = {name: value for name, value in values.items() if f"{{{name}}}" in operation.path}
    more: dict[str, Any] = {"path_parameters": there} if there else {}
    if operation.method.upper() == "POST" and operation.path in bodies:
        more |= {"body": bodies[operation.path], "media_type": "application/json"}
    if more:
        yield operation.as_strategy(generation_mode=GenerationMode.POSITIVE, **more)


def _is_for_curators(operation: Operation) -> bool:
    return CURATORS in (operation.tags or [])


def _is_lost_on_the_way(case: Case[Any], failure: Failure) -> bool:
    """Tell whether a request is forbidden for the types of its values alone, and carries none.

    An address and a form hold text, where a number is as good as its digits and no list is there.
    """
    wrong = set(re.findall(r"violates `(\w+)`", failure.message))
    is_text = isinstance(failure, AcceptedNegativeData) and case.media_type != "application/json"
    return is_text and bool(wrong) and wrong <= {"type", "anyOf"}


def _name(operation: Operation) -> str:
    return f"{operation.method.upper()} {operation.path}"


def _wrong(
    asker: Asker,
    operation: Operation,
    cases: SearchStrategy[Case[Any]],
    *,
    examples: int,
    number: int,
) -> list[str]:
    is_closed = asker.key is None and _is_for_curators(operation)
    starts_jobs = _name(operation) == "POST /api/jobs"
    answered: list[str] = []

    def ask(case: Case[Any]) -> None:
        response = case.call(headers=asker.headers)
        asker.asked[_name(operation)] += 1
        if is_closed and response.status_code != HTTPStatus.UNAUTHORIZED:
            answered.append(f"{response.status_code} to nobody\n{case.as_curl_command()}")
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            if any(not _is_lost_on_the_way(case, item) for item in group.exceptions):
                raise
        if response.status_code == HTTPStatus.ACCEPTED:
            asker.end_job(response.json()["job"])

    drawn = given(case=cases)(ask)
    bounded = settings(
        max_examples=min(examples, JOBS) if starts_jobs and not is_closed else examples,
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
