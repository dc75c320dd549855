"""The OpenAPI 3.1 document, made of the table of operations and its models."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

from aggregator import __version__
from aggregator.web.api.operation import PREFIX, Operation
from aggregator.web.api.problem import KINDS, MEDIA_TYPE, Problem
from aggregator.web.api.shapes import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaMode

_REF = "#/components/schemas/{model}"
PATH_PART = {"type": "string", "minLength": 1, "maxLength": 500, "pattern": r"^[^\u0000-\u001f\u007f/\\?#%]+$"}
"""Of the variable parts of paths: ids of all kinds, percent-encoded in an address."""
ABOUT = """\
What the pages behind the login show and do, for programs.

Send `Authorization: Bearer TOKEN`; `aggregator tokens add` or the page of your account makes one. A token may do what
its role, the role of its account and its scopes all allow. Cookies are not looked at.

Lists come in pages: give `next` as `after` for the one that follows. Instants are RFC 3339 in UTC. Errors are
`application/problem+json` (RFC 9457): 400 means that a request does not fit its schema, 409 that it does and cannot be
done as things are. Send an `Idempotency-Key` with what creates something, and it happens once however often it is
sent; send `If-Match` with what changes something, and you overwrite nothing that you have not seen."""


def document_of(operations: Sequence[Operation], public_url: str) -> dict[str, Any]:
    """The document."""
    schemas, named = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        told = _operation(operation, schemas, named)
        paths.setdefault(operation.path, {})[operation.method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {"title": "aggregator", "version": __version__, "description": ABOUT},
        "servers": [{"url": f"{public_url.rstrip('/')}{PREFIX}"}],
        "security": [{"token": []}],
        "tags": [{"name": noun} for noun in dict.fromkeys(operation.noun for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {f"Problem{status}": _problem(status) for status in KINDS},
            "headers": {
                "ETag": {"description": "Digest of the answer, for `If-None-Match` and `If-Match`.", "schema": _TEXT},
                "Link": {"description": "The next page, with `rel=next` (RFC 8288).", "schema": _TEXT},
                "Location": {"description": "Address of what was made.", "schema": _TEXT},
                "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


_TEXT: dict[str, Any] = {"type": "string"}

_Named = dict[tuple[Any, str], dict[str, Any]]


def _schemas(operations: Iterable[Operation]) -> tuple[dict[str, Any], _Named]:
    """(all schemas by name, and for each model its reference)."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for operation in operations:
        for model, mode in _models(operation):
            wanted[model, mode] = None
    named, defined = models_json_schema(list(wanted), ref_template=_REF)
    schemas: dict[str, Any] = defined.get("$defs", {})
    return dict(sorted(schemas.items())), {(model, mode): schema for (model, mode), schema in named.items()}


def _models(operation: Operation) -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    found: list[tuple[type[BaseModel], JsonSchemaMode]] = []
    if operation.body is not None:
        found.append((operation.body, "validation"))
    if operation.answer is not None:
        found.append((operation.answer, "serialization"))
    return found


def _operation(operation: Operation, schemas: dict[str, Any], named: _Named) -> dict[str, Any]:
    about = operation.about
    if operation.careful:
        careful = "Takes `If-Match` with the ETag that a GET of this address gave: 412 where it was changed since."
        about = f"{about}\n\n{careful}" if about else careful
    if operation.role is not None:
        about = f"{about}\n\nFor {operation.role} and above." if about else f"For {operation.role} and above."
    told: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.noun],
        "summary": operation.summary,
        "description": about,
        "parameters": [*_path(operation), *_query(operation, schemas), *_headers(operation)],
        "responses": {
            str(operation.status if operation.answer or operation.media else 204): _success(operation, named),
            **({"304": {"description": "It is as you have it."}} if operation.method == "GET" else {}),
            **{str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in operation.errors},
        },
    }
    if operation.role is None:
        told["security"] = []
    if operation.body is not None:
        schema = named[operation.body, "validation"]
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if not told["parameters"]:
        del told["parameters"]
    return told


def _path(operation: Operation) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": PATH_PART} for name in operation.parameters]


def _query(operation: Operation, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = operation.query.model_json_schema(ref_template=_REF)
    schemas.update(schema.get("$defs", {}))
    required = schema.get("required", [])
    found = []
    for name, value in schema.get("properties", {}).items():
        parameter = {key: one for key, one in value.items() if key not in ("description", "title")}
        told: dict[str, Any] = {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _no_null(parameter),
        }
        if "description" in value:
            told["description"] = value["description"]
        found.append(told)
    return found


def _no_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An address cannot say null: what may be null there is what may be left out."""
    kinds = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    if schema.get("default") is not None:
        rest["default"] = schema["default"]
    if not kinds:
        return rest
    return {**rest, **kinds[0]} if len(kinds) == 1 else {**rest, "anyOf": kinds}


def _headers(operation: Operation) -> list[dict[str, Any]]:
    found = []
    if operation.creates:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "Any text of your own, such as a UUID: what is sent again with it is not done again.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            }
        )
    if operation.must_match:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": operation.must_match,
                "description": "ETag of what you saw; `*` for whatever there is.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 500, "pattern": "^[!-~]+$"},
            }
        )
    return found


def _success(operation: Operation, named: _Named) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "Done."}
    headers = []
    if operation.answer is not None:
        told["content"] = {"application/json": {"schema": named[operation.answer, "serialization"]}}
    elif operation.media:
        told["content"] = {media: {} for media in operation.media}
    if operation.method == "GET":
        headers.append("ETag")
        if operation.query is not None and "after" in operation.query.model_fields:
            headers.append("Link")
    if operation.status == 201:
        headers.append("Location")
    if headers:
        told["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return told


def _problem(status: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": f"{KINDS[status].title}. {KINDS[status].means}"
        if status in KINDS
        else HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
    if status in (429, 503):
        told["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return told


def fields_of(query: type[Query]) -> frozenset[str]:
    """Names of the parameters that may be given more than once."""
    properties = query.model_json_schema().get("properties", {})
    return frozenset(name for name, schema in properties.items() if schema.get("type") == "array")
