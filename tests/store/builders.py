"""Values for the store's tests: builders fill in all that does not matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from aggregator.model.decision import FlagKind
from aggregator.model.entry import Content, Entry
from aggregator.model.output import Document, Flag, Format, Release
from aggregator.model.poll import ChangeKind, EntryChange, IntakePlan, PollReport, PollState
from aggregator.store import flag_id

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)


def an_entry(name: str = "1", source: str = "herald", revision: str = "a", **facts: Any) -> Entry:
    given = {"title": f"Story {name}", "url": f"https://{source}.example/{name}"} | facts
    return Entry(source=source, id=name, revision=revision, **given)


def a_change(entry: Entry, kind: ChangeKind = ChangeKind.NEW, **more: Any) -> EntryChange:
    at = more.pop("at", NOW)
    content = Content(body=f"<p>{entry.title}</p>", text=entry.title)
    given = {"first_seen_at": at, "ordered_at": at, "earliest_at": None} | more
    return EntryChange(kind=kind, entry=entry, content=msgspec.json.encode(content), at=at, **given)


def a_plan(source: str = "herald", *changes: EntryChange, **more: Any) -> IntakePlan:
    at = more.pop("at", NOW)
    state = more.pop("state", PollState(source=source, next_poll_at=at + 30 * MINUTE, last_success_at=at))
    report = PollReport(source=state.source, outcome="changed" if changes else "unchanged")
    return IntakePlan(state=state, changes=changes, report=report, at=at, **more)


def a_release(entry: Entry, output: str = "community", **more: Any) -> Release:
    given = {"revision": entry.revision, "decision": "d1", "opened_at": NOW} | more
    return Release(output=output, entry=entry.key, **given)


def a_document(
    output: str = "community", form: Format = Format.RSS, body: bytes = b"<rss/>", entries: int = 1
) -> Document:
    return Document(output=output, format=form, body=body, etag=f'"{len(body)}"', modified_at=NOW, entries=1)


def a_flag(entry: Entry, output: str = "community", publisher: str = "Herald", **more: Any) -> Flag:
    subject = f"entry:{entry.key}"
    given = {
        "contact": "desk@herald.example",
        "reason": "Herald must be asked before print.",
        "rule": "herald:1",
        "where": "policies/herald.yaml:4",
        "opened_at": NOW,
    } | more
    return Flag(
        id=flag_id(subject, publisher, FlagKind.PERMISSION),
        kind=FlagKind.PERMISSION,
        subject=subject,
        source=entry.source,
        entry=entry.key,
        title=entry.title,
        publisher=publisher,
        outputs=(output,),
        **given,
    )
