"""Our subscriptions at the hubs of sources: asked for, verified, renewed, ended; and what hubs deliver, taken in."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from aggregator.errors import AggregatorError
from aggregator.intake.clean import clean_text
from aggregator.intake.plan import known_digests, remembered
from aggregator.intake.push import ids_of_push, plan_pushed, pushed
from aggregator.model.fetched import Answer
from aggregator.model.hub import Subscription, SubscriptionState
from aggregator.model.parsed import ParsedFeed, ParseRequest
from aggregator.polling import websub
from aggregator.service.bring import under_own_ids
from aggregator.service.hub import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aggregator.model.fetched import Fetched
    from aggregator.model.poll import PollReport, PollState
    from aggregator.model.source import Source
    from aggregator.service.house import House
    from aggregator.service.notify import Asking
    from aggregator.service.poll import Polling

log = structlog.get_logger(__name__)

ROOM = 16
"""Requests to hubs at once."""
LEASE = timedelta(minutes=5)
"""After which another process may go on with what this one has claimed."""
RETRY_RENEWAL = timedelta(hours=1)
"""Between two requests to renew, where the first is not verified."""
SELDOM = timedelta(days=1)
"""The most between two polls while a hub delivers: it may lose a delivery, or stop without a word."""
POLL_LEASE = timedelta(minutes=3)
BUSY_TRIES, BUSY_SECONDS = 20, 0.5
"""How long a delivery waits for a poll of the same source to end."""
ANSWER_SECONDS = 4.0
"""After which a hub is told that its delivery came, though it is still being read."""
READING_MAX = 8
"""Deliveries that are read at once."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a hub is answered."""

    status: int
    text: str = ""


