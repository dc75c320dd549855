"""What all commands share: the options, one way to print, one way to fail."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import sys
import unicodedata
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aggregator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from datetime import datetime

T = TypeVar("T")
W = TypeVar("W", bound=StrEnum)

FINE, HELD, USAGE = 0, 1, 2
"""Exit codes: all well; something held back or failed; usage or configuration."""

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="DIR",
        help="The configuration folder; 'config' here if left out.",
        envvar="AGGREGATOR_CONFIG",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, for programs.")]
EntryArgument = Annotated[
    str,
    typer.Argument(
        metavar="ENTRY",
        help="The entry: its internal id, SOURCE:ID, the feed's own id, or its address. 'entries list' shows them.",
        show_default=False,
    ),
]


@dataclass
class Choices:
    """Options given before the command's name; those given after it win."""

    config: Path | None = None
    json: bool = False


choices = Choices()


def remember(config: Path | None, json: bool) -> None:
    """Keeps what was given before the command's name, at whichever level."""
    choices.config = config or choices.config
    choices.json = json or choices.json


def group(about: str) -> typer.Typer:
    """A command that only holds others: alone it prints its help; the common options may stand before the next word."""
    app = typer.Typer(help=about, rich_markup_mode=None, invoke_without_command=True)

    @app.callback()
    def options(context: typer.Context, config: ConfigOption = None, json: JsonOption = False) -> None:
        remember(config, json)
        help_if_alone(context)

    return app


def help_if_alone(context: typer.Context) -> None:
    """Nothing was asked for: says what could be."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)


def folder_of(config: Path | None) -> Path:
    """The configuration folder: as given, else `config` here."""
    return config or choices.config or Path("config")


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Runs a use case to its end, on uvloop where it is at hand."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def plain(value: object) -> Any:
    """A report as JSON-ready data: dataclasses as objects, instants as RFC 3339, enums as their words."""
    return msgspec.to_builtins(value, builtin_types=(), enc_hook=str)


def show(value: object, as_json: bool, human: Callable[[Printer], None]) -> None:
    """Prints a report: as one JSON document on stdout, or as a person reads it."""
    if as_json or choices.json:
        sys.stdout.buffer.write(orjson.dumps(plain(value), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        sys.stdout.flush()
    else:
        human(Printer())


class Printer:
    """Plain lines and tables on stdout; colours and fitted columns on a terminal only."""

    def __init__(self, console: Console | None = None) -> None:
        tty = console is not None or sys.stdout.isatty()
        # Piped output must not be cut to a guessed width of 80 columns.
        self._console = console or Console(
            width=None if tty else 10_000, highlight=False, soft_wrap=not tty, no_color="NO_COLOR" in os.environ
        )
        self._tty = tty

    def line(self, text: str = "", style: str | None = None) -> None:
        """One line, as it is: feed text is never read as markup, and control characters never reach the terminal."""
        self._console.print(Text(safe(text), style=style or ""))

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
        """A table, or a sentence that says what to do where there is nothing to show."""
        kept = [[Text(safe("" if cell is None else str(cell))) for cell in row] for row in rows]
        if not kept:
            self.line(empty)
            return
        table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        for name in head:
            table.add_column(name, overflow="fold" if self._tty else "ignore", no_wrap=not self._tty)
        for row in kept:
            table.add_row(*row)
        if self._tty:
            self._console.print(table)
            return
        with self._console.capture() as captured:
            self._console.print(table)
        for line in captured.get().splitlines():
            print(line.rstrip())  # noqa: T201  columns are padded to the widest; nobody greps for blanks


def safe(text: str) -> str:
    """The text on one line, without control characters, which a hostile feed could use to rewrite the screen."""
    return text if text.isprintable() else "".join(char if char.isprintable() else _shown(char) for char in text)


TITLE_MAX = 120


def brief(title: str) -> str:
    """A title as a list shows it: some feeds have a whole article in it."""
    return title if len(title) <= TITLE_MAX else title[: TITLE_MAX - 1].rstrip() + "…"


def _shown(char: str) -> str:
    """What stands for a character that is not printable: a space is a space, the joiners of scripts and emoji stay."""
    if char in "\t\n\r" or unicodedata.category(char) in {"Zs", "Zl", "Zp"}:
        return " "
    return char if char in _JOINERS else "" if char == _SOFT_HYPHEN else "�"


_JOINERS = "\u200c\u200d"
_SOFT_HYPHEN = "\u00ad"


def can_ask() -> bool:
    """Whether a person sits there who can be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def counted(number: int, one: str = "entry", more: str = "entries") -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else more}"


def complain(message: str) -> None:
    """One line on stderr."""
    typer.echo(safe(message), err=True)


def when(instant: datetime | None) -> str:
    """An instant, UTC, to the second; `-` for none."""
    return "-" if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def who() -> str:
    """The account that types."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "command line"


def full_name() -> str:
    """The name of the person whose account types, as the system knows it; empty where it knows none but the login."""
    with contextlib.suppress(ImportError, KeyError, OSError):
        import pwd  # not on every system

        account = pwd.getpwuid(os.getuid())
        name = " ".join(account.pw_gecos.partition(",")[0].split())
        if name.casefold() != account.pw_name.casefold():
            return name
    return ""


def words(kind: str, names: Iterable[str] | None, known: type[W]) -> frozenset[W]:
    """Typed words as members of their enumeration.

    Raises:
        UsageError: one of them is none.
    """
    for name in names or ():
        if name not in {word.value for word in known}:
            raise UsageError(f"{kind} '{name}' is not known; use one of: {', '.join(word.value for word in known)}")
    return frozenset(map(known, names or ()))
