"""The command line: each command is a few lines over a use case."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from aggregator import __version__
from aggregator.cli import common, desk, look, work
from aggregator.cli.common import FINE, HELD, USAGE, ConfigOption, JsonOption, complain
from aggregator.errors import AggregatorError, ConfigError, UsageError

app = typer.Typer(
    name="aggregator",
    help="A feed aggregator that republishes other people's articles by their rules.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
work.register(app)
look.register(app)
desk.register(app)


@app.callback()
def options(config: ConfigOption = None, json: JsonOption = False, version: bool = False) -> None:
    if version:
        typer.echo(f"aggregator {__version__}")
        raise typer.Exit
    common.choices.config = config
    common.choices.json = json


def main() -> None:
    """Runs the command that was typed. Every failure is a line on stderr and an exit code, never a traceback."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs a command.

    Returns:
        Its exit code: 0 fine, 1 something held back or failed, 2 usage or configuration.
    """
    common.choices.config, common.choices.json = None, False
    try:
        code = app(args=arguments, prog_name="aggregator", standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except ConfigError as error:
        for problem in error.problems:
            complain(str(problem))
        return USAGE
    except AggregatorError as error:
        complain(f"aggregator: {error}")
        return USAGE if isinstance(error, UsageError) else HELD
    except BrokenPipeError:
        # The reader of our output went away, as `head` does: nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception as error:
        if os.environ.get("AGGREGATOR_DEBUG"):
            traceback.print_exc()
        complain(
            f"aggregator: unexpected {type(error).__name__}: {error}; "
            "this is a mistake of the program; run again with AGGREGATOR_DEBUG=1 and report what it prints"
        )
        return HELD
    return code if isinstance(code, int) else FINE


def is_usage_error(error: Exception) -> bool:
    """Whether typer found fault with what was typed. Its exceptions are those of a click of its own, which it hides."""
    return callable(getattr(error, "format_message", None)) and hasattr(error, "exit_code")


def tell_usage(error: Exception) -> int:
    """One line about what was typed; the whole help where nothing was."""
    message = error.format_message()  # type: ignore[attr-defined]  checked by is_usage_error
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(message)
    else:
        complain(f"aggregator: {message}; 'aggregator --help' lists the commands")
    return USAGE
