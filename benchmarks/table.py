"""The table that the benchmarks print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.history import name_of
from benchmarks.measure import Row

_HEAD = ("scenario", "what", "ours", "{release}", "limit", "held against", "ratio", "target", "holds")
_RIGHT = frozenset({2, 3, 4, 6, 7})


def lines(rows: Sequence[Row], release: str = "", before: Mapping[str, float] | None = None) -> list[str]:
    """The rows as lines of Markdown that also reads well on a terminal, and below it what else was seen.

    Args:
        release: the last one.
        before: seconds a piece in it, by `history.name_of`, scaled to the machine of today.
    """
    head = tuple(name.format(release=f"{release}, scaled" if release else "last release") for name in _HEAD)
    cells = [head, *(_cells(row, (before or {}).get(name_of(row))) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    table = [
        "| " + " | ".join(_padded(cell, widths[at], at in _RIGHT) for at, cell in enumerate(row)) + " |"
        for row in cells
    ]
    rule = "|" + "|".join("-" * (width + 1) + (":" if at in _RIGHT else "-") for at, width in enumerate(widths)) + "|"
    notes = [f"- {row.scenario}: {note}" for row in rows for note in row.notes]
    return [table[0], rule, *table[1:], *(["", *notes] if notes else [])]


def _cells(row: Row, before: float | None) -> tuple[str, ...]:
    held, told = bool(row.against), megabytes if row.in_bytes else amount
    return (
        row.scenario,
        row.what,
        f"{told(row.ours)}/{row.unit}" if row.unit else told(row.ours),
        "" if before is None else told(before),
        told(row.limit) if held else "",
        row.against,
        f"{row.ratio:.2f}" if held else "",
        f"≤ {row.target:.2f}" if row.target is not None else "",
        {True: "yes", False: "NO", None: ""}[row.holds],
    )


def amount(seconds: float) -> str:
    """CPU time in the unit that a person would take."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} µs"


def megabytes(size: float) -> str:
    """Bytes as people say them."""
    return f"{size / 1e6:.0f} MB"


def _padded(cell: str, width: int, right: bool) -> str:
    return cell.rjust(width) if right else cell.ljust(width)
