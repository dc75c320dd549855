"""The numbers of releases, so that each run stands beside the last one: `history.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
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


def last() -> Mapping[str, float]:
    """CPU seconds a piece of work in the last release, by name."""
    releases = read()
    seconds: Mapping[str, float] = releases[-1]["seconds"] if releases else {}
    return seconds


def record(release: str, rows: Sequence[Row]) -> None:
    """Keeps a run under the name of a release; an older one of that name is replaced."""
    kept = [one for one in read() if one["release"] != release]
    seconds = {name_of(row): float(f"{row.ours:.4g}") for row in rows}
    kept.append({"release": release, "on": f"{datetime.now(UTC):%Y-%m-%d}", "seconds": seconds})
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
