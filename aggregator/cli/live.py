"""What moves on a terminal while work goes on: bars, a live table, a page that is read again. Nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from aggregator.cli.common import Printer, safe

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime

    from aggregator.model.fetched import Deferred, Outcome, Validators
    from aggregator.model.parsed import ParsedFeed, ParseFailed, ParseRequest
    from aggregator.model.poll import PollReport
    from aggregator.model.source import Source
    from aggregator.service.poll import Polling

REFRESH = 4
"""Times a second that what moves is drawn again."""
AGAIN_SECONDS = 2.0
"""Between two readings of a page that is watched."""
_RECENT = 200


def _console() -> Console:
    """Standard error: standard output belongs to the report."""
    return Console(stderr=True, highlight=False)


@contextlib.contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar while several things are done, on a terminal only; call what it gives after each."""
    console = _console()
    if not console.is_terminal or total < 2:
        yield lambda: None
        return
    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


@contextlib.contextmanager
def busy(label: str) -> Iterator[None]:
    """A sign that something goes on whose length nobody knows, on a terminal only."""
    console = _console()
    if not console.is_terminal:
        yield
        return
    with console.status(Text(safe(label))):
        yield


@dataclass(slots=True)
class Round:
    """A round of polls as it goes on: what each source is at, and what came of those that are done."""

    total: int
    begun: float = field(default_factory=time.monotonic)
    at_work: dict[str, str] = field(default_factory=dict)
    """Source → `asking` or `reading`, those that began first in front."""
    done: deque[PollReport] = field(default_factory=lambda: deque(maxlen=_RECENT))
    """The newest first."""
    counts: dict[str, int] = field(default_factory=dict)
    new: int = 0

    def watched(self, tools: Polling) -> Polling:
        """The same tools, but each use is seen here."""

        async def fetch(
            source: Source, validators: Validators, now: datetime, *, believed: str | None = None
        ) -> Outcome | Deferred:
            self.at_work[source.id] = "asking"
            return await tools.fetch(source, validators, now, believed=believed)

        async def parse(request: ParseRequest) -> ParsedFeed | ParseFailed:
            self.at_work[request.source] = "reading"
            return await tools.parse(request)

        return replace(tools, fetch=fetch, parse=parse)

    def report(self, report: PollReport) -> None:
        self.at_work.pop(report.source, None)
        self.done.appendleft(report)
        self.counts[report.outcome] = self.counts.get(report.outcome, 0) + 1
        self.new += report.new

    def summary(self) -> str:
        seconds = int(time.monotonic() - self.begun)
        parts = [f"{count} {outcome}" for outcome, count in sorted(self.counts.items())]
        finished = sum(self.counts.values())
        told = f"{finished} of {self.total} polled in {seconds // 60}:{seconds % 60:02}"
        return f"{told}: {', '.join(parts)}; {self.new} new entries" if parts else told

    def __rich_console__(self, console: Console, options: Any) -> Iterator[Any]:
        """As many rows as the terminal has: failures of the newest first, what is going on before."""
        room = max(3, (options.max_height or console.height) - 4)
        table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        for name in ("source", "outcome", "new", "revised", "deleted", "detail"):
            table.add_column(name, no_wrap=True, overflow="ellipsis")
        for source, what in list(self.at_work.items())[: room // 2]:
            table.add_row(Text(safe(source)), Text(f"{what} …", style="dim"))
        for report in list(self.done)[: room - min(len(self.at_work), room // 2)]:
            style = "red" if report.outcome == "failed" else "green" if report.new else ""
            cells = (report.source, report.outcome, report.new, report.revised, report.deleted, report.detail)
            table.add_row(*(Text(safe(str(cell)), style=style) for cell in cells))
        yield from Group(Text(self.summary(), style="bold"), Text(), table).renderables


@contextlib.contextmanager
def live_round(total: int) -> Iterator[tuple[Round, Callable[[PollReport], None]]]:
    """A live table of a round on a terminal; elsewhere a plain line for each source when it is done.

    Gives the round, and what to tell each report to.
    """
    console = _console()
    shown = Round(total)
    if not console.is_terminal:
        out = Printer()

        def line(report: PollReport) -> None:
            shown.report(report)
            out.line(one_line(report))

        yield shown, line
        return
    with Live(shown, console=console, refresh_per_second=REFRESH, transient=True, vertical_overflow="crop"):
        yield shown, shown.report


def one_line(report: PollReport) -> str:
    """A poll in a line."""
    numbers = ((report.new, "new"), (report.revised, "revised"), (report.deleted, "deleted"))
    told = ", ".join(f"{count} {name}" for count, name in numbers if count)
    return " ".join(filter(None, (f"{report.source}: {report.outcome}", told, report.detail)))


async def again_and_again(show: Callable[[Printer], Awaitable[None]]) -> None:
    """A page of the whole terminal that is read anew every two seconds, until Ctrl-C."""
    console = Console(highlight=False)
    with console.screen() as screen:
        while True:
            paper = Console(width=console.width, highlight=False, force_terminal=True, color_system="truecolor")
            with paper.capture() as captured:
                await show(Printer(paper))
            lines = captured.get().splitlines()
            over = len(lines) - console.height + 1
            if over > 0:
                lines[console.height - 2 :] = [f"… {over + 1} more lines; make the window taller"]
            screen.update(Text.from_ansi("\n".join(lines), no_wrap=True))
            await asyncio.sleep(AGAIN_SECONDS)
