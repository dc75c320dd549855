"""The numbers of releases, so that each run stands beside the last one: `history.json`.

Machines differ, and so do hours of one machine. With each row of a release stand the seconds of its other side, which
did the same work in the same minutes; what that takes today scales the release's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Row

FILE = Path(__file__).with_name("history.json")


def name_of(row: Row) -> str:
    """What a row is called in every release: its words without the numbers in them."""
    return f"{row.scenario}: {re.sub(r'[0-9][0-9,.]*', 'N', row.what)}"


def read() -> list[dict[str, Any]]:
    """All recorded releases, the oldest first."""
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []
    return found


def last(rows: Sequence[Row], besides: str | None = None) -> tuple[str, Mapping[str, float]]:
    """Name of the last release, and CPU seconds a piece of work in it, by the name of a row, as if it had run now, with
    these rows. Those that are held against a promise have no other side: they are scaled as most of the others are,
    and left out where there are none. Bytes of memory stand as they were.

    Args:
        besides: the release that these rows are of; what it has already is not the last one's.
    """
    releases = [one for one in read() if one["release"] != besides]
    if not releases:
        return "", {}
    seconds, others = releases[-1]["seconds"], releases[-1]["references"]
    found = {name_of(row): row.reference for row in rows}
    scales = {name: now / others[name] for name, now in found.items() if now and name in others}
    usual = median(scales.values()) if scales else None
    scaled = {name: scales.get(name, usual) for name in found if name in seconds}
    # A slow hour makes nothing larger.
    scaled |= {name: 1.0 for name in map(name_of, (row for row in rows if row.in_bytes)) if name in seconds}
    return str(releases[-1]["release"]), {name: seconds[name] * by for name, by in scaled.items() if by is not None}


def record(release: str, rows: Sequence[Row]) -> None:
    """Keeps rows under the name of a release. What it has already of others stays: a whole run takes longer than most
    machines are quiet, so it may be made of scenarios, and of their parts."""
    releases = read()
    before: Mapping[str, Any] = next(
        (one for one in releases if one["release"] == release), {"seconds": {}, "references": {}}
    )
    seconds, references = dict(before["seconds"]), dict(before["references"])
    for row in rows:
        name = name_of(row)
        seconds[name] = float(f"{row.ours:.4g}")
        references.pop(name, None)
        if row.reference:
            references[name] = float(f"{row.reference:.4g}")
    kept = [one for one in releases if one["release"] != release]
    on = f"{datetime.now(UTC):%Y-%m-%d}"
    kept.append({"release": release, "on": on, "seconds": seconds, "references": references})
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
