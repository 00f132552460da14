"""What can be asked, as the requests that both clients send."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypedDict, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx

from vasari_client import answers

Answer = TypeVar("Answer")

Picture = Path | bytes | UUID | str
"""A file, what is in one, or the id of a work."""


class Filters(TypedDict, total=False):
    """Only works that meet all of this."""

    artist: list[str]
    genre: list[str]
    style: list[str]
    school: list[str]
    source: list[str]
    not_artist: list[str]
    not_genre: list[str]
    not_style: list[str]
    not_school: list[str]
    not_source: list[str]
    year_from: int
    year_to: int


class SearchOptions(Filters, total=False):
    """How it is searched: each is the option of ``vasari search`` of that name."""

    like: list[str]
    unlike: list[str]
    text: list[str]
    region: str
    top: int
    offset: int
    model: list[str]
    weight: list[str]
    max_distance: float
    min_percentile: float
    diverse: bool
    exact: bool


class ExplainOptions(TypedDict, total=False):
    """How it is explained: each is the option of ``vasari explain`` of that name."""

    model: str
    region: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Question(Generic[Answer]):
    """A request, and how its answer is read.

    Args:
        options: of ``httpx.Client.request``.
    """

    method: str = "GET"
    path: str
    read: Callable[[httpx.Response], Answer]
    options: Mapping[str, Any] = field(default_factory=dict)


def similarity(picture: Picture | None, options: SearchOptions) -> Question[answers.SimilarWorks]:
    """Return the search for the works most like a picture."""
    return _posted("/api/similarity", picture, options, _document)


def similar(work: UUID | str, *, top: int) -> Question[answers.SimilarWorks]:
    """Return the search for the works most like one."""
    path = f"/api/artworks/{_part(work)}/similar"
    return Question(path=path, read=_document, options={"params": {"top": top}})


def identify(photo: Path | bytes, *, top: int) -> Question[answers.Identification]:
    """Return the question which work a photo shows."""
    return _posted("/api/identify", photo, {"top": top}, _document)


def explain(
    picture: Picture, work: UUID | str, options: ExplainOptions
) -> Question[answers.Explanation]:
    """Return the question which regions make a picture and a work alike."""
    return _posted("/api/explain", picture, {"work": str(work), **options}, _document)


def explain_drawing(picture: Picture, work: UUID | str, options: ExplainOptions) -> Question[bytes]:
    """Return the same question, answered by a drawing."""
    asked = _posted("/api/explain", picture, {"work": str(work), **options}, _content)
    headers = {"Accept": "image/png"}
    return Question(
        method=asked.method,
        path=asked.path,
        read=asked.read,
        options={**asked.options, "headers": headers},
    )


def artworks(*, limit: int, cursor: str | None, wanted: Filters) -> Question[answers.Works]:
    """Return the question for a page of the works that pass a filter."""
    params = {"limit": limit, **({"cursor": cursor} if cursor else {}), **wanted}
    return Question(path="/api/artworks", read=_document, options={"params": params})


def artwork(work: UUID | str) -> Question[answers.WorkDetails]:
    """Return the question for all that is known of a work."""
    return Question(path=f"/api/artworks/{_part(work)}", read=_document)


def thumbnail(work: UUID | str) -> Question[bytes]:
    """Return the question for a work's thumbnail."""
    return Question(path=f"/api/artworks/{_part(work)}/thumbnail", read=_content)


def facets(wanted: Filters) -> Question[dict[str, list[answers.ValueCount]]]:
    """Return the question how many works each value of each field would leave."""
    return Question(path="/api/facets", read=_document, options={"params": wanted})


def models() -> Question[list[answers.Model]]:
    """Return the question which vectors can be asked."""
    return Question(path="/api/models", read=lambda answer: _document(answer)["models"])


def evaluations() -> Question[list[answers.Evaluation]]:
    """Return the question which evaluations were kept."""
    return Question(path="/api/evaluations", read=lambda answer: _document(answer)["evaluations"])


def evaluation(name: str) -> Question[answers.EvaluationResult]:
    """Return the question what an evaluation found."""
    return Question(path=f"/api/evaluations/{_part(name)}", read=_document)


def _posted(
    path: str,
    picture: Picture | None,
    fields: Mapping[str, Any],
    read: Callable[[httpx.Response], Answer],
) -> Question[Answer]:
    options: dict[str, Any]
    if isinstance(picture, Path | bytes):
        data = picture.read_bytes() if isinstance(picture, Path) else picture
        options = {"data": dict(fields), "files": {"picture": ("picture", data)}}
    else:
        given = {} if picture is None else {"picture": str(picture)}
        options = {"json": {**fields, **given}}
    return Question(method="POST", path=path, read=read, options=options)


def _part(given: UUID | str) -> str:
    return quote(str(given), safe="")


def _document(answer: httpx.Response) -> Any:
    return answer.json()


def _content(answer: httpx.Response) -> bytes:
    return answer.content
