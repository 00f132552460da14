"""The page that explains the API: its OpenAPI document, rendered here.

FastAPI's own page takes its scripts from other servers, which a museum's network may not reach and
the policy of our pages forbids.
"""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response

from ui.api.html_pages import html_page
from ui.api.openapi import CURATORS, PREFIXES

FORM, JSON = "multipart/form-data", "application/json"
ENCODED = "application/x-www-form-urlencoded"

Schema = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Field:
    """What an operation takes.

    Args:
        place: ``path``, ``query`` or ``body``.
        type: in words; a file is ``file``.
        default: as JSON, where there is one worth saying.
        example: a value that it takes, where it has to be given.
    """

    name: str
    place: str
    type: str
    required: bool
    default: str
    description: str
    example: Any


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What can be asked.

    Args:
        variants: what it takes, in each way of asking it: the way in words, and its fields.
        answers: status -> what it means.
        curl: a command that asks it.
    """

    method: str
    path: str
    description: str
    for_curators: bool
    variants: list[tuple[str, list[Field]]]
    answers: Mapping[str, str]
    curl: str


def add_docs_page(api: FastAPI) -> None:
    """Give an application a page about itself."""

    def docs(request: Request) -> Response:
        address = str(request.base_url).rstrip("/")
        return html_page("docs", info=api.openapi()["info"], parts=_parts(api.openapi(), address))

    api.add_api_route("/api/docs", docs, include_in_schema=False)


def operations_of(document: Schema, address: str) -> list[Operation]:
    """Return the operations that an OpenAPI document describes.

    Args:
        address: of the server, for the commands.
    """
    return [
        _operation(document, address, path, method, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def _parts(document: Schema, address: str) -> dict[str, list[Operation]]:
    parts: dict[str, list[Operation]] = {"Reading": [], "Curators": [], "Watching over it": []}
    for operation in operations_of(document, address):
        is_api = operation.path.startswith(PREFIXES)
        name = "Curators" if operation.for_curators else "Reading"
        parts[name if is_api else "Watching over it"].append(operation)
    return {name: operations for name, operations in parts.items() if operations}


def _operation(
    document: Schema, address: str, path: str, method: str, described: Schema
) -> Operation:
    parameters = [
        _field(document, item["name"], item["in"], item["schema"], item)
        for item in described.get("parameters", [])
    ]
    content = described.get("requestBody", {}).get("content", {})
    for_curators = CURATORS in described.get("tags", [])
    kind = next((kind for kind in (FORM, JSON) if kind in content), next(iter(content), JSON))
    bodies = list(_bodies(document, content[kind]["schema"])) if content else [("", [])]
    return Operation(
        method=method.upper(),
        path=path,
        description=described.get("description", ""),
        for_curators=for_curators,
        variants=[(name, parameters + fields) for name, fields in bodies],
        answers={status: item["description"] for status, item in described["responses"].items()},
        curl=_curl(
            address + path,
            method.upper(),
            kind,
            parameters + bodies[0][1],
            needs_key=for_curators,
        ),
    )


def _bodies(document: Schema, schema: Schema) -> Iterator[tuple[str, list[Field]]]:
    """Yield what a body consists of, in each of its forms."""
    schema = _resolved(document, schema)
    forms = [_resolved(document, item) for item in schema.get("oneOf", [schema])]
    for form in forms:
        required = form.get("required", [])
        fields = [
            _field(document, name, "body", item, {"required": name in required, **item})
            for name, item in form.get("properties", {}).items()
        ]
        yield form.get("description", "") if len(forms) > 1 else "", fields


def _field(document: Schema, name: str, place: str, schema: Schema, about: Schema) -> Field:
    schema = _resolved(document, schema)
    default = schema.get("default")
    return Field(
        name=name,
        place=place,
        type=_type(document, schema),
        required=bool(about.get("required")),
        default="" if default in (None, [], {}, "") else json.dumps(default),
        description=about.get("description", ""),
        example=_example(document, name, schema),
    )


def _resolved(document: Schema, schema: Schema) -> Schema:
    reference = schema.get("$ref", "")
    if reference:
        found: Schema = document["components"]["schemas"][reference.rpartition("/")[2]]
        return found
    # `null` beside one type says no more than that the field may be left out.
    given = [item for item in schema.get("anyOf", []) if item.get("type") != "null"]
    if len(given) == 1:
        return {**schema, **_resolved(document, given[0])}
    return schema


def _type(document: Schema, schema: Schema) -> str:
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"{_type(document, _resolved(document, schema.get('items', {})))}, repeatable"
    named = {"binary": "file", "uuid": "id"}.get(schema.get("format", ""))
    word = named or {"string": "text", "object": "object"}.get(schema.get("type", ""), "")
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f"{schema['type']} from {least:g} to {most:g}"
    return word or str(schema.get("type", "any"))


def _example(document: Schema, name: str, schema: Schema) -> Any:
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "array":
        return [_example(document, name.removesuffix("s"), _resolved(document, schema["items"]))]
    if kind in ("integer", "number"):
        return schema.get("default", schema.get("minimum", 1))
    if kind == "object":
        return {}
    if schema.get("format") == "binary":
        return "@photo.jpg"
    return name.upper() if name.upper() != "ID" else "WORK_ID"


def _curl(url: str, method: str, kind: str, fields: list[Field], *, needs_key: bool) -> str:
    query, body = [], {}
    for field in fields:
        if field.place == "path":
            url = url.replace(f"{{{field.name}}}", str(field.example))
        elif field.place == "query" and field.required:
            query.append(f"{field.name}={field.example}")
        elif field.place == "body" and (field.required or field.type == "file"):
            body[field.name] = field.example
    if kind != FORM and not body:  # nothing has to be there, and something should
        body = {field.name: field.example for field in fields if field.place == "body"}
    words = ["curl", *(["-H", "Authorization: Bearer KEY"] if needs_key else [])]
    if method not in ("GET", "POST") or (method == "POST" and not body):
        words += ["-X", method]
    if body and kind == FORM:
        words += [part for name, value in body.items() for part in ("-F", f"{name}={value}")]
    elif body and kind == JSON:
        words += ["--json", json.dumps(body)]
    for name, value in body.items() if kind == ENCODED else ():
        words += ["--data-urlencode", f"{name}={value}"]
    return shlex.join([*words, url + ("?" + "&".join(query) if query else "")])
