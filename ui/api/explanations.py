"""Which regions make two pictures alike, asked by programs."""

from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from ui.api.bodies import BODY_REFUSALS, ExplainBody, form_and_json, read_body
from ui.api.openapi import answered_as
from ui.api.problems import described_problems
from ui.api.served_collection import ServedCollection
from ui.arguments import parse_place
from ui.documents.collection import explanation_document
from ui.explanations import Explained, drawn, explained
from vasari_client.answers import Explanation

PNG = "image/png"

_ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {**described, "model": Explanation} for status, described in answered_as(PNG).items()
}


class Explanations:
    """The operation that explains a similarity."""

    def __init__(self, served: ServedCollection) -> None:
        self._served = served

    def routes(self) -> APIRouter:
        """Return the operation as a route."""
        routes = APIRouter()
        routes.add_api_route(
            "/explain",
            self.explain,
            methods=["POST"],
            openapi_extra=form_and_json(ExplainBody, needs_picture=False),
            responses=_ANSWERS
            | BODY_REFUSALS
            | described_problems(HTTPStatus.NOT_FOUND, HTTPStatus.GATEWAY_TIMEOUT),
        )
        return routes

    async def explain(self, request: Request) -> Response:
        """Say which regions make two pictures alike; as `vasari explain --json`.

        With the header `Accept: image/png` the answer is the drawing.
        """
        body, picture = await read_body(
            request, ExplainBody, picture_bytes=self._served.settings.upload_megabytes * 2**20
        )
        wants_drawing = PNG in request.headers.get("accept", "")
        return await self._served.turns.take(partial(self._answer, body, picture, wants_drawing))

    def _answer(self, body: ExplainBody, picture: bytes | None, wants_drawing: bool) -> Response:
        query, at = body.example(picture), parse_place(body.at)
        self._served.check_models([body.model] if body.model else [])
        deployment = self._served.deployment()
        found = explained(
            deployment,
            query,
            self._served.facts(body.work),
            model=body.model,
            at=at,
            limits=deployment.visitor_limits,
        )
        if wants_drawing:
            drawing = BytesIO()
            drawn(deployment, found).save(drawing, "PNG")
            return Response(drawing.getvalue(), media_type=PNG)
        return JSONResponse(_document(found))


def _document(found: Explained) -> dict[str, Any]:
    return explanation_document(found.explanation, found.work, picture=None, at=found.at)
