"""The two clients: one waits for each answer, the other awaits it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Self, TypeVar, Unpack
from uuid import UUID

import httpx

from vasari_client import answers, questions
from vasari_client.problem import check
from vasari_client.questions import ExplainOptions, Filters, Picture, Question, SearchOptions

Answer = TypeVar("Answer")

PAGE = 500
"""Works of a page, where all are wanted."""


class Client:
    """Asks a server.

    Every method raises ``Problem`` where the server refuses, and ``httpx.HTTPError`` where it
    cannot be reached.

    Args:
        address: of the server, without a path.
        key: as ``vasari users add-key`` made it, where the server wants one.
        timeout: seconds; longer than the server works on one question.
        transport: instead of a connection, for tests.
    """

    def __init__(
        self,
        address: str = "http://localhost:8501",
        *,
        key: str | None = None,
        timeout: float = 90.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=address, headers=_headers(key), timeout=timeout, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, question: Question[Answer]) -> Answer:
        """Return the answer to a question.

        Raises:
            Problem: there is none.
        """
        answer = self._http.request(question.method, question.path, **question.options)
        check(answer)
        return question.read(answer)

    def similarity(
        self, picture: Picture | None = None, **options: Unpack[SearchOptions]
    ) -> answers.SimilarWorks:
        """Find the works most like a picture, works or texts."""
        return self.ask(questions.similarity(picture, options))

    def similar(self, work: UUID | str, *, top: int = 10) -> answers.SimilarWorks:
        """Find the works most like one of the collection."""
        return self.ask(questions.similar(work, top=top))

    def identify(self, photo: Path | bytes, *, top: int = 5) -> answers.Identification:
        """Say which work a photo shows."""
        return self.ask(questions.identify(photo, top=top))

    def explain(
        self, picture: Picture, work: UUID | str, **options: Unpack[ExplainOptions]
    ) -> answers.Explanation:
        """Say which regions make a picture and a work alike."""
        return self.ask(questions.explain(picture, work, options))

    def explain_drawing(
        self, picture: Picture, work: UUID | str, **options: Unpack[ExplainOptions]
    ) -> bytes:
        """Draw which regions make a picture and a work alike; a PNG."""
        return self.ask(questions.explain_drawing(picture, work, options))

    def artworks(
        self, *, limit: int = 50, cursor: str | None = None, **wanted: Unpack[Filters]
    ) -> answers.Works:
        """List works that pass a filter, from the ``next`` of the page before on."""
        return self.ask(questions.artworks(limit=limit, cursor=cursor, wanted=wanted))

    def artwork(self, work: UUID | str) -> answers.WorkDetails:
        """Give all that is known of a work."""
        return self.ask(questions.artwork(work))

    def thumbnail(self, work: UUID | str) -> bytes:
        """Give the thumbnail of a work, a JPEG."""
        return self.ask(questions.thumbnail(work))

    def facets(self, **wanted: Unpack[Filters]) -> dict[str, list[answers.ValueCount]]:
        """Count the works of each value under the other conditions."""
        return self.ask(questions.facets(wanted))

    def models(self) -> list[answers.Model]:
        """List the vectors that can be asked."""
        return self.ask(questions.models())

    def evaluations(self) -> list[answers.Evaluation]:
        """List the evaluations that were kept, the oldest first."""
        return self.ask(questions.evaluations())

    def evaluation(self, name: str = "latest") -> answers.EvaluationResult:
        """Give what an evaluation found."""
        return self.ask(questions.evaluation(name))

    def all_artworks(self, **wanted: Unpack[Filters]) -> Iterator[answers.ListedWork]:
        """Yield all works that pass a filter, page by page."""
        cursor: str | None = None
        while True:
            page = self.artworks(limit=PAGE, cursor=cursor, **wanted)
            yield from page["artworks"]
            if (cursor := page["next"]) is None:
                return


class AsyncClient:
    """Asks a server, side by side with whatever else a program does.

    Every method raises ``Problem`` where the server refuses, and ``httpx.HTTPError`` where it
    cannot be reached.

    Args:
        address: of the server, without a path.
        key: as ``vasari users add-key`` made it, where the server wants one.
        timeout: seconds; longer than the server works on one question.
        transport: instead of a connection, for tests.
    """

    def __init__(
        self,
        address: str = "http://localhost:8501",
        *,
        key: str | None = None,
        timeout: float = 90.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=address, headers=_headers(key), timeout=timeout, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(self, question: Question[Answer]) -> Answer:
        """Return the answer to a question.

        Raises:
            Problem: there is none.
        """
        answer = await self._http.request(question.method, question.path, **question.options)
        check(answer)
        return question.read(answer)

    async def similarity(
        self, picture: Picture | None = None, **options: Unpack[SearchOptions]
    ) -> answers.SimilarWorks:
        """Find the works most like a picture, works or texts."""
        return await self.ask(questions.similarity(picture, options))

    async def similar(self, work: UUID | str, *, top: int = 10) -> answers.SimilarWorks:
        """Find the works most like one of the collection."""
        return await self.ask(questions.similar(work, top=top))

    async def identify(self, photo: Path | bytes, *, top: int = 5) -> answers.Identification:
        """Say which work a photo shows."""
        return await self.ask(questions.identify(photo, top=top))

    async def explain(
        self, picture: Picture, work: UUID | str, **options: Unpack[ExplainOptions]
    ) -> answers.Explanation:
        """Say which regions make a picture and a work alike."""
        return await self.ask(questions.explain(picture, work, options))

    async def explain_drawing(
        self, picture: Picture, work: UUID | str, **options: Unpack[ExplainOptions]
    ) -> bytes:
        """Draw which regions make a picture and a work alike; a PNG."""
        return await self.ask(questions.explain_drawing(picture, work, options))

    async def artworks(
        self, *, limit: int = 50, cursor: str | None = None, **wanted: Unpack[Filters]
    ) -> answers.Works:
        """List works that pass a filter, from the ``next`` of the page before on."""
        return await self.ask(questions.artworks(limit=limit, cursor=cursor, wanted=wanted))

    async def artwork(self, work: UUID | str) -> answers.WorkDetails:
        """Give all that is known of a work."""
        return await self.ask(questions.artwork(work))

    async def thumbnail(self, work: UUID | str) -> bytes:
        """Give the thumbnail of a work, a JPEG."""
        return await self.ask(questions.thumbnail(work))

    async def facets(self, **wanted: Unpack[Filters]) -> dict[str, list[answers.ValueCount]]:
        """Count the works of each value under the other conditions."""
        return await self.ask(questions.facets(wanted))

    async def models(self) -> list[answers.Model]:
        """List the vectors that can be asked."""
        return await self.ask(questions.models())

    async def evaluations(self) -> list[answers.Evaluation]:
        """List the evaluations that were kept, the oldest first."""
        return await self.ask(questions.evaluations())

    async def evaluation(self, name: str = "latest") -> answers.EvaluationResult:
        """Give what an evaluation found."""
        return await self.ask(questions.evaluation(name))

    async def all_artworks(self, **wanted: Unpack[Filters]) -> AsyncIterator[answers.ListedWork]:
        """Yield all works that pass a filter, page by page."""
        cursor: str | None = None
        while True:
            page = await self.artworks(limit=PAGE, cursor=cursor, **wanted)
            for work in page["artworks"]:
                yield work
            if (cursor := page["next"]) is None:
                return


def _headers(key: str | None) -> dict[str, str]:
    return {} if key is None else {"Authorization": f"Bearer {key}"}
