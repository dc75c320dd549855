"""Subscribers: sites that take outputs at secret addresses of their own."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.model.output import Format
from aggregator.model.subscriber import Subscriber
from aggregator.model.use import Ads, Audience, Medium, Use
from aggregator.service import subscribers as use
from aggregator.store import subscribers as on_record
from aggregator.web.api.operation import PREFIX, Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Instant, Name, Names, Said


class UseShape(Answer):
    """What a site declares to do with the copies."""

    audience: str
    medium: str
    ads: str
    paywall: bool
    sold: bool


class RefusalShape(Answer):
    """Why a site may not take an output."""

    output: str
    reasons: tuple[str, ...]


class SubscriberRow(Answer):
    """A site and how it stands."""

    id: str
    name: str
    url: str | None
    contact: str | None
    use: UseShape
    state: str
    """`active`, `expired` or `revoked`."""
    outputs: tuple[str, ...]
    """What it is served now."""
    refused: tuple[RefusalShape, ...]
    """Outputs of its scope that it is not served, and why."""
    formats: tuple[str, ...]
    """None: all that an output has."""
    rate: int
    """Requests in an hour."""
    created_at: Instant
    created_by: str
    issued_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    reason: str
    last_fetch_at: Instant | None


class FetchShape(Answer):
    """That it took one version of an output's documents."""

    output: str
    modified_at: Instant
    first_at: Instant
    last_at: Instant
    count: int
    formats: tuple[str, ...]


class SubscriberShape(SubscriberRow):
    fetches: tuple[FetchShape, ...]
    """The last ones, newest first."""


class SubscriberPage(Page):
    items: tuple[SubscriberRow, ...]


class AddressShape(Answer):
    """Where one document is to be had: a secret."""

    output: str
    format: str
    url: str


class Issued(Answer):
    """A subscriber with its new secret, which is shown this once and kept nowhere."""

    subscriber: str
    """Id."""
    secret: str | None
    """Null: it keeps the one that it has, or this answer is given again."""
    addresses: tuple[AddressShape, ...]
    refused: tuple[RefusalShape, ...]

    def without_secrets(self) -> Issued:
        return self.model_copy(update={"secret": None, "addresses": ()})


class SubscriberAsked(Asked):
    """A site, and what it declares to do with the copies."""

    name: Name
    url: Name | None = None
    contact: Name | None = None
    audience: Audience
    medium: Medium = Medium.WEB
    ads: Ads = Ads.NONE
    paywall: bool = False
    sold: bool = False
    outputs: Names = ()
    """Ids; none: all that its use allows at this moment."""
    formats: tuple[Format, ...] = ()
    """None: all."""
    rate: int = Field(use.RATE, ge=1, le=use.RATE_MAX)
    """Requests in an hour."""
    expires_at: Instant | None = None


class Renewal(Asked):
    """A new secret, so that the old addresses end at once."""

    expires_at: Instant | None = None
    """From when it is refused; null: never."""
    keep_secret: bool = False
    """Only the date changes."""


class Revocation(Asked):
    reason: Said


def _row(detail: use.SubscriberDetail) -> dict[str, Any]:
    one = detail.subscriber
    names = SubscriberRow.model_fields.keys() - {"use", "state", "outputs", "refused", "last_fetch_at"}
    return {
        **{name: getattr(one, name) for name in names},
        "use": UseShape.model_validate(one.use),
        "state": detail.state,
        "outputs": detail.outputs,
        "refused": tuple(map(RefusalShape.model_validate, detail.refused)),
        "last_fetch_at": detail.last_fetch_at,
    }


def issued(found: use.Issued) -> Issued:
    """A new secret as the interface tells it."""
    return Issued(
        subscriber=found.subscriber.id,
        secret=found.secret,
        addresses=tuple(map(AddressShape.model_validate, found.addresses)),
        refused=tuple(map(RefusalShape.model_validate, found.refused)),
    )


