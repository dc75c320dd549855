"""The OpenAPI document and the reference page: both made from the table, both true."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from aggregator.model.account import Role
from aggregator.web.api.document import document_of
from aggregator.web.api.problem import KINDS
from aggregator.web.api.table import NOUNS, OPERATIONS
from tests.web.api.conftest import Program, Programs

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
EXAMPLE = re.compile(r"```http\n(.*?)\n```\n```json (\d+)\n(.*?)\n```", re.DOTALL)


def test_the_document_is_openapi() -> None:
    OpenAPIV31SpecValidator(document_of(OPERATIONS, "https://news.example.org")).validate()


def test_every_field_of_the_document_says_what_it_is_or_is_plain() -> None:
    """Each operation has a summary of its own; nothing refers to what is not there."""
    document = document_of(OPERATIONS, "https://news.example.org")
    told = [operation["summary"] for path in document["paths"].values() for operation in path.values()]
    assert len(told) == len(OPERATIONS)
    assert all(told)
    names = set(re.findall(r"#/components/schemas/([^'\"]+)", repr(document)))
    assert names <= document["components"]["schemas"].keys()


def problems() -> str:
    rows = [f"| {status} | {kind.title} | {kind.means} |" for status, kind in KINDS.items()]
    return "\n".join(["| status | title | what to do |", "|---|---|---|", *rows])


def operations() -> str:
    parts = []
    for noun in NOUNS:
        rows = []
        for one in OPERATIONS:
            if one.noun == noun:
                marks = [
                    *(["once"] if one.creates else []),
                    *(["unchanged, must"] if one.must_match else ["unchanged"] if one.careful else []),
                ]
                summary = f"{one.summary}. {one.about}".replace("|", "\\|").strip().rstrip(".")
                rows.append(f"| `{one.method} {one.path}` | {summary} | {one.role} | {', '.join(marks)} |")
        parts.append("\n".join([f"### {noun}\n", "| operation | does | role | takes |", "|---|---|---|---|", *rows]))
    return "\n\n".join(parts)


def test_the_reference_of_operations_is_fresh() -> None:
    """`COMMANDS=write pytest tests/web/api/test_document.py` makes it anew."""
    page = PAGE.read_text()
    fresh = page
    for name, told in (("problems", problems()), ("operations", operations())):
        pattern = re.compile(f"<!-- {name} -->.*<!-- /{name} -->", re.DOTALL)
        fresh = pattern.sub(lambda _, name=name, told=told: f"<!-- {name} -->\n{told}\n<!-- /{name} -->", fresh)
    if os.environ.get("COMMANDS") == "write":
        PAGE.write_text(fresh)
        page = fresh
    assert page == fresh


@pytest.mark.asyncio(loop_scope="module")
async def test_the_examples_of_the_reference_are_so(shared: Programs) -> None:
    """Each request of the page, sent as it stands there: the status, and every field that its answer shows."""
    program = await shared.of(Role.ADMIN)
    examples = EXAMPLE.findall(PAGE.read_text())
    assert len(examples) >= 6
    for request, status, answer in examples:
        told = await send(program, request)
        assert told.status == int(status), (request, told)
        alike(_json(answer), told.body)


async def send(program: Program, request: str) -> Any:
    head, _, body = request.partition("\n\n")
    first, *fields = head.splitlines()
    method, path = first.split()
    headers = dict(line.split(": ", 1) for line in fields)
    return await program(method, path.removeprefix("/api/v1"), _json(body) if body else None, **headers)


def _json(text: str) -> Any:
    return json.loads(text)


def alike(shown: Any, found: Any) -> None:
    """What an example shows is there and of the same kind; `…` and null stand for whatever there is."""
    if isinstance(shown, dict):
        assert isinstance(found, dict)
        for name, value in shown.items():
            assert name in found, (name, found)
            alike(value, found[name])
    elif isinstance(shown, list):
        assert isinstance(found, list)
        for one, other in zip(shown, found, strict=False):
            alike(one, other)
        assert bool(shown) <= bool(found)
    elif isinstance(shown, str) and "…" in shown:
        assert isinstance(found, str)
        assert found.startswith(shown.partition("…")[0])
    elif isinstance(shown, str):
        assert shown == found
    elif shown is not None:
        assert type(shown) is type(found)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_page_for_people_names_every_operation_and_loads_nothing_from_elsewhere(shared: Programs) -> None:
    async with shared.client.get(f"{shared.office.base}/api/v1") as answer:
        assert str(answer.url).endswith("/api/v1/")
        text = await answer.text()
    assert "Set-Cookie" not in answer.headers
    assert all(f"/api/v1{operation.path}" in text for operation in OPERATIONS)
    assert re.findall(r'(?:src|href)="(https?:)?//', text) == []
    assert re.findall(r"<script|style=", text) == []
