"""What creates something happens once for each key, whatever is sent again, when, and by whom."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from aggregator.model.account import Role
from aggregator.store import repeats
from tests.web.api.conftest import Programs

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOKEN = {"name": "robot", "role": "viewer"}


async def test_a_key_makes_one_thing_and_its_secret_is_told_once(shared: Programs) -> None:
    program = await shared.of(Role.VIEWER)
    first = await program("POST", "/tokens", {**TOKEN, "name": "first"}, Idempotency_Key="k-1")
    again = await program("POST", "/tokens", {**TOKEN, "name": "first"}, Idempotency_Key="k-1")
    assert (first.status, again.status) == (201, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert again.body == {**first.body, "secret": None}
    assert first.body["secret"].startswith("agg_")
    names = [token["name"] for token in (await program("GET", "/tokens")).body["items"]]
    assert names.count("first") == 1


async def test_a_key_is_for_one_request_of_one_account(shared: Programs) -> None:
    viewer, admin = await shared.of(Role.VIEWER), await shared.of(Role.ADMIN)
    assert (await viewer("POST", "/tokens", TOKEN, Idempotency_Key="k-2-a")).status == 201
    other = await viewer("POST", "/tokens", {**TOKEN, "name": "other"}, Idempotency_Key="k-2-a")
    assert (other.status, other.body["errors"][0]["parameter"]) == (409, "Idempotency-Key")
    assert (await admin("POST", "/tokens", TOKEN, Idempotency_Key="k-2-a")).body["token"]["user"] == "admin"
    assert (await admin("POST", "/polls", {"sources": []}, Idempotency_Key="k-2-a")).status == 202
    assert (await admin("POST", "/polls", {"sources": []}, Idempotency_Key="ä")).status == 400
    assert (await admin("POST", "/polls", {"sources": []}, Idempotency_Key="x" * 256)).status == 400


async def test_what_failed_gives_its_key_back(shared: Programs) -> None:
    program = await shared.of(Role.OPERATOR)
    asked = {"sources": ["nobody"]}
    assert (await program("POST", "/polls", asked, Idempotency_Key="k-3-a")).status == 409
    assert (await program("POST", "/polls", {"sources": ["town-hall"]}, Idempotency_Key="k-3-a")).status == 202


async def test_of_many_at_once_one_acts(shared: Programs) -> None:
    program = await shared.of(Role.VIEWER)
    told = await asyncio.gather(
        *(program("POST", "/tokens", {**TOKEN, "name": "many"}, Idempotency_Key="k-4-a") for _ in range(12))
    )
    assert {one.status for one in told} <= {201, 409}
    assert sum("Idempotent-Replayed" not in one.headers and one.status == 201 for one in told) == 1
    names = [token["name"] for token in (await program("GET", "/tokens")).body["items"]]
    assert names.count("many") == 1


async def test_keys_end_after_a_day(shared: Programs) -> None:
    store, now = shared.office.house.store, shared.office.house.clock()
    assert await store.write(repeats.begin, "k-5-a", "asked", now, now + timedelta(days=1)) is None
    kept = await store.write(repeats.begin, "k-5-a", "asked", now, now + timedelta(days=1))
    assert kept == repeats.Kept(asked="asked", status=None, headers={}, body=b"")
    await store.write(repeats.keep, "k-5-a", 201, {"Location": "/x"}, b"{}")
    await store.write(repeats.forget, "k-5-a")  # it was done: it stays
    kept = await store.write(repeats.begin, "k-5-a", "other", now, now)
    assert kept == repeats.Kept(asked="asked", status=201, headers={"Location": "/x"}, body=b"{}")
    later = now + timedelta(days=2)
    assert await store.write(repeats.begin, "k-5-a", "other", later, later + timedelta(days=1)) is None
