"""Commands of the people who rule: flags, approvals, withdrawals."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.common import (
    FINE,
    ConfigOption,
    EntryArgument,
    JsonOption,
    Printer,
    folder_of,
    group,
    run_async,
    show,
)
from aggregator.cli.look import list_entries_command, show_entry_command
from aggregator.service.told import record_told
from aggregator.service.withdraw import approve, withdraw
from aggregator.wiring import open_house, utc_now

if TYPE_CHECKING:
    from aggregator.model.output import Approval, Flag, Notified, Withdrawal


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    entries_app = group("What the sources brought.")
    entries_app.command("list")(list_entries_command)
    entries_app.command("show")(show_entry_command)
    entries_app.command("approve")(approve_command)
    entries_app.command("notified")(notified_command)
    entries_app.command("withdraw")(withdraw_command)
    app.add_typer(entries_app, name="entries")
    flags_app = group("Open questions to an admin.")
    flags_app.command("list")(flags_command)
    app.add_typer(flags_app, name="flags")


def flags_command(
    all_: Annotated[bool, typer.Option("--all", help="Those that are closed too.")] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="OUTPUT", help="Only those that this output waits for.", show_default=False
        ),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """What is held back, why, and whom to ask."""

    async def work() -> list[Flag]:
        async with open_house(folder_of(config), migrate=True) as house:
            if output is not None:
                house.world.pick_outputs([output])
            return list(await house.store.flags(open_only=not all_))

    found = [flag for flag in run_async(work()) if output is None or output in flag.outputs]

    def human(out: Printer) -> None:
        out.table(
            ("flag", "kind", "source", "entry", "waiting", "ask", "why"),
            [
                (
                    flag.id,
                    flag.kind if flag.closed_at is None else f"{flag.kind} (closed)",
                    flag.source,
                    flag.entry or "(all)",
                    ", ".join(flag.outputs),
                    flag.contact or flag.publisher,
                    flag.reason,
                )
                for flag in found
            ],
            "Nothing waits for an answer.",
        )

    show(found, json, human)
    return FINE


def approve_command(
    entry: EntryArgument,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="OUTPUT", help="The output for which it is picked.", show_default=False),
    ],
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Pick an entry for an output; acts at the next build."""

    async def work() -> Approval:
        async with open_house(folder_of(config), migrate=True) as house:
            return await approve(entry, output, _who(), house.world, house.store, utc_now())

    approval = run_async(work())

    def human(out: Printer) -> None:
        out.line(f"{approval.entry} is picked for '{output}', until its origin, licence or notice changes.")

    show(approval, json, human)
    return FINE


def notified_command(
    entry: EntryArgument,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="OUTPUT", help="The output that it stands in.", show_default=False),
    ],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="How, and what was answered.")] = "",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Record that the publishers who ask for word of an entry were told; acts at the next build.

    Nothing is sent: write to them first. The record stands in the ledger.
    """

    async def work() -> Notified:
        async with open_house(folder_of(config), migrate=True) as house:
            return await record_told(entry, output, note, _who(), house.world, house.store, utc_now())

    told = run_async(work())

    def human(out: Printer) -> None:
        out.line(f"It is recorded that the publishers of {told.entry} were told that it stands in '{output}'.")

    show(told, json, human)
    return FINE


def withdraw_command(
    entry: EntryArgument,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the ledger.")
    ] = "withdrawn by hand",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Take an entry out of every output, for good.

    Acts at the next build. A later poll does not bring it back.
    """

    async def work() -> Withdrawal:
        async with open_house(folder_of(config), migrate=True) as house:
            return await withdraw(entry, reason, _who(), house.store, utc_now())

    withdrawal = run_async(work())

    def human(out: Printer) -> None:
        out.line(f"{withdrawal.entry} is withdrawn; the next build takes it out everywhere.")

    show(withdrawal, json, human)
    return FINE


def _who() -> str:
    """The account that types."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "command line"
