"""Commands for written permissions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.common import (
    FINE,
    ConfigOption,
    JsonOption,
    Printer,
    complain,
    folder_of,
    group,
    run_async,
    show,
    who,
)
from aggregator.cli.scopes import (
    HEADS,
    EvidenceFile,
    Many,
    OnlyEntry,
    OnlyForm,
    OnlyIn,
    OnlyOutput,
    OnlySource,
    OnlyTo,
    Since,
    ToFolder,
    Until,
    table_row,
    told_of,
    uses,
    write_evidence,
)
from aggregator.errors import UsageError
from aggregator.model.policy import Grant
from aggregator.service.grants import GrantSummary, add_grant, list_grants, revoke_grant, without_effect
from aggregator.wiring import open_house, utc_now


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    grants_app = group("Written permissions.")
    grants_app.command("list")(list_command)
    grants_app.command("add")(add_command)
    grants_app.command("revoke")(revoke_command)
    grants_app.command("evidence")(evidence_command)
    app.add_typer(grants_app, name="grants")


def list_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """All recorded permissions, those that have ended too."""

    async def work() -> list[GrantSummary]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await list_grants(house.store, utc_now(), house.world)

    found = run_async(work())

    def human(out: Printer) -> None:
        out.table(
            ("grant", *HEADS),
            [table_row(one) for one in found],
            "No permission is recorded yet; 'aggregator grants add' records one.",
        )
        for one in found:
            if one.idle:
                out.line(f"{one.grant.id} covers nothing so far: {one.idle}")

    show([_flat(one) for one in found], json, human)
    return FINE


def add_command(
    policy: Annotated[str | None, typer.Option(help="The policy whose publisher gives it.", show_default=False)] = None,
    publisher: Annotated[
        str | None, typer.Option(help="Name of the publisher that gives it, if it has no policy.", show_default=False)
    ] = None,
    source: OnlySource = None,
    entry: OnlyEntry = None,
    author: Annotated[str | None, typer.Option(help="Only entries by this author.", show_default=False)] = None,
    category: Annotated[str | None, typer.Option(help="Only entries of this category.", show_default=False)] = None,
    output: OnlyOutput = None,
    form: OnlyForm = None,
    to: OnlyTo = None,
    medium: OnlyIn = None,
    since: Since = None,
    until: Until = None,
    waive: Annotated[Many, typer.Option(metavar="DUTY", help="A duty that it waives; repeatable.")] = None,
    lift: Annotated[Many, typer.Option(metavar="LIMIT", help="A limit that it lifts; repeatable.")] = None,
    over_notices: Annotated[
        bool, typer.Option("--over-notices", help="It also beats what an entry says of its own rights.")
    ] = False,
    evidence: Annotated[
        str | None, typer.Option(help="Who wrote what, and when; this or a file is needed.", show_default=False)
    ] = None,
    evidence_file: EvidenceFile = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Record a written permission; acts at the next build."""
    asked = replace(
        uses(output, form, to, medium, since, until),
        policy=policy,
        publisher=publisher,
        source=source,
        entry=entry,
        author=author,
        category=category,
        waive=frozenset(waive or ()),
        lift=frozenset(lift or ()),
        over_notices=over_notices,
        evidence=evidence or "",
    )

    async def work() -> tuple[Grant, UsageError | None]:
        async with open_house(folder_of(config), migrate=True) as house:
            grant = await add_grant(asked, evidence_file, who(), house.world, house.store, utc_now())
            return grant, await without_effect(grant, house.world, house.store)

    grant, idle = run_async(work())
    acts = "it acts at the next build."
    if grant.until is not None and grant.until < utc_now().date():
        acts = f"its last day was {grant.until}, so it permits nothing any more."
    elif grant.since is not None and grant.since > utc_now().date():
        acts = f"it acts from {grant.since} on."
    show(grant, json, lambda out: out.line(f"{grant.id}: recorded for {told_of(grant)}; {acts}"))
    if idle:
        complain(f"warning: {idle}; the permission covers nothing so far")
    return FINE


def revoke_command(
    grant: Annotated[str, typer.Argument(help="Its id, as 'aggregator grants list' shows it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the ledger.")] = "",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """End a permission; what it carried leaves at the next build."""

    async def work() -> Grant:
        async with open_house(folder_of(config), migrate=True) as house:
            return await revoke_grant(grant, house.store, utc_now(), who(), reason)

    ended = run_async(work())
    show(ended, json, lambda out: out.line(f"{ended.id}: revoked; what it carried leaves at the next build."))
    return FINE


def evidence_command(
    grant: Annotated[str, typer.Argument(help="Its id, as 'aggregator grants list' shows it.")],
    to: ToFolder = Path(),
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Write the letter that proves a permission to a file."""
    return write_evidence(grant, to, config, json)


def _flat(one: GrantSummary) -> dict[str, object]:
    """A grant's fields with its state among them, so that scripts find both at one level."""
    return {
        "state": one.state,
        "idle": str(one.idle or ""),
        **{name: getattr(one.grant, name) for name in Grant.__slots__ if name != "effect"},
    }
