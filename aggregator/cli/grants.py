"""Commands for written permissions."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.common import FINE, ConfigOption, JsonOption, Printer, folder_of, group, run_async, show, words
from aggregator.errors import UsageError
from aggregator.model.policy import Grant
from aggregator.model.use import Audience, Form, Medium
from aggregator.service.grants import GrantSummary, add_grant, list_grants, revoke_grant
from aggregator.wiring import open_house, utc_now

Many = list[str] | None


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    grants_app = group("Written permissions.")
    grants_app.command("list")(list_command)
    grants_app.command("add")(add_command)
    grants_app.command("revoke")(revoke_command)
    app.add_typer(grants_app, name="grants")


def list_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """All recorded permissions, those that have ended too."""

    async def work() -> list[GrantSummary]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await list_grants(house.store, utc_now())

    found = run_async(work())

    def human(out: Printer) -> None:
        out.table(
            ("grant", "state", "by", "for", "outputs", "forms", "to", "in", "from", "until", "evidence"),
            [
                (
                    one.grant.id,
                    one.state,
                    one.grant.publisher or one.grant.policy or "",
                    scope_of(one.grant),
                    ", ".join(one.grant.outputs) or "all",
                    ", ".join(sorted(one.grant.forms)) or "all",
                    ", ".join(sorted(one.grant.to)) or "anyone",
                    ", ".join(sorted(one.grant.media)) or "all",
                    one.grant.since or "",
                    one.grant.until or "",
                    one.grant.evidence,
                )
                for one in found
            ],
            "No permission is recorded yet; 'aggregator grants add' records one.",
        )

    show([_flat(one) for one in found], json, human)
    return FINE


def add_command(
    policy: Annotated[str | None, typer.Option(help="The policy whose publisher gives it.", show_default=False)] = None,
    publisher: Annotated[
        str | None, typer.Option(help="Name of the publisher that gives it, if it has no policy.", show_default=False)
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only entries of this source.", show_default=False)] = None,
    entry: Annotated[str | None, typer.Option(help="Only this entry.", show_default=False)] = None,
    author: Annotated[str | None, typer.Option(help="Only entries by this author.", show_default=False)] = None,
    category: Annotated[str | None, typer.Option(help="Only entries of this category.", show_default=False)] = None,
    output: Annotated[
        Many, typer.Option("--output", "-o", metavar="OUTPUT", help="Only in this output; repeatable.")
    ] = None,
    form: Annotated[
        Many, typer.Option(metavar="FORM", help="Only in this form: full, excerpt or headline; repeatable.")
    ] = None,
    to: Annotated[
        Many, typer.Option(metavar="AUDIENCE", help="Only for this audience, such as commercial; repeatable.")
    ] = None,
    medium: Annotated[
        Many, typer.Option("--in", metavar="MEDIUM", help="Only in this medium, such as print; repeatable.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day, UTC: 2026-12-01.", show_default=False)] = None,
    until: Annotated[str | None, typer.Option(help="Last day, UTC, inclusive.", show_default=False)] = None,
    waive: Annotated[Many, typer.Option(metavar="DUTY", help="A duty that it waives; repeatable.")] = None,
    lift: Annotated[Many, typer.Option(metavar="LIMIT", help="A limit that it lifts; repeatable.")] = None,
    over_notices: Annotated[
        bool, typer.Option("--over-notices", help="It also beats what an entry says of its own rights.")
    ] = False,
    evidence: Annotated[str | None, typer.Option(help="Who wrote what, and when.", show_default=False)] = None,
    evidence_file: Annotated[Path | None, typer.Option(help="The letter itself.", show_default=False)] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Record a written permission; acts at the next build."""
    if evidence is not None and not evidence.strip():
        raise UsageError(
            "--evidence is empty; write who permitted what, and when: --evidence 'Letter of Jane Roe, 2026-11-20'"
        )
    asked = Grant(
        id="",
        policy=policy,
        publisher=publisher,
        source=source,
        entry=entry,
        author=author,
        category=category,
        outputs=tuple(output or ()),
        forms=words("form", form, Form),
        to=words("audience", to, Audience),
        media=words("medium", medium, Medium),
        since=day_of(since, "--from"),
        until=day_of(until, "--until"),
        waive=frozenset(waive or ()),
        lift=frozenset(lift or ()),
        over_notices=over_notices,
        evidence=evidence or "",
    )

    async def work() -> Grant:
        async with open_house(folder_of(config), migrate=True) as house:
            return await add_grant(asked, evidence_file, house.world, house.store, utc_now())

    grant = run_async(work())
    acts = "it acts at the next build."
    if grant.until is not None and grant.until < utc_now().date():
        acts = f"its last day was {grant.until}, so it permits nothing any more."
    elif grant.since is not None and grant.since > utc_now().date():
        acts = f"it acts from {grant.since} on."
    show(grant, json, lambda out: out.line(f"{grant.id}: recorded for {scope_of(grant)}; {acts}"))
    return FINE


def revoke_command(
    grant: Annotated[str, typer.Argument(help="Its id, as 'aggregator grants list' shows it.")],
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """End a permission; what it carried leaves at the next build."""

    async def work() -> Grant:
        async with open_house(folder_of(config), migrate=True) as house:
            return await revoke_grant(grant, house.store, utc_now())

    ended = run_async(work())
    show(ended, json, lambda out: out.line(f"{ended.id}: revoked; what it carried leaves at the next build."))
    return FINE


def _flat(one: GrantSummary) -> dict[str, object]:
    """A grant's fields with its state among them, so that scripts find both at one level."""
    return {"state": one.state, **{name: getattr(one.grant, name) for name in Grant.__slots__ if name != "effect"}}


def scope_of(grant: Grant) -> str:
    """What a grant or refusal is for, in words; uses, outputs and dates apart."""
    parts = {
        "entry": grant.entry,
        "source": grant.source,
        "author": grant.author,
        "category": grant.category,
    }
    told = ", ".join(f"{name} {value}" for name, value in parts.items() if value)
    return told or "everything of the publisher"


def day_of(text: str | None, option: str) -> date | None:
    """A day as it was typed; None: none was.

    Raises:
        UsageError: it is no day.
    """
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day, not an instant
    except ValueError as error:
        raise UsageError(f"{option} '{text}' is not a day; write it as 2026-12-01") from error