async def list_subscribers(call: Call[Paged, None]) -> Reply:
    found = await use.list_subscribers(call.world, call.store, call.now)
    shown, following = page_of(found, lambda one: one.subscriber.id, call.query, "subscribers")
    items = tuple(SubscriberRow(**_row(one)) for one in shown)
    return linked(call, SubscriberPage(items=items, next=following))


async def get_subscriber(call: Call[None, None]) -> SubscriberShape:
    one = await _known(call)
    detail = await use.show_subscriber(one.id, call.world, call.store, call.now)
    return SubscriberShape(**_row(detail), fetches=tuple(map(FetchShape.model_validate, detail.fetches)))


async def _known(call: Call[Any, Any]) -> Subscriber:
    id_ = call.named("id")
    found = (await call.store.read(on_record.read)).values()
    one = next((one for one in found if one.id == id_), None)
    if one is None:
        raise missing(f"subscriber '{id_}' is not recorded")
    return one


async def add_subscriber(call: Call[None, SubscriberAsked]) -> Reply:
    asked = call.body
    application = use.Application(
        name=asked.name,
        use=Use(
            output="",
            audience=asked.audience,
            medium=asked.medium,
            ads=asked.ads,
            paywall=asked.paywall,
            sold=asked.sold,
        ),
        url=asked.url,
        contact=asked.contact,
        outputs=asked.outputs,
        formats=asked.formats,
        rate=asked.rate,
        expires_at=asked.expires_at,
    )
    found = issued(await use.add_subscriber(application, call.by, call.world, call.store, call.now))
    return Reply(answer=found, headers={"Location": f"{PREFIX}/subscribers/{found.subscriber}"})


async def renew_subscriber(call: Call[None, Renewal]) -> Issued:
    one, asked = await _known(call), call.body
    return issued(
        await use.renew_subscriber(
            one.id, asked.expires_at, asked.keep_secret, call.by, call.world, call.store, call.now
        )
    )


async def revoke_subscriber(call: Call[None, Revocation]) -> SubscriberShape:
    one = await _known(call)
    if one.revoked_at is not None:
        raise UsageError(
            "subscriber '%(id)s' was revoked before, at %(revoked_at)s", id=one.id, revoked_at=one.revoked_at
        )
    await use.revoke_subscriber(one.id, call.body.reason.strip(), call.by, call.store, call.now)
    detail = await use.show_subscriber(one.id, call.world, call.store, call.now)
    return SubscriberShape(**_row(detail), fetches=tuple(map(FetchShape.model_validate, detail.fetches)))


OPERATIONS = (
    Operation(
        method="GET",
        path="/subscribers",
        handler=list_subscribers,
        summary="List the subscribers",
        query=Paged,
        answer=SubscriberPage,
    ),
    Operation(
        method="POST",
        path="/subscribers",
        handler=add_subscriber,
        summary="Give a site addresses of its own",
        about="For the outputs that its declared use allows. The secret is shown this once.",
        role=Role.OPERATOR,
        body=SubscriberAsked,
        answer=Issued,
        status=201,
        creates=True,
    ),
    Operation(
        method="GET",
        path="/subscribers/{id}",
        handler=get_subscriber,
        summary="One subscriber",
        answer=SubscriberShape,
    ),
    Operation(
        method="POST",
        path="/subscribers/{id}/renewal",
        handler=renew_subscriber,
        summary="Give a subscriber a new secret, or another end",
        role=Role.OPERATOR,
        body=Renewal,
        answer=Issued,
        creates=True,
    ),
    Operation(
        method="POST",
        path="/subscribers/{id}/revocation",
        handler=revoke_subscriber,
        summary="End a subscriber's access",
        about="Its addresses answer 404 within a second or two.",
        role=Role.OPERATOR,
        body=Revocation,
        answer=SubscriberShape,
        creates=True,
    ),
)
