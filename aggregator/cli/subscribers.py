"""Commands for subscribers: sites that take outputs at secret addresses of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from aggregator.cli.common import (
    FINE,
    ConfigOption,
    JsonOption,
    Printer,
    folder_of,
    group,
    run_async,
    show,
    when,
    who,
    words,
)
from aggregator.config.words import duration
from aggregator.errors import UsageError
from aggregator.model.output import Format
from aggregator.model.use import Ads, Audience, Medium, Use
from aggregator.service.subscribers import (
    RATE,
    Application,
    Issued,
    SubscriberDetail,
    add_subscriber,
    list_subscribers,
    renew_subscriber,
    revoke_subscriber,
    show_subscriber,
)
from aggregator.wiring import open_house, utc_now

if TYPE_CHECKING:
    from aggregator.model.subscriber import Subscriber

YEAR = timedelta(days=365)
Name = Annotated[
    str,
    typer.Argument(
        metavar="SUBSCRIBER", help="Its id or name, as 'aggregator subscribers list' shows it.", show_default=False
    ),
]
Expires = Annotated[
    str, typer.Option("--expires", metavar="WHEN", help="A day (2027-12-31), a time from now (90d, 1y), or never.")
]
Many = list[str] | None
W = TypeVar("W", Audience, Medium, Ads)


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    subscribers_app = group("Sites that take outputs at secret addresses of their own.")
    subscribers_app.command("list")(list_command)
    subscribers_app.command("show")(show_command)
    subscribers_app.command("add")(add_command)
    subscribers_app.command("renew")(renew_command)
    subscribers_app.command("revoke")(revoke_command)
    app.add_typer(subscribers_app, name="subscribers")


def list_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """All subscribers, those that have ended too."""

    async def work() -> list[SubscriberDetail]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await list_subscribers(house.world, house.store, utc_now())

    found = run_async(work())

    def human(out: Printer) -> None:
        out.table(
            ("subscriber", "state", "name", "site", "use", "outputs", "expires", "last fetch"),
            [
                (
                    one.subscriber.id,
                    one.state,
                    one.subscriber.name,
                    one.subscriber.url or "",
                    _use(one.subscriber.use),
                    ", ".join(one.outputs) + "".join(f", not {refusal.output}" for refusal in one.refused),
                    when(one.subscriber.expires_at),
                    when(one.last_fetch_at),
                )
                for one in found
            ],
            "No subscriber is recorded yet; 'aggregator subscribers add' records one.",
        )

    show([_flat(one) for one in found], json, human)
    return FINE


def show_command(subscriber: Name, config: ConfigOption = None, json: JsonOption = False) -> int:
    """One subscriber: its use, what it may take, what it took."""

    async def work() -> SubscriberDetail:
        async with open_house(folder_of(config), migrate=True) as house:
            return await show_subscriber(subscriber, house.world, house.store, utc_now())

    found = run_async(work())
    show(_flat(found), json, lambda out: _print(found, out))
    return FINE


def _print(found: SubscriberDetail, out: Printer) -> None:
    one = found.subscriber
    out.line(f"{one.name} ({one.id})", style="bold")
    for label, value in (
        ("state", found.state + (f", {one.reason}" if one.reason else "")),
        ("site", one.url or "-"),
        ("contact", one.contact or "-"),
        ("use", _use(one.use)),
        ("outputs", ", ".join(found.outputs) or "none"),
        ("formats", ", ".join(one.formats) or "all"),
        ("rate", f"{one.rate} requests in an hour"),
        ("added", f"{when(one.created_at)} by {one.created_by}"),
        ("secret of", when(one.issued_at)),
        ("expires", when(one.expires_at) if one.expires_at else "never"),
    ):
        out.line(f"  {label:<10} {value}")
    for refusal in found.refused:
        out.line(f"  not served: {refusal}", style="red")
    out.line()
    out.table(
        ("output", "version of", "first fetched", "last fetched", "requests", "formats"),
        [
            (f.output, when(f.modified_at), when(f.first_at), when(f.last_at), f.count, ", ".join(f.formats))
            for f in found.fetches
        ],
        "It has fetched nothing yet.",
    )


def add_command(
    name: Annotated[str, typer.Argument(help="Name of the site.", show_default=False)],
    audience: Annotated[
        str,
        typer.Option("--audience", "--to", metavar="AUDIENCE", help="Who it is: community, commercial, education …"),
    ],
    medium: Annotated[
        str, typer.Option("--medium", "--in", metavar="MEDIUM", help="Where the copies will appear: web, print …")
    ] = "web",
    ads: Annotated[str, typer.Option(help="Advertising: none, page (beside the copy) or item (sold against it).")] = (
        "none"
    ),
    paywall: Annotated[bool, typer.Option("--paywall", help="Its readers pay or register.")] = False,
    sold: Annotated[bool, typer.Option("--sold", help="It sells the copies themselves.")] = False,
    territory: Annotated[
        Many, typer.Option(metavar="CODE", help="Where it is read, ISO 3166; repeatable; none: worldwide.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="TAG", help="It translates to this language.", show_default=False)
    ] = None,
    copies: Annotated[int | None, typer.Option(min=1, help="How many copies will exist.", show_default=False)] = None,
    output: Annotated[
        Many,
        typer.Option(
            "--output",
            "-o",
            metavar="OUTPUT",
            help="An output that it may take; repeatable; none: all that its use allows now.",
        ),
    ] = None,
    format_: Annotated[
        Many, typer.Option("--format", metavar="FORMAT", help="A format that it may take; repeatable; none: all.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Address of its site.", show_default=False)] = None,
    contact: Annotated[str | None, typer.Option(help="Mail address of who runs it.", show_default=False)] = None,
    rate: Annotated[int, typer.Option(metavar="N", help="Requests in an hour that it may make.")] = RATE,
    expires: Expires = "1y",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Give a site secret addresses of its own.

    For the outputs that its declared use allows; the others are named with the reason. The addresses are shown this
    once; only a digest of their secret is kept.
    """
    declared = Use(
        output="",
        audience=_word("audience", audience, Audience),
        medium=_word("medium", medium, Medium),
        ads=_word("ads", ads, Ads),
        paywall=paywall,
        sold=sold,
        territory=frozenset(code.strip().upper() for code in territory or ()),
        language=language,
        copies=copies,
    )
    now = utc_now()
    asked = Application(
        name=name,
        use=declared,
        url=url,
        contact=contact,
        outputs=tuple(output or ()),
        formats=tuple(sorted(words("format", format_, Format))),
        rate=rate,
        expires_at=_end(expires, now),
    )

    async def work() -> Issued:
        async with open_house(folder_of(config), migrate=True) as house:
            return await add_subscriber(asked, who(), house.world, house.store, now)

    issued = run_async(work())
    show(_issued(issued), json, lambda out: _print_issued(issued, out))
    return FINE


