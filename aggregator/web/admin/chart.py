"""The last polls of a source as a small picture: bars for what each brought, colours for how it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.model.poll import PollRecord

STEP = 30
"""Width of a poll in the picture's own units."""
HEIGHT = 60
FOOT = 6
"""Height of the mark under each bar, so that a poll that brought nothing is seen too."""

KINDS = {"changed": "good", "unchanged": "quiet", "deferred": "quiet"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One poll."""

    x: int
    height: int
    """0: it brought nothing."""
    kind: str
    """`good` (it brought a document), `quiet` (nothing new) or `bad`."""
    poll: PollRecord


@dataclass(frozen=True, slots=True)
class Chart:
    """The polls, the oldest first."""

    bars: tuple[Bar, ...]
    most: int
    """New and changed entries of the poll that brought most."""

    @property
    def width(self) -> int:
        return max(1, len(self.bars)) * STEP


def poll_chart(polls: Sequence[PollRecord]) -> Chart:
    """
    Args:
        polls: the newest first, as the store has them.
    """
    brought = [poll.new + poll.revised for poll in reversed(polls)]
    most = max(brought, default=0)
    bars = [
        Bar(
            x=place * STEP,
            # By logarithm: a first poll of 200 entries would make all others look like none.
            height=round(HEIGHT * log1p(count) / log1p(most)) if count else 0,
            kind=KINDS.get(poll.outcome, "bad"),
            poll=poll,
        )
        for place, (count, poll) in enumerate(zip(brought, reversed(polls), strict=True))
    ]
    return Chart(tuple(bars), most)
