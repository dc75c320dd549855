"""Telling others of what changed: pings to hubs, deliveries of our own hub, webhooks.

What is owed is derived from what the database holds (documents against those last announced, the ledger against how far
webhooks were told), and stands in an outbox until it was sent. So a crash at any moment loses nothing, and of two
services on one database each request is sent by one.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import structlog

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.fetched import Answer, Ask, FetchFailed
from aggregator.model.hub import GONE, HubRequest, HubSubscriber, Outgoing, OutgoingKind
from aggregator.model.output import Access, Format
from aggregator.model.source import SecretRef
from aggregator.publishing import notify
from aggregator.publishing.messages import Happening, Known, is_trial, messages, wants
from aggregator.service import post
from aggregator.service.hub import find_topic, host_of, topic_of
from aggregator.service.lanes import Lanes
from aggregator.store import subscribers as on_record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from aggregator.model.subscriber import Subscriber
    from aggregator.model.webhook import Webhook
    from aggregator.service.build import BuildReport
    from aggregator.service.house import House
    from aggregator.service.world import World
    from aggregator.store.hubs import News
    from aggregator.store.ledger import Record

log = structlog.get_logger(__name__)

HOST_ROOM = 4
"""Of them at one host."""
LEASE = timedelta(minutes=5)
"""After which another process may send what this one has claimed: longer than any request and the wait for its turn."""
LOOK_EVERY = timedelta(minutes=1)
"""Between two looks for what another process has built."""
TOO_LATE = timedelta(days=1)
"""What happened longer ago is told to no webhook."""


class _Called(msgspec.Struct):
    """What requests to a subscriber of our hub have in common."""

    callback: str


_request = msgspec.json.Decoder(HubRequest)
_encode = msgspec.json.Encoder().encode


class Asking(Protocol):
    """One request under all limits; failures are values."""

    async def __call__(self, ask: Ask, now: datetime) -> Answer | FetchFailed: ...


class Notifier:
    """Sends what is owed. One per process; two on one database share the work."""

    def __init__(self, house: House, ask: Asking, secret_of: Callable[[SecretRef], Awaitable[str]], owner: str) -> None:
        """
        Args:
            secret_of: a secret by its place; raises `UsageError` where there is none.
            owner: this process, drawn anew at each start.
        """
        self.house = house
        self.hubs = house.store.hubs
        self.ask = ask
        self.secret_of = secret_of
        self.owner = owner
        self._lanes = Lanes(self._send, self._later)
        self._looked_at: datetime | None = None
        self._tidied: str | None = None
        """Version of the configuration under which subscribers were last looked through."""

    async def after_build(self, _report: BuildReport) -> None:
        """Have the next tick look for what is new."""
        self._looked_at = None

    async def tick(self) -> int:
        """Looks for what is owed, and starts sending what is due; does not wait for it.

        Returns:
            How many requests were started.
        """
        now = self.house.clock()
        if self._looked_at is None or now - self._looked_at >= LOOK_EVERY or now < self._looked_at:
            self._looked_at = now
            await self.announce(now)
            await self.tidy(now)
        await self.tell(now)
        room = self._lanes.free
        claimed = await self.hubs.claim(now, lease=LEASE, owner=self.owner, limit=room) if room > 0 else []
        for one in claimed:
            await self._lanes.add(one, await self._receiver(one), 1 if one.kind is OutgoingKind.WEBHOOK else HOST_ROOM)
        return len(claimed)

    async def settle(self) -> None:
        """Waits until what was started has ended."""
        await self._lanes.settle()

    async def stop(self, grace: timedelta) -> None:
        """Starts nothing more, lets requests end within the grace, then drops them: they are sent at the next start."""
        await self._lanes.stop(grace)
        await self.hubs.release(self.owner)

    async def _receiver(self, one: Outgoing) -> str:
        """Who is to get it: a webhook, which hears of things in their order, a host, a domain of mail."""
        if one.kind in (OutgoingKind.VERIFY, OutgoingKind.DENY):
            return host_of(msgspec.json.decode(one.facts, type=_Called).callback)
        if one.kind is OutgoingKind.DELIVER:
            subscriber = await self.hubs.subscriber(one.target)
            return subscriber.host if subscriber else ""
        return host_of(one.target) if one.kind is OutgoingKind.PING else f"{one.kind} {one.target}"

    async def _later(self, ones: Sequence[Outgoing], wait: timedelta) -> None:
        await self.hubs.postpone(ones, self.house.clock() + wait)

    # What is owed

    async def announce(self, now: datetime) -> None:
        """Notes what hubs and subscribers are owed for documents that are new."""
        world = self.house.world

        def make(output: str, form: Format, subscribers: list[HubSubscriber]) -> Sequence[Outgoing]:
            return owed(world, output, form, subscribers, now)

        news = await self.hubs.announce(make, now)
        if news:
            log.debug("documents announced", documents=news)

    async def tidy(self, now: datetime) -> None:
        """Forgets subscribers whose lease has ended, and ends subscriptions to what is no longer published."""
        await self.hubs.drop_expired(now)
        world = self.house.world
        if self._tidied == world.configuration.version:
            return
        for subscriber in await self.hubs.subscribers(now):
            if find_topic(world, subscriber.topic) is None:
                await self._end(subscriber, now)
        self._tidied = world.configuration.version

    async def tell(self, now: datetime) -> None:
        """Notes what webhooks are owed for what happened."""
        hooks = await self.webhooks()
        if not hooks:
            return
        world = self.house.world

        def make(news: News) -> Sequence[Outgoing]:
            return told(world, hooks, news, now)

        while await self.hubs.tell(make, now - TOO_LATE):
            pass

    async def webhooks(self) -> list[Webhook]:
        """All webhooks, configured ones first. A stored one with the id of a configured one does not count, nor one of
        a subscriber whose access has ended; of what it takes no more it is not told."""
        configured = self.house.world.configuration.settings.webhooks
        taken = {hook.id for hook in configured}
        stored = [hook for hook in await self.hubs.webhooks() if hook.id not in taken]
        if any(hook.subscriber for hook in stored):
            known = {one.id: one for one in (await self.house.store.read(on_record.read)).values()}
            stored = [left for hook in stored if (left := _still(hook, known, self.house.clock())) is not None]
        return [*configured, *stored]

    # Sending

    async def _send(self, one: Outgoing) -> None:
        """One request, from the outbox to its end. Whatever goes wrong with it stays with it."""
        send = {
            OutgoingKind.PING: self._ping,
            OutgoingKind.VERIFY: self._verify,
            OutgoingKind.DELIVER: self._deliver,
            OutgoingKind.DENY: self._deny,
            OutgoingKind.WEBHOOK: self._webhook,
            OutgoingKind.MAIL: self._mail,
        }[one.kind]
        try:
            await send(one)
        except AggregatorError as error:
            log.warning("not sent; tried again later", kind=one.kind, error=str(error))
        except Exception:
            log.exception("not sent", kind=one.kind)
            await self._put_off(one, "it could not be sent; the log says why")

    async def _put_off(self, one: Outgoing, problem: str, asked: timedelta | None = None) -> bool:
        """Tries again later.

        Returns:
            False: it has failed for a day and was given up.
        """
        at = notify.next_try(one.id, one.tries, self.house.clock(), asked)
        if at is None:
            log.warning("given up after a day", kind=one.kind, target=host_of(one.target), problem=problem)
            await self.hubs.done(one)
            return False
        log.debug("not sent; tried again later", kind=one.kind, problem=problem, again=at.isoformat(timespec="seconds"))
        await self.hubs.again(one, at, problem)
        return True

    async def _ping(self, one: Outgoing) -> None:
        websub = self.house.world.configuration.settings.websub
        if one.target not in websub.hubs:  # no longer configured
            return await self.hubs.done(one)
        topic = msgspec.json.decode(one.facts, type=str)
        answer = await self.ask(
            notify.ping(one.target, topic, private_addresses=websub.private_addresses), self.house.clock()
        )
        problem, asked = _problem(answer)
        if problem is None:
            return await self.hubs.done(one)
        await self._put_off(one, problem, asked)
        return None

    async def _verify(self, one: Outgoing) -> None:
        """Asks whoever asked for a subscription or its end whether it was them."""
        request = _request.decode(one.facts)
        challenge = secrets.token_urlsafe(32)
        now = self.house.clock()
        asking = notify.verification(request, challenge, private_addresses=self._private)
        answer = await self.ask(asking, now)
        if isinstance(answer, FetchFailed) and one.tries + 1 < notify.CHALLENGE_TRIES:
            await self._put_off(one, answer.detail)
            return
        if isinstance(answer, Answer) and notify.is_confirmed(answer, challenge):
            if request.mode == "subscribe":
                until = now + timedelta(seconds=request.lease_seconds)
                await self.hubs.subscribe(request, host_of(request.callback), until, now)
            else:
                await self.hubs.unsubscribe([request.key])
            log.info("hub: confirmed", mode=request.mode, output=request.output, host=host_of(request.callback))
        else:
            why = answer.detail if isinstance(answer, FetchFailed) else f"answered {answer.status}"
            log.info("hub: not confirmed", mode=request.mode, host=host_of(request.callback), why=why)
        await self.hubs.done(one)

    async def _deliver(self, one: Outgoing) -> None:
        """Sends a document as it is now, which may be newer than the one that was announced."""
        now = self.house.clock()
        subscriber = await self.hubs.subscriber(one.target)
        if subscriber is None or subscriber.lease_until <= now:
            return await self.hubs.done(one)
        found = await self.house.public.current(subscriber.output, subscriber.format)
        if found is None:
            await self._end(subscriber, now)
            return await self.hubs.done(one)
        hub = f"{self.house.public_url()}/hub"
        asking = notify.delivery(subscriber, found[0].body, hub, private_addresses=self._private)
        answer = await self.ask(asking, now)
        if isinstance(answer, Answer) and answer.status == 410:
            log.info("hub: ended by the subscriber", output=subscriber.output, host=subscriber.host)
            return await self.hubs.unsubscribe([subscriber.key])
        problem, asked = _problem(answer)
        await self.hubs.delivered(subscriber.key, self.house.clock(), problem)
        if problem is None:
            return await self.hubs.done(one)
        await self._put_off(one, problem, asked)
        return None

    async def _end(self, subscriber: HubSubscriber, now: datetime) -> None:
        """Ends a subscription to what is no longer published, and tells the subscriber once."""
        denial = Outgoing(
            id=f"deny:{subscriber.key}",
            kind=OutgoingKind.DENY,
            target=subscriber.key,
            facts=_encode(subscriber).decode(),
            created_at=now,
            next_at=now,
        )
        await self.hubs.put([denial])
        await self.hubs.unsubscribe([subscriber.key])

    async def _deny(self, one: Outgoing) -> None:
        subscriber = msgspec.json.decode(one.facts, type=HubSubscriber)
        asking = notify.denial(subscriber, "this feed is no longer published here", private_addresses=self._private)
        answer = await self.ask(asking, self.house.clock())
        if isinstance(answer, FetchFailed) and one.tries + 1 < notify.CHALLENGE_TRIES:
            await self._put_off(one, answer.detail)
            return
        await self.hubs.done(one)

    async def _webhook(self, one: Outgoing) -> None:
        hook = next((hook for hook in await self.webhooks() if hook.id == one.target), None)
        if hook is None:  # no longer configured
            return await self.hubs.done(one)
        now = self.house.clock()
        state = await self.hubs.webhook_state(hook.id)
        is_gone = state is not None and state.is_gone
        # One whose address is gone hears of nothing, but for a try that somebody sends.
        may_hear = not is_gone or is_trial(one.id.rpartition(":")[2])
        problem, asked = await self._post(hook, one, now) if may_hear else (GONE, None)
        if problem is None:
            await self.hubs.told(hook.id, now, None)
            return await self.hubs.done(one)
        if problem == GONE or is_gone:
            if not is_gone:
                log.warning("webhook ended: its address is gone", webhook=hook.id, host=host_of(hook.url))
            await self.hubs.end_webhook(hook, now, note=not is_gone)
            return await self.hubs.done(one)
        kept = await self._put_off(one, problem, asked)
        await self.hubs.told(hook.id, now, problem, dropped=not kept)
        return None

    async def _mail(self, one: Outgoing) -> None:
        problem = await post.deliver(one, self.house)
        if problem is None:
            return await self.hubs.done(one)
        if not problem.passing:
            await self.hubs.done(one)
            await post.gave_up(one, str(problem), self.house)
        elif not await self._put_off(one, str(problem)):
            await post.gave_up(one, str(problem), self.house)
        return None

    async def _post(self, hook: Webhook, one: Outgoing, now: datetime) -> tuple[str | None, timedelta | None]:
        try:
            secret = await self.secret_of(hook.secret) if isinstance(hook.secret, SecretRef) else hook.secret
        except UsageError as error:
            return str(error), None
        message = one.id.rpartition(":")[2]
        answer = await self.ask(notify.webhook(hook, secret, message, now, one.facts.encode()), now)
        if isinstance(answer, Answer) and answer.status == 410:
            return GONE, None
        return _problem(answer)

    @property
    def _private(self) -> bool:
        return self.house.world.configuration.settings.websub.private_addresses


def _problem(answer: Answer | FetchFailed) -> tuple[str | None, timedelta | None]:
    """(what went wrong, how long to stay away); None: only a 2xx is a success."""
    if isinstance(answer, FetchFailed):
        return answer.detail, answer.retry_after
    if 200 <= answer.status < 300:
        return None, None
    return f"answered {answer.status}", answer.retry_after


def owed(
    world: World, output: str, form: Format, subscribers: Sequence[HubSubscriber], now: datetime
) -> list[Outgoing]:
    """What is to be sent because a document is new: pings to configured hubs, deliveries to subscribers of our own."""
    due = Outgoing(id="", kind=OutgoingKind.PING, target="", facts="", created_at=now, next_at=now)
    configured = world.outputs.get(output)
    made = []
    if configured is not None and configured.access is Access.PUBLIC and form in configured.formats:
        topic = topic_of(world, output, form)
        made = [
            replace(due, id=f"ping:{output}.{form.value}:{hub}", target=hub, facts=_encode(topic).decode())
            for hub in world.configuration.settings.websub.hubs
        ]
    made += [
        replace(due, id=f"deliver:{one.key}", kind=OutgoingKind.DELIVER, target=one.key, facts="null")
        for one in subscribers
    ]
    return made


def _still(hook: Webhook, known: Mapping[str, Subscriber], now: datetime) -> Webhook | None:
    """The webhook with the outputs of which its owner may be told; None: of none any more."""
    if hook.subscriber is None:
        return hook
    owner = known.get(hook.subscriber)
    if owner is None or owner.state(now) != "active":
        return None
    outputs = tuple(output for output in hook.outputs if output in owner.outputs)
    return replace(hook, outputs=outputs) if outputs else None


def told(world: World, hooks: Sequence[Webhook], news: News, now: datetime) -> list[Outgoing]:
    """The messages that webhooks are owed for what happened."""
    known = Known(
        entries=news.entries,
        carried=news.carried,
        flags=news.flags,
        outputs={output.id: _described(world, output.id) for output in world.outputs.values()},
    )
    return [
        Outgoing(
            id=f"webhook:{hook.id}:{message.id}",
            kind=OutgoingKind.WEBHOOK,
            target=hook.id,
            facts=message.body.decode(),
            created_at=now,
            next_at=now,
        )
        for message in messages([one for one in map(_happening, news.records) if one is not None], known)
        for hook in hooks
        if wants(hook, message)
    ]


def _described(world: World, output_id: str) -> dict[str, Any]:
    output = world.outputs[output_id]
    described: dict[str, Any] = {"id": output.id, "title": output.title}
    if output.access is Access.PUBLIC:
        described["documents"] = [topic_of(world, output.id, form) for form in output.formats]
    return described


def _happening(record: Record) -> Happening | None:
    """None: it is told otherwise. An entry that is let back in is told where it enters an output again."""
    body = msgspec.json.decode(record.body)
    if body.get("undone"):
        return None
    what = str(body.get("what") or body.get("reason") or "")
    return Happening(number=record.number, at=record.at, kind=record.kind, subject=record.subject, what=what)
