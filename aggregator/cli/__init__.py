"""The command line: each command is a few lines over a use case."""

from __future__ import annotations

import io
import os
import re
import sys
import traceback
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.exceptions import Abort, TyperException

from aggregator import __version__
from aggregator.cli import common
from aggregator.cli.common import FINE, HELD, USAGE, ConfigOption, JsonOption, complain, help_if_alone, remember
from aggregator.errors import AggregatorError, ConfigError, UsageError

HOMES: dict[str, tuple[str, ...]] = {
    "work": ("run", "worker", "check", "config", "poll", "build", "export"),
    "db": ("db",),
    "doctor": ("doctor",),
    "look": ("status", "explain", "ledger"),
    "sources": ("sources",),
    "desk": ("entries",),
    "flags": ("flags",),
    "grants": ("grants",),
    "plan": ("plan",),
    "policy": ("policy",),
    "refusals": ("refusals",),
    "subscribers": ("subscribers",),
    "applications": ("applications",),
    "terms": ("terms",),
    "users": ("users", "tokens"),
    "webhooks": ("webhooks",),
}
"""Module → the commands that it registers. One that is named is loaded alone: a command should not wait for all."""


def application(word: str | None = None, *, alone: bool = False) -> typer.Typer:
    """The command line.

    Args:
        word: the command that was typed; where it is none of ours, all are there, to be listed or guessed at.
        alone: no command is wanted, but what the program says of itself.
    """
    app = typer.Typer(
        name="aggregator",
        help="A feed aggregator that republishes other people's articles by their rules.",
        epilog="Exit codes: 0 fine, 1 something is held back or failed, 2 usage or configuration.",
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(options)
    homes = [] if alone else [name for name, words in HOMES.items() if word in words] or list(HOMES)
    for name in homes:
        import_module(f"aggregator.cli.{name}").register(app)
    return app


def _command_in(arguments: list[str]) -> str | None:
    """The first word that is neither an option nor the value of one."""
    rest = iter(arguments)
    for word in rest:
        if word in ("--config", "-c"):
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aggregator {__version__}")
        raise typer.Exit


def options(
    context: typer.Context,
    config: ConfigOption = None,
    json: JsonOption = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """What may stand before every command."""
    remember(config, json)
    help_if_alone(context)


def main() -> None:
    """Runs the command that was typed. Every failure is a line on stderr and an exit code, never a traceback."""
    if sys.stdout is None:  # closed, as some schedulers start programs
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  open until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a letter shows '?'
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs a command.

    Returns:
        Its exit code: 0 fine, 1 something held back or failed, 2 usage or configuration, 130 interrupted.
    """
    common.choices.config, common.choices.json = None, False
    try:
        app = application(_command_in(arguments), alone=arguments == ["--version"])
        code = app(args=arguments, prog_name="aggregator", standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        complain(f"{_command(error)}: {_in_our_words(error)}")
        return USAGE
    except (Abort, KeyboardInterrupt):
        return 130
    except ConfigError as error:
        for problem in error.problems:
            complain(str(problem))
        return USAGE
    except AggregatorError as error:
        complain(f"aggregator: {error}")
        return USAGE if isinstance(error, UsageError) else HELD
    except BrokenPipeError:
        return _nobody_listens()
    except SystemExit as ended:
        # Typer ends the program itself where the pipe is closed while a command prints.
        if isinstance(ended.__context__, BrokenPipeError):
            return _nobody_listens()
        raise
    except Exception as error:
        if os.environ.get("AGGREGATOR_DEBUG"):
            traceback.print_exc()
        complain(
            f"aggregator: unexpected {type(error).__name__}: {error}; "
            "this is a mistake of the program; run again with AGGREGATOR_DEBUG=1 and report what it prints"
        )
        return HELD
    return code if isinstance(code, int) else FINE


def _nobody_listens() -> int:
    """The reader of our output went away, as `head` does: nothing is wrong, but nothing more must be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FINE


def _command(error: Any) -> str:
    """The command that did not understand, as it was typed."""
    context = getattr(error, "ctx", None)
    return context.command_path if context is not None else "aggregator"


def _in_our_words(error: Any) -> str:
    """Typer's message as one line like all of ours: what, then the remedy."""
    message = error.format_message().rstrip(".")
    message = re.sub(r"\. Did you mean (.*)\?$", lambda found: f"; did you mean {_or(found[1])}?", message)
    message = re.sub(r" \(Possible options: (.*)\)$", lambda found: f"; did you mean {_or(found[1])}?", message)
    message = re.sub(r"^No such (command|option):? '?([^';]*)'?", r"there is no \1 '\2'", message)
    message = re.sub(
        r"^Got unexpected extra arguments?\(?s?\)? \((.*)\)$", r"nothing is known to do with '\1'", message
    )
    message = re.sub(r"^Option (.*) requires an argument$", r"option \1 needs a value", message)
    message = re.sub(r"^Missing (argument|option) ", r"missing \1 ", message)
    message = re.sub(
        r"^Invalid value for ([^:]*): (.)", lambda f: f"not a good value for {f[1]}: {f[2].lower()}", message
    )
    explained = "lists the commands" if " no command " in message else "explains it"
    return f"{message}{'' if message.endswith('?') else ';'} '{_command(error)} --help' {explained}"


def _or(names: str) -> str:
    """`'poll', 'policy'` as people say it."""
    *others, last = (f"'{name.strip(chr(39))}'" for name in names.split(", "))
    return f"{', '.join(others)} or {last}" if others else last
