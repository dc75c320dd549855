"""Our own hub: websub.rocks' hub checks 100 to 106, and what must hold against those who would misuse it."""

from __future__ import annotations

import hmac
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from aggregator.service.hub import Bounds
from tests.websub.conftest import PUBLIC, Got, Other, Service, a_service, an_other, configure

TOPIC = f"{PUBLIC}/feeds/community.atom"


async def subscribe(service: Service, other: Other, **more: str) -> None:
    """Asks and is verified."""
    facts = {"mode": "subscribe", "topic": TOPIC, "callback": other.url()}
    assert await service.ask_hub(**(facts | more)) == 202
    await service.send()


async def test_100_a_typical_subscriber_is_verified_and_gets_the_whole_topic(service: Service, other: Other):
    await subscribe(service, other, lease_seconds="86400")
    (asked,) = other.take("GET")
    challenge = asked.query.pop("hub.challenge")
    assert len(challenge) >= 32
    assert asked.query == {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.lease_seconds": "86400"}
    await service.withdraw_one()
    await service.send()
    (delivered,) = other.take()
    async with service.client.get(f"http://127.0.0.1:{service.port}/feeds/community.atom") as served:
        assert delivered.body == await served.read()
        assert delivered.headers["content-type"] == served.headers["Content-Type"]
        assert {link["rel"] for link in served.links.values()} >= {"hub", "self"}
    assert delivered.headers["link"] == f'<{PUBLIC}/hub>; rel="hub", <{TOPIC}>; rel="self"'
    assert "x-hub-signature" not in delivered.headers


async def test_101_a_secret_signs_every_delivery(service: Service, other: Other):
    await subscribe(service, other, secret="correct horse")
    await service.withdraw_one()
    await service.send()
    (delivered,) = other.take()
    method, _, mac = delivered.headers["x-hub-signature"].partition("=")
    assert (method, mac) == ("sha256", hmac.new(b"correct horse", delivered.body, "sha256").hexdigest())


async def test_102_parameters_that_nobody_knows_are_passed_over(service: Service, other: Other):
    fields = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": other.url("/c?a=b"), "foo": "bar"}
    assert (await service.asked_hub(fields | {"hub.extra": "1"}))[0] == 202
    await service.send()
    (asked,) = other.take("GET")
    assert asked.query["a"] == "b"  # the callback's own parameters are kept
    await service.withdraw_one()
    await service.send()
    assert [got.query for got in other.take()] == [{"a": "b"}]


async def test_103_a_subscriber_that_asks_again_is_renewed_once_it_is_verified(service: Service, other: Other):
    await subscribe(service, other, secret="old")

    async def silent(got: Got) -> web.Response:
        return web.Response(status=404)

    other.answer = silent
    await subscribe(service, other, secret="forged")
    (before,) = await service.house.store.hubs.subscribers(service.clock())
    assert before.secret == "old"
    other.answer = None
    await subscribe(service, other, secret="new", lease_seconds="7200")
    (after,) = await service.house.store.hubs.subscribers(service.clock())
    assert (after.secret, after.lease_until) == ("new", service.clock() + timedelta(hours=2))
    other.take()
    await service.withdraw_one()
    await service.send()
    assert len(other.take()) == 1


async def test_104_after_an_unsubscription_nothing_is_delivered(service: Service, other: Other):
    await subscribe(service, other)
    other.take("GET")
    await subscribe(service, other, mode="unsubscribe")
    (asked,) = other.take("GET")
    assert (asked.query["hub.mode"], "hub.lease_seconds" in asked.query) == ("unsubscribe", False)
    await service.withdraw_one()
    await service.send()
    assert other.take() == []


async def test_an_unsubscription_that_is_not_confirmed_changes_nothing(service: Service, other: Other):
    """Else anybody could end anybody's subscription."""
    await subscribe(service, other)

    async def refuse(got: Got) -> web.Response:
        return web.Response(text="something else")

    other.answer = refuse
    await subscribe(service, other, mode="unsubscribe")
    assert len(await service.house.store.hubs.subscribers(service.clock())) == 1


@pytest.mark.parametrize(
    ("form", "kind"), [("rss", "application/rss+xml"), ("html", "text/html"), ("json", "application/feed+json")]
)
async def test_105_and_106_every_format_is_delivered_under_its_own_type(
    service: Service, other: Other, form: str, kind: str
):
    await subscribe(service, other, topic=f"{PUBLIC}/feeds/community.{form}")
    await service.withdraw_one()
    await service.send()
    (delivered,) = other.take()
    assert delivered.headers["content-type"] == f"{kind}; charset=utf-8"


async def test_a_change_is_delivered_once_and_no_change_not_at_all(service: Service, other: Other):
    await subscribe(service, other)
    await service.build()
    await service.send()
    assert other.take() == []
    await service.withdraw_one()
    await service.withdraw_one()  # two builds before anything is sent
    await service.send()
    await service.send()
    assert len(other.take()) == 1


async def test_what_a_subscriber_missed_is_tried_again_until_it_has_it(service: Service, other: Other):
    await subscribe(service, other)

    async def unwell(got: Got) -> web.Response:
        return web.Response(status=302, headers={"Location": "/elsewhere"})  # a redirect is a failure

    other.answer = unwell
    await service.withdraw_one()
    await service.send()
    assert len(other.take()) == 1
    await service.send()  # not before its time
    assert other.take() == []
    other.answer = None
    service.clock.now += timedelta(seconds=12)
    await service.send()
    assert len(other.take()) == 1
    (one,) = await service.house.store.hubs.subscribers(service.clock())
    assert (one.failures, one.problem, one.last_success_at) == (0, None, service.clock())
    assert await service.house.store.hubs.waiting() == []


async def test_after_a_day_of_failures_a_delivery_is_given_up(service: Service, other: Other):
    await subscribe(service, other, lease_seconds=str(30 * 86400))

    async def unwell(got: Got) -> web.Response:
        return web.Response(status=500)

    other.answer = unwell
    began = service.clock()
    await service.withdraw_one()
    for _ in range(300):
        await service.send()
        if not await service.house.store.hubs.waiting():
            break
        service.clock.now += timedelta(minutes=10)
    assert timedelta(hours=20) < service.clock() - began < timedelta(hours=30)
    assert len(other.take()) == 9


async def test_a_subscriber_that_is_gone_is_forgotten(service: Service, other: Other):
    await subscribe(service, other)

    async def gone(got: Got) -> web.Response:
        return web.Response(status=410)

    other.answer = gone
    await service.withdraw_one()
    await service.send()
    assert await service.house.store.hubs.subscribers(service.clock()) == []
    assert await service.house.store.hubs.waiting() == []


async def test_a_lease_ends(service: Service, other: Other):
    await subscribe(service, other, lease_seconds="3600")
    service.clock.now += timedelta(seconds=3601)
    await service.withdraw_one()
    await service.send()
    assert other.take() == []


@pytest.mark.parametrize(("asked", "given"), [("1", "3600"), ("999999999", "2592000"), ("", "864000"), ("0", "864000")])
async def test_every_lease_is_finite_and_within_bounds(service: Service, other: Other, asked: str, given: str):
    await subscribe(service, other, lease_seconds=asked)
    assert [got.query["hub.lease_seconds"] for got in other.take("GET")] == [given]


BAD = {
    "no mode": ({"hub.mode": ""}, 400),
    "a mode that there is not": ({"hub.mode": "denied"}, 400),
    "no topic": ({"hub.topic": ""}, 404),
    "somebody else's topic": ({"hub.topic": "https://elsewhere.example/feed"}, 404),
    "no output": ({"hub.topic": f"{PUBLIC}/feeds/nothing.atom"}, 404),
    "no format": ({"hub.topic": f"{PUBLIC}/feeds/community.exe"}, 404),
    "not quite the topic": ({"hub.topic": f"{TOPIC}?a=b"}, 404),
    "a way out of the folder": ({"hub.topic": f"{PUBLIC}/feeds/../feeds/community.atom"}, 404),
    "a callback that is no address": ({"hub.callback": "callback"}, 400),
    "a callback that is no web address": ({"hub.callback": "ftp://example.org/"}, 400),
    "a callback with a password": ({"hub.callback": "https://me:pw@example.org/"}, 400),
    "a callback at this site": ({"hub.callback": f"{PUBLIC}/hub"}, 400),
    "a callback with a line break": ({"hub.callback": "https://example.org/\r\nX: y"}, 400),
    "a callback without end": ({"hub.callback": f"https://example.org/{'a' * 2000}"}, 400),
    "a secret that is too long": ({"hub.secret": "x" * 200}, 400),
    "a lease that is no number": ({"hub.lease_seconds": "a week"}, 400),
    "a negative lease": ({"hub.lease_seconds": "-1"}, 400),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_cannot_be_is_refused_with_a_reason(service: Service, other: Other, name: str):
    wrong, status = BAD[name]
    fields = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": other.url()} | wrong
    answered, text = await service.asked_hub(fields)
    assert (answered, len(text) > 20) == (status, True)
    await service.send()
    assert other.got == []


async def test_a_field_that_stands_twice_is_refused(service: Service, other: Other):
    fields = [("hub.mode", "subscribe"), ("hub.topic", TOPIC), ("hub.topic", TOPIC), ("hub.callback", other.url())]
    assert (await service.asked_hub(fields))[0] == 400


async def test_only_a_form_of_a_reasonable_size_is_read(service: Service):
    address = f"http://127.0.0.1:{service.port}/hub"
    async with service.client.post(address, json={"hub.mode": "subscribe"}) as answer:
        assert answer.status == 415
    async with service.client.post(address, data={"hub.callback": "x" * 20_000}) as answer:
        assert answer.status == 413
    async with service.client.post(address, data={f"a{number}": "" for number in range(60)}) as answer:
        assert answer.status == 400
    async with service.client.get(address) as answer:
        assert answer.status == 200


async def test_private_callbacks_are_not_asked_unless_the_operator_says_so(folder: Path, other: Other):
    configure(folder, "private_addresses: false")
    async with a_service(folder) as service:
        await service.ask_hub(mode="subscribe", topic=TOPIC, callback=other.url())
        for _ in range(5):  # a name is judged by its address, when it is asked
            service.clock.now += timedelta(minutes=2)
            await service.send()
        assert other.got == []
        assert await service.house.store.hubs.waiting() == []


async def test_one_callback_host_gets_only_so_many_questions(service: Service, other: Other):
    statuses = [
        await service.ask_hub(mode="subscribe", topic=TOPIC, callback=other.url(f"/{number}")) for number in range(105)
    ]
    assert statuses == [202] * 100 + [429] * 5


def test_bounds_refill_and_forget():
    now = [0.0]
    bounds = Bounds(2, 10, lambda: now[0])
    assert [bounds.admits("a") for _ in range(3)] == [True, True, False]
    assert bounds.admits("b")
    now[0] = 5.0
    assert [bounds.admits("a") for _ in range(2)] == [True, False]


async def test_configured_hubs_are_named_and_pinged_and_ours_is_closed(folder: Path, other: Other):
    async with an_other() as second:
        configure(folder, f"hubs: ['{other.url('/hub')}', '{second.url('/hub')}'], private_addresses: true")
        async with a_service(folder) as service:
            await service.build()
            await service.send()
            other.take()
            second.take()
            async with service.client.get(f"http://127.0.0.1:{service.port}/feeds/community.atom") as served:
                assert (await served.text()).count('rel="hub"') == 2
                named = served.headers.getall("Link")
            assert f'<{other.url("/hub")}>; rel="hub"' in named
            assert await service.ask_hub(mode="subscribe", topic=TOPIC, callback=other.url()) == 404

            async def unwell(got: Got) -> web.Response:
                return web.Response(status=503)

            second.answer = unwell
            await service.withdraw_one()
            await service.send()
            pinged = [got.form for got in other.take()]
            assert {"hub.mode": "publish", "hub.url": TOPIC, "hub.topic": TOPIC} in pinged
            assert len(pinged) == len({form["hub.url"] for form in pinged})
            second.answer = None
            failed = len(second.take())
            service.clock.now += timedelta(seconds=12)
            await service.send()
            assert len(second.take()) == failed
            assert other.take() == []


async def test_what_was_not_sent_before_a_crash_is_sent_after_it(folder: Path, other: Other):
    """The build is committed, and the process dies before it has told anybody."""
    configure(folder)
    async with a_service(folder) as service:
        await service.build()
        await service.send()
        await subscribe(service, other)
        await service.withdraw_one()
    async with a_service(folder) as service:
        await service.send()
        assert len(other.take()) == 1
    async with a_service(folder) as service:
        await service.send()
        assert other.take() == []


async def test_two_services_on_one_database_deliver_once(folder: Path, other: Other):
    configure(folder)
    async with a_service(folder) as one, a_service(folder) as two:
        await one.build()
        await one.send()
        await subscribe(one, other)
        await one.withdraw_one()
        await one.notifier.tick()
        await two.notifier.tick()
        await one.notifier.settle()
        await two.notifier.settle()
        await two.send()
        assert len(other.take()) == 1


async def test_a_feed_that_is_no_longer_published_ends_its_subscriptions(service: Service, other: Other, folder: Path):
    await subscribe(service, other)
    outputs = folder / "config/outputs.yaml"
    text = outputs.read_text()
    assert "- id: community" in text
    outputs.write_text(text.replace("- id: community", "- id: neighbours"))
    await service.house.refresh()
    await service.build()
    other.take("GET")
    service.clock.now += timedelta(minutes=2)
    await service.send()
    assert other.take() == []
    assert [got.query["hub.mode"] for got in other.take("GET")] == ["denied"]
    assert await service.house.store.hubs.subscribers(service.clock()) == []
