"""Webhooks: what they are told, signed how, and what happens when nobody answers."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from aggregator.errors import UsageError
from aggregator.model.hub import GONE, Outgoing, OutgoingKind, WebhookState
from aggregator.model.use import Audience, Use
from aggregator.model.webhook import Webhook, WebhookEvent
from aggregator.service.subscribers import Application, add_subscriber, revoke_subscriber
from aggregator.service.webhooks import add_webhook, try_webhook
from aggregator.store.ledger import records
from tests.websub.conftest import Got, Other, Service, a_service, configure

SECRET = "whsec_" + base64.b64encode(b"a key of thirty-two bytes, or so").decode()


def is_signed(got: Got, secret: str) -> bool:
    """As the receiver's own library would see it (Standard Webhooks 1.0)."""
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    mac = base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode()
    return got.headers["webhook-signature"].split() == [f"v1,{mac}"]


def told(other: Other) -> list[dict[str, Any]]:
    return [json.loads(got.body) for got in other.take()]


@pytest.fixture
async def service(folder: Path, other: Other, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    """With a webhook for everything that concerns the output `community`, which has heard of all there is."""
    monkeypatch.setenv("HOOK", SECRET)
    events = "[output.changed, entry.withdrawn, flag.opened, flag.closed]"
    hook = f"{{id: desk, url: '{other.url('/hook')}', secret: env:HOOK, events: {events}, outputs: [community]"
    configure(folder, webhooks=f"[{hook}, private_addresses: true}}]")
    async with a_service(folder) as made:
        await made.build()
        await made.send()
        other.take()
        yield made


async def test_a_withdrawal_is_told_at_once_and_the_change_with_the_next_build(service: Service, other: Other):
    from aggregator.service.withdraw import withdraw

    key = min(await service.house.store.open_releases("community"))
    stored = (await service.house.store.entries_by_key([key]))[key]
    await withdraw(key, "asked by letter", "Ann Lee of the desk", service.house.store, service.clock())
    await service.send()
    (got,) = other.take()
    assert is_signed(got, SECRET)
    assert got.headers["content-type"] == "application/json"
    assert int(got.headers["webhook-timestamp"]) == int(service.clock().timestamp())
    message = json.loads(got.body)
    named = {"key": key, "source": stored.entry.source, "id": stored.entry.id, "url": stored.entry.url}
    assert message["type"] == "entry.withdrawn"
    assert message["data"]["entry"] == named
    assert message["data"]["reason"] == "asked by letter"
    assert "community" in message["data"]["outputs"]
    assert b"Ann Lee" not in got.body  # who ruled is the house's business
    await service.build()
    await service.send()
    changes = [one for one in told(other) if one["type"] == "output.changed"]
    assert [one["data"]["output"]["id"] for one in changes] == ["community"]
    assert changes[0]["data"]["removed"] == [named | {"reason": "withdrawn: asked by letter"}]
    assert changes[0]["data"]["output"]["documents"][0].endswith("/feeds/community.rss")
    await service.build()
    await service.send()
    assert other.take() == []


async def test_no_text_of_an_entry_is_in_a_message(service: Service, other: Other):
    key = min(await service.house.store.open_releases("community"))
    stored = (await service.house.store.entries_by_key([key]))[key]
    await service.withdraw_one()
    await service.send()
    bodies = b"".join(got.body for got in other.take())
    assert bodies
    assert stored.entry.title.encode() not in bodies


async def test_the_same_message_keeps_its_id_and_is_signed_anew_at_each_try(service: Service, other: Other):
    async def unwell(got: Got) -> web.Response:
        return web.Response(status=500)

    other.answer = unwell
    await service.withdraw_one()
    await service.send()
    first = {got.headers["webhook-id"]: got for got in other.take()}
    state = (await service.house.store.hubs.webhook_states())["desk"]
    assert (state.delivered, state.problem) == (state.delivered, "answered 500")
    service.clock.now += timedelta(seconds=12)
    other.answer = None
    await service.send()
    second = {got.headers["webhook-id"]: got for got in other.take()}
    assert first.keys() == second.keys()
    for id_, got in second.items():
        assert got.body == first[id_].body
        assert got.headers["webhook-timestamp"] != first[id_].headers["webhook-timestamp"]
        assert is_signed(got, SECRET)
    state = (await service.house.store.hubs.webhook_states())["desk"]
    assert (state.problem, state.last_success_at) == (None, service.clock())


async def test_a_message_that_nobody_takes_is_given_up_after_a_day(service: Service, other: Other):
    async def unwell(got: Got) -> web.Response:
        return web.Response(status=404)

    other.answer = unwell
    await service.withdraw_one()
    for _ in range(200):
        await service.send()
        service.clock.now += timedelta(minutes=10)
    assert await service.house.store.hubs.waiting() == []
    state = (await service.house.store.hubs.webhook_states())["desk"]
    assert state.dropped >= 2


async def test_an_address_that_is_gone_is_told_nothing_more_until_a_try_reaches_it(service: Service, other: Other):
    async def gone(got: Got) -> web.Response:
        return web.Response(status=410)

    async def state() -> WebhookState:
        return (await service.house.store.hubs.webhook_states())["desk"]

    store = service.house.store
    other.answer = gone
    await service.withdraw_one()
    await service.send()
    assert len(other.take()) == 1, "of all that it is owed, one was sent"
    assert await store.hubs.waiting() == []
    ended = await state()
    assert (ended.is_gone, ended.problem, ended.delivered) == (True, GONE, 0)
    assert ended.dropped >= 2
    other.answer = None
    await service.withdraw_one()
    await service.send()
    assert other.take() == [], "nor what happens later"
    assert (await state()).is_gone

    async def unwell(got: Got) -> web.Response:
        return web.Response(status=500)

    other.answer = unwell
    await try_webhook("desk", service.house.world, store, service.clock())
    await service.send()
    assert len(other.take()) == 1
    assert (await state()).is_gone, "a try that fails changes nothing, and is not tried again"
    assert await store.hubs.waiting() == []
    other.answer = None
    await try_webhook("desk", service.house.world, store, service.clock())
    await service.send()
    assert [one["type"] for one in told(other)] == ["test"]
    await service.withdraw_one()
    await service.send()
    assert {one["type"] for one in told(other)} >= {"entry.withdrawn"}
    assert (await state()).problem is None


async def test_that_a_subscribers_address_is_gone_stands_in_the_ledger_once(service: Service, other: Other):
    house, store, now = service.house, service.house.store, service.clock()
    site = Application(name="School", use=Use(output="", audience=Audience.COMMUNITY), outputs=("community",))
    owner = (await add_subscriber(site, "test", house.world, store, now)).subscriber.id
    facts: dict[str, Any] = {"outputs": ("community",), "subscriber": "School", "private_addresses": True}
    await add_webhook("theirs", other.url("/theirs"), house.world, store, now, **facts)

    async def gone(got: Got) -> web.Response:
        return web.Response(status=410)

    other.answer = gone
    for _ in range(2):
        await service.withdraw_one()
        await service.send()
    noted = [one for one in await store.read(records, 0, 10_000) if '"webhook":"theirs"' in one.body]
    assert [(one.kind, one.subject) for one in noted] == [("subscriber", owner)]


async def test_flags_are_told_to_those_who_ask_for_them(service: Service, other: Other):
    store = service.house.store
    flag = replace((await store.flags())[0], id="f1a9", outputs=("community",), title="Council votes on bridge")
    standing = [one for one in await store.flags() if "community" in one.outputs]
    await store.sync_flags("community", [*standing, flag], service.clock())
    await service.send()
    (opened,) = told(other)
    assert (opened["type"], opened["data"]["flag"]["id"]) == ("flag.opened", "f1a9")
    assert opened["data"]["flag"].keys() >= {"kind", "publisher", "reason", "outputs"}
    await store.sync_flags("community", standing, service.clock())
    await service.send()
    (closed,) = told(other)
    assert (closed["type"], closed["data"]["flag"]["id"]) == ("flag.closed", "f1a9")


async def test_a_secret_that_is_not_there_is_named_and_waited_for(
    service: Service, other: Other, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("HOOK")
    await service.withdraw_one()
    await service.send()
    assert other.got == []
    assert (await service.house.store.hubs.webhook_states())["desk"].problem == "secret env:HOOK is not set"
    monkeypatch.setenv("HOOK", SECRET)
    service.clock.now += timedelta(seconds=12)
    await service.send()
    assert len(other.take()) >= 1


async def test_a_webhook_in_a_private_network_must_be_allowed_by_the_operator(folder: Path, other: Other):
    async with a_service(folder) as service:
        hook = Webhook(id="stored", url=other.url(), secret="plain key", events=tuple(WebhookEvent))
        await service.house.store.hubs.add_webhook(hook, service.clock())
        await service.build()
        await service.send()
        await service.withdraw_one()
        await service.send()
        assert other.got == []
        state = (await service.house.store.hubs.webhook_states())["stored"]
        assert "not public" in (state.problem or "")


async def test_a_stored_webhook_is_told_what_it_may_know(service: Service, other: Other):
    hooks = service.house.store.hubs
    mine = Webhook(id="mine", url=other.url("/mine"), secret="plain key", outputs=("print",), private_addresses=True)
    await hooks.add_webhook(mine, service.clock())
    await service.withdraw_one()
    await service.send()
    got = other.take()
    assert got
    assert {one.path for one in got} == {"/hook"}  # print does not carry it
    assert await hooks.remove_webhook("mine")
    assert not await hooks.remove_webhook("mine")


async def test_an_entry_that_is_let_back_in_is_not_told_as_withdrawn(service: Service, other: Other):
    key = await service.withdraw_one()
    await service.send()
    other.take()
    await service.house.store.restore([key], "test", "a mistake", service.clock())
    await service.build()
    await service.send()
    (message,) = told(other)
    assert message["type"] == "output.changed"
    assert [one["key"] for one in message["data"]["added"]] == [key]


async def test_a_subscribers_webhook_ends_with_its_access(service: Service, other: Other):
    """It is told of what the subscriber takes, by the id of one that there is, for as long as it is let in."""
    house, now = service.house, service.clock()
    site = Application(name="School", use=Use(output="", audience=Audience.COMMUNITY), outputs=("community",))
    issued = await add_subscriber(site, "test", house.world, house.store, now)
    facts: dict[str, Any] = {"subscriber": "School", "private_addresses": True}
    with pytest.raises(UsageError, match="subscriber 'School' does not take output 'print'; it takes community"):
        await add_webhook("theirs", other.url("/theirs"), house.world, house.store, now, outputs=("print",), **facts)
    hook = await add_webhook(
        "theirs", other.url("/theirs"), house.world, house.store, now, outputs=("community",), **facts
    )
    assert hook.subscriber == issued.subscriber.id
    await service.withdraw_one()
    await service.send()
    assert {got.path for got in other.take()} == {"/hook", "/theirs"}
    await revoke_subscriber("School", "left", "test", house.store, now)
    await service.withdraw_one()
    await service.send()
    assert {got.path for got in other.take()} == {"/hook"}
    with pytest.raises(UsageError, match="subscriber 'School' is revoked"):
        await add_webhook("again", other.url("/a"), house.world, house.store, now, outputs=("community",), **facts)


async def test_a_receiver_that_hangs_keeps_news_from_nobody(
    folder: Path, other: Other, monkeypatch: pytest.MonkeyPatch
):
    """Forty messages wait for one that answers nothing; a withdrawal reaches the other all the same."""
    monkeypatch.setenv("HOOK", SECRET)
    hooks = [
        f"{{id: {name}, url: '{other.url(f'/{name}')}', secret: env:HOOK, private_addresses: true}}"
        for name in ("hangs", "desk")
    ]
    configure(folder, webhooks=f"[{', '.join(hooks)}]")
    let_go = asyncio.Event()

    async def answer(got: Got) -> web.Response:
        if got.path == "/hangs":
            await let_go.wait()
        return web.Response()

    async with a_service(folder) as service:
        await service.build()
        await service.send()
        other.take()
        other.answer = answer
        due = await service.house.store.hubs.claim(service.clock(), lease=timedelta(0), owner="nobody", limit=99)
        assert due == []
        first = Outgoing(
            id="webhook:hangs:0",
            kind=OutgoingKind.WEBHOOK,
            target="hangs",
            facts="{}",
            created_at=service.clock(),
            next_at=service.clock() - timedelta(seconds=1),
        )
        await service.house.store.hubs.put([replace(first, id=f"webhook:hangs:{number}") for number in range(40)])
        await service.notifier.tick()
        await service.withdraw_one()
        async with asyncio.timeout(60):
            while not any(got.path == "/desk" and b"entry.withdrawn" in got.body for got in other.got):
                await service.notifier.tick()
                await asyncio.sleep(0.01)
        assert [got.path for got in other.got].count("/hangs") == 1
        let_go.set()
        await service.notifier.settle()
