"""CPU seconds of a process and its children, and two ways of doing the same work measured in turns."""

from __future__ import annotations

import gc
import os
import resource
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PROMISE = "the promise"
"""What a row is held against that has no other side."""

Work = Callable[[int], Awaitable[None]]
"""One round of work; the number is the round's."""

_apart: set[int] = set()


def leave_out(pid: int) -> None:
    """Never counts this child: it is the other side of a conversation, such as the farm of feeds."""
    _apart.add(pid)


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used so far, all of its threads, to the nanosecond. Linux."""
    # The clock id that clock_getcpuclockid(3) makes of a process id.
    return time.clock_gettime((~pid << 3) | 2)


def cpu_of_server(parent: int) -> float:
    """CPU seconds of PostgreSQL's processes that are there now, those of connections that have ended left out."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return sum(map(cpu_of, (parent, *map(int, children))))


def cpu() -> float:
    """CPU seconds that this process and its children, ended or not, have used so far."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    alive = sum(cpu_of(pid) + _of_its_ended(pid) for pid in _children(os.getpid()))
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime + alive


def _children(parent: int) -> set[int]:
    """All that descend from it, without those that are left out."""
    lists = (path.read_text() for path in Path(f"/proc/{parent}/task").glob("*/children"))
    own = {int(pid) for listed in lists for pid in listed.split()} - _apart
    return own.union(*map(_children, own))


def _of_its_ended(pid: int) -> float:
    """CPU seconds of the children of a process that have ended, and of theirs."""
    # After the name, which may hold anything: the fields of proc_pid_stat(5) from the third on.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes of memory that a process and all that descend from it hold."""

    resident: int
    """Pages that several of them share counted for each (RSS)."""
    shared: int
    """Pages that several of them share counted once (PSS)."""


def held_by(pid: int) -> Held:
    """What a process and all that descend from it hold now, without those that are left out. Linux."""
    found = [_held(one) for one in (pid, *_children(pid))]
    return Held(sum(one.resident for one in found), sum(one.shared for one in found))


def _held(pid: int) -> Held:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return Held(0, 0)
    sizes = {name: int(size.split()[0]) * 1024 for name, _, size in (line.partition(":") for line in lines[1:])}
    return Held(sizes.get("Rss", 0), sizes.get("Pss", 0))


@dataclass(frozen=True, slots=True)
class Pair:
    """CPU seconds of our way and of the limit, of each round."""

    ours: list[float]
    limit: list[float]


async def in_turns(rounds: int, ours: Work, limit: Work) -> Pair:
    """Does the two in turns (A B A B), so that both meet the same weather on the machine."""
    pair = Pair([], [])
    for number in range(rounds):
        pair.ours.append(await cost(ours, number))
        pair.limit.append(await cost(limit, number))
    return pair


async def cost(work: Work, number: int) -> float:
    """CPU seconds of one round."""
    gc.collect()
    before = cpu()
    await work(number)
    return cpu() - before


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    scenario: str
    what: str
    unit: str
    """What one piece of work is: `feed`, `decision`, `request`."""
    ours: float
    """CPU seconds a piece, median of the rounds."""
    limit: float
    """CPU seconds a piece of what it is held against, median of the rounds; or the seconds that are promised."""
    against: str
    ratio: float
    """Median of the rounds' own ratios, so that a slow minute weighs on both sides."""
    target: float | None
    """Highest ratio that keeps the promise; None: nothing is promised."""
    notes: tuple[str, ...] = ()
    in_bytes: bool = False
    """Whether `ours` and `limit` are bytes of memory, not seconds."""

    @property
    def reference(self) -> float | None:
        """Seconds of the other side, where there is one that did the same work in the same minutes."""
        return self.limit if self.against not in ("", PROMISE) else None

    @property
    def holds(self) -> bool | None:
        return None if self.target is None else self.ratio <= self.target


def row(
    pair: Pair,
    pieces: int,
    *,
    scenario: str,
    what: str,
    unit: str,
    against: str,
    target: float | None,
    notes: tuple[str, ...] = (),
) -> Row:
    """The line for a comparison in which each side did so many pieces of work a round."""
    return Row(
        scenario=scenario,
        what=what,
        unit=unit,
        ours=median(pair.ours) / pieces,
        limit=median(pair.limit) / pieces,
        against=against,
        ratio=median(ours / limit for ours, limit in zip(pair.ours, pair.limit, strict=True)),
        target=target,
        notes=notes,
    )


def promised(
    costs: list[float],
    pieces: int,
    *,
    scenario: str,
    what: str,
    unit: str,
    promise: float | None,
    notes: tuple[str, ...] = (),
) -> Row:
    """The line for work that is held against a promised number of CPU seconds a piece; None: against nothing."""
    ours = median(costs) / pieces
    return Row(
        scenario=scenario,
        what=what,
        unit=unit,
        ours=ours,
        limit=promise if promise is not None else 0.0,
        against=PROMISE if promise is not None else "",
        ratio=ours / promise if promise is not None else 0.0,
        target=1.0 if promise is not None else None,
        notes=notes,
    )


def held(most: int, *, scenario: str, what: str, promise: int, notes: tuple[str, ...] = ()) -> Row:
    """The line for memory that is held against a promise, both in bytes."""
    return Row(
        scenario=scenario,
        what=what,
        unit="",
        ours=most,
        limit=promise,
        against=PROMISE,
        ratio=most / promise,
        target=1.0,
        notes=notes,
        in_bytes=True,
    )


def taken() -> list[str]:
    """The most memory that this process and the largest of its children took, as lines to be printed."""
    own, child = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return [
        "",
        f"Memory at most: {own:,.0f} MiB in this process, {child:,.0f} MiB in the largest of its children that ended.",
    ]