class Subscriber:
    """Keeps subscriptions going and takes deliveries. One per process; two on one database share the work."""

    def __init__(self, house: House, tools: Polling, ask: Asking) -> None:
        self.house = house
        self.tools = tools
        self.ask = ask
        self.hubs = house.store.hubs
        self._reviewed: str | None = None
        self._room = asyncio.Semaphore(READING_MAX)
        self._reading: set[asyncio.Task[None]] = set()

    # Keeping subscriptions

    async def tick(self) -> int:
        """Does what is due at hubs.

        Returns:
            How many subscriptions were dealt with.
        """
        now = self.house.clock()
        version = self.house.world.configuration.version
        if self._reviewed != version:
            await self._review(now)
            self._reviewed = version
        due = await self.hubs.due(now, LEASE, ROOM)
        await asyncio.gather(*map(self._see_to, due))
        return len(due)

    async def _review(self, now: datetime) -> None:
        """Another configuration: has those looked at that should begin, end, or be told of another callback."""
        to_see = []
        for one in (await self.hubs.subscriptions()).values():
            source = self.house.world.sources.get(one.source)
            wanted = source is not None and self._is_wanted(source, one)
            idle = one.state is SubscriptionState.WANTED
            if wanted == idle or (wanted and self._has_moved(one)):
                to_see.append(one.source)
        if to_see:
            await self.hubs.review(to_see, now)

    def _has_moved(self, one: Subscription) -> bool:
        """Whether its callback is at an address that is ours no more."""
        return one.callback is not None and not one.callback.startswith(self._callback(""))

    async def _see_to(self, one: Subscription) -> None:
        try:
            source = self.house.world.sources.get(one.source)
            if source is None or not self._is_wanted(source, one):
                await self._leave(one, source)
            else:
                await self._go_on(one, source)
        except AggregatorError as error:
            log.warning("subscription not seen to; tried again later", source=one.source, error=str(error))

    def _is_wanted(self, source: Source, one: Subscription) -> bool:
        settings = self.house.world.configuration.settings
        if not source.enabled or settings.websub.subscribe == "off" or not self._hubs_of(one):
            return False
        if settings.websub.subscribe == "on":
            return True
        private = source.polling.private_addresses
        return websub.reaches(self._next_hub(one), settings.server.public_url, private_addresses=private)

    @staticmethod
    def _hubs_of(one: Subscription) -> tuple[str, ...]:
        return tuple(hub for hub in one.hubs if websub.is_usable(hub) and websub.is_usable(one.topic))

    def _next_hub(self, one: Subscription) -> str:
        hubs = self._hubs_of(one)
        return hubs[one.failures % len(hubs)]

    def _callback(self, token: str) -> str:
        return f"{self.house.public_url()}/websub/{token}"

    async def _go_on(self, one: Subscription, source: Source) -> None:
        now = self.house.clock()
        if one.state is SubscriptionState.ACTIVE and not self._has_moved(one):
            if one.lease_until is not None and one.lease_until > now:
                later = min(now + RETRY_RENEWAL, one.lease_until)
                await self._ask(replace(one, asked_at=now), source, {"asked_at": now, "next_at": later})
                return
            await self._stop(one, "the lease ended before it was renewed")
        elif one.state is SubscriptionState.ASKED:
            one = replace(one, failures=one.failures + 1)
        token = secrets.token_urlsafe(24)
        fresh = replace(
            one,
            hub=self._next_hub(one),
            callback=self._callback(token),
            secret=secrets.token_hex(32),
            state=SubscriptionState.ASKED,
            asked_at=now,
        )
        # Also where this process dies before it has asked: then it is asked anew.
        values: dict[str, Any] = {"hub": fresh.hub, "callback": fresh.callback, "token": token, "secret": fresh.secret}
        values |= {"state": fresh.state, "asked_at": now, "lease_until": None, "failures": one.failures}
        await self._ask(fresh, source, values | {"next_at": websub.anew_at(one.failures, now)})

    async def _ask(self, one: Subscription, source: Source, values: dict[str, Any]) -> None:
        """Notes what is pending, and only then asks: a hub may verify before it answers."""
        await self.hubs.change(one.source, values | {"claimed_until": 0})
        settings = self.house.world.configuration.settings
        private = source.polling.private_addresses
        asking = websub.request(one, "subscribe", settings.websub.lease, private_addresses=private)
        answer = await self.ask(asking, self.house.clock())
        if isinstance(answer, Answer) and 200 <= answer.status < 300:
            log.debug("hub asked", source=one.source, hub=host_of(one.hub or ""))
            return
        problem = f"answered {answer.status}" if isinstance(answer, Answer) else answer.detail
        log.info("hub did not take the subscription", source=one.source, hub=host_of(one.hub or ""), problem=problem)
        now = self.house.clock()
        at = websub.again_at(one.failures, now, answer.retry_after)
        if one.state is SubscriptionState.ACTIVE:
            at = min(at, one.lease_until or at)
        failed: dict[str, Any] = {"problem": problem, "failures": one.failures + 1, "next_at": at}
        if one.state is not SubscriptionState.ACTIVE:
            failed |= {"state": SubscriptionState.FAILING, "asked_at": None}
        await self.hubs.change(one.source, failed, _token(one))

    async def _leave(self, one: Subscription, source: Source | None) -> None:
        """Ends what is no longer wanted; a hub that does not hear it is told with its next delivery (410)."""
        now = self.house.clock()
        idle = {"state": SubscriptionState.WANTED, "next_at": None, "asked_at": None, "claimed_until": 0}
        idle |= {"callback": None, "token": None, "secret": None, "lease_until": None, "failures": 0, "problem": None}
        if one.state not in (SubscriptionState.ACTIVE, SubscriptionState.ASKED) or one.hub is None:
            await self.hubs.change(one.source, idle)
            return
        # Verified within the next hour, or never.
        leaving = {"state": SubscriptionState.LEAVING, "asked_at": now, "next_at": now + RETRY_RENEWAL}
        await self.hubs.change(one.source, leaving | {"claimed_until": 0})
        await self._stop(one, "no longer wanted")
        private = source.polling.private_addresses if source is not None else False
        asking = websub.request(one, "unsubscribe", timedelta(), private_addresses=private)
        await self.ask(asking, now)

    async def _stop(self, one: Subscription, why: str) -> None:
        """Polls as if there were no hub."""
        log.info("a hub does not deliver any more", source=one.source, why=why)
        await self.house.store.set_pushed(one.source, None, self.house.clock())

    # What hubs ask

    async def verify(self, token: str, query: Mapping[str, str]) -> Told:
        """Answers a hub that asks whether we meant it, or says that it will not.

        Raises:
            StoreError: it cannot be answered now.
        """
        one = await self.hubs.subscription(token)
        if one is None:
            return Told(404, "There is no such subscription.")
        now = self.house.clock()
        mode, topic, challenge = (query.get(f"hub.{name}", "") for name in ("mode", "topic", "challenge"))
        if mode == "denied" and topic == one.topic:
            reason = clean_text(query.get("hub.reason"), 200)
            problem = f"denied: {reason}" if reason else "denied"
            denied = {"state": SubscriptionState.DENIED, "problem": problem, "asked_at": None, "lease_until": None}
            next_at = now + websub.AFTER_DENIAL
            await self.hubs.change(one.source, denied | {"failures": one.failures + 1, "next_at": next_at}, token)
            await self._stop(one, problem)
            return Told(200)
        if not challenge or len(challenge) > 4_000 or not websub.may_confirm(one, mode, topic, now):
            return Told(404, "This was not asked for.")
        if mode == "unsubscribe":
            idle = {"state": SubscriptionState.WANTED, "next_at": None, "asked_at": None, "lease_until": None}
            await self.hubs.change(one.source, idle | {"callback": None, "token": None, "secret": None}, token)
            return Told(200, challenge)
        asked = self.house.world.configuration.settings.websub.lease
        lease = websub.granted(query.get("hub.lease_seconds"), asked)
        active = {"state": SubscriptionState.ACTIVE, "lease_until": now + lease, "asked_at": None}
        active |= {"next_at": websub.renew_at(now, lease), "failures": 0, "problem": None}
        if not await self.hubs.change(one.source, active, token):
            return Told(404, "There is no such subscription.")
        if one.state is SubscriptionState.ACTIVE:
            await self._extend(one.source, now + lease, now)
        log.info("hub delivers", source=one.source, hub=host_of(one.hub or ""), until=(now + lease).isoformat())
        return Told(200, challenge)

    async def _extend(self, source: str, until: datetime, now: datetime) -> None:
        """A hub that delivers goes on: polls stay seldom."""
        state = (await self.house.store.poll_states([source])).get(source)
        if state is not None and state.pushed_until is not None and state.pushed_until > now:
            await self.house.store.set_pushed(source, until, now)

    # What hubs deliver

    async def expects(self, token: str) -> int | None:
        """The largest body that is read from this callback, in bytes; None: nothing is expected there (any more)."""
        one = await self.hubs.subscription(token)
        source = self.house.world.sources.get(one.source) if one is not None else None
        if one is None or source is None or one.secret is None or one.state is SubscriptionState.LEAVING:
            return None
        return source.polling.max_size

    async def deliver(self, token: str, signature: str | None, content_type: str | None, body: bytes) -> Told:
        """Takes a delivery. One without a good signature is ignored without a word, as WebSub asks (7.1).

        Returns:
            202: it was taken, or ignored. Whether it is a feed is our own business: what is none makes us look.
        Raises:
            StoreError: it cannot be taken now; the hub tries again.
        """
        one = await self.hubs.subscription(token)
        source = self.house.world.sources.get(one.source) if one is not None else None
        if one is None or one.secret is None or source is None or not source.enabled:
            return Told(410, "This subscription has ended.")
        now = self.house.clock()
        sha1 = self.house.world.configuration.settings.websub.sha1
        if not websub.is_believed(signature, one.secret, body, sha1=sha1):
            await self.hubs.count_delivery(token, now, believed=False)
            return Told(202)
        await self.hubs.count_delivery(token, now, believed=True)
        delivery = pushed(source.id, one.topic, body, content_type, now)
        task = asyncio.create_task(self._read(source, one, delivery), name=f"delivery for {source.id}")
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)
        await asyncio.wait([task], timeout=ANSWER_SECONDS)
        return Told(202)

    async def settle(self) -> None:
        """Waits until all that was delivered is taken in."""
        while self._reading:
            await asyncio.wait(self._reading)

    async def stop(self, grace: timedelta) -> None:
        """Lets what is being read end within the grace; what is lost then comes with the next poll."""
        if self._reading:
            _, late = await asyncio.wait(self._reading, timeout=grace.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _read(self, source: Source, one: Subscription, delivery: Fetched) -> None:
        """Takes a delivery in as a poll would; where that cannot be, has the source polled now."""
        try:
            async with self._room:
                report = await self._take(source, one, delivery)
            if report is not None:
                log.info("hub delivered", source=source.id, new=report.new, revised=report.revised)
                return
        except AggregatorError as error:
            log.warning("a delivery was not stored; the source is polled instead", source=source.id, error=str(error))
        except Exception:
            log.exception("a delivery could not be read; the source is polled instead", source=source.id)
        try:
            await self.hubs.poll_now(source.id, self.house.clock())
        except AggregatorError as error:
            log.warning("the source is polled at its usual time", source=source.id, error=str(error))

    async def _take(self, source: Source, one: Subscription, delivery: Fetched) -> PollReport | None:
        """None: it cannot be taken in, and a poll is wanted."""
        state = await self._claimed(source.id)
        if state is None:
            return None
        reading = self.house.world.reading(source)
        try:
            if state.last_success_at is None or remembered(state, reading.digest) is not state:
                return None  # the document must be read whole first
            parsed = await self.tools.parse(
                ParseRequest(
                    source=source.id,
                    url=one.topic,
                    body=delivery.body,
                    content_type=delivery.content_type,
                    known=known_digests(state),
                    own_domains=reading.own_domains,
                    own_names=reading.own_names,
                    others=reading.others,
                )
            )
            if not isinstance(parsed, ParsedFeed):
                return None
            parsed = await under_own_ids(state, parsed, self.tools.store)
            known = await self.tools.store.known(source.id, ids_of_push(parsed))
            now = self.house.clock()
            until = one.lease_until or now + SELDOM
            at, why = _seldom(source, until, now)
            plan = plan_pushed(state, delivery, parsed, known, next_poll_at=at, why=why, now=now)
            taken = await self.tools.store.apply(plan, self.tools.owner)
            if not taken:
                return None
            state = None
            await self.house.store.set_pushed(source.id, until, now)
            return plan.report
        finally:
            if state is not None:
                await self.house.store.give_back(source.id, self.tools.owner)

    async def _claimed(self, source: str) -> PollState | None:
        """The source's state, for us alone; None: a poll of it takes too long."""
        for _ in range(BUSY_TRIES):
            now = self.house.clock()
            claimed = await self.tools.store.claim_named([source], now, lease=POLL_LEASE, owner=self.tools.owner)
            if source in claimed:
                return claimed[source]
            await asyncio.sleep(BUSY_SECONDS)
        return None


def _seldom(source: Source, until: datetime, now: datetime) -> tuple[datetime, str]:
    """When a source is polled that a hub delivers: seldom, and soon after it has stopped."""
    usual = max(source.polling.interval, source.polling.min_interval)
    wait = max(min(source.polling.max_interval, SELDOM, max(until - now, usual)), usual)
    return now + wait, "a hub delivers; polled seldom, to be sure"


def _token(one: Subscription) -> str:
    return (one.callback or "").rpartition("/")[2]
