"""`python -m benchmarks [NAME…] [--quick] [--record RELEASE]`: runs the scenarios and prints the table.

A scenario that takes minutes has parts, `pages:sqlite` and `pages:postgresql`: `pages` is both. `python -m benchmarks
scale …` and `fleet …` are runs of their own.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import uvloop

from aggregator.service.logs import configure_log
from aggregator.wiring import calm_collector
from benchmarks import (
    building,
    deciding,
    fleet,
    history,
    hostile,
    memory,
    outputs,
    pages,
    peers,
    polls,
    scale,
    serving,
    storing,
)
from benchmarks.measure import Row, taken
from benchmarks.table import lines

Scenario = Callable[[bool], Awaitable[list[Row]]]

SCENARIOS: dict[str, Scenario] = {
    "unchanged": polls.unchanged,
    "changed": polls.changed,
    "cold": polls.cold,
    "peers:reader": peers.reader,
    "peers:newsboat": peers.newsboat,
    "stored": storing.stored,
    "ticks": storing.ticks,
    "decisions": deciding.decisions,
    "rebuild": building.rebuild,
    "outputs:apart": outputs.apart,
    "outputs:shared": outputs.shared,
    "served": serving.served,
    "busy": serving.busy,
    "hostile": hostile.hostile,
    "memory:polls": memory.polls,
    "memory:outputs": memory.outputs,
    "pages:sqlite": pages.on_sqlite,
    "pages:postgresql": pages.on_postgresql,
}
"""By name, or by name and part where a scenario takes longer than most machines are quiet."""

APART: dict[str, Callable[[list[str]], int]] = {"scale": scale.main, "fleet": fleet.main}
"""Long runs with tables and arguments of their own."""


def chosen(names: list[str]) -> list[str]:
    """The scenarios and parts that these names mean, in the order of the names; all of them if there are none.

    Raises:
        KeyError: there is none of a name.
    """
    found: list[str] = []
    for name in names or ["all"]:
        meant = [one for one in SCENARIOS if name in ("all", one, one.partition(":")[0])]
        if not meant:
            raise KeyError(name)
        found += [one for one in meant if one not in found]
    return found


async def _run(names: list[str], quick: bool) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        if sys.stderr.isatty():
            print(f"{name} …", end="\r", file=sys.stderr)
        rows += await SCENARIOS[name](quick)
    return rows


def main() -> int:
    """Runs the named scenarios, or all.

    Returns:
        0 if every promise holds, 1 if one does not.
    """
    if sys.argv[1:2] and sys.argv[1] in APART:
        return APART[sys.argv[1]](sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="CPU seconds beside their limits.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(SCENARIOS)}; left out: all. Apart: {', '.join(APART)}"
    )
    parser.add_argument("--quick", action="store_true", help="smaller and fewer rounds: a look, not a measurement")
    parser.add_argument(
        "--record", metavar="RELEASE", help="keep the numbers of these scenarios in history.json under this name"
    )
    asked = parser.parse_args()
    if asked.record and asked.quick:
        parser.error("--record keeps measurements, not looks; leave --quick out")
    try:
        names = chosen(asked.names)
    except KeyError as error:
        parser.error(f"there is no scenario '{error.args[0]}'; there is: {', '.join(SCENARIOS)}")
    calm_collector()  # as a running service does
    configure_log("error", "console")
    # The loop that the product runs on, for both sides of each comparison.
    rows = uvloop.run(_run(names, asked.quick))
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}{', quick' if asked.quick else ''}; CPU time, medians of rounds in turns"
    )
    print("\n".join(lines(rows, *history.last(rows, asked.record))))
    print("\n".join(taken()))
    if asked.record:
        history.record(asked.record, rows)
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
