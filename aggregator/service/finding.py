"""What `doctor` found of one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    topic: str
    state: State
    what: str
    """What was found, one line."""
    remedy: str = ""
    """What to do about it; empty where nothing is to be done."""


def ok(topic: str, what: str) -> Finding:
    """It is well."""
    return Finding(topic=topic, state="ok", what=what)


def warning(topic: str, what: str, remedy: str) -> Finding:
    """It may be meant so, or becomes a problem if nobody looks."""
    return Finding(topic=topic, state="warning", what=what, remedy=remedy)


def problem(topic: str, what: str, remedy: str) -> Finding:
    """It is wrong."""
    return Finding(topic=topic, state="problem", what=what, remedy=remedy)
