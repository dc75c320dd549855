"""Sites that take outputs at secret addresses of their own: who may, what they may take, what they took.

The same functions serve the command line and the form on which a site declares its use.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.errors import UsageError
from aggregator.model.output import Format
from aggregator.model.subscriber import Subscriber
from aggregator.rights.subscription import beyond
from aggregator.store import subscribers as on_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aggregator.model.subscriber import Fetch
    from aggregator.model.use import Use
    from aggregator.service.world import World
    from aggregator.store import Store

SECRET_BYTES = 24
"""Random bytes of a secret: 192 bits, 32 characters."""
RATE = 240
"""Requests in an hour: a reader that asks each of ten documents every three minutes stays below it."""
RATE_MAX = 1_000_000
NAME_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What a site asks for."""

    name: str
    use: Use
    """What it declares to do with the copies."""
    url: str | None = None
    contact: str | None = None
    outputs: tuple[str, ...] = ()
    """Empty: all that its use allows at this moment."""
    formats: tuple[Format, ...] = ()
    """Empty: all."""
    rate: int = RATE
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a site may not take an output."""

    output: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"output '{self.output}': {'; '.join(self.reasons)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one document is to be had."""

    output: str
    format: Format
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A subscriber with its new secret, which is shown this once and kept nowhere."""

    subscriber: Subscriber
    secret: str | None
    """None: it keeps the one that it has."""
    addresses: tuple[Address, ...]
    """Empty without a new secret."""
    refused: tuple[Refusal, ...]
    """Outputs that its declared use does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberDetail:
    """A subscriber and how it stands."""

    subscriber: Subscriber
    state: str
    """`active`, `expired` or `revoked`."""
    outputs: tuple[str, ...]
    """What it is served now."""
    refused: tuple[Refusal, ...]
    """Outputs of its scope that it is not served: their use, or a rule, has changed since, or they are gone."""
    last_fetch_at: datetime | None
    fetches: tuple[Fetch, ...] = ()
    """The last ones, newest first; empty in lists."""


def refusals(declared: Use, world: World, outputs: Iterable[str] | None = None) -> dict[str, Refusal | None]:
    """Of each output, by id, why a declared use does not allow it; None: it does.

    Args:
        outputs: ids; None: of all outputs.
    """
    ids = world.outputs if outputs is None else outputs
    return {id_: _refusal(declared, world, id_) for id_ in ids}


def _refusal(declared: Use, world: World, id_: str) -> Refusal | None:
    output = world.outputs.get(id_)
    if output is None:
        return Refusal(output=id_, reasons=("it is no longer configured",))
    reasons = beyond(declared, output.use, world.configuration.policies)
    return Refusal(output=id_, reasons=reasons) if reasons else None


async def add_subscriber(asked: Application, by: str, world: World, store: Store, now: datetime) -> Issued:
    """Gives a site its own addresses for the outputs that its declared use allows.

    Raises:
        UsageError: it asks for an output that its use does not allow, or for what there is not.
    """
    _check(asked, now)
    answers = refusals(asked.use, world, [output.id for output in world.pick_outputs(asked.outputs)])
    refused = tuple(refusal for refusal in answers.values() if refusal is not None)
    allowed = tuple(id_ for id_, refusal in answers.items() if refusal is None)
    if refused and (asked.outputs or not allowed):
        raise UsageError("the declared use does not allow %(refused)s", refused=_told(refused))
    if not allowed:
        raise UsageError("there is no output to subscribe to; add one to outputs.yaml")
    _check_formats(asked.formats, allowed, world)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    subscriber = Subscriber(
        id=f"s-{secrets.token_hex(4)}",
        name=asked.name.strip(),
        url=asked.url,
        contact=asked.contact,
        use=replace(asked.use, output=""),
        outputs=allowed,
        formats=asked.formats,
        rate=asked.rate,
        created_at=now,
        created_by=by,
        issued_at=now,
        expires_at=asked.expires_at,
    )
    await store.write(on_record.add, subscriber, digest_of(secret), now)
    addresses = addresses_of(subscriber, secret, world)
    return Issued(subscriber=subscriber, secret=secret, addresses=addresses, refused=refused)


def _told(refused: Sequence[Refusal]) -> str:
    return ", nor ".join(map(str, refused[:10]))


def _check(asked: Application, now: datetime) -> None:
    name = asked.name.strip()
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise UsageError("a subscriber needs a name in one line, of at most %(name_max)s characters", name_max=NAME_MAX)
    if asked.url is not None:
        parts = urlsplit(asked.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                "'%(url)s' is not the address of a site; write one such as https://example.org/", url=asked.url
            )
    if asked.contact is not None and ("@" not in asked.contact or any(map(str.isspace, asked.contact))):
        raise UsageError(
            "'%(contact)s' is not a mail address; write one such as desk@example.org", contact=asked.contact
        )
    if not 1 <= asked.rate <= RATE_MAX:
        raise UsageError(
            "a rate of %(rate)s requests in an hour is not between 1 and %(rate_max)s",
            rate=asked.rate,
            rate_max=RATE_MAX,
        )
    _check_end(asked.expires_at, now)


