"""Subscriptions at the hubs of sources: websub.rocks' subscriber checks, and what keeps liars out."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web

from aggregator.model.hub import Subscription, SubscriptionState
from aggregator.polling import websub
from tests.websub.conftest import Got, Other, Service, a_service, configure

ITEM = (
    "<item><guid isPermaLink='false'>{id}</guid><title>Story {id}</title>"
    "<link>http://news.example/{id}</link><description>Text of {id}</description></item>"
)


def rss(*ids: str, links: str = "", more: str = "") -> bytes:
    items = "".join(ITEM.format(id=one) for one in ids)
    return (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:fh="http://purl.org/syndication/history/1.0"><channel><title>News</title>'
        f"<link>http://news.example/</link>{links}{more}{items}</channel></rss>"
    ).encode()


def atom(links: str) -> bytes:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:n</id><title>News</title>{links}'
        "<updated>2026-11-20T08:00:00Z</updated><entry><id>urn:1</id><title>One</title>"
        "<updated>2026-11-20T08:00:00Z</updated><content>Text</content></entry></feed>"
    ).encode()


@dataclass
class Publisher:
    """A site with a feed and a hub on one server."""

    service: Service
    other: Other
    body: bytes = b""
    kind: str = "application/rss+xml"
    headers: list[tuple[str, str]] = field(default_factory=list)
    paths: dict[str, web.Response] = field(default_factory=dict)
    """Answers of other paths."""
    hub_status: int = 202

    async def answer(self, got: Got) -> web.Response:
        if got.path in self.paths:
            given = self.paths[got.path]
            return web.Response(status=given.status, headers=given.headers)
        if got.method == "POST":
            return web.Response(status=self.hub_status)
        from multidict import CIMultiDict

        fields = CIMultiDict([("Content-Type", self.kind), *self.headers])
        return web.Response(body=self.body, headers=fields)

    def names(self, hub: str = "/hub", topic: str = "/feed") -> str:
        """Links of a feed to its hub and itself."""
        return (
            f'<atom:link rel="hub" href="{self.other.url(hub)}"/><atom:link rel="self" href="{self.other.url(topic)}"/>'
        )

    async def subscription(self) -> Subscription | None:
        return (await self.service.house.store.hubs.subscriptions()).get("news")

    async def known(self) -> Subscription:
        one = await self.subscription()
        assert one is not None
        return one

    async def polled_until(self) -> datetime | None:
        return (await self.service.house.store.poll_states(["news"]))["news"].pushed_until

    async def asked(self) -> dict[str, str] | None:
        """Polls the feed, lets the subscriber act, and gives what a hub was asked."""
        await self.service.poll("news")
        await self.service.subscriber.tick()
        posts = self.other.take()
        return posts[-1].form if posts else None

    async def verify(self, asked: dict[str, str], **other: str) -> tuple[int, str]:
        """Asks our callback for its intent, as a hub does."""
        query = {"hub.mode": asked["hub.mode"], "hub.topic": asked["hub.topic"], "hub.challenge": "ch4llenge"}
        query |= {"hub.lease_seconds": "86400"} | {f"hub.{name}": value for name, value in other.items()}
        async with self.service.client.get(self.service.here(asked["hub.callback"]), params=query) as answer:
            return answer.status, await answer.text()

    async def deliver(
        self, asked: dict[str, str], body: bytes, method: str = "sha256", *, secret: str | None = None, **headers: str
    ) -> int:
        """Sends a signed delivery to our callback."""
        mac = hmac.new((secret or asked["hub.secret"]).encode(), body, method).hexdigest()
        fields = {"Content-Type": "application/rss+xml", "X-Hub-Signature": f"{method}={mac}"}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        fields = {name: value for name, value in fields.items() if value}
        url = self.service.here(asked["hub.callback"])
        async with self.service.client.post(url, data=body, headers=fields) as answer:
            status = answer.status
        await self.service.subscriber.settle()
        return status

    async def subscribed(self, **lease: str) -> dict[str, str]:
        """A verified subscription to a feed with entries `a` and `b`."""
        self.body = rss("a", "b", links=self.names())
        asked = await self.asked()
        assert asked is not None
        assert (await self.verify(asked, **lease))[0] == 200
        return asked

    async def ids(self) -> set[str]:
        found = await self.service.house.store.list_entries(source="news", limit=100)
        return {stored.entry.id for stored in found if stored.deleted_at is None}


@pytest.fixture
async def publisher(folder: Path, other: Other) -> AsyncIterator[Publisher]:
    configure(folder)
    sources = folder / "config/sources.yaml"
    source = f"- {{id: news, feed: '{other.url('/feed')}', private_addresses: true, max_size: 100kB}}"
    sources.write_text(f"{sources.read_text()}\n{source}\n")
    async with a_service(folder) as service:
        made = Publisher(service, other)
        other.answer = made.answer
        yield made


# Discovery (100 to 104)


async def test_100_the_header_names_hub_and_topic(publisher: Publisher):
    publisher.body = rss("a")
    hub, topic = publisher.other.url("/hub"), publisher.other.url("/feed")
    publisher.headers = [("Link", f'<{hub}>; rel="hub", <{topic}>; rel=self')]
    asked = await publisher.asked()
    assert asked is not None
    secret, callback = asked.pop("hub.secret"), asked.pop("hub.callback")
    assert asked == {"hub.mode": "subscribe", "hub.topic": topic, "hub.lease_seconds": "864000"}
    assert len(secret) >= 32
    assert callback.startswith("http://127.0.0.1:8080/websub/")
    assert len(callback.rpartition("/")[2]) >= 32


async def test_102_an_atom_feed_names_them(publisher: Publisher):
    publisher.kind = "application/atom+xml"
    publisher.body = atom('<link rel="hub" href="/hub"/><link rel="self" href="/feed"/>')
    asked = await publisher.asked()
    assert asked is not None
    assert asked["hub.topic"] == publisher.other.url("/feed")


async def test_103_an_rss_feed_names_them(publisher: Publisher):
    publisher.body = rss("a", links=publisher.names())
    assert await publisher.asked() is not None


async def test_a_json_feed_names_them(publisher: Publisher):
    publisher.kind = "application/feed+json"
    url = publisher.other.url
    publisher.body = (
        f'{{"version":"https://jsonfeed.org/version/1.1","title":"N","feed_url":"{url("/feed")}",'
        f'"hubs":[{{"type":"rssCloud","url":"{url("/no")}"}},{{"type":"WebSub","url":"{url("/hub")}"}}],"items":[]}}'
    ).encode()
    assert await publisher.asked() is not None
    assert (await publisher.known()).hubs == (url("/hub"),)


async def test_104_the_header_comes_before_the_document(publisher: Publisher):
    publisher.body = rss("a", links=publisher.names("/wrong-hub", "/wrong-topic"))
    publisher.headers = [
        ("Link", f'<{publisher.other.url("/hub")}>; rel="hub"'),
        ("Link", f'<{publisher.other.url("/right")}>; rel="self"'),
    ]
    asked = await publisher.asked()
    assert asked is not None
    assert asked["hub.topic"] == publisher.other.url("/right")
    assert (await publisher.known()).hub == publisher.other.url("/hub")


@pytest.mark.parametrize("selves", ["", '<atom:link rel="self" href="/a"/><atom:link rel="self" href="/b"/>'])
async def test_without_exactly_one_self_nobody_is_asked(publisher: Publisher, selves: str):
    publisher.body = rss("a", links=f'<atom:link rel="hub" href="{publisher.other.url("/hub")}"/>{selves}')
    assert await publisher.asked() is None


# Subscribing (200 to 205)


async def test_200_the_topic_is_the_feeds_own_self_and_the_source_stays_what_it_is(publisher: Publisher):
    publisher.body = rss("a", links=publisher.names(topic="/other-address"))
    asked = await publisher.asked()
    assert asked is not None
    assert asked["hub.topic"] == publisher.other.url("/other-address")
    publisher.other.take("GET")
    await publisher.service.poll("news")
    assert [got.path for got in publisher.other.take("GET")] == ["/feed"]  # P30


@pytest.mark.parametrize("status", [301, 302])
async def test_201_and_202_a_feed_behind_a_redirect(publisher: Publisher, status: int):
    publisher.paths["/feed"] = web.Response(status=status, headers={"Location": publisher.other.url("/new")})
    publisher.body = rss("a", links=publisher.names(topic="/new"))
    asked = await publisher.asked()
    assert asked is not None
    assert asked["hub.topic"] == publisher.other.url("/new")


@pytest.mark.parametrize("status", [307, 308])
async def test_203_and_204_a_hub_that_has_moved(publisher: Publisher, status: int):
    publisher.paths["/hub"] = web.Response(status=status, headers={"Location": publisher.other.url("/hub2")})
    publisher.body = rss("a", links=publisher.names())
    await publisher.service.poll("news")
    await publisher.service.subscriber.tick()
    first, second = publisher.other.take()
    assert (first.path, second.path) == ("/hub", "/hub2")
    assert first.form == second.form


async def test_205_only_what_is_pending_for_our_own_topic_is_confirmed(publisher: Publisher):
    publisher.body = rss("a", links=publisher.names())
    asked = await publisher.asked()
    assert asked is not None
    refused = [
        await publisher.verify(asked, topic="http://elsewhere.example/feed"),
        await publisher.verify(asked, mode="unsubscribe"),
        await publisher.verify(asked, mode="publish"),
        await publisher.verify(asked, challenge=""),
        await publisher.verify(asked | {"hub.callback": asked["hub.callback"] + "x"}),
    ]
    assert [status for status, _ in refused] == [404] * 5
    assert await publisher.verify(asked) == (200, "ch4llenge")
    assert (await publisher.known()).state is SubscriptionState.ACTIVE
    assert (await publisher.verify(asked))[0] == 404  # nothing is pending any more


async def test_what_was_never_verified_is_not_confirmed_for_ever(publisher: Publisher):
    publisher.body = rss("a", links=publisher.names())
    asked = await publisher.asked()
    assert asked is not None
    publisher.service.clock.now += timedelta(days=1, minutes=1)
    assert (await publisher.verify(asked))[0] == 404
    await publisher.service.subscriber.tick()
    (again,) = publisher.other.take()
    assert again.form["hub.callback"] != asked["hub.callback"]


async def test_a_request_that_was_never_sent_or_never_verified_is_made_anew(publisher: Publisher):
    """As where the process died between the note and the request; each time the hub is given longer."""
    publisher.body = rss("a", links=publisher.names())
    assert await publisher.asked() is not None
    times = []
    for _ in range(30):
        publisher.service.clock.now += timedelta(minutes=30)
        await publisher.service.subscriber.tick()
        times += [publisher.service.clock() for _ in publisher.other.take()]
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(hours=hours) for hours in (2, 4, 8)]


async def test_a_challenge_is_never_a_page(publisher: Publisher):
    publisher.body = rss("a", links=publisher.names())
    asked = await publisher.asked()
    assert asked is not None
    query = {"hub.mode": "subscribe", "hub.topic": asked["hub.topic"], "hub.challenge": "<script>alert(1)</script>"}
    async with publisher.service.client.get(publisher.service.here(asked["hub.callback"]), params=query) as answer:
        assert answer.content_type == "text/plain"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_hub_that_refuses_is_asked_later_and_the_next_one_first(publisher: Publisher):
    publisher.hub_status = 500
    second = f'<atom:link rel="hub" href="{publisher.other.url("/hub2")}"/>'
    publisher.body = rss("a", links=publisher.names() + second)
    await publisher.service.poll("news")
    paths = []
    for _ in range(12 * 24):
        await publisher.service.subscriber.tick()
        paths += [got.path for got in publisher.other.take()]
        publisher.service.clock.now += timedelta(minutes=5)
    assert paths[:4] == ["/hub", "/hub2", "/hub", "/hub2"]
    assert 6 <= len(paths) <= 10
    assert (await publisher.known()).problem == "answered 500"


async def test_why_a_hub_denies_is_kept_as_text_that_harms_nobody(publisher: Publisher):
    """A database may take no NUL, and a terminal or a page no mark that turns it round."""
    asked = await publisher.subscribed()
    assert (await publisher.verify(asked | {"hub.mode": "denied"}, reason="No\0 \u202e\x1b[31m more"))[0] == 200
    assert (await publisher.known()).problem == "denied: No [31m more"


async def test_a_denial_ends_the_subscription(publisher: Publisher):
    asked = await publisher.subscribed()
    await publisher.deliver(asked, rss("c"))
    assert (await publisher.verify(asked | {"hub.mode": "denied"}, topic="http://elsewhere.example/"))[0] == 404
    assert (await publisher.verify(asked | {"hub.mode": "denied"}, reason="No more"))[0] == 200
    one = await publisher.known()
    assert (one.state, one.problem) == (SubscriptionState.DENIED, "denied: No more")
    assert await publisher.polled_until() is None


async def test_a_lease_is_bounded_and_renewed_before_its_end(publisher: Publisher):
    asked = await publisher.subscribed(lease_seconds="99999999999")
    one = await publisher.known()
    assert one.lease_until == publisher.service.clock() + timedelta(days=30)
    publisher.service.clock.now += timedelta(days=22)
    await publisher.service.subscriber.tick()
    assert publisher.other.take() == []
    publisher.service.clock.now += timedelta(days=1)
    await publisher.service.subscriber.tick()
    (renewal,) = publisher.other.take()
    assert renewal.form == asked  # same callback, same secret
    assert (await publisher.verify(asked, lease_seconds="864000"))[0] == 200
    assert (await publisher.known()).lease_until == publisher.service.clock() + timedelta(days=10)


async def test_a_renewal_that_fails_until_the_end_has_us_poll_again(publisher: Publisher):
    asked = await publisher.subscribed()
    await publisher.deliver(asked, rss("c"))
    assert await publisher.polled_until() is not None
    publisher.hub_status = 503
    for _ in range(30):
        publisher.service.clock.now += timedelta(hours=1)
        await publisher.service.subscriber.tick()
    assert len(publisher.other.take()) >= 2
    assert await publisher.polled_until() is None
    assert (await publisher.known()).state is SubscriptionState.FAILING


# Deliveries (300 to 302)


async def test_300_a_delivery_is_taken_in_and_polls_become_seldom(publisher: Publisher):
    asked = await publisher.subscribed()
    assert 200 <= await publisher.deliver(asked, rss("c", links=publisher.names())) < 300
    assert await publisher.ids() == {"a", "b", "c"}  # absence is no removal
    one = await publisher.known()
    assert (one.deliveries, one.ignored, one.last_delivery_at) == (1, 0, publisher.service.clock())
    assert await publisher.polled_until() == one.lease_until
    state = (await publisher.service.house.store.poll_states(["news"]))["news"]
    assert state.next_poll_at is not None
    assert state.next_poll_at - publisher.service.clock() > timedelta(hours=12)
    assert "hub" in state.why_due


async def test_a_poll_after_a_delivery_writes_nothing_twice(publisher: Publisher):
    asked = await publisher.subscribed()
    await publisher.deliver(asked, rss("c"))
    publisher.body = rss("c", "a", "b", links=publisher.names())
    assert await publisher.service.poll("news") == "unchanged"


async def test_a_poll_that_finds_what_was_not_delivered_ends_the_trust(publisher: Publisher):
    asked = await publisher.subscribed()
    await publisher.deliver(asked, rss("c"))
    assert await publisher.polled_until() is not None
    publisher.body = rss("d", "c", "a", "b", links=publisher.names())
    assert await publisher.service.poll("news") == "changed"
    assert await publisher.polled_until() is None
    state = (await publisher.service.house.store.poll_states(["news"]))["news"]
    assert state.next_poll_at == publisher.service.clock() + timedelta(minutes=30)
    await publisher.deliver(asked, rss("e"))
    assert await publisher.polled_until() is not None


async def test_even_a_complete_feed_loses_nothing_by_a_delivery(publisher: Publisher):
    asked = await publisher.subscribed()
    await publisher.deliver(asked, rss("c", more="<fh:complete/>"))
    assert await publisher.ids() == {"a", "b", "c"}


async def test_an_edit_that_is_delivered_makes_a_revision(publisher: Publisher):
    asked = await publisher.subscribed()
    before = {one.entry.id: one for one in await publisher.service.house.store.list_entries(source="news", limit=9)}
    await publisher.deliver(asked, rss("a").replace(b"Text of a", b"Corrected text of a"))
    after = {one.entry.id: one for one in await publisher.service.house.store.list_entries(source="news", limit=9)}
    assert before["a"].entry.revision != after["a"].entry.revision
    assert before["b"] == after["b"]


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
async def test_every_strong_signature_is_believed(publisher: Publisher, method: str):
    asked = await publisher.subscribed()
    await publisher.deliver(asked, rss("c"), method)
    assert "c" in await publisher.ids()


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "guessed"},
        {"X_Hub_Signature": ""},
        {"X_Hub_Signature": "sha256=" + "0" * 64},
        {"X_Hub_Signature": "md5=" + "0" * 32},
        {"X_Hub_Signature": "sha256="},
        {"X_Hub_Signature": "nonsense"},
        {"method": "sha1"},
    ],
    ids=str,
)
async def test_301_and_302_a_bad_or_missing_signature_is_ignored_without_a_word(
    publisher: Publisher, wrong: dict[str, str]
):
    asked = await publisher.subscribed()
    assert 200 <= await publisher.deliver(asked, rss("c"), **wrong) < 300
    assert await publisher.ids() == {"a", "b"}
    one = await publisher.known()
    assert (one.deliveries, one.ignored) == (0, 1)
    assert await publisher.polled_until() is None


async def test_what_is_no_feed_has_us_look_ourselves(publisher: Publisher):
    asked = await publisher.subscribed()
    assert await publisher.deliver(asked, b"<html><body>ping</body></html>") == 202
    state = (await publisher.service.house.store.poll_states(["news"]))["news"]
    assert state.next_poll_at == publisher.service.clock()
    assert await publisher.service.poll("news") == "unchanged"  # the lease was given back


async def test_a_delivery_waits_for_a_poll_of_the_same_source(publisher: Publisher):
    asked = await publisher.subscribed()
    store = publisher.service.house.store
    now = publisher.service.clock()
    await store.claim_named(["news"], now, lease=timedelta(minutes=1), owner="another process")
    delivering = asyncio.create_task(publisher.deliver(asked, rss("c")))
    await asyncio.sleep(0.2)
    assert "c" not in await publisher.ids()
    await store.release_leases("another process")
    assert await delivering == 202
    assert "c" in await publisher.ids()


async def test_a_delivery_is_not_larger_than_a_feed_may_be(publisher: Publisher):
    asked = await publisher.subscribed()
    assert await publisher.deliver(asked, b" " * 100_001) == 413


async def test_a_callback_that_is_nobodys_says_that_it_is_gone(publisher: Publisher):
    asked = await publisher.subscribed()
    asked["hub.callback"] += "x"
    assert await publisher.deliver(asked, rss("c")) == 410
    assert (await publisher.verify(asked))[0] == 404


async def test_a_feed_that_names_another_hub_gets_another_callback(publisher: Publisher):
    asked = await publisher.subscribed()
    publisher.body = rss("a", links=publisher.names("/hub2"))
    again = await publisher.asked()
    assert again is not None
    assert again["hub.callback"] != asked["hub.callback"]
    assert await publisher.deliver(asked, rss("c")) == 410


async def test_a_source_that_is_switched_off_is_unsubscribed(publisher: Publisher, folder: Path):
    asked = await publisher.subscribed()
    sources = folder / "config/sources.yaml"
    sources.write_text(sources.read_text().replace("id: news,", "id: news, enabled: false,"))
    await publisher.service.house.refresh()
    await publisher.service.subscriber.tick()
    (leaving,) = publisher.other.take()
    assert leaving.form["hub.mode"] == "unsubscribe"
    assert await publisher.deliver(asked, rss("c")) == 410
    assert (await publisher.verify(asked))[0] == 404
    assert (await publisher.verify(leaving.form))[0] == 200
    sources.write_text(sources.read_text().replace("enabled: false,", ""))
    await publisher.service.house.refresh()
    await publisher.service.subscriber.tick()
    (again,) = publisher.other.take()
    assert again.form["hub.mode"] == "subscribe"
    assert again.form["hub.callback"] != asked["hub.callback"]


async def test_a_restart_asks_nobody_anew(publisher: Publisher, folder: Path):
    await publisher.subscribed()
    async with a_service(folder) as again:
        await again.subscriber.tick()
    assert publisher.other.take() == []


@pytest.mark.parametrize("setting", ["subscribe: off", "subscribe: auto, lease: 2h"])
async def test_what_the_operator_says_of_subscribing(publisher: Publisher, folder: Path, setting: str):
    configure(folder, setting)
    await publisher.service.house.refresh()
    publisher.body = rss("a", links=publisher.names())
    asked = await publisher.asked()
    assert (asked is None) == ("off" in setting)
    assert asked is None or asked["hub.lease_seconds"] == "7200"


@pytest.mark.parametrize(
    ("hub", "public_url", "private", "expected"),
    [
        ("https://hub.example.org/", "https://news.example.org", False, True),
        ("https://hub.example.org/", "http://127.0.0.1:8080", False, False),
        ("https://hub.example.org/", "http://127.0.0.1:8080", True, False),
        ("http://10.0.0.7/hub", "http://10.0.0.8:8080", True, True),
        ("http://10.0.0.7/hub", "http://10.0.0.8:8080", False, False),
        ("https://hub.example.org/", "http://localhost:8080", False, False),
        ("https://hub.example.org/", "http://feeds.local", False, False),
        ("https://hub.example.org/", "http://feeds", False, False),
        ("https://hub.example.org/", "http://[::1]:8080", False, False),
        ("https://hub.example.org/", "http://[2606:4700::1]", False, True),
    ],
)
def test_hubs_are_asked_where_they_can_reach_us(hub: str, public_url: str, private: bool, expected: bool):
    assert websub.reaches(hub, public_url, private_addresses=private) is expected


def test_sha1_is_believed_where_the_operator_says_so():
    mac = hmac.new(b"key", b"body", "sha1").hexdigest()
    assert not websub.is_believed(f"sha1={mac}", "key", b"body", sha1=False)
    assert websub.is_believed(f"sha1={mac}", "key", b"body", sha1=True)
