"""The benchmarks run: not how fast anything is, only that they do the work that they say, and print what it costs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import history
from benchmarks.__main__ import SCENARIOS, chosen
from benchmarks.content import document
from benchmarks.measure import Held, Pair, Row, held, held_by, promised, row
from benchmarks.table import lines

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the CPU time of other processes is read as Linux gives it")
def test_each_scenario_prints_what_it_costs_beside_its_limit() -> None:
    done = run("--quick", "stored", "served")
    assert done.returncode in (0, 1), done.stderr
    assert f"| {history.read()[-1]['release']}, scaled |" in done.stdout
    rows = [line for line in done.stdout.splitlines() if line.startswith(("| stored", "| served"))]
    assert len(rows) == 3
    for line in rows:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert "s/" in cells[2]
        assert float(cells[6]) > 0


def test_an_unknown_scenario_is_told_with_those_that_there_are() -> None:
    done = run("nosuch")
    assert done.returncode == 2
    assert all(name in done.stderr for name in ("nosuch", *SCENARIOS))


def test_a_scenario_may_be_run_part_by_part() -> None:
    """Each part is short enough for the time in which a machine is quiet; together they are the whole."""
    assert chosen([]) == list(SCENARIOS)
    assert chosen(["pages:sqlite"]) == ["pages:sqlite"]
    assert chosen(["pages", "busy", "pages:postgresql"]) == ["pages:sqlite", "pages:postgresql", "busy"]
    with pytest.raises(KeyError, match="page"):
        chosen(["page"])


def test_a_ratio_is_that_of_the_rounds_and_holds_up_to_its_target() -> None:
    """One slow round on a busy machine decides nothing."""
    pair = Pair([2.0, 30.0, 2.0], [1.0, 10.0, 1.0])
    told = row(pair, 2, scenario="a", what="b", unit="feed", against="c", target=2.0)
    assert (told.ours, told.limit, told.ratio, told.holds) == (1.0, 0.5, 2.0, True)
    assert lines([told])[-1].split("|")[3].strip() == "1.00 s/feed"


def test_the_last_release_is_told_as_if_it_had_run_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what the other side of a row took then and takes now; by most of the others where a row has none."""
    monkeypatch.setattr(history, "FILE", tmp_path / "history.json")

    def measured(ours: float, other: float) -> list[Row]:
        told = row(Pair([ours], [other]), 1, scenario="a", what="9 feeds", unit="feed", against="c", target=2.0)
        return [told, promised([ours], 1, scenario="b", what="a tick", unit="tick", promise=5.0)]

    now = measured(7.0, 3.0)
    assert history.last(now) == ("", {})
    history.record("1.0", measured(2.0, 1.0)[1:])
    history.record("1.0", measured(2.0, 1.0)[:1])  # the rest of the same run, once the machine was quiet again
    assert history.last(now) == ("1.0", {"a: N feeds": 6.0, "b: a tick": 6.0})
    assert history.last(now[1:]) == ("1.0", {})
    history.record("1.0", measured(2.0, 1.0)[:1])  # a part that was measured again
    assert len(history.read()) == 1
    assert history.last(now) == ("1.0", {"a: N feeds": 6.0, "b: a tick": 6.0})
    assert history.last(now, "1.0") == ("", {})
    head, _, *table = lines(now, *history.last(now))
    assert [one.split("|")[4].strip() for one in (head, *table)] == ["1.0, scaled", "6.00 s", "6.00 s"]


def test_documents_are_the_same_on_every_machine() -> None:
    assert document(3, version=2) == document(3, version=2)
    assert document(3, version=2) != document(3, version=3)


def test_memory_is_told_in_megabytes_and_not_scaled_by_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "FILE", tmp_path / "history.json")
    before = held(250_000_000, scenario="a", what="all processes", promise=300_000_000)
    history.record("1.0", [before])
    rows = [held(310_000_000, scenario="a", what="all processes", promise=300_000_000)]
    assert rows[0].holds is False
    told = [cell.strip() for cell in lines(rows, *history.last(rows))[-1].strip("|").split("|")]
    assert told[2:7] == ["310 MB", "250 MB", "300 MB", "the promise", "1.03"]


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of other processes is read as Linux gives it")
def test_memory_is_that_of_a_process_and_all_that_descend_from_it() -> None:
    """A page that two processes share counts once in one sum, and twice in the other."""
    code = "import os, time\nkept = bytearray(50_000_000)\nif os.fork():\n  print('here', flush=True)\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        both = held_by(parent.pid)
        os.killpg(parent.pid, signal.SIGKILL)
    assert 50_000_000 < both.shared < 100_000_000 < both.resident


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of other processes is read as Linux gives it")
def test_a_process_that_has_ended_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert held_by(ended.pid) == Held(0, 0)
