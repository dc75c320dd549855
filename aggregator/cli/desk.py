"""Commands of the people who rule: flags, approvals, withdrawals."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.common import (
    FINE,
    ConfigOption,
    EntryArgument,
    JsonOption,
    Printer,
    brief,
    choices,
    folder_of,
    group,
    run_async,
    show,
    when,
    who,
)
from aggregator.cli.look import list_entries_command, show_entry_command
from aggregator.errors import UsageError
from aggregator.publishing.credit import Templates
from aggregator.service.told import record_told
from aggregator.service.withdraw import (
    Candidate,
    Reached,
    Scope,
    approve,
    queue,
    reach,
    reject,
    restore,
    unpick,
)
from aggregator.service.withdrawals import Done, withdraw_and_tell
from aggregator.wiring import open_house, template_folders, utc_now

if TYPE_CHECKING:
    from aggregator.model.output import Approval, Notified


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    entries_app = group("What the sources brought.")
    entries_app.command("list")(list_entries_command)
    entries_app.command("show")(show_entry_command)
    entries_app.command("approve")(approve_command)
    entries_app.command("notified")(notified_command)
    entries_app.command("queue")(queue_command)
    entries_app.command("reject")(reject_command)
    entries_app.command("withdraw")(withdraw_command)
    entries_app.command("restore")(restore_command)
    app.add_typer(entries_app, name="entries")


OutputOption = Annotated[
    str,
    typer.Option("--output", "-o", metavar="OUTPUT", help="The output for which it is ruled.", show_default=False),
]
Undo = Annotated[bool, typer.Option("--undo", help="Forget what was ruled on it for this output.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the ledger.")]


def queue_command(
    output: Annotated[str, typer.Argument(metavar="OUTPUT", help="Id of the output.", show_default=False)],
    all_: Annotated[
        bool, typer.Option("--all", help="Those that are approved, rejected or held, too; without it, those that wait.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """What waits for a person's pick, newest first."""

    async def work() -> list[Candidate]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await queue(output, house.world, house.store, utc_now())

    found = [one for one in run_async(work()) if all_ or one.state in ("waiting", "lapsed")]

    def human(out: Printer) -> None:
        rows = [
            (one.entry, one.state, one.source, when(one.published_at), brief(one.title), one.by or "", one.why)
            for one in found
        ]
        out.table(("entry", "state", "source", "published", "title", "by", "why"), rows, "Nothing waits for a pick.")

    show(found, json, human)
    return FINE


