"""What moves is on a terminal only; what is piped or asked for as JSON is plain and complete."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Cli
from tests.cli.test_process import AGGREGATOR, ENVIRONMENT


def on_a_terminal(
    folder: Path, *arguments: str, until: str, stop: bool = False, at: str = "", do: Callable[[], object] = bool
) -> tuple[int, str, str]:
    """Runs a command whose terminal is ours; its exit code, what the terminal was sent, and what was piped.

    Args:
        until: is shown when it is stopped, if it is to be.
        at: is shown when something is to be done meanwhile.
    """
    ours, theirs = pty.openpty()
    environment = {**ENVIRONMENT, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    environment.pop("NO_COLOR", None)
    stdout = theirs if stop else subprocess.PIPE
    # Where the tests are a shell's job in the background, Ctrl-C is ignored by all that they start.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        child = subprocess.Popen(
            [*AGGREGATOR, *arguments], cwd=folder, env=environment, stdin=theirs, stdout=stdout, stderr=theirs
        )
    finally:
        signal.signal(signal.SIGINT, heard)
    os.close(theirs)
    shown, ends, told = b"", time.monotonic() + 60, False
    while time.monotonic() < ends:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
        if at and at.encode() in shown:
            at = ""
            do()
        if stop and not told and until.encode() in shown:
            child.send_signal(signal.SIGINT)
            told = True
    try:
        piped = child.communicate(timeout=30)[0]
    finally:
        child.kill()
        os.close(ours)
    return child.returncode, shown.decode(), (piped or b"").decode()


def test_a_watched_round_is_drawn_on_the_terminal_and_reported_on_the_output(fresh: Path):
    code, shown, piped = on_a_terminal(fresh, "poll", "--watch", until="")
    assert code == 0
    assert "of 7 polled in 0:" in shown
    assert "talbote" in shown
    assert "\x1b[?25h" in shown, "the cursor is given back"
    assert "\x1b" not in piped
    assert re.match(r"source +outcome +new", piped)
    assert len(piped.splitlines()) == 8


def test_a_watched_status_is_left_with_ctrl_c(built: Path):
    """And not by a configuration that is being edited, of which not even the database can be told."""
    path = built / "config/aggregator.yaml"
    sound = path.read_text()
    path.write_text(sound + "\nsight: {}\n")
    code, shown, _ = on_a_terminal(
        built, "status", "--watch", until="talbote", stop=True, at="sight", do=lambda: path.write_text(sound)
    )
    assert code == 130
    assert "talbote" in shown
    assert "\x1b[?1049l" in shown, "the screen is given back"


def test_elsewhere_a_watched_round_is_a_line_for_each_source(fresh: Path, cli: Cli):
    said = cli("poll", "--watch", "talbote", "town-hall")
    assert (said.code, said.err) == (0, "")
    assert sorted(said.out.splitlines()[:2]) == ["talbote: changed 3 new", "town-hall: changed 2 new"]
    assert "\x1b" not in said.out
    as_json = cli("poll", "--watch", "talbote", "--json")
    assert [one["source"] for one in as_json.json] == ["talbote"]


def test_a_status_cannot_be_watched_through_a_pipe(built: Path, cli: Cli):
    for options in ([], ["--json"]):
        said = cli("status", "--watch", *options)
        assert (said.code, said.out) == (2, "")
        assert said.lines == [
            "aggregator: --watch needs a terminal; leave it out, or ask /healthz of the running service"
        ]
