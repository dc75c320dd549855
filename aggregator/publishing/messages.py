"""What webhooks are told: ledger records in, messages out. Pure.

A message says what changed, never what an entry says: texts travel in documents only, with the credit that is due.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from aggregator.model.entry import StoredEntry
from aggregator.model.output import Flag
from aggregator.model.webhook import OF_OUTPUTS, Webhook, WebhookEvent

ENTRIES_MAX = 500
"""Entries that one message names in each of its lists; `more` says that there are others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One ledger record, as far as webhooks are concerned."""

    number: int
    at: datetime
    kind: str
    """`release`, `end`, `withdrawal` or `flag`."""
    subject: str
    """`OUTPUT/ENTRY` of a release or end, an entry's key, or a flag's id."""
    what: str = ""
    """Why a release ended, why an entry was withdrawn; of a flag `opened`, `opened again` or `closed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the messages name."""

    entries: Mapping[str, StoredEntry]
    carried: Mapping[str, Sequence[str]]
    """Entry → outputs that it stands or stood in."""
    flags: Mapping[str, Flag]
    outputs: Mapping[str, Mapping[str, Any]]
    """Output → how a message describes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event, for every webhook that wants it."""

    id: str
    """The same whichever process makes it."""
    event: WebhookEvent | None
    """None: a try."""
    outputs: frozenset[str]
    """Outputs that it is about."""
    body: bytes


def messages(happened: Sequence[Happening], known: Known) -> list[Message]:
    """The events that these records are."""
    made: list[Message] = []
    moves: dict[str, _Moves] = defaultdict(_Moves)
    for one in happened:
        if one.kind == "withdrawal":
            made.append(_withdrawn(one, known))
        elif one.kind == "flag":
            made.append(_flagged(one, known))
        else:
            output, _, entry = one.subject.partition("/")
            moves[output].note(entry, one)
    made += [_changed(output, move, known) for output, move in sorted(moves.items())]
    return made


def wants(hook: Webhook, message: Message) -> bool:
    """Whether a webhook is told of it."""
    if message.event not in hook.events:
        return False
    if message.event not in OF_OUTPUTS:
        return True  # a flag that is closed waits in no output any more
    return not hook.outputs or not message.outputs.isdisjoint(hook.outputs)


_TRIAL = "msg_test-"


def trial_message(number: str, at: datetime) -> Message:
    """A message that says nothing but that it is a try."""
    body = {"type": "test", "timestamp": _instant(at), "data": {}}
    return Message(id=f"{_TRIAL}{number}", event=None, outputs=frozenset(), body=msgspec.json.encode(body))


def is_trial(id_: str) -> bool:
    """Whether a message of this id is such a one."""
    return id_.startswith(_TRIAL)


@dataclass(slots=True)
class _Moves:
    """What entries did in one output."""

    first: dict[str, str] = field(default_factory=dict)
    last: dict[str, Happening] = field(default_factory=dict)

    def note(self, entry: str, one: Happening) -> None:
        self.first.setdefault(entry, one.kind)
        self.last[entry] = one

    def entries(self, first: str | None, last: str) -> list[str]:
        return [key for key, one in self.last.items() if one.kind == last and first in (None, self.first[key])]


def _changed(output: str, moves: _Moves, known: Known) -> Message:
    newest = max(moves.last.values(), key=lambda one: one.number)
    added, changed, removed = (
        moves.entries("release", "release"),
        moves.entries("end", "release"),
        moves.entries(None, "end"),
    )
    data: dict[str, Any] = {"output": known.outputs.get(output, {"id": output})}
    data["added"] = _named(added, known)
    data["changed"] = _named(changed, known)
    data["removed"] = [{**entry, "reason": moves.last[entry["key"]].what} for entry in _named(removed, known)]
    if max(len(added), len(changed), len(removed)) > ENTRIES_MAX:
        data["more"] = True
    return _message(WebhookEvent.CHANGED, f"{newest.number}-{output}", newest.at, frozenset({output}), data)


def _withdrawn(one: Happening, known: Known) -> Message:
    outputs = known.carried.get(one.subject, ())
    data = {"entry": _named([one.subject], known)[0], "reason": one.what, "outputs": sorted(outputs)}
    return _message(WebhookEvent.WITHDRAWN, str(one.number), one.at, frozenset(outputs), data)


def _flagged(one: Happening, known: Known) -> Message:
    flag = known.flags.get(one.subject)
    data: dict[str, Any] = {"flag": {"id": one.subject}}
    if flag is not None:
        names = ("id", "kind", "source", "entry", "title", "publisher", "contact", "reason", "outputs")
        data["flag"] = {name: getattr(flag, name) for name in names}
    event = WebhookEvent.FLAG_CLOSED if one.what == "closed" else WebhookEvent.FLAG_OPENED
    return _message(event, str(one.number), one.at, frozenset(flag.outputs if flag else ()), data)


def _named(keys: Iterable[str], known: Known) -> list[dict[str, Any]]:
    """Entries as messages name them."""
    named = []
    for key in list(keys)[:ENTRIES_MAX]:
        stored = known.entries.get(key)
        facts: dict[str, Any] = {"key": key}
        if stored is not None:
            facts |= {"source": stored.entry.source, "id": stored.entry.id, "url": stored.entry.url}
        named.append(facts)
    return named


def _message(event: WebhookEvent, number: str, at: datetime, outputs: frozenset[str], data: dict[str, Any]) -> Message:
    body = {"type": event.value, "timestamp": _instant(at), "data": data}
    return Message(id=f"msg_{number}", event=event, outputs=outputs, body=msgspec.json.encode(body, enc_hook=str))


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