def _check_end(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise UsageError(
            "it would have expired at %(expires_at)s already; name a later day",
            expires_at=f"{expires_at:%Y-%m-%d %H:%M}",
        )


def _check_formats(formats: Sequence[Format], outputs: Sequence[str], world: World) -> None:
    for format_ in formats:
        if not any(format_ in world.outputs[id_].formats for id_ in outputs):
            raise UsageError(
                "none of the outputs (%(known)s) has format '%(value)s'", known=", ".join(outputs), value=format_.value
            )


def digest_of(secret: str) -> str:
    """Hex SHA-256 of a secret: all that is kept of it. It is random, so it needs no salt and no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def addresses_of(subscriber: Subscriber, secret: str, world: World) -> tuple[Address, ...]:
    """All addresses of a subscriber."""
    base = world.configuration.settings.server.public_url.rstrip("/")
    return tuple(
        Address(output=id_, format=format_, url=f"{base}/s/{secret}/{id_}.{format_}")
        for id_ in subscriber.outputs
        if id_ in world.outputs
        for format_ in world.outputs[id_].formats
        if not subscriber.formats or format_ in subscriber.formats
    )


async def find_subscriber(name: str, store: Store) -> Subscriber:
    """The subscriber of that id, or of that name if only one has it.

    Raises:
        UsageError: there is none, or more than one.
    """
    everyone = list((await store.read(on_record.read)).values())
    found = [one for one in everyone if one.id == name] or [one for one in everyone if one.name == name]
    if not found:
        raise UsageError(
            "subscriber '%(name)s' is not recorded",
            command="'aggregator subscribers list' shows those that are",
            name=name,
        )
    if len(found) > 1:
        raise UsageError(
            "'%(name)s' names %(count)s subscribers; say which by id: %(known)s",
            name=name,
            count=len(found),
            known=", ".join(o.id for o in found),
        )
    return found[0]


async def renew_subscriber(
    name: str, expires_at: datetime | None, keep_secret: bool, by: str, world: World, store: Store, now: datetime
) -> Issued:
    """Gives a subscriber a new secret, so that its old addresses end at once, and a new date of expiry.

    Args:
        expires_at: from when it is refused; None: never.
        keep_secret: its addresses stay as they are; only the date changes.
    Raises:
        UsageError: there is no such subscriber, it was revoked, or the date has passed.
    """
    subscriber = await find_subscriber(name, store)
    _check_end(expires_at, now)
    secret = None if keep_secret else secrets.token_urlsafe(SECRET_BYTES)
    digest = None if secret is None else digest_of(secret)
    if not await store.write(on_record.renew, subscriber.id, digest, expires_at, by, now):
        raise UsageError(
            "subscriber '%(name)s' was revoked", command="add it anew with 'aggregator subscribers add'", name=name
        )
    renewed = replace(subscriber, expires_at=expires_at, issued_at=subscriber.issued_at if keep_secret else now)
    answers = refusals(renewed.use, world, renewed.outputs)
    return Issued(
        subscriber=renewed,
        secret=secret,
        addresses=() if secret is None else addresses_of(renewed, secret, world),
        refused=tuple(refusal for refusal in answers.values() if refusal is not None),
    )


async def revoke_subscriber(name: str, reason: str, by: str, store: Store, now: datetime) -> Subscriber:
    """Ends a subscriber's access; its addresses answer 404 within a second or two.

    Raises:
        UsageError: there is no such subscriber, or it was revoked before.
    """
    subscriber = await find_subscriber(name, store)
    if not await store.write(on_record.revoke, subscriber.id, reason, by, now):
        raise UsageError(
            "subscriber '%(name)s' was revoked before, at %(revoked_at)s", name=name, revoked_at=subscriber.revoked_at
        )
    return replace(subscriber, revoked_at=now, reason=reason)


async def list_subscribers(world: World, store: Store, now: datetime) -> list[SubscriberDetail]:
    """All subscribers, in the order in which they were added."""
    last = await store.read(on_record.last_fetches)
    everyone = (await store.read(on_record.read)).values()
    return [_detail(one, world, last.get(one.id), now) for one in everyone]


async def show_subscriber(name: str, world: World, store: Store, now: datetime, limit: int = 50) -> SubscriberDetail:
    """One subscriber with what it last fetched.

    Raises:
        UsageError: there is none, or more than one.
    """
    subscriber = await find_subscriber(name, store)
    fetches = await store.read(on_record.fetched_by, subscriber.id, limit)
    last = max((fetch.last_at for fetch in fetches), default=None)
    return replace(_detail(subscriber, world, last, now), fetches=tuple(fetches))


def _detail(subscriber: Subscriber, world: World, last: datetime | None, now: datetime) -> SubscriberDetail:
    answers = refusals(subscriber.use, world, subscriber.outputs)
    return SubscriberDetail(
        subscriber=subscriber,
        state=subscriber.state(now),
        outputs=tuple(id_ for id_, refusal in answers.items() if refusal is None),
        refused=tuple(refusal for refusal in answers.values() if refusal is not None),
        last_fetch_at=last,
    )
