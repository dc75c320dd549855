"""Subscriptions, the outbox and webhooks, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec import structs

from aggregator.errors import StoreError
from aggregator.model.hub import (
    HubRequest,
    HubSubscriber,
    Outgoing,
    OutgoingKind,
    SubscriptionState,
)
from aggregator.model.output import Format, Laid, Withdrawal
from aggregator.model.parsed import FeedFacts
from aggregator.model.poll import IntakePlan, PollReport, PollState
from aggregator.model.webhook import Webhook, WebhookEvent
from aggregator.store import BuildResult, Hubs, Store
from aggregator.store.hubs import News
from tests.build import NOW

LEASE = timedelta(minutes=5)


def an_outgoing(id_: str = "deliver:k1", **given: object) -> Outgoing:
    facts = {"kind": OutgoingKind.DELIVER, "target": "k1", "facts": "null", "created_at": NOW, "next_at": NOW}
    return Outgoing(id=id_, **(facts | given))


def a_request(**given: object) -> HubRequest:
    facts: dict[str, object] = {
        "key": "k1",
        "mode": "subscribe",
        "topic": "https://news.example.org/feeds/community.atom",
        "output": "community",
        "format": Format.ATOM,
        "callback": "https://site.example/hook",
        "secret": "s3cret",
        "lease_seconds": 3600,
    }
    return HubRequest(**(facts | given))


async def poll(store: Store, hubs: tuple[str, ...], topic: str | None = "https://herald.example/feed") -> None:
    """A poll of `herald` whose document names these hubs."""
    (state,) = (await store.claim_named(["herald"], NOW, lease=LEASE, owner="me")).values()
    feed = FeedFacts(format="atom10", hubs=hubs, topic=topic)
    report = PollReport(source="herald", outcome="unchanged")
    next_state: PollState = structs.replace(state, feed=feed, last_success_at=NOW)
    assert await store.apply(IntakePlan(state=next_state, report=report, at=NOW), "me")


@pytest.fixture
async def hubs(store: Store) -> Hubs:
    await store.sync_sources(["herald"], NOW)
    return store.hubs


async def test_what_a_document_says_of_hubs_is_stored_with_its_poll(store: Store, hubs: Hubs):
    await poll(store, ())
    assert await hubs.subscriptions() == {}
    await poll(store, ("https://hub.example/",))
    (one,) = await hubs.due(NOW, LEASE, 10)
    assert (one.state, one.hubs, one.topic) == (
        SubscriptionState.WANTED,
        ("https://hub.example/",),
        "https://herald.example/feed",
    )
    assert await hubs.due(NOW, LEASE, 10) == []  # claimed
    active = {"state": SubscriptionState.ACTIVE, "token": "t1", "callback": "https://us.example/websub/t1"}
    assert await hubs.change("herald", active | {"secret": "s", "next_at": None, "claimed_until": 0})
    await poll(store, ("https://hub.example/",))
    assert (await hubs.subscriptions(["herald"]))["herald"].state is SubscriptionState.ACTIVE
    assert not await hubs.change("herald", {"failures": 3}, "another token")
    await hubs.count_delivery("t1", NOW, believed=True)
    await hubs.count_delivery("t1", NOW, believed=False)
    known = await hubs.subscription("t1")
    assert known is not None
    assert (known.deliveries, known.ignored, known.last_delivery_at) == (1, 1, NOW)
    await poll(store, ("https://other.example/", "https://hub.example/"))
    assert await hubs.subscription("t1") is None
    await poll(store, ("https://other.example/", "https://hub.example/"), topic=None)
    assert await hubs.subscriptions() == {}


async def test_of_two_processes_each_gets_its_own_requests(hubs: Hubs):
    await hubs.put([an_outgoing(f"deliver:{number}") for number in range(10)])
    halves = await asyncio.gather(*(hubs.claim(NOW, lease=LEASE, owner=owner, limit=5) for owner in ("a", "b")))
    assert sorted(one.id for half in halves for one in half) == [f"deliver:{number}" for number in range(10)]
    assert await hubs.claim(NOW, lease=LEASE, owner="c", limit=5) == []
    assert len(await hubs.claim(NOW + LEASE, lease=LEASE, owner="c", limit=50)) == 10  # both have died


async def test_what_is_wanted_again_while_it_is_sent_is_sent_again(hubs: Hubs):
    await hubs.put([an_outgoing()])
    (one,) = await hubs.claim(NOW, lease=LEASE, owner="a", limit=5)
    await hubs.put([an_outgoing()])
    await hubs.done(one)
    (again,) = await hubs.claim(NOW, lease=LEASE, owner="a", limit=5)
    await hubs.again(again, NOW + LEASE, "answered 500")
    assert await hubs.claim(NOW, lease=LEASE, owner="a", limit=5) == []
    assert await hubs.waiting() == [(OutgoingKind.DELIVER, "k1", 1, 1, "answered 500")]
    (third,) = await hubs.claim(NOW + LEASE, lease=LEASE, owner="a", limit=5)
    assert (third.tries, third.problem) == (1, "answered 500")
    await hubs.release("a")
    assert len(await hubs.claim(NOW + LEASE, lease=LEASE, owner="b", limit=5)) == 1
    await hubs.done(third)
    assert await hubs.waiting() == []


async def test_subscribers_of_our_hub(hubs: Hubs):
    until = NOW + timedelta(hours=1)
    await hubs.subscribe(a_request(), "site.example", until, NOW)
    await hubs.subscribe(a_request(secret="new"), "site.example", until + LEASE, NOW)
    (one,) = await hubs.subscribers(NOW)
    assert (one.secret, one.lease_until, one.created_at) == ("new", until + LEASE, NOW)
    assert await hubs.crowd("site.example") == (1, 1, 0)
    await hubs.delivered("k1", NOW, "answered 500")
    await hubs.delivered("k1", NOW, "answered 500")
    failing = await hubs.subscriber("k1")
    assert failing is not None
    assert (failing.failures, failing.problem) == (2, "answered 500")
    await hubs.delivered("k1", NOW, None)
    well = await hubs.subscriber("k1")
    assert well is not None
    assert (well.failures, well.problem, well.last_success_at) == (0, None, NOW)
    assert await hubs.subscribers(until + LEASE) == []
    await hubs.drop_expired(until + LEASE)
    assert await hubs.subscriber("k1") is None


async def test_every_new_document_is_announced_once(store: Store, hubs: Hubs):
    def document(body: bytes) -> BuildResult:
        etag = f'"{body.decode()}"'
        made = Laid(output="community", format=Format.ATOM, opening=body, etag=etag, modified_at=NOW)
        return BuildResult(output="community", at=NOW, built_from=body.decode(), documents=(made,))

    told: list[tuple[str, int]] = []

    def make(output: str, form: Format, subscribers: list[HubSubscriber]) -> Sequence[Outgoing]:
        told.append((f"{output}.{form.value}", len(subscribers)))
        return [an_outgoing(f"deliver:{one.key}") for one in subscribers]

    await hubs.subscribe(a_request(), "site.example", NOW + LEASE, NOW)
    assert await hubs.announce(make, NOW) == 0
    await store.publish(document(b"one"))
    assert [await hubs.announce(make, NOW) for _ in range(2)] == [1, 0]
    await store.publish(document(b"two"))
    assert sorted(await asyncio.gather(hubs.announce(make, NOW), hubs.announce(make, NOW))) == [0, 1]
    assert told == [("community.atom", 1)] * 2
    assert [kind for kind, *_ in await hubs.waiting()] == [OutgoingKind.DELIVER]


async def test_webhooks_hear_of_what_happens_from_now_on(store: Store, hubs: Hubs):
    heard: list[str] = []

    def make(news: News) -> Sequence[Outgoing]:
        heard.extend(record.subject for record in news.records)
        return []

    await store.withdraw(Withdrawal(entry="before", at=NOW, by="x", reason=""))
    assert not await hubs.tell(make, NOW)
    await store.withdraw(Withdrawal(entry="after", at=NOW, by="x", reason=""))
    await asyncio.gather(hubs.tell(make, NOW), hubs.tell(make, NOW))
    await hubs.tell(make, NOW)
    assert heard == ["after"]
    await store.withdraw(Withdrawal(entry="old", at=NOW, by="x", reason=""))
    await hubs.tell(make, NOW + LEASE)
    assert heard == ["after"]


async def test_webhooks_are_kept(hubs: Hubs):
    hook = Webhook(
        id="cms",
        url="https://cms.example/hook",
        secret="key",
        events=(WebhookEvent.WITHDRAWN,),
        outputs=("community",),
        private_addresses=True,
        subscriber="site",
    )
    await hubs.add_webhook(hook, NOW)
    with pytest.raises(StoreError, match="'cms' is there already"):
        await hubs.add_webhook(hook, NOW)
    assert await hubs.webhooks() == [hook]
    await hubs.told("cms", NOW, "answered 500", dropped=True)
    await hubs.told("cms", NOW, None)
    state = (await hubs.webhook_states())["cms"]
    assert (state.delivered, state.dropped, state.problem) == (1, 1, None)
    await hubs.put([an_outgoing("webhook:cms:1", kind=OutgoingKind.WEBHOOK, target="cms")])
    assert await hubs.remove_webhook("cms")
    assert (await hubs.webhooks(), await hubs.waiting()) == ([], [])