def renew_command(
    subscriber: Name,
    expires: Expires = "1y",
    keep: Annotated[
        bool, typer.Option("--keep-secret", help="Leave its addresses as they are; only the date changes.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Give a subscriber new addresses and a new date of expiry.

    The old addresses end at once.
    """
    now = utc_now()

    async def work() -> Issued:
        async with open_house(folder_of(config), migrate=True) as house:
            end = _end(expires, now)
            return await renew_subscriber(subscriber, end, keep, who(), house.world, house.store, now)

    issued = run_async(work())
    show(_issued(issued), json, lambda out: _print_issued(issued, out))
    return FINE


def revoke_command(
    subscriber: Name,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the ledger.")] = (
        "revoked by hand"
    ),
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """End a subscriber's access for good.

    Its addresses answer 404 from then on. What it fetched stays on record.
    """

    async def work() -> Subscriber:
        async with open_house(folder_of(config), migrate=True) as house:
            return await revoke_subscriber(subscriber, reason, who(), house.store, utc_now())

    ended = run_async(work())
    show(ended, json, lambda out: out.line(f"{ended.id}: revoked; its addresses answer no more."))
    return FINE


def _print_issued(issued: Issued, out: Printer) -> None:
    one = issued.subscriber
    end = f"until {when(one.expires_at)}" if one.expires_at else "without end"
    out.line(f"{one.id}: {one.name}, {_use(one.use)}, {end}")
    for address in issued.addresses:
        out.line(f"  {address.url}")
    if issued.secret is not None:
        out.line("These addresses are shown this once and kept nowhere. Whoever has them can read what they give.")
    for refusal in issued.refused:
        out.line(f"Not for this use: {refusal}")


def _issued(issued: Issued) -> dict[str, object]:
    return {**_fields(issued.subscriber), "secret": issued.secret, "addresses": issued.addresses} | {
        "refused": issued.refused
    }


def _flat(one: SubscriberDetail) -> dict[str, object]:
    """A subscriber's fields with its state among them, so that scripts find both at one level."""
    return {
        **_fields(one.subscriber),
        "state": one.state,
        "served": one.outputs,
        "refused": one.refused,
        "last_fetch_at": one.last_fetch_at,
        "fetches": one.fetches,
    }


def _fields(subscriber: Subscriber) -> dict[str, object]:
    fields = {name: getattr(subscriber, name) for name in type(subscriber).__slots__}
    names = ("audience", "medium", "ads", "paywall", "sold", "territory", "language", "copies")
    return fields | {"use": {name: getattr(subscriber.use, name) for name in names}}


def _use(use: Use) -> str:
    """A declared use in few words."""
    told = [use.audience.value, use.medium.value]
    told += [f"ads {use.ads.value}"] if use.ads is not Ads.NONE else []
    told += ["paywall"] if use.paywall else []
    told += ["sold"] if use.sold else []
    told += ["+".join(sorted(use.territory))] if use.territory else []
    told += [f"in {use.language}"] if use.language else []
    told += [f"{use.copies} copies"] if use.copies else []
    return ", ".join(told)


def _word(kind: str, name: str, known: type[W]) -> W:
    return next(iter(words(kind, [name], known)))


def _end(text: str, now: datetime) -> datetime | None:
    """From when it is refused: the day after a last day, or a time from now."""
    if text.strip().lower() in ("never", "none"):
        return None
    try:
        if "-" in text:
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
        return now + duration(text)
    except (ValueError, OverflowError) as error:
        told = f"--expires '{text}' is neither a day nor a time; write 2027-12-31, 90d, 1y or never"
        raise UsageError(told) from error
