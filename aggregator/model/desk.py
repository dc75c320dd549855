"""The permission desk: a flag as people work on it, what was said of it, and the letters about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from aggregator.model.output import Flag


class FlagState(StrEnum):
    """How far people are with a flag."""

    OPEN = "open"
    REQUESTED = "requested"
    """The publisher was asked and has not answered."""
    GRANTED = "granted"
    REFUSED = "refused"
    DISMISSED = "dismissed"
    """Nobody will ask: it stays held, until new facts open it again."""


WAITING = frozenset({FlagState.OPEN, FlagState.REQUESTED})
"""States in which a person has something to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A flag and what people have done about it."""

    flag: Flag
    state: FlagState
    assignee: str | None = None
    due_on: date | None = None
    changed_at: datetime | None = None
    """When somebody last changed state, assignee or due date; None: nobody did since it was (re)opened."""
    changed_by: str | None = None

    @property
    def waits(self) -> bool:
        """Whether a person has something to do."""
        return self.flag.closed_at is None and self.state in WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said of a flag."""

    at: datetime
    by: str
    text: str


class LetterState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A request to a publisher, and its answer."""

    id: str
    flags: tuple[str, ...]
    """Ids of the flags that it asks about; the first is the one it was begun from."""
    publisher: str
    to: str
    """Mail address; empty: it must be sent by other ways (a form, a postal address)."""
    subject: str
    body: str
    language: str
    drafted_at: datetime
    by: str
    answer_by: date | None = None
    """The day named in it by which an answer is wanted."""
    sent_at: datetime | None = None
    sent_how: str = ""
    """`smtp`, `eml` (saved as a file) or `hand` (copied into another program)."""
    reminded_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""
    """The answer's words, or what was said on the telephone."""
    answer_file: str = ""
    """Name and SHA-256 of the answer as a file; empty: there is none."""
    outcome: str = ""
    """`granted`, `refused` or `other`; empty until answered."""

    @property
    def state(self) -> LetterState:
        if self.answered_at is not None:
            return LetterState.ANSWERED
        return LetterState.DRAFT if self.sent_at is None else LetterState.SENT
