"""Commands that prove: export what was public, decide what was decided again."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.common import FINE, HELD, ConfigOption, JsonOption, Printer, folder_of, run_async, show
from aggregator.errors import UsageError
from aggregator.publishing.credit import Templates
from aggregator.service.ledger_export import FORMATS, Extent, lines, page
from aggregator.service.replay import ReplayReport, replay
from aggregator.wiring import open_house, template_folders, utc_now

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="UTC, such as 2026-12-31.")]


def export_command(
    entry: Annotated[str | None, typer.Option("--entry", metavar="ENTRY", help="Only this article.")] = None,
    publisher: Annotated[
        str | None,
        typer.Option("--publisher", metavar="NAME", help="Only what this publisher published or originated."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="DAY", help="First day of the period, UTC."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], metavar="DAY", help="Last day of it, inclusive.")
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="jsonl, or html: a page that prints well.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; without it, standard output.")
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """What was public, where, when, and under which rule.

    Of an article, a publisher or a period.

    JSON Lines: a head, then for each article its releases and the ledger's records about it, with their hashes.
    """
    chosen = format_ or ("html" if out is not None and out.suffix.lower() in (".html", ".htm") else "jsonl")
    if chosen not in FORMATS:
        raise UsageError(f"format '{chosen}' is not known; use jsonl or html")
    extent = Extent(
        entry=entry,
        publisher=publisher,
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) + timedelta(days=1) if until else None,
    )

    async def work() -> int:
        async with open_house(folder_of(config), migrate=True) as house:
            if chosen == "html":
                templates = Templates(template_folders(house.world.configuration.settings))
                body = (await page(extent, house.world, house.store, templates, utc_now())).encode()
                return _write(out, [body])
            # Read before the first byte is written: a usage error must leave the file that was there.
            return _write(out, [line async for line in lines(extent, house.world, house.store, utc_now())])

    written = run_async(work())
    if out is not None:
        told = {"file": str(out), "format": chosen, "bytes": written}
        show(told, json, lambda printer: printer.line(f"{out}: {written} bytes, {extent.told()}"))
    return FINE


def _write(out: Path | None, pieces: list[bytes]) -> int:
    if out is None:
        sys.stdout.write(b"".join(pieces).decode())
        return sum(map(len, pieces))
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"'{out}' cannot be written: {error.strerror or error}") from error
    return sum(map(len, pieces))


def replay_command(
    version: Annotated[
        str | None,
        typer.Option(
            "--policies", metavar="VERSION", help="Only what this configuration decided, by its digest's start."
        ),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Decide all stored questions again, by the rules of then.

    Exit code 1 where an answer is another.
    """

    async def work() -> ReplayReport:
        async with open_house(folder_of(config), migrate=True) as house:
            return await replay(house.world, house.store, version)

    report = run_async(work())

    def human(out: Printer) -> None:
        told = f"{report.decisions} decisions: {report.same} the same, {report.different} different"
        out.line(told + (f", {report.unknown} by policies that were not kept" if report.unknown else "") + ".")
        for one in report.differences:
            out.line(f"{one.output}, {one.entry}: {one.title}", style="bold")
            out.line(f"  stored  {one.stored}")
            out.line(f"  now     {one.now}")
            if one.engine is not None:
                out.line(f"  decided by version {one.engine} of the program's rules, so it may be meant")

    show(report, json, human)
    return HELD if report.different else FINE
