"""What the clock owes by mail: reminders of letters, digests of flags; and letters that wait in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, update

from aggregator.errors import UsageError
from aggregator.model.account import User
from aggregator.model.desk import Comment, FlagState, Letter
from aggregator.model.hub import Outgoing
from aggregator.store import accounts, cases, ledger, outbox
from aggregator.store.ledger import Note
from aggregator.store.tables import flag_states, flags, letters, users

OFTEN = ("daily", "weekly", "never")
LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """An account that may get digests."""

    user: User
    digest: str | None
    """`daily`, `weekly` or `never`; None: as configured."""
    digest_at: datetime | None


def addressees(connection: Connection) -> list[Addressee]:
    """The accounts that are in use and have a mail address, by name."""
    read = select(users.c.name, users.c.digest, users.c.digest_at).where(
        users.c.email.is_not(None), users.c.disabled_at.is_(None)
    )
    known = {user.name: user for user in accounts.read_users(connection)}
    rows = connection.execute(read.order_by(users.c.name)).all()
    return [Addressee(user=known[row.name], digest=row.digest, digest_at=row.digest_at) for row in rows]


def digest_of(connection: Connection, name: str) -> str | None:
    """How often an account wants digests; None: as configured."""
    return connection.execute(select(users.c.digest).where(users.c.name == name)).scalar_one_or_none()


def choose_digest(connection: Connection, name: str, often: str | None, by: str, now: datetime) -> None:
    """Notes how often an account wants digests.

    Args:
        often: of `OFTEN`; None: as configured.
    Raises:
        UsageError: there is no such account, or it is none of the words.
    """
    if often is not None and often not in OFTEN:
        raise UsageError("'%(often)s' is not known; a digest comes daily, weekly or never", often=often)
    done = update(users).where(users.c.name == name).values(digest=often)
    if connection.execute(done.returning(users.c.name)).first() is None:
        raise UsageError(
            "there is no account '%(name)s'", command="'aggregator users list' shows those that there are", name=name
        )
    body = {"digest": often, "by": by}
    ledger.append(connection, [Note(kind=ledger.ACCOUNT, subject=f"user/{name}", body=body)], now)


def send_digest(
    connection: Connection, name: str, before: datetime | None, mail: Outgoing | None, now: datetime
) -> bool:
    """Hands a digest to the outbox, once, whoever asks.

    Args:
        before: when the last one was made, as it was read: if that is another by now, somebody was quicker.
        mail: None: there is nothing to tell; only the day is noted.
    """
    same = users.c.digest_at.is_(None) if before is None else users.c.digest_at == before
    done = update(users).where(users.c.name == name, same).values(digest_at=now)
    if connection.execute(done.returning(users.c.name)).first() is None:
        return False
    if mail is not None:
        outbox.put(connection, [mail])
    return True


def overdue_letters(connection: Connection, today: date) -> list[Letter]:
    """Letters whose day has passed without an answer or a reminder, the longest waiting first."""
    read = select(letters.c.id).where(
        letters.c.sent_at.is_not(None),
        letters.c.answered_at.is_(None),
        letters.c.reminded_at.is_(None),
        letters.c.chased_at.is_(None),
        letters.c.answer_by < today.isoformat(),
    )
    ids = connection.execute(read.order_by(letters.c.answer_by, letters.c.id).limit(LIMIT)).scalars().all()
    return [cases.read_letter(connection, id_) for id_ in ids]


def chase(connection: Connection, letter: Letter, reminder: Letter | Outgoing | None, now: datetime) -> bool:
    """Reminds of a letter by the clock, once.

    Args:
        reminder: a draft to look at, a mail to send, or None: only noted.
    """
    done = update(letters).where(letters.c.id == letter.id, letters.c.chased_at.is_(None)).values(chased_at=now)
    if connection.execute(done.returning(letters.c.id)).first() is None:
        return False
    if isinstance(reminder, Letter):
        cases.save_letter(connection, reminder)
        said = (
            f"The answer to letter {letter.id} was wanted by {letter.answer_by}; a reminder is drafted: {reminder.id}"
        )
        for flag in letter.flags:
            if connection.execute(select(flags.c.id).where(flags.c.id == flag)).first() is not None:
                cases.add_comment(connection, flag, Comment(at=now, by="clock", text=said))
        body = {"act": "reminder drafted", "reminder": reminder.id, "by": "clock"}
        ledger.append(connection, [Note(kind=ledger.REQUEST, subject=letter.id, body=body)], now)
    elif reminder is not None:
        outbox.put(connection, [reminder])
        cases.note_letter(connection, replace(letter, reminded_at=now), "reminded", "clock", now, how="smtp")
    return True


def queue_letter(connection: Connection, /, letter: Letter, mail: Outgoing, by: str, now: datetime) -> None:
    """Notes a letter as sent that waits in the outbox; its flags wait for the answer."""
    outbox.put(connection, [mail])
    cases.note_letter(connection, letter, "sent", by, now, how="smtp", to=letter.to, waits=True)
    changes: dict[str, Any] = {
        "state": FlagState.REQUESTED.value,
        "due_on": letter.answer_by.isoformat() if letter.answer_by else None,
    }
    cases.change(connection, letter.flags, changes, by, now)


def bounced(connection: Connection, id_: str, problem: str, now: datetime) -> None:
    """Makes a letter a draft again that no mail server took, and tells those who look at its flags."""
    row = connection.execute(select(letters.c.id).where(letters.c.id == id_)).first()
    if row is None:
        return
    letter = cases.read_letter(connection, id_)
    if letter.answered_at is not None:
        return
    draft = replace(letter, sent_at=None, sent_how="")
    cases.note_letter(connection, draft, "not delivered", "clock", now, problem=problem)
    open_ = select(flags.c.id).where(flags.c.id.in_(letter.flags), flags.c.closed_at.is_(None))
    for flag in connection.execute(open_).scalars().all():
        said = f"Letter {id_} could not be delivered ({problem}); it is a draft again"
        cases.change(connection, [flag], {"state": FlagState.OPEN.value}, "clock", now, said)


def due_flags(connection: Connection, today: date, within: timedelta) -> list[tuple[str, date, str | None]]:
    """(id, day, whose) of the open flags that are due within that time or are late, the latest first."""
    read = select(flag_states.c.flag, flag_states.c.due_on, flag_states.c.assignee).where(
        flag_states.c.due_on <= (today + within).isoformat(),
        flag_states.c.state.in_(["open", "requested"]),
        flag_states.c.flag.in_(select(flags.c.id).where(flags.c.closed_at.is_(None))),
        or_(flag_states.c.due_on.is_not(None)),
    )
    rows = connection.execute(read.order_by(flag_states.c.due_on, flag_states.c.flag).limit(LIMIT)).all()
    return [(row.flag, date.fromisoformat(row.due_on), row.assignee) for row in rows]


def put(connection: Connection, mails: Sequence[Outgoing]) -> None:
    """Hands mails to the outbox."""
    outbox.put(connection, mails)
