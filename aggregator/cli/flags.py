"""Commands of the permission desk: look at flags, give them to somebody, ask, rule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from aggregator.cli.common import (
    FINE,
    ConfigOption,
    JsonOption,
    Printer,
    folder_of,
    full_name,
    group,
    run_async,
    show,
    who,
)
from aggregator.errors import UsageError
from aggregator.model.desk import Case, FlagState, Letter
from aggregator.publishing.credit import Templates
from aggregator.service import desk, letters
from aggregator.service.house import House
from aggregator.store.cases import Filter, read_page
from aggregator.wiring import open_house, template_folders, utc_now

T = TypeVar("T")

FlagArgument = Annotated[str, typer.Argument(metavar="FLAG", help="Id of the flag.", show_default=False)]
FlagArguments = Annotated[list[str], typer.Argument(metavar="FLAG", help="Ids of flags.", show_default=False)]
LetterArgument = Annotated[str, typer.Argument(metavar="LETTER", help="Id of the letter.", show_default=False)]
DayOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="Until when, such as 2026-12-31.")
]


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    flags_app = group("Open questions to an admin.")
    flags_app.command("list")(list_command)
    flags_app.command("show")(show_command)
    flags_app.command("assign")(assign_command)
    flags_app.command("request")(request_command)
    flags_app.command("send")(send_command)
    flags_app.command("answer")(answer_command)
    flags_app.command("resolve")(resolve_command)
    app.add_typer(flags_app, name="flags")


def _in_house(config: Path | None, work: Callable[[House], Awaitable[T]]) -> T:
    async def whole() -> T:
        async with open_house(folder_of(config), migrate=True) as house:
            return await work(house)

    return run_async(whole())


def list_command(
    all_: Annotated[bool, typer.Option("--all", help="Those that are closed or settled too.")] = False,
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

    async def work(house: House) -> list[Case]:
        if output is not None:
            house.world.pick_outputs([output])
        wanted = Filter(state="all" if all_ else "waiting", output=output or "")
        found: list[Case] = []
        while True:
            page = await house.store.read(read_page, wanted, len(found) // 50 + 1, utc_now().date())
            found += page.cases
            if len(found) >= page.total or not page.cases:
                return found

    found = _in_house(config, work)

    def human(out: Printer) -> None:
        out.table(
            ("flag", "kind", "state", "source", "entry", "waiting", "ask", "why"),
            [
                (
                    case.flag.id,
                    case.flag.kind,
                    "closed" if case.flag.closed_at else case.state,
                    case.flag.source,
                    case.flag.entry or "(all)",
                    ", ".join(case.flag.outputs),
                    case.flag.contact or case.flag.publisher,
                    case.flag.reason,
                )
                for case in found
            ],
            "Nothing waits for an answer.",
        )

    show([_flat(case) for case in found], json, human)
    return FINE


def _flat(case: Case) -> dict[str, object]:
    """A flag and its state as one object: what programs have read so far stays where it was."""
    flag = {name: getattr(case.flag, name) for name in case.flag.__slots__}
    return {**flag, "state": case.state, "assignee": case.assignee, "due_on": case.due_on}


def show_command(flag: FlagArgument, config: ConfigOption = None, json: JsonOption = False) -> int:
    """One flag: why, whom to ask, what was said, the letters."""
    view = _in_house(config, lambda house: desk.look(flag, house.world, house.store))
    case = view.case

    def human(out: Printer) -> None:
        state = "closed" if case.flag.closed_at else case.state
        out.line(f"{case.flag.kind}, {state}: {case.flag.title or case.flag.source}", style="bold")
        out.line(f"  why       {case.flag.reason}")
        out.line(f"  ask       {case.flag.publisher}{f', {case.flag.contact}' if case.flag.contact else ''}")
        out.line(f"  waiting   {', '.join(case.flag.outputs) or 'nothing any more'}")
        if case.flag.entry:
            out.line(f"  entry     {case.flag.entry}; 'aggregator explain {case.flag.entry}' shows the whole way")
        if case.assignee or case.due_on:
            out.line(f"  with      {case.assignee or 'nobody'}{f', due {case.due_on}' if case.due_on else ''}")
        for letter in view.letters:
            out.line(f"  letter    {letter.id} {letter.state}{f' ({letter.outcome})' if letter.outcome else ''}")
        for said in view.comments:
            out.line(f"  {said.at:%Y-%m-%d %H:%M} {said.by}: {said.text}")
        if view.related:
            others = ", ".join(other.flag.id for other in view.related)
            out.line(f"  the same publisher could answer: {others}")

    show(view, json, human)
    return FINE


def assign_command(
    flags: FlagArguments,
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="Whose they are; '' for nobody's.")],
    due: DayOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Give flags to somebody."""

    async def work(house: House) -> int:
        day = due.date() if due else None
        return await desk.assign(flags, to or None, day, who(), house.store, utc_now())

    return _told(_in_house(config, work), "assigned", json)


