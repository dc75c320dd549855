"""Who may do what: every operation by every role, by nobody, and by keys that have ended."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aggregator.model.account import SCOPES, Role
from aggregator.web.api.app import STRANGERS_PER_MINUTE, Api
from aggregator.web.api.operation import Operation
from aggregator.web.api.rate import Rate
from aggregator.web.api.table import NOUNS, OPERATIONS
from tests.web.admin.conftest import Office, office
from tests.web.api.conftest import Program, Programs

__all__ = ["office"]  # a fixture of the pages


def address(operation: Operation) -> str:
    return operation.path.replace("{", "no-").replace("}", "")


async def test_every_operation_is_open_to_its_roles_and_closed_to_all_others(programs: Programs) -> None:
    """Each row of the table. What an operation needs beside the role is missing, so nothing is changed."""
    nobody = programs.nobody()
    statuses = {role: await programs.of(role) for role in Role}
    for operation in OPERATIONS:
        body = [] if operation.body is not None else None  # of the wrong kind
        told = await nobody(operation.method, address(operation), body)
        assert (told.status, told.headers["WWW-Authenticate"]) == (401, 'Bearer realm="aggregator"'), operation.id
        for role, program in statuses.items():
            told = await program(operation.method, address(operation), body, If_Match='"no"')
            assert operation.role is not None
            assert (told.status == 403) == (not role.covers(operation.role)), (operation.id, role, told)
            assert told.status < 500, (operation.id, told)


async def test_every_route_stands_in_the_table(programs: Programs) -> None:
    """Nothing is reached past the table but the document, the page for people, and what an address allows."""
    api = Api(programs.office.desk)
    table = {(operation.method, operation.path) for operation in OPERATIONS}
    open_to_all = {("GET", "/openapi.json"), ("GET", "/")}
    routes = {
        (route.method, route.resource.canonical)
        for route in api.application().router.routes()
        if route.resource is not None and route.method not in ("HEAD", "OPTIONS")
    }
    assert routes == table | open_to_all
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)


def test_tokens_can_be_bound_to_every_part_and_to_nothing_else() -> None:
    assert set(NOUNS) == set(SCOPES)


async def test_a_cookie_opens_nothing(office: Office) -> None:
    """No page of another site can act with the session of a browser, because no session counts."""
    async with office.visitor("admin") as visitor:
        status, _ = await visitor.get("/api/v1/flags")
        assert status == 401


async def test_what_has_ended_opens_nothing(programs: Programs) -> None:
    accounts = programs.office.desk.accounts
    token, secret = await accounts.add_token("old", "viewer", Role.VIEWER, lasts=timedelta(), by="test")
    other, other_secret = await accounts.add_token("gone", "viewer", Role.VIEWER, lasts=None, by="test")
    await accounts.revoke_token(other.id, by="test")
    made = await programs.of(Role.OPERATOR)
    await accounts.change("operator", by="test", disabled=True)
    for program in (
        Program(made.base, made.client, secret),
        Program(made.base, made.client, other_secret),
        made,
        Program(made.base, made.client, "agg_nonsense"),
        Program(made.base, made.client, secret.upper()),
        Program(made.base, made.client, " "),
    ):
        told = await program("GET", "/status")
        assert (told.status, told.body["title"]) == (401, "A good token is needed")
        assert 'error="invalid_token"' in told.headers["WWW-Authenticate"]
    assert token.id != other.id


async def test_a_token_falls_with_the_role_of_its_account(programs: Programs) -> None:
    program = await programs.of(Role.OPERATOR)
    assert (await program("POST", "/polls", {"sources": []})).status == 202
    await programs.office.desk.accounts.change("operator", by="test", role=Role.VIEWER)
    told = await program("POST", "/polls", {"sources": []})
    assert (told.status, told.body["detail"]) == (403, "This needs the role operator; its account has viewer.")


async def test_scopes_bind_a_token_to_parts(programs: Programs) -> None:
    program = await programs.of(Role.ADMIN, scopes=["flags", "tokens"])
    assert (await program("GET", "/flags")).status == 200
    told = await program("GET", "/users")
    assert told.status == 403
    assert 'scope="users"' in told.headers["WWW-Authenticate"]
    # It cannot make a wider one.
    assert (await program("POST", "/tokens", {"name": "wide", "role": "admin"})).status == 403
    assert (await program("POST", "/tokens", {"name": "wide", "role": "admin", "scopes": ["users"]})).status == 403
    assert (await program("POST", "/tokens", {"name": "slim", "role": "admin", "scopes": ["flags"]})).status == 201


async def test_a_token_makes_no_stronger_one_and_none_for_others(programs: Programs) -> None:
    accounts = programs.office.desk.accounts
    _, secret = await accounts.add_token("weak", "admin", Role.VIEWER, lasts=None, by="test")
    weak = Program(programs.office.base, programs.client, secret)
    assert (await weak("POST", "/tokens", {"name": "x", "role": "reviewer"})).status == 403
    assert (await weak("POST", "/tokens", {"name": "x", "role": "viewer", "user": "viewer"})).status == 403
    strong, _ = await accounts.add_token("strong", "admin", Role.ADMIN, lasts=None, by="test")
    assert (await weak("DELETE", f"/tokens/{strong.id}")).status == 403
    brief, secret = await accounts.add_token("brief", "admin", Role.VIEWER, lasts=timedelta(hours=1), by="test")
    made = await Program(weak.base, weak.client, secret)(
        "POST", "/tokens", {"name": "x", "role": "viewer", "days": None}
    )
    assert brief.expires_at is not None
    assert datetime.fromisoformat(made.body["token"]["expires_at"]) <= brief.expires_at
    viewer = await programs.of(Role.VIEWER)
    seen = {token["user"] for token in (await viewer("GET", "/tokens")).body["items"]}
    assert seen == {"viewer"}
    others = next(token for token in await accounts.tokens("admin"))
    assert (await viewer("DELETE", f"/tokens/{others.id}")).status == 404


async def test_who_asks_too_often_is_told_when_to_come_back(programs: Programs) -> None:
    program = Program(programs.office.base, programs.client, "agg_guess")
    seen = []
    while len(seen) < 10 * STRANGERS_PER_MINUTE:  # the bucket fills meanwhile, but slower
        seen.append(await program("GET", "/status"))
        if seen[-1].status != 401:
            break
    assert len(seen) > STRANGERS_PER_MINUTE
    assert seen[-1].status == 429
    assert int(seen[-1].headers["Retry-After"]) >= 1
    # Who has a good token does not stand in that queue.
    assert (await (await programs.of(Role.VIEWER))("GET", "/status")).status == 200


@pytest.mark.parametrize(
    ("waits", "expected"),
    [([0.0] * 3, [0, 0, 30]), ([0, 0, 31, 31], [0, 0, 0, 29]), ([0, 600, 600, 600], [0, 0, 0, 30])],
)
def test_a_bucket_fills_evenly_and_holds_no_more_than_a_minutes_worth(waits: list[float], expected: list[int]) -> None:
    rate = Rate(2)
    assert [rate.wait("one", now) for now in waits] == expected
    assert rate.wait("another", 0) == 0
