"""What a request carries: JSON, or a form with a picture; never more than the settings allow."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from catalog.filters import Filter
from catalog.listing import Order
from search.identification.identify import MOST_CANDIDATES
from search.query import Example, InvalidQuery
from search.similar import MOST_HITS, CutOff
from ui.api.problems import ApiProblem, described_problems
from ui.arguments import parse_region, parse_weights, work_id
from ui.questions import SearchRequest, make_query

Body = TypeVar("Body", bound=BaseModel)
Names = Annotated[tuple[str, ...], Field(max_length=100)]
Text = Annotated[str, Field(max_length=200)]
Examples = Annotated[tuple[Text, ...], Field(max_length=20)]

FORM_OVERHEAD_BYTES = 2**20
"""What a form may say beside its picture."""

TOO_LARGE = HTTPStatus(413)  # its name differs between versions of Python

BODY_REFUSALS = described_problems(TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
"""How OpenAPI describes why a body is not read."""


class FilterFields(BaseModel):
    """The filter's options, named as the command line's."""

    model_config = ConfigDict(extra="forbid")

    artist: Names = ()
    genre: Names = ()
    style: Names = ()
    school: Names = ()
    source: Names = ()
    not_artist: Names = ()
    not_genre: Names = ()
    not_style: Names = ()
    not_school: Names = ()
    not_source: Names = ()
    year_from: int | None = None
    year_to: int | None = None

    def filter(self) -> Filter:
        """Return the filter.

        Raises:
            InvalidFilter: it contradicts itself.
        """
        return Filter(**self.model_dump(include=set(FilterFields.model_fields)))


class ListingQuery(FilterFields):
    """A page of the works that pass a filter."""

    text: str = Field(
        "", max_length=200, description="Words in title or artist, whatever their accents and case."
    )
    sort: Order = "artist"
    limit: int = Field(50, ge=1, le=500)
    cursor: str | None = Field(None, max_length=100, description="The `next` of the page before.")


class SimilarityBody(FilterFields):
    """A search: each field is the option of ``vasari search`` of that name."""

    picture: str | None = Field(None, description="The id of a work; in a form also a file.")
    like: Examples = ()
    unlike: Examples = ()
    text: Examples = ()
    region: str | None = Field(None, description="X,Y,W,H of the picture, in pixels or shares.")
    top: int = Field(10, ge=1, le=MOST_HITS)
    offset: int = Field(0, ge=0, le=10**6)
    model: Names = ()
    weight: Annotated[Names, Field(description="MODEL=SHARE")] = ()
    max_distance: float | None = Field(None, ge=0, le=2)
    min_percentile: float | None = Field(None, ge=0, le=100)
    diverse: bool = False
    exact: bool = False

    def request(self, picture: bytes | UUID | None) -> SearchRequest:
        """Return the search.

        Raises:
            VasariError: it cannot be asked.
        """
        if picture is None and self.picture is not None:
            picture = work_id(self.picture)
        return SearchRequest(
            query=make_query(
                picture,
                like=map(work_id, self.like),
                unlike=map(work_id, self.unlike),
                texts=self.text,
                region=self.region,
            ),
            models=self.model,
            wanted=self.filter(),
            top=self.top,
            offset=self.offset,
            exact=self.exact,
            diverse=self.diverse,
            weights=parse_weights(self.weight),
            cut_off=CutOff(max_distance=self.max_distance, min_percentile=self.min_percentile),
        )


class IdentifyBody(BaseModel):
    """An identification: each field is the option of ``vasari identify`` of that name."""

    model_config = ConfigDict(extra="forbid")

    top: int = Field(5, ge=1, le=MOST_CANDIDATES)


class ExplainBody(BaseModel):
    """An explanation: each field is the argument or the option of ``vasari explain`` of that name.

    The query is ``picture``.
    """

    model_config = ConfigDict(extra="forbid")

    picture: str | None = Field(None, description="The id of a work; in a form also a file.")
    work: UUID = Field(description="The id of the work that is like it.")
    model: str | None = Field(None, max_length=100)
    region: Text | None = Field(None, description="X,Y,W,H of the picture, in pixels or shares.")
    at: Text | None = Field(
        None, description="What the place X,Y of the picture, in shares, is alike to in the work."
    )

    def example(self, picture: bytes | None) -> Example:
        """Return the query.

        Raises:
            InvalidQuery: there is none, or its region is none.
        """
        given = picture if picture is not None else self.picture
        if given is None:
            raise InvalidQuery("send a picture, or the id of a work as `picture`")
        of = work_id(given) if isinstance(given, str) else given
        return Example(of, region=parse_region(self.region))


async def read_body(
    request: Request, kind: type[Body], *, picture_bytes: int
) -> tuple[Body, bytes | None]:
    """Return what a request carries, and the picture in it, if any.

    Raises:
        ApiProblem: it is too large, or neither JSON nor a form.
        RequestValidationError: a field is not what it must be.
    """
    content = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content == "multipart/form-data":
        form = await _form(request, picture_bytes)
        try:
            return await _read_form(form, kind, picture_bytes)
        finally:
            await form.close()
    if content not in ("application/json", ""):
        raise ApiProblem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "send JSON, or a form (multipart/form-data) with the file as `picture`",
        )
    data = b"".join([part async for part in bounded(request, FORM_OVERHEAD_BYTES)])
    try:
        return kind.model_validate_json(data or b"{}"), None
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None


async def _form(request: Request, picture_bytes: int) -> FormData:
    most = picture_bytes + FORM_OVERHEAD_BYTES
    parser = MultiPartParser(request.headers, bounded(request, most), max_files=1, max_fields=1000)
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise ApiProblem(HTTPStatus.BAD_REQUEST, "invalid-form", error.message) from None


async def _read_form(
    form: FormData, kind: type[Body], picture_bytes: int
) -> tuple[Body, bytes | None]:
    given: dict[str, Any] = {}
    picture = None
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if name != "picture":
                raise ApiProblem(
                    HTTPStatus.BAD_REQUEST, "invalid-form", "the file's field is called `picture`"
                )
            picture = await value.read()
        elif _is_list(kind, name):
            given.setdefault(name, []).append(value)
        elif name in given:
            raise ApiProblem(
                HTTPStatus.BAD_REQUEST, "invalid-form", f"the field `{name}` is given twice"
            )
        else:
            given[name] = value
    if picture is not None and len(picture) > picture_bytes:
        raise too_large(picture_bytes)
    try:
        return kind.model_validate(given), picture
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None


def _is_list(kind: type[BaseModel], name: str) -> bool:
    field = kind.model_fields.get(name)
    return field is not None and isinstance(field.default, tuple)


def too_large(most: int) -> ApiProblem:
    """Return what to raise for a body of more bytes than are read."""
    return ApiProblem(
        TOO_LARGE,
        "too-large",
        f"at most {most / 2**20:.0f} MB are taken",
    )


async def bounded(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """Yield the pieces of a body.

    Raises:
        ApiProblem: they are too many.
    """
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise too_large(most)
    read = 0
    async for piece in request.stream():
        read += len(piece)
        if read > most:
            raise too_large(most)
        yield piece


def form_and_json(kind: type[BaseModel], *, needs_picture: bool) -> dict[str, Any]:
    """Return how OpenAPI describes what :func:`read_body` reads."""
    schema = kind.model_json_schema()
    fields = dict(schema.get("properties", {}))
    fields["picture"] = {"type": "string", "format": "binary"}
    needed = [*schema.get("required", []), *(["picture"] if needs_picture else [])]
    form = schema | {"properties": fields, "required": needed}
    content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    if not needs_picture:
        content["application/json"] = {"schema": schema}
    return {"requestBody": {"required": True, "content": content}}