def _told(count: int, what: str, json: bool) -> int:
    if count == 0:
        raise UsageError("there is no such flag; 'aggregator flags list' shows those that there are")
    show({what: count}, json, lambda out: out.line(f"{count} {'flag' if count == 1 else 'flags'} {what}"))
    return FINE


def request_command(
    flags: FlagArguments,
    language: Annotated[str, typer.Option(help="Of the letter: en, de, fr or es.")] = "en",
    send: Annotated[
        bool, typer.Option("--send", help="Send it by the configured mail server, as it is drafted.")
    ] = False,
    sent: Annotated[bool, typer.Option("--sent", help="Note that you have sent it yourself.")] = False,
    signed: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who signs it; left out: your account's full name.", show_default=False),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE.eml", help="Save it as a mail, too.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Draft a letter that asks their publisher about flags."""

    async def work(house: House) -> Letter:
        settings = house.world.configuration.settings
        templates = Templates(template_folders(settings))
        now, by = utc_now(), who()
        if send:
            letters.relay_of(settings)  # before anything is drafted
        name = full_name() if signed is None else " ".join(signed.split())
        letter = await letters.draft(flags, language, by, house.world, house.store, templates, now, signed=name)
        if save is not None:
            try:
                save.write_bytes(letters.as_mail(letter, settings, now).as_bytes())
            except OSError as error:
                raise UsageError(f"'{save}' cannot be written: {error.strerror or error}") from error
        if send or sent:
            letter = await letters.send_letter(letter.id, "smtp" if send else "hand", by, settings, house.store, now)
        return letter

    letter = _in_house(config, work)

    def human(out: Printer) -> None:
        out.line(f"letter {letter.id}, {letter.state}; to {letter.to or 'nobody known'}")
        out.line(f"Subject: {letter.subject}", style="bold")
        out.line()
        for line in letter.body.splitlines():
            out.line(line)

    show(letter, json, human)
    return FINE


def send_command(
    letter: LetterArgument,
    by_hand: Annotated[bool, typer.Option("--by-hand", help="You have sent it yourself: only note that.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Send a letter that stands as a draft, or note that you have."""

    async def work(house: House) -> Letter:
        settings = house.world.configuration.settings
        return await letters.send_letter(letter, "hand" if by_hand else "smtp", who(), settings, house.store, utc_now())

    found = _in_house(config, work)
    show(found, json, lambda out: out.line(f"letter {found.id} is sent; to {found.to or 'nobody known'}"))
    return FINE


def answer_command(
    letter: LetterArgument,
    outcome: Annotated[str, typer.Option(metavar="OUTCOME", help="granted, refused or other.", show_default=False)],
    text: Annotated[str, typer.Option(metavar="TEXT", help="Their words.")] = "",
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Their letter; it is kept as evidence.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Record what a publisher answered to a letter.

    A permission itself is recorded by 'aggregator grants add'; a refusal is recorded at once, for what was asked.
    """

    async def work(house: House) -> Letter:
        try:
            given = (file.name, file.read_bytes()) if file else None
        except OSError as error:
            raise UsageError(f"'{file}' cannot be read: {error.strerror or error}") from error
        return await letters.record_answer(letter, outcome, text, given, who(), house.store, utc_now(), house.world)

    found = _in_house(config, work)
    show(found, json, lambda out: out.line(f"letter {found.id} is answered: {found.outcome}"))
    return FINE


def resolve_command(
    flags: FlagArguments,
    as_: Annotated[
        str, typer.Option("--as", metavar="STATE", help="dismissed, refused, or open again.", show_default=False)
    ],
    comment: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the ledger.")] = "",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Rule on flags without a grant.

    What they hold back stays held: only a grant or a rule lets it out. 'refused' records a refusal for each, which
    keeps it out of these outputs whatever else changes ('aggregator refusals list').
    """
    if as_ not in (FlagState.DISMISSED, FlagState.REFUSED, FlagState.OPEN, FlagState.GRANTED):
        raise UsageError(f"state '{as_}' is not known; use dismissed, refused or open")

    async def work(house: House) -> int:
        return await desk.settle(flags, FlagState(as_), comment, who(), house.store, utc_now(), house.world)

    return _told(_in_house(config, work), as_, json)
