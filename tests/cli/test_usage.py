"""What is typed wrong is told in one line with a remedy; what is typed right is taken wherever it stands."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import typer.main

from aggregator import __version__
from aggregator.cli import HOMES, application
from tests.cli.conftest import Cli


def commands(group: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every command that does something, by its words."""
    found = {}
    for name, command in group.commands.items():
        inner = commands(command, (*path, name)) if hasattr(command, "commands") else {(*path, name): command}
        found |= inner
    return found


COMMANDS = commands(typer.main.get_command(application()))


def test_the_commands_of_the_design_are_there():
    assert {" ".join(words) for words in COMMANDS} >= {
        "run",
        "check",
        "config schema",
        "poll",
        "build",
        "export",
        "status",
        "sources list",
        "entries list",
        "entries show",
        "entries approve",
        "entries withdraw",
        "explain",
        "flags list",
        "policy list",
        "policy test",
        "ledger show",
        "ledger verify",
        "db upgrade",
    }


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_and_argument_is_explained(words: tuple[str, ...], cli: Cli):
    said = cli(*words, "--help")
    assert (said.code, said.err) == (0, "")
    assert "--config" in said.out
    assert "--json" in said.out
    for parameter in COMMANDS[words].params:
        assert parameter.help, f"{' '.join(words)}: '{parameter.name}' is not explained"
    assert "<list" not in said.out.partition("\n")[0]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_is_summed_up_in_a_line_that_fits(words: tuple[str, ...]):
    summary = COMMANDS[words].help.partition("\n")[0]
    assert summary.endswith(".")
    assert len(summary) <= 62


@pytest.mark.parametrize(
    "words", [(), ("config",), ("db",), ("entries",), ("flags",), ("ledger",), ("policy",), ("sources",)]
)
def test_a_group_alone_prints_what_it_holds(words: tuple[str, ...], cli: Cli):
    said = cli(*words)
    assert (said.code, said.err) == (2, "")
    assert said.out.startswith("Usage: aggregator")
    assert "Commands:" in said.out


def test_version(cli: Cli):
    assert cli("--version").out == f"aggregator {__version__}\n"
    assert cli("--no-version").code == 2
    assert "no-version" not in cli("--help").out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["pol"],
            (
                "aggregator: there is no command 'pol'; did you mean 'poll' or 'policy'? "
                "'aggregator --help' lists the commands"
            ),
        ),
        (
            ["entries", "lsit"],
            (
                "aggregator entries: there is no command 'lsit'; did you mean 'list'? "
                "'aggregator entries --help' lists the commands"
            ),
        ),
        (["frobnicate"], "aggregator: there is no command 'frobnicate'; 'aggregator --help' lists the commands"),
        (
            ["poll", "--jsno"],
            "aggregator poll: there is no option '--jsno'; did you mean '--json'? 'aggregator poll --help' explains it",
        ),
        (["check", "-x"], "aggregator check: there is no option '-x'; 'aggregator check --help' explains it"),
        (
            ["check", "extra"],
            "aggregator check: nothing is known to do with 'extra'; 'aggregator check --help' explains it",
        ),
        (["explain"], "aggregator explain: missing argument 'ENTRY'; 'aggregator explain --help' explains it"),
        (
            ["entries", "approve", "x"],
            (
                "aggregator entries approve: missing option '--output' / '-o'; "
                "'aggregator entries approve --help' explains it"
            ),
        ),
        (["--config"], "aggregator: option '--config' needs a value; 'aggregator --help' explains it"),
        (
            ["ledger", "show", "--limit", "0"],
            (
                "aggregator ledger show: not a good value for '--limit' / '-n': "
                "input should be greater than or equal to 1; "
                "'aggregator ledger show --help' explains it"
            ),
        ),
    ],
    ids=" ".join,
)
def test_a_slip_is_one_line_with_a_remedy(words: list[str], line: str, cli: Cli):
    said = cli(*words)
    assert (said.code, said.out, said.lines) == (2, "", [line])


@pytest.mark.parametrize(
    "words",
    [
        ["--config", "elsewhere", "--json", "policy", "list"],
        ["policy", "--config", "elsewhere", "--json", "list"],
        ["policy", "list", "--config", "elsewhere", "--json"],
        ["--json", "policy", "--config", "nowhere", "list", "-c", "elsewhere"],
    ],
    ids=" ".join,
)
def test_common_options_may_stand_at_any_place_and_the_last_wins(words: list[str], fresh, cli: Cli):
    (fresh / "config").rename(fresh / "elsewhere")
    said = cli(*words)
    assert (said.code, said.err) == (0, "")
    assert "delta-research" in {policy["id"] for policy in said.json}


def test_the_folder_may_come_from_the_environment(fresh, cli: Cli, monkeypatch: pytest.MonkeyPatch):
    (fresh / "config").rename(fresh / "elsewhere")
    monkeypatch.setenv("AGGREGATOR_CONFIG", "elsewhere")
    assert cli("check").code == 0


def test_one_command_does_not_leave_its_options_to_the_next(fresh, cli: Cli):
    assert cli("--json", "--config", "config", "policy", "list").out.startswith("[")
    assert cli("policy", "list").out.startswith("policy ")


def test_it_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "aggregator", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"aggregator {__version__}\n"


def test_a_mistake_of_ours_is_one_line_and_never_a_traceback(cli: Cli, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("first\nsecond")

    monkeypatch.delenv("AGGREGATOR_DEBUG", raising=False)
    monkeypatch.setattr("aggregator.cli.work.load", broken)
    said = cli("check")
    assert said.code == 1
    assert said.lines == [
        (
            "aggregator: unexpected ZeroDivisionError: first second; this is a mistake of the program; "
            "run again with AGGREGATOR_DEBUG=1 and report what it prints"
        )
    ]


def test_each_command_is_found_where_it_is_said_to_be():
    everything = typer.main.get_command(application())
    said = {word for words in HOMES.values() for word in words}
    assert set(everything.commands) == said
    for words in HOMES.values():
        for word in words:
            assert set(typer.main.get_command(application(word)).commands) == set(words), "and nothing else is loaded"


@pytest.mark.parametrize(
    "before", [(), ("--json",), ("--config", "status"), ("-c", "status"), ("--config=status",)], ids=" ".join
)
def test_a_command_is_found_behind_options(before: tuple[str, ...], cli: Cli):
    said = cli(*before, "check", "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Usage: aggregator check")
