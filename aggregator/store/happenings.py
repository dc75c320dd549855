"""What happens to sources' addresses: moves that are believed or forgotten, retirement by 410, the way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, case, select, update

from aggregator.model.decision import FlagKind
from aggregator.model.output import Flag
from aggregator.model.poll import SourceEvent, SourceEventKind
from aggregator.store import batches, desk, ledger
from aggregator.store.ledger import Note
from aggregator.store.statements import among
from aggregator.store.tables import polls, sources, to_microseconds

_KEPT = {"etag": None, "last_modified": None, "body_digest": None}


def record(connection: Connection, events: Sequence[tuple[SourceEvent, datetime]]) -> None:
    """Records the events in the ledger; one that is gone is not due any more and has a flag, one that is back has none.

    Where polls write their own row, they have done so before.
    """
    for event, at in events:
        notes = [
            Note(kind=ledger.SOURCE, subject=f"source:{event.source}", body={"what": event.kind, **dict(event.facts)})
        ]
        _place(connection, event)
        if event.kind is SourceEventKind.GONE:
            connection.execute(update(polls).where(polls.c.source == event.source).values(active=False))
        elif event.kind is SourceEventKind.BACK:
            wanted = select(sources.c.active).where(sources.c.id == polls.c.source).scalar_subquery()
            connection.execute(update(polls).where(polls.c.source == event.source).values(active=wanted))
        if (asked := _ASKED.get(event.kind)) is not None:
            notes += desk.raise_flags(connection, [_flag(event, *asked, at)], at)
        if (settled := _SETTLED.get(event.kind)) is not None:
            kind, why = settled
            notes += desk.close_flags(connection, f"source:{event.source}", kind, why, at)
        ledger.append(connection, notes, at)


def _place(connection: Connection, event: SourceEvent) -> None:
    """Notes the host of a source that is asked elsewhere from now on."""
    if event.kind is SourceEventKind.MOVED:
        batches.place(connection, {event.source: dict(event.facts)["to"]})
    elif event.kind is SourceEventKind.MOVE_FORGOTTEN:
        read = select(polls.c.feed_url).where(polls.c.source == event.source)
        if (feed := connection.execute(read).scalar_one_or_none()) is not None:
            batches.place(connection, {event.source: feed})


_ASKED = {
    SourceEventKind.GONE: (
        FlagKind.GONE,
        (
            "The feed of '{source}' answered 410 (gone) twice, so it is not polled any more; its entries stay. Give it "
            "another 'feed' in sources.yaml, remove it, or run 'aggregator sources revive {source}'."
        ),
    ),
    SourceEventKind.EMPTIED: (
        FlagKind.NOTICE,
        (
            "The feed of '{source}' says of itself that it is complete, and has no entries any more; it had {entries}. "
            "They stay until it has been empty for 48 hours, in case this is a mistake, and are then taken for removed "
            "by their publisher. To end one at once, withdraw it; to keep them, ask the publisher."
        ),
    ),
    SourceEventKind.FLOODED: (
        FlagKind.REVIEW,
        (
            "The feed of '{source}' has {entries} more new entries than it may bring in a day; they wait and come on "
            "the days after, the newest first. Look whether they are news: if they are, raise 'daily_entries' for it."
        ),
    ),
}
"""What an admin is asked when it happens."""
_SETTLED = {
    SourceEventKind.BACK: (FlagKind.GONE, "it is polled again"),
    SourceEventKind.FILLED: (FlagKind.NOTICE, "it has entries again"),
    SourceEventKind.EMPTY_BELIEVED: (FlagKind.NOTICE, "it was empty for 48 hours; its entries are taken for removed"),
    SourceEventKind.FLOOD_OVER: (FlagKind.REVIEW, "nothing of it waits any more"),
}
"""What needs no answer any more when it happens."""


def _flag(event: SourceEvent, kind: FlagKind, reason: str, at: datetime) -> Flag:
    subject, facts = f"source:{event.source}", dict(event.facts)
    return Flag(
        id=desk.flag_id(subject, event.publisher, kind),
        kind=kind,
        subject=subject,
        source=event.source,
        entry=None,
        title=event.title or event.source,
        publisher=event.publisher or event.title or event.source,
        contact=event.contact,
        reason=reason.format(source=event.source, entries=facts.get("entries", "")),
        rule="",
        where=facts.get("where", ""),
        outputs=(),
        opened_at=at,
    )


def revive(connection: Connection, source: str, why: str, now: datetime) -> bool:
    """Polls a source again that was gone, at once.

    Returns:
        False if it was not gone.
    """
    back = update(polls).where(polls.c.source == source, polls.c.gone_at.is_not(None))
    back = back.values(gone_at=None, failures=0, last_error_kind=None, next_poll_at=0, why_due=why)
    if connection.execute(back.returning(polls.c.source)).first() is None:
        return False
    event = SourceEvent(kind=SourceEventKind.BACK, source=source, facts=(("why", why),))
    record(connection, [(event, now)])
    return True


def ask_now(connection: Connection, source: str, why: str, now: datetime) -> bool:
    """Makes a source due: whichever process polls next asks for it, after all that has waited longer on its host.

    Returns:
        False if it is not polled at all: it is unknown, disabled or gone.
    """
    due = update(polls).where(polls.c.source == source, polls.c.active, polls.c.gone_at.is_(None))
    due = due.values(next_poll_at=to_microseconds(now), why_due=why).returning(polls.c.source)
    return connection.execute(due).first() is not None


def forget_move(connection: Connection, source: str, why: str, now: datetime) -> str | None:
    """Asks for a source at its configured address again, at once and without condition.

    Returns:
        The address that was believed; None: there was none, and no candidate either is left.
    """
    row = connection.execute(select(polls.c.believed_url, polls.c.moved_to).where(polls.c.source == source)).first()
    if row is None or row.believed_url is None:
        connection.execute(
            update(polls).where(polls.c.source == source).values(moved_to=None, moved_since=None, moved_polls=None)
        )
        return None
    connection.execute(
        update(polls)
        .where(polls.c.source == source)
        .values(
            **_KEPT, believed_url=None, moved_to=None, moved_since=None, moved_polls=None, next_poll_at=0, why_due=why
        )
    )
    facts = (("from", row.believed_url), ("why", why))
    record(connection, [(SourceEvent(kind=SourceEventKind.MOVE_FORGOTTEN, source=source, facts=facts), now)])
    return str(row.believed_url)


def edited(connection: Connection, feeds: dict[str, str], now: datetime) -> None:
    """Sources whose configured address is another than at their last poll: what was believed of the old one is
    forgotten, and they are due at once."""
    known = connection.execute(
        select(polls.c.source, polls.c.feed_url, polls.c.believed_url, polls.c.gone_at).where(
            polls.c.feed_url.is_not(None)
        )
    )
    changed = [row for row in known if row.source in feeds and feeds[row.source] != row.feed_url]
    if not changed:
        return
    ids = sorted(row.source for row in changed)
    connection.execute(
        update(polls)
        .where(among(connection, polls.c.source, ids))
        .values(
            believed_url=None,
            moved_to=None,
            moved_since=None,
            moved_polls=None,
            gone_at=None,
            failures=case((polls.c.gone_at.is_not(None), 0), else_=polls.c.failures),
            next_poll_at=0,
            why_due="its address was edited",
        )
    )
    events = []
    for row in sorted(changed, key=lambda row: str(row.source)):
        facts = (("why", "its address was edited"),)
        if row.believed_url is not None:
            events.append(
                SourceEvent(
                    kind=SourceEventKind.MOVE_FORGOTTEN, source=row.source, facts=(("from", row.believed_url), *facts)
                )
            )
        if row.gone_at is not None:
            events.append(SourceEvent(kind=SourceEventKind.BACK, source=row.source, facts=facts))
    record(connection, [(event, now) for event in events])


def asked_elsewhere(connection: Connection, url: str, source: str) -> bool:
    """Whether another source that is configured is asked for at this address."""
    read = select(polls.c.source).where(polls.c.source != source, polls.c.active)
    same = (polls.c.believed_url == url) | (polls.c.feed_url == url)
    return connection.execute(read.where(same).limit(1)).first() is not None