def approve_command(
    entry: EntryArgument,
    output: OutputOption,
    undo: Undo = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Pick an entry for an output; acts at the next build."""

    async def work() -> Approval | None:
        async with open_house(folder_of(config), migrate=True) as house:
            if undo:
                await unpick(entry, output, who(), house.world, house.store, utc_now())
                return None
            return await approve(entry, output, who(), house.world, house.store, utc_now())

    approval = run_async(work())

    def human(out: Printer) -> None:
        if approval is None:
            out.line(f"{entry} is no longer picked for '{output}', nor rejected.")
        else:
            out.line(f"{approval.entry} is picked for '{output}', until its origin, licence or notice changes.")

    # Without `rejected` and `reason`, which say nothing of a pick.
    fields = ("entry", "output", "digest", "at", "by")
    told = _undone(entry, output) if approval is None else {name: getattr(approval, name) for name in fields}
    show(told, json, human)
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
    """Record that the publishers of an entry were told of it.

    For those who ask for word; acts at the next build. Nothing is sent: write to them first. The record stands in the
    ledger.
    """

    async def work() -> Notified:
        async with open_house(folder_of(config), migrate=True) as house:
            return await record_told(entry, output, note, who(), house.world, house.store, utc_now())

    told = run_async(work())

    def human(out: Printer) -> None:
        out.line(f"It is recorded that the publishers of {told.entry} were told that it stands in '{output}'.")

    show(told, json, human)
    return FINE


def reject_command(
    entry: EntryArgument,
    output: OutputOption,
    reason: Reason = "rejected by hand",
    undo: Undo = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Keep an entry out of an output.

    Until its origin, licence or notice changes. Acts at the next build. Other outputs may carry it.
    """

    async def work() -> Approval | None:
        async with open_house(folder_of(config), migrate=True) as house:
            if undo:
                await unpick(entry, output, who(), house.world, house.store, utc_now())
                return None
            return await reject(entry, output, reason, who(), house.world, house.store, utc_now())

    rejection = run_async(work())

    def human(out: Printer) -> None:
        if rejection is None:
            out.line(f"{entry} is no longer rejected for '{output}', nor picked.")
        else:
            out.line(f"{rejection.entry} is kept out of '{output}', until its origin, licence or notice changes.")

    show(_undone(entry, output) if rejection is None else rejection, json, human)
    return FINE


def _undone(entry: str, output: str) -> dict[str, object]:
    return {"entry": entry, "output": output, "undone": True}


OneEntry = Annotated[
    str | None,
    typer.Argument(
        metavar="ENTRY",
        help="The entry: its internal id, SOURCE:ID, the feed's own id, or its address. 'entries list' shows them.",
        show_default=False,
    ),
]
OfSource = Annotated[
    str | None, typer.Option("--source", metavar="SOURCE", help="All entries of this source.", show_default=False)
]
OfAuthor = Annotated[
    str | None, typer.Option("--author", metavar="NAME", help="All entries by this author.", show_default=False)
]
OfPublisher = Annotated[
    str | None,
    typer.Option(
        "--publisher", metavar="NAME", help="All that this publisher published or originated.", show_default=False
    ),
]


def withdraw_command(
    entry: OneEntry = None,
    source: OfSource = None,
    author: OfAuthor = None,
    publisher: OfPublisher = None,
    reason: Reason = "withdrawn by hand",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would reach; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before many entries are withdrawn.")] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Write to the subscribers that fetched a document with it.")
    ] = False,
    notice: Annotated[
        str | None,
        typer.Option(
            "--notice",
            metavar="TEXT",
            help="The same, with words of your own in it.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Take an entry out of every output, for good.

    Or all entries of a source, an author or a publisher. Acts at the next build. A later poll does not bring it back,
    nor the same article under another id or address, or from another source. Entries that come later are not meant:
    for those, disable the source or edit its policy.
    """
    scope = Scope(entry=entry, source=source, author=author, publisher=publisher)

    async def look() -> list[Reached]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await reach(scope, house.world, house.store)

    words = notice if notice is not None else "" if notify else None

    async def work() -> Done:
        async with open_house(folder_of(config), migrate=True) as house:
            templates = Templates(template_folders(house.world.configuration.settings))
            now = utc_now()
            return await withdraw_and_tell(scope, reason, words, who(), house.world, house.store, templates, now)

    reached = run_async(look())
    if dry_run:
        show(reached, json, lambda out: _print_reached(reached, out))
        return FINE
    if entry is None and not yes:
        _ask(reached, json)
    acted = run_async(work()) if reached else Done(withdrawals=())
    done = acted.withdrawals

    def human(out: Printer) -> None:
        for one in done:
            out.line(f"{one.entry} is withdrawn; the next build takes it out everywhere.")
        if acted.told:
            out.line(f"A mail goes to {', '.join(acted.told)}, if the service runs.")
        if acted.untold:
            out.line(f"These have copies and must be told by other ways: {', '.join(acted.untold)}.")
        if not done:
            out.line("There is no such entry.")
        for copy in (one for one in reached if one.copy):
            out.line(f"{copy.entry} of '{copy.source}' is the same article and goes with it.")

    told = [{name: getattr(one, name) for name in ("entry", "at", "by", "reason")} for one in done]
    mails = {"told": acted.told, "untold": acted.untold} if words is not None else {}
    if entry is not None:
        show(told[0] | mails, json, human)
    else:
        show({"withdrawn": told, "reached": reached, **mails}, json, human)
    return FINE


def restore_command(
    entry: OneEntry = None,
    source: OfSource = None,
    author: OfAuthor = None,
    publisher: OfPublisher = None,
    reason: Reason = "restored by hand",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Undo a withdrawal.

    The entries are decided anew at the next build. The ledger keeps both.
    """
    scope = Scope(entry=entry, source=source, author=author, publisher=publisher)

    async def work() -> list[str]:
        async with open_house(folder_of(config), migrate=True) as house:
            return await restore(scope, reason, who(), house.world, house.store, utc_now())

    done = run_async(work())

    def human(out: Printer) -> None:
        for key in done:
            out.line(f"{key} is no longer withdrawn; the next build decides on it.")

    show({"restored": done}, json, human)
    return FINE


def _ask(reached: list[Reached], json: bool) -> None:
    """Lets a person at a terminal say yes; whoever is not must have said so already.

    Raises:
        UsageError: there is nobody to ask.
        Abort: the answer is no.
    """
    fresh = [one for one in reached if not one.copy and not one.withdrawn]
    told = f"this withdraws {len(fresh)} entries, {sum(bool(one.outputs) for one in fresh)} of which stand in outputs"
    if json or choices.json or not sys.stdin.isatty():
        raise UsageError(f"{told}; look with --dry-run, then say --yes")
    _print_reached(reached, Printer())
    typer.confirm(f"{told.capitalize()}. Go on?", abort=True)


def _print_reached(reached: list[Reached], out: Printer) -> None:
    rows = [
        (
            one.entry,
            "withdrawn before" if one.withdrawn else "same article" if one.copy else "meant",
            one.source,
            ", ".join(one.outputs) or "-",
            brief(one.title),
            one.url or "",
        )
        for one in reached
    ]
    out.table(("entry", "how", "source", "stands in", "title", "address"), rows, "No entry is reached.")
