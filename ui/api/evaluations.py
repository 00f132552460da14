"""Evaluations that were kept, for programs to read."""

from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import fastapi
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from evaluation.runs import Run, Runs
from ui.api import answers
from ui.api.openapi import answered_with
from ui.api.problems import described_problems
from ui.api.served_collection import ServedCollection
from ui.documents.runs import run_document
from ui.evaluation_runs import runs_of
from vasari_client.answers import EvaluationResult


class Evaluations:
    """The operations that read evaluations."""

    def __init__(self, served: ServedCollection) -> None:
        self._served = served

    def routes(self) -> APIRouter:
        """Return the operations as routes."""
        routes = APIRouter()
        routes.add_api_route(
            "/evaluations", self.runs, responses=answered_with(answers.Evaluations)
        )
        routes.add_api_route(
            "/evaluations/{run}",
            self.run,
            responses=answered_with(EvaluationResult) | described_problems(HTTPStatus.NOT_FOUND),
        )
        routes.add_api_route(
            "/evaluations/{run}/report",
            self.report,
            response_class=HTMLResponse,
            responses=described_problems(HTTPStatus.NOT_FOUND),
        )
        return routes

    def runs(self) -> dict[str, Any]:
        """List the evaluations that were kept, oldest first; as `vasari evaluate runs --json`."""
        return {"evaluations": [run_document(_public(run)) for run in self._runs().all()]}

    def run(self, run: Annotated[str, fastapi.Path(max_length=200)]) -> dict[str, Any]:
        """Show what an evaluation found; as `vasari evaluate show --json`.

        Beside its id, the beginning of it names an evaluation, and `latest`, `latest~1` and so on.
        """
        runs = self._runs()
        found = runs.find(run)
        return run_document(_public(found)) | {"result": runs.document(found)}

    def report(self, run: Annotated[str, fastapi.Path(max_length=200)]) -> HTMLResponse:
        """Give the report of an evaluation, as a page that stands alone."""
        runs = self._runs()
        return HTMLResponse(runs.report(runs.find(run)))

    def _runs(self) -> Runs:
        return runs_of(self._served.deployment())


def _public(run: Run) -> Run:
    """Return a run that names its files without the folders, which callers need not know."""
    names = {name: Path(run.options[name]).name for name in run.files if name in run.options}
    return replace(run, options={**run.options, **names})
