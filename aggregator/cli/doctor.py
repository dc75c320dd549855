"""`aggregator doctor`: looks over the installation."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import typer

from aggregator.cli.common import FINE, HELD, ConfigOption, JsonOption, Printer, counted, folder_of, run_async, show
from aggregator.cli.live import busy
from aggregator.service.doctor import Tools, examine
from aggregator.service.finding import Finding
from aggregator.service.logs import configure_log
from aggregator.wiring import template_folders, utc_now
from aggregator.wiring.outside import settings_fetcher

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from aggregator.config import Settings
    from aggregator.model.fetched import Answer, Ask, FetchFailed

MARKS = {"ok": ("ok", "green"), "warning": ("WARN", "yellow"), "problem": ("FAIL", "red")}


def register(app: typer.Typer) -> None:
    """Adds this command to the application."""
    app.command("doctor")(doctor_command)


def doctor_command(config: ConfigOption = None, json: JsonOption = False) -> int:
    """Look over the installation: what is wrong, how to mend it.

    Configuration, templates, secrets, permissions, database, ledger, disk, clock, names, outgoing rules, mail, the
    public address and the running service. Changes nothing and sends no mail. Exit code 1: something is wrong.
    """
    folder = folder_of(config)
    configure_log("critical", "console")
    with busy("looking …"):
        found = run_async(_look(folder))
    problems = sum(one.state == "problem" for one in found)
    warnings = sum(one.state == "warning" for one in found)

    def human(out: Printer) -> None:
        for one in found:
            mark, style = MARKS[one.state]
            out.line(f"{mark:4} {one.topic:13} {one.what}", style=None if one.state == "ok" else style)
            if one.remedy:
                out.line(f"{'':18} → {one.remedy}")
        out.line()
        told = f"{counted(problems, 'problem', 'problems')}, {counted(warnings, 'warning', 'warnings')}"
        out.line(told if problems or warnings else "All is well.", style="bold")

    show({"ok": not problems, "findings": found}, json, human)
    return HELD if problems else FINE


async def _look(folder: Path) -> list[Finding]:
    def tools(settings: Settings) -> Tools:
        async def ask(what: Ask, now: datetime) -> Answer | FetchFailed:
            async with settings_fetcher(settings, folder) as fetcher:
                return await fetcher.ask(what, now)

        return Tools(ask=ask, resolve=_resolve, clock=utc_now, templates=template_folders(settings), environ=os.environ)

    return await examine(folder, tools)


async def _resolve(host: str) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, None)
    return [str(address[4][0]) for address in found]
