"""Memory: what a service of its own takes while it polls feeds never seen, then changed ones, then unchanged ones.

The service is `aggregator run`, as an operator starts it, with the sample's policies, on a new SQLite file; its sources
stand on the farm. All of its processes count, from its start on, and nothing of the benchmark's own. Once it has no
outputs, once the sample's five: two of them would carry what hardly any publisher grants, so that each build looks
through up to 20,000 candidates, as far as it may.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from benchmarks.farm import Farm, open_farm
from benchmarks.house import ROOT, expect, sample
from benchmarks.measure import Held, Row, held, held_by, leave_out

PROMISED = 300_000_000
"""Bytes of all processes of a service with 2,000 sources."""
LOOK = 0.2
"""Seconds between two looks at its processes."""
DUE = "15s"
"""Until a source is asked again: short, so that rounds follow one another."""
AFTERWARDS = 12.0
"""Seconds until what is free has been given back."""
PATIENCE = 300.0
"""Seconds that one round may take."""


async def polls(quick: bool) -> list[Row]:
    """The most that all processes of a service held that polls and has no outputs."""
    return await _memory(quick, "that polls", has_outputs=False)


async def outputs(quick: bool) -> list[Row]:
    """The same with the sample's outputs."""
    return await _memory(quick, "and the sample's outputs", has_outputs=True)


async def _memory(quick: bool, kind: str, *, has_outputs: bool) -> list[Row]:
    """Pages that processes share are counted once (PSS)."""
    feeds = 200 if quick else 2_000
    rounds = ("never seen", "two new entries each", "two new entries each", "unchanged", "unchanged")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, open_farm() as farm:
        folder = Path(name)
        _configure(folder / "config", farm, feeds, has_outputs)
        process = _service(folder)
        watch = _Watch(process.pid)
        watching = asyncio.create_task(watch.look())
        try:
            assert process.stdout is not None
            expect(bool(await asyncio.to_thread(process.stdout.readline)), "the service did not start")
            most = [watch.turn()]
            version = 0
            for round_ in rounds:
                version += round_.startswith("two")
                await asyncio.to_thread(farm.turn, version)
                await asyncio.to_thread(_wait, farm, feeds)
                most.append(watch.turn())
            await asyncio.sleep(AFTERWARDS)
            afterwards = await asyncio.to_thread(held_by, process.pid)
        finally:
            watching.cancel()
            process.terminate()
            await asyncio.to_thread(process.communicate)
    peak = max(most, key=lambda one: one.shared)
    each = max(one.resident for one in most) // 1_000_000
    told = ", ".join(f"{what} {one.shared // 1_000_000}" for what, one in zip(("start", *rounds), most, strict=True))
    return [
        held(
            peak.shared,
            scenario="memory",
            what=f"a service with {feeds:,} sources {kind}, all its processes, at most",
            promise=PROMISED,
            notes=(
                f"MB at most by rounds: {told}; {afterwards.shared // 1_000_000} afterwards",
                f"shared pages counted for each process (RSS): {each}; {afterwards.resident // 1_000_000} afterwards",
            ),
        )
    ]


def _service(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "aggregator", "run"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    leave_out(process.pid)
    return process


def _wait(farm: Farm, feeds: int) -> None:
    """Until as many feeds were asked for again as there are."""
    until, ends_at = farm.asked() + feeds, time.monotonic() + PATIENCE
    while farm.asked() < until:
        expect(time.monotonic() < ends_at, "the service does not ask for its feeds")
        time.sleep(LOOK)


class _Watch:
    """Looks at the processes all the time."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = Held(0, 0)

    async def look(self) -> None:
        while True:
            now = await asyncio.to_thread(held_by, self._pid)
            self._most = Held(max(self._most.resident, now.resident), max(self._most.shared, now.shared))
            await asyncio.sleep(LOOK)

    def turn(self) -> Held:
        """The most since the last time."""
        most, self._most = self._most, Held(0, 0)
        return most


def _configure(config: Path, farm: Farm, feeds: int, has_outputs: bool) -> None:
    """The sample, but that its sources stand on the farm and are due every few seconds."""
    shutil.copytree(ROOT / "config", config)
    often = {"interval": DUE, "min_interval": DUE, "max_interval": DUE, "private_addresses": True}
    settings = yaml.safe_load((config / "aggregator.yaml").read_text()) | {"server": {"port": 0}, "polling": often}
    policies = [policy.id for policy in sample().policies]
    tags = [source.tags for source in sample().sources]
    sources = [
        {
            "id": f"paper-{feed}",
            "feed": farm.url(feed),
            "policy": policies[feed % len(policies)],
            "tags": list(tags[feed % len(tags)]),
        }
        for feed in range(feeds)
    ]
    written: dict[str, object] = {"aggregator": settings, "sources": sources}
    if not has_outputs:
        written["outputs"] = []
    for name, value in written.items():
        (config / f"{name}.yaml").write_text(json.dumps(value))
