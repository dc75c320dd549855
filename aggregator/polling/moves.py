"""Permanent redirects (301, 308): believed once they have held, so that nobody takes a feed over in a day (R8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.model.fetched import FetchFailed, Outcome
from aggregator.model.poll import Move, PollState

POLLS_MIN = 3
HELD_MIN = timedelta(hours=48)
FAILURES_MAX = 3
"""Failures in a row at a believed address after which the configured one is asked again."""


def seen(state: PollState, outcome: Outcome, asked_url: str, now: datetime) -> Move | None:
    """The candidate after this poll; None: there is none, or it has broken off.

    Args:
        outcome: of a poll; a failure says nothing about the address.
        asked_url: where the poll began.
    """
    if isinstance(outcome, FetchFailed):
        return state.move
    target = outcome.permanent_url
    if target is None or target == asked_url or _loses_tls(asked_url, target):
        return None
    if state.move is not None and state.move.to == target:
        return Move(to=target, since=state.move.since, polls=state.move.polls + 1)
    return Move(to=target, since=now)


def has_held(move: Move | None, now: datetime) -> bool:
    """Whether the candidate may be believed: the same target on three polls over two days."""
    return move is not None and move.polls >= POLLS_MIN and now - move.since >= HELD_MIN


def has_failed(state: PollState, outcome: Outcome) -> bool:
    """Whether a believed address has failed so often that the configured one is asked again."""
    return state.believed_url is not None and isinstance(outcome, FetchFailed) and state.failures + 1 >= FAILURES_MAX


def _loses_tls(asked_url: str, target: str) -> bool:
    """Followed at each poll, but never for good: whoever stands on the way could keep the feed."""
    return asked_url.startswith("https:") and not target.startswith("https:")
