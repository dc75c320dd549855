"""`python -m benchmarks [NAME…] [--quick] [--record RELEASE]`: runs the scenarios and prints the table.

`python -m benchmarks scale …` and `fleet …` are runs of their own.
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
    outputs,
    pages,
    peers,
    polls,
    scale,
    serving,
    storing,
)
from benchmarks.measure import Row, memory
from benchmarks.table import lines

Scenario = Callable[[bool], Awaitable[list[Row]]]

SCENARIOS: dict[str, Scenario] = {
    "unchanged": polls.unchanged,
    "changed": polls.changed,
    "cold": polls.cold,
    "peers": peers.peers,
    "stored": storing.stored,
    "ticks": storing.ticks,
    "decisions": deciding.decisions,
    "rebuild": building.rebuild,
    "outputs": outputs.outputs,
    "served": serving.served,
    "busy": serving.busy,
    "hostile": hostile.hostile,
    "pages": pages.pages,
}


APART: dict[str, Callable[[list[str]], int]] = {"scale": scale.main, "fleet": fleet.main}
"""Long runs with tables and arguments of their own."""


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
    chosen = parser.parse_args()
    if chosen.record and chosen.quick:
        parser.error("--record keeps measurements, not looks; leave --quick out")
    if unknown := [name for name in chosen.names if name not in SCENARIOS]:
        parser.error(f"there is no scenario '{unknown[0]}'; there is: {', '.join(SCENARIOS)}")
    calm_collector()  # as a running service does
    configure_log("error", "console")
    # The loop that the product runs on, for both sides of each comparison.
    rows = uvloop.run(_run(chosen.names or list(SCENARIOS), chosen.quick))
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}{', quick' if chosen.quick else ''}; CPU time, medians of rounds in turns"
    )
    print("\n".join(lines(rows, *history.last(rows, chosen.record))))
    print("\n".join(memory()))
    if chosen.record:
        history.record(chosen.record, rows)
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
