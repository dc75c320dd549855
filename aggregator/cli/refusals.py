"""Commands for recorded refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.common import FINE, ConfigOption, JsonOption, Printer, folder_of, group, run_async, show, who
from aggregator.cli.scopes import (
    HEADS,
    EvidenceFile,
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
from aggregator.model.policy import Grant
from aggregator.service.grants import GrantSummary
from aggregator.service.refusals import add_refusal, list_refusals, revoke_refusal
from aggregator.wiring import open_house, utc_now


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    refusals_app = group("Recorded refusals: what stays out because somebody said no.")
    refusals_app.command("list")(list_command)
    refusals_app.command("add")(add_command)
    refusals_app.command("revoke")(revoke_command)
    refusals_app.command("evidence")(evidence_command)
    app.add_typer(refusals_app, name="refusals")


def list_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """All recorded refusals, those that have ended too."""

    async def work() -> list[GrantSummary]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await list_refusals(house.store, utc_now())

    found = run_async(work())

    def human(out: Printer) -> None:
        out.table(
            ("refusal", *HEADS),
            [table_row(one) for one in found],
            "No refusal is recorded; 'aggregator refusals add' records one.",
        )

    show([{"state": one.state, **_facts(one.grant)} for one in found], json, human)
    return FINE


def _facts(refusal: Grant) -> dict[str, object]:
    """Without what means nothing in a refusal."""
    without = ("waive", "lift", "over_notices")
    return {name: getattr(refusal, name) for name in Grant.__slots__ if name not in without}


def add_command(
    policy: Annotated[str | None, typer.Option(help="The policy whose publisher said no.", show_default=False)] = None,
    publisher: Annotated[
        str | None, typer.Option(help="Name of the publisher that said no, if it has no policy.", show_default=False)
    ] = None,
    source: OnlySource = None,
    entry: OnlyEntry = None,
    author: Annotated[
        str | None,
        typer.Option(help="Only entries by this author; where none is named, they wait.", show_default=False),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(help="Only entries of this category; where none is named, they wait.", show_default=False),
    ] = None,
    output: OnlyOutput = None,
    form: OnlyForm = None,
    to: OnlyTo = None,
    medium: OnlyIn = None,
    since: Since = None,
    until: Until = None,
    evidence: Annotated[str, typer.Option(help="Who said no, and when.")] = "",
    evidence_file: EvidenceFile = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Record that somebody said no.

    What it covers leaves at the next build.

    It beats written permissions and policies inside its scope, until it ends.
    """
    asked = replace(
        uses(output, form, to, medium, since, until),
        policy=policy,
        publisher=publisher,
        source=source,
        entry=entry,
        author=author,
        category=category,
        evidence=evidence,
    )

    async def work() -> Grant:
        async with open_house(folder_of(config), migrate=True) as house:
            return await add_refusal(asked, evidence_file, who(), house.world, house.store, utc_now())

    found = run_async(work())
    told = f"{found.id}: recorded for {told_of(found)}; what it covers leaves at the next build."
    show(_facts(found), json, lambda out: out.line(told))
    return FINE


def revoke_command(
    refusal: Annotated[str, typer.Argument(help="Its id, as 'aggregator refusals list' shows it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the ledger.")] = "",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """End a refusal.

    What nothing else bars comes back at the next build.
    """

    async def work() -> Grant:
        async with open_house(folder_of(config), migrate=True) as house:
            return await revoke_refusal(refusal, who(), reason, house.store, utc_now())

    ended = run_async(work())
    told = f"{ended.id}: ended; what nothing else bars comes back at the next build."
    show(_facts(ended), json, lambda out: out.line(told))
    return FINE


def evidence_command(
    refusal: Annotated[str, typer.Argument(help="Its id, as 'aggregator refusals list' shows it.")],
    to: ToFolder = Path(),
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Write the letter that proves a refusal to a file."""
    return write_evidence(refusal, to, config, json)
