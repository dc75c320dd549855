"""What a request may look like, and what is answered to one that does not: problems with pointers, no tracebacks."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from aggregator.model.account import Role
from tests.web.admin.conftest import open_office
from tests.web.api.conftest import Program, Programs

JSON = "application/json"
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_is_wrong_is_pointed_at(shared: Programs) -> None:
    reviewer = await shared.of(Role.REVIEWER)
    told = await reviewer("POST", "/grants", {"evidence": " ", "forms": ["full", "half"], "until": "soon", "colour": 1})
    assert (told.status, told.headers["Content-Type"]) == (400, "application/problem+json")
    assert told.body["type"] == f"{shared.office.house.public_url()}/api/v1/#invalid"
    assert {error["pointer"] for error in told.body["errors"]} == {"#/evidence", "#/forms/1", "#/until", "#/colour"}
    told = await reviewer("GET", "/flags?limit=0&state=asleep&after=%21")
    assert {error["parameter"] for error in told.body["errors"]} == {"limit", "state", "after"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/flags?nothing=1", 400),
        ("/status?x", 400),
        ("/flags?limit=1&limit=2", 400),
        ("/flags?limit=1.0", 400),
        ("/flags?overdue=1", 400),
        ("/flags?text=%00", 400),
        ("/flags?limit=99999999999999999999", 400),
        ("/entries/..%2f..%2fetc%2fpasswd", 404),
        ("/entries/%00", 404),
        ("/entries/%ff", 404),
        ("/entries/' OR 1=1 --", 404),
        ("/flags?text=' OR 1=1 --", 200),
        ("/flags?text=%25_\\", 200),
        ("/entries?name=%22%20OR%20NEAR(", 200),
        ("/flags/", 404),
        ("//flags", 404),
        ("/flags/counts/", 404),
        ("/Flags", 404),
        ("/openapi.json", 200),
    ],
)
async def test_addresses_are_taken_at_their_word(shared: Programs, path: str, status: int) -> None:
    told = await (await shared.of(Role.ADMIN))("GET", path)
    assert told.status == status, told
    if status >= 400:
        assert told.body["status"] == status


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"", {}, 400),
        (b"[]", {}, 400),
        (b"null", {}, 400),
        (b"\xff{}", {}, 400),
        (b'{"sources": ["\\ud800"]}', {}, 400),
        (b'{"sources": ["\\u0000"]}', {}, 400),
        (b'{"sources": "town-hall"}', {}, 400),
        (b'{"sources": [1]}', {}, 400),
        (b'{"sources": ["nobody"]}', {}, 409),
        (b'{"sources": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", {}, 400),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, {}, 400),
        (b'{"sources": []}', {"Content-Type": "text/plain"}, 415),
        (b'{"sources": []}', {"Content-Type": "application/json; charset=utf-16"}, 415),
        (b'{"sources": []}', {"Content-Encoding": "br"}, 415),
        (b'{"sources": ["' + b"x" * 300_000 + b'"]}', {}, 413),
        (b'{"sources": []}', {"Accept": "text/html"}, 406),
        (b'{"sources": []}', {"Accept": "application/json;q=0"}, 406),
        (b'{"sources": []}', {"Accept": "text/html, */*;q=0.1"}, 202),
        (b'{"sources": []}', {"Accept": "application/*"}, 202),
        (b'{"sources": []}', {"Content-Type": "application/json; charset=UTF-8"}, 202),
    ],
)
async def test_bodies_are_bounded_and_must_be_json(
    shared: Programs, data: bytes, headers: dict[str, str], status: int
) -> None:
    program = await shared.of(Role.OPERATOR)
    told = await program("POST", "/polls", data=data, **{"Content-Type": JSON, **headers})
    assert told.status == status, told


async def test_methods_are_answered_as_http_has_it(shared: Programs) -> None:
    program = await shared.of(Role.VIEWER)
    told = await program("PUT", "/flags", {})
    assert (told.status, told.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, PATCH")
    told = await program("OPTIONS", "/flags/x")
    assert (told.status, told.headers["Allow"], told.body) == (204, "GET, HEAD, OPTIONS, PATCH", b"")
    head, get = await program("HEAD", "/flags"), await program("GET", "/flags")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", get.headers["ETag"])
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    told = await program("GET", "/status", data=b"{}")
    assert told.status == 400


async def test_what_has_not_changed_is_not_sent_again(shared: Programs) -> None:
    program = await shared.of(Role.ADMIN)
    etag = (await program("GET", "/users/viewer")).headers["ETag"]
    assert (await program("GET", "/users/viewer", If_None_Match=f'W/"x", {etag}')).status == 304
    assert (await program("GET", "/users/viewer", If_None_Match="*")).status == 304
    assert (await program("GET", "/users/viewer", If_None_Match='"x"')).status == 200
    change = {"email": "v@example.org"}
    told = await program("PATCH", "/users/viewer", change, If_Match='"x"')
    assert (told.status, told.body["errors"][0]["parameter"]) == (412, "If-Match")
    assert (await program("PATCH", "/users/viewer", change, If_Match=f"W/{etag}")).status == 412
    told = await program("PATCH", "/users/viewer", change, If_Match=etag)
    assert (told.status, told.body["email"]) == (200, "v@example.org")
    assert (await program("PATCH", "/users/viewer", change, If_Match=etag)).status == 412
    assert (await program("PATCH", "/users/viewer", {"email": ""}, If_Match="*")).body["email"] is None
    assert (await program("PATCH", "/users/nobody", change, If_Match="*")).status == 404


async def test_pages_of_a_list_make_the_whole_list(shared: Programs) -> None:
    """Each list, in pages of two: nothing twice, nothing left out, the next page in the header, too."""
    program = await shared.of(Role.ADMIN)
    for path, name in (
        ("/sources", "id"),
        ("/entries", "key"),
        ("/flags", "id"),
        ("/policies", "id"),
        ("/outputs", "id"),
        ("/users", "name"),
        ("/ledger", "number"),
        ("/outputs/community/entries", "entry"),
        ("/outputs/community/held", "entry"),
        ("/review/community?state=held", "entry"),
    ):
        joint = "&" if "?" in path else "?"
        whole = (await program("GET", f"{path}{joint}limit=200")).body
        assert whole["next"] is None
        found: list[Any] = []
        address: str | None = f"{path}{joint}limit=2"
        while address:
            told = await program("GET", address)
            found += told.body["items"]
            link = told.headers.get("Link", "")
            assert bool(link) == bool(told.body["next"])
            address = link[1:].partition(">")[0].partition("/api/v1")[2]
        assert found == whole["items"], path
        assert len({item[name] for item in found}) == len(found) > 1, path


def forged(*told: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "AAAA",
        forged("users", "admin"),
        forged("flags"),
        forged("flags", 1, "x"),
        forged("flags", "2026-01-01", "x"),
        forged("flags", "2026-01-01T00:00:00+00:00", None),
        forged("flags", "2026-01-01T00:00:00+00:00", "\0"),
        forged("flags", "2026-01-01T00:00:00+00:00", {"$ne": 1}),
        forged("flags", "x" * 500, "x"),
    ],
)
async def test_a_cursor_that_is_none_of_ours_is_refused(shared: Programs, cursor: str) -> None:
    told = await (await shared.of(Role.VIEWER))("GET", f"/flags?after={cursor}")
    assert (told.status, told.body["errors"][0]["parameter"]) == (409, "after")


async def test_numbers_of_cursors_are_bounded(shared: Programs) -> None:
    program = await shared.of(Role.VIEWER)
    assert (await program("GET", f"/changes?after={forged('changes', 2**70)}")).status == 409
    assert (await program("GET", f"/changes?after={forged('changes', True)}")).status == 409
    told = await program("GET", f"/changes?after={forged('changes', -5)}&limit=1")
    assert told.body["items"][0]["number"] >= 1


async def test_other_sites_read_nothing_unless_the_operator_says_so(sample: Path, tmp_path: Path) -> None:
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    settings = tmp_path / "config" / "aggregator.yaml"
    settings.write_text(f"{settings.read_text()}\napi: {{origins: ['https://Tools.example:443/']}}\n")
    async with open_office(tmp_path) as office, aiohttp.ClientSession() as client:
        program = Program(office.base, client, None)
        for origin, allowed in (("https://tools.example", True), ("https://evil.example", False), ("null", False)):
            told = await program("OPTIONS", "/flags", Origin=origin, Access_Control_Request_Method="PATCH")
            assert told.status == 204
            assert ("Access-Control-Allow-Methods" in told.headers) == allowed
            told = await program("GET", "/flags", Origin=origin)
            assert told.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
            assert "Access-Control-Allow-Credentials" not in told.headers
            assert "Origin" in told.headers["Vary"]
