"""Flags as people work on them: state, assignee, due date, comments, letters; each change with its ledger record.

What people do stands beside the flags, not in them: builds open and close flags by themselves, and must not be able to
undo a word of a person. A state holds for the question as it was when somebody ruled on it: where the flag was opened
again since, or its facts are others, it is open again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select, update

from aggregator.errors import UsageError
from aggregator.model.desk import Case, Comment, FlagState, Letter
from aggregator.model.output import Flag
from aggregator.store import answer_files, ledger
from aggregator.store.ledger import Note
from aggregator.store.statements import among, insert
from aggregator.store.tables import flag_comments, flag_outputs, flag_states, flags, letter_flags, letters

PAGE = 50
HANDING = timedelta(minutes=5)
"""How long a letter is kept for whoever hands it to the mail server: longer than that takes at worst."""
SETTLED = ("granted", "refused")
"""States by which a flag closes itself: what was settled is looked for there all the same."""

_DESCRIBED = (flags.c.title, flags.c.contact, flags.c.reason, flags.c.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which flags a list shows; empty: all."""

    state: str = "waiting"
    """`waiting` (open and requested), a `FlagState`, `closed` (its cause is gone) or `all`."""
    kind: str = ""
    output: str = ""
    source: str = ""
    publisher: str = ""
    assignee: str = ""
    """Name of an account; `-`: nobody."""
    text: str = ""
    """Words in title, publisher or reason."""
    overdue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """One page of a list of flags."""

    cases: tuple[Case, ...]
    total: int
    """Of all pages."""
    page: int
    """From 1."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def _facts(row: Any) -> str:
    """Digest of the facts that people ruled on."""
    told = "\0".join(str(row[column.name]) for column in _DESCRIBED)
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


_joined = select(
    flags, flag_states.c.state, flag_states.c.facts, flag_states.c.assignee, flag_states.c.due_on
).add_columns(flag_states.c.changed_at, flag_states.c.changed_by)
_from = flags.outerjoin(
    flag_states, and_(flag_states.c.flag == flags.c.id, flag_states.c.opened_at == flags.c.opened_at)
)
_state = func.coalesce(flag_states.c.state, FlagState.OPEN.value)


def _where(wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state == "closed":
        found.append(flags.c.closed_at.is_not(None))
    elif wanted.state != "all":
        states = ["open", "requested"] if wanted.state == "waiting" else [wanted.state]
        found.append(_state.in_(states))
        if wanted.state not in SETTLED:
            found.append(flags.c.closed_at.is_(None))
    equal = [(flags.c[name], getattr(wanted, name)) for name in ("kind", "source", "publisher")]
    found += [column == value for column, value in equal if value]
    if wanted.output:
        waits = select(flag_outputs.c.flag).where(flag_outputs.c.output == wanted.output)
        found.append(flags.c.id.in_(waits))
    if wanted.assignee:
        nobody = wanted.assignee == "-"
        found.append(flag_states.c.assignee.is_(None) if nobody else flag_states.c.assignee == wanted.assignee)
    for word in wanted.text.split()[:10]:
        pattern = f"%{_like(word)}%"
        found.append(
            or_(*(column.ilike(pattern, escape="\\") for column in (flags.c.title, flags.c.publisher, flags.c.reason)))
        )
    if wanted.overdue:
        found.append(flag_states.c.due_on < today.isoformat())
    return found


def _like(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


ORDERS: dict[str, ColumnElement[Any]] = {
    "title": func.lower(flags.c.title),
    "kind": flags.c.kind,
    "publisher": func.lower(flags.c.publisher),
    "opened": flags.c.opened_at,
}
"""By what a list of flags may be ordered."""


def read_page(connection: Connection, wanted: Filter, page: int, today: date, order: str = "") -> CasePage:
    """One page of the flags that a filter lets through.

    Args:
        order: a name of `ORDERS`, `-` before it turns it round; any other: what is due first, then what waits longest.
    """
    where = _where(wanted, today)
    total = connection.execute(select(func.count()).select_from(_from).where(*where)).scalar_one()
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    read = _joined.select_from(_from).where(*where)
    column = ORDERS.get(order.removeprefix("-"))
    if column is not None:
        read = read.order_by(column.desc() if order.startswith("-") else column)
    first = case((flag_states.c.due_on.is_(None), 1), else_=0)
    read = read.order_by(first, flag_states.c.due_on, flags.c.opened_at, flags.c.id)
    return CasePage(cases=_cases(connection, read.limit(PAGE).offset((page - 1) * PAGE)), total=total, page=page)


def read_after(
    connection: Connection, wanted: Filter, after: tuple[datetime, str] | None, limit: int, today: date
) -> list[Case]:
    """The flags that a filter lets through, in the order in which they were opened, behind a place in it.

    Args:
        after: (opened_at, id) of the last one that was seen.
    """
    where = _where(wanted, today)
    if after is not None:
        at, id_ = after
        where.append(and_(flags.c.opened_at >= at, or_(flags.c.opened_at > at, flags.c.id > id_)))
    read = _joined.select_from(_from).where(*where).order_by(flags.c.opened_at, flags.c.id).limit(limit)
    return list(_cases(connection, read))


def read_cases(connection: Connection, ids: Sequence[str]) -> list[Case]:
    """The flags of these ids, in this order; unknown ones are left out."""
    found = {
        one.flag.id: one
        for one in _cases(connection, _joined.select_from(_from).where(among(connection, flags.c.id, ids)))
    }
    return [found[id_] for id_ in ids if id_ in found]


def read_related(connection: Connection, flag: Flag, limit: int) -> list[Case]:
    """Other waiting flags that the same publisher could answer."""
    read = _joined.select_from(_from).where(
        flags.c.publisher == flag.publisher,
        flags.c.id != flag.id,
        flags.c.closed_at.is_(None),
        _state.in_(["open", "requested"]),
    )
    return list(_cases(connection, read.order_by(flags.c.opened_at, flags.c.id).limit(limit)))


def count_states(connection: Connection, today: date) -> dict[str, int]:
    """How many flags there are: by state (`waiting` and `overdue` among them), those that are closed left out."""
    # From a subquery: PostgreSQL does not see that two expressions with a parameter in them are one.
    now = select(_state.label("state")).select_from(_from).where(flags.c.closed_at.is_(None)).subquery()
    counted = select(now.c.state, func.count()).group_by(now.c.state)
    found: dict[str, int] = {str(name): number for name, number in connection.execute(counted)}
    late = select(func.count()).select_from(_from).where(*_where(Filter(overdue=True), today))
    waiting = found.get("open", 0) + found.get("requested", 0)
    return {**found, "waiting": waiting, "overdue": connection.execute(late).scalar_one()}


def count_by_publisher(connection: Connection, limit: int) -> list[tuple[str, int]]:
    """How many flags wait for each publisher's answer, those with the most first."""
    read = select(flags.c.publisher, func.count()).select_from(_from)
    read = read.where(flags.c.closed_at.is_(None), _state.in_(["open", "requested"])).group_by(flags.c.publisher)
    rows = connection.execute(read.order_by(func.count().desc(), flags.c.publisher).limit(limit))
    return [(row[0], row[1]) for row in rows]


def _cases(connection: Connection, read: Select[Any]) -> tuple[Case, ...]:
    rows = connection.execute(read).all()
    ids = [row.id for row in rows]
    outputs: dict[str, list[str]] = {id_: [] for id_ in ids}
    if ids:
        waiting = select(flag_outputs).where(among(connection, flag_outputs.c.flag, ids))
        for flag, output in connection.execute(waiting.order_by(flag_outputs.c.output)):
            outputs[flag].append(output)
    return tuple(_case(row, tuple(outputs[row.id])) for row in rows)


def _case(row: Row[Any], outputs: tuple[str, ...]) -> Case:
    values = row._mapping
    flag = Flag(
        **{column.name: values[column.name] for column in flags.columns if column.name in Flag.__slots__},
        outputs=outputs,
    )
    state = FlagState(row.state) if row.state else FlagState.OPEN
    if row.facts is not None and row.facts != _facts(values) and state in (FlagState.REFUSED, FlagState.DISMISSED):
        state = FlagState.OPEN  # what was ruled on was another question
    return Case(
        flag=flag,
        state=state,
        assignee=row.assignee,
        due_on=date.fromisoformat(row.due_on) if row.due_on else None,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def change(
    connection: Connection, ids: Iterable[str], changes: dict[str, Any], by: str, now: datetime, comment: str = ""
) -> list[str]:
    """Changes state, assignee or due date of flags, and says why.

    Args:
        changes: of `state`, `assignee` (None: nobody), `due_on` (ISO day; None: none).
    Returns:
        Ids of the flags that there are.
    """
    wanted = sorted(set(ids))
    rows = connection.execute(select(flags).where(among(connection, flags.c.id, wanted))).all()
    notes = []
    for row in sorted(rows, key=lambda row: str(row.id)):
        values = {
            **changes,
            "opened_at": row.opened_at,
            "facts": _facts(row._mapping),
            "changed_at": now,
            "changed_by": by,
        }
        new = insert(connection.dialect.name, flag_states).values(
            {"flag": row.id, "state": FlagState.OPEN.value, **values}
        )
        connection.execute(new.on_conflict_do_update(index_elements=["flag"], set_=values))
        body = {**changes, "by": by, **({"comment": comment} if comment else {})}
        notes.append(Note(kind=ledger.FLAG, subject=str(row.id), body=body))
        if comment:
            connection.execute(flag_comments.insert().values(flag=row.id, at=now, by=by, text=comment))
    ledger.append(connection, notes, now)
    return [str(row.id) for row in rows]


def add_comment(connection: Connection, flag: str, comment: Comment) -> None:
    """Keeps what somebody said of a flag."""
    connection.execute(flag_comments.insert().values(flag=flag, at=comment.at, by=comment.by, text=comment.text))


def read_comments(connection: Connection, flag: str) -> list[Comment]:
    """What was said of a flag, the oldest first."""
    read = select(flag_comments).where(flag_comments.c.flag == flag).order_by(flag_comments.c.number)
    return [Comment(at=row.at, by=row.by, text=row.text) for row in connection.execute(read)]


# Letters

_FIELDS = tuple(name for name in Letter.__slots__ if name != "flags")


def _letter(row: Row[Any], about: tuple[str, ...]) -> Letter:
    values = {name: row._mapping[name] for name in _FIELDS}
    values["answer_by"] = date.fromisoformat(row.answer_by) if row.answer_by else None
    return Letter(**values, flags=about)


def _row(letter: Letter) -> dict[str, Any]:
    row = {name: getattr(letter, name) for name in _FIELDS}
    return {**row, "answer_by": letter.answer_by.isoformat() if letter.answer_by else None}


def save_letter(connection: Connection, letter: Letter) -> None:
    """Stores a letter, or a newer text of a draft."""
    row = _row(letter)
    new = insert(connection.dialect.name, letters).values(row)
    connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=row))
    for number, flag in enumerate(letter.flags):
        about = insert(connection.dialect.name, letter_flags).values(letter=letter.id, flag=flag, number=number)
        connection.execute(about.on_conflict_do_nothing())


def note_letter(connection: Connection, /, letter: Letter, act: str, by: str, now: datetime, **more: Any) -> None:
    """Stores a letter and records what was done with it: `sent`, `reminded`, `answered`."""
    save_letter(connection, letter)
    let_go_of_letter(connection, letter.id)
    body = {"act": act, "publisher": letter.publisher, "flags": letter.flags, "by": by, **more}
    ledger.append(connection, [Note(kind=ledger.REQUEST, subject=letter.id, body=body)], now)


def note_answer(
    connection: Connection, /, letter: Letter, kept: tuple[str, bytes] | None, by: str, now: datetime, **more: Any
) -> bool:
    """Stores an answer and records it, unless a yes or a no is stored already: then somebody was quicker (False).

    Args:
        kept: (name, bytes) of the answer as a file; it is kept with it.
    """
    is_open = letters.c.outcome.not_in(("granted", "refused"))
    done = update(letters).where(letters.c.id == letter.id, is_open).values(outcome=letter.outcome)
    if connection.execute(done.returning(letters.c.id)).first() is None:
        return False
    if kept is not None:
        answer_files.keep(connection, letter.id, *kept, now)
    note_letter(connection, letter, "answered", by, now, outcome=letter.outcome, **more)
    return True


def claim_letter(connection: Connection, id_: str, *, sent: bool, now: datetime) -> bool:
    """Keeps a letter for whoever hands it to the mail server now. False: somebody else does, or it is not like that.

    Args:
        sent: whether it is one that waits for an answer, and of which a reminder goes; else it is a draft.
    """
    is_free = or_(letters.c.sending_at.is_(None), letters.c.sending_at < now - HANDING)
    state = (
        and_(letters.c.sent_at.is_not(None), letters.c.answered_at.is_(None)) if sent else letters.c.sent_at.is_(None)
    )
    kept = update(letters).where(letters.c.id == id_, is_free, state).values(sending_at=now).returning(letters.c.id)
    return connection.execute(kept).first() is not None


def let_go_of_letter(connection: Connection, id_: str) -> None:
    """Ends what `claim_letter` began."""
    connection.execute(update(letters).where(letters.c.id == id_).values(sending_at=None))


def drop_draft(connection: Connection, id_: str) -> bool:
    """Forgets a letter that was never sent. False if there is none."""
    connection.execute(letter_flags.delete().where(letter_flags.c.letter == id_, letter_flags.c.letter.in_(_drafts())))
    gone = letters.delete().where(letters.c.id == id_, letters.c.sent_at.is_(None)).returning(letters.c.id)
    return connection.execute(gone).one_or_none() is not None


def _drafts() -> Select[tuple[str]]:
    return select(letters.c.id).where(letters.c.sent_at.is_(None))


def read_letters(
    connection: Connection, *, flag: str | None = None, state: str = "all", limit: int = 200
) -> list[Letter]:
    """Letters, the newest first.

    Args:
        flag: only those about it.
        state: `draft`, `sent` (waiting for an answer), `answered` or `all`.
    """
    read = select(letters).order_by(letters.c.drafted_at.desc(), letters.c.id).limit(limit)
    if flag is not None:
        read = read.where(letters.c.id.in_(select(letter_flags.c.letter).where(letter_flags.c.flag == flag)))
    return _with_flags(connection, connection.execute(_in_state(read, state)).all())


def read_letter_page(connection: Connection, state: str, page: int, size: int) -> tuple[list[Letter], int, int]:
    """Letters of one page, the newest first; how many there are in all; and which page it is, where there are fewer.

    Args:
        state: as for `read_letters`.
        page: from 1.
    """
    total = connection.execute(_in_state(select(func.count()).select_from(letters), state)).scalar_one()
    page = min(page, max(1, -(-total // size)))
    read = select(letters).order_by(letters.c.drafted_at.desc(), letters.c.id).limit(size).offset((page - 1) * size)
    return _with_flags(connection, connection.execute(_in_state(read, state)).all()), total, page


def _in_state(read: Select[Any], state: str) -> Select[Any]:
    sent, answered = letters.c.sent_at, letters.c.answered_at
    if state == "draft":
        return read.where(sent.is_(None))
    if state == "sent":
        return read.where(sent.is_not(None), answered.is_(None))
    return read.where(answered.is_not(None)) if state == "answered" else read


def read_letters_after(
    connection: Connection, state: str, flag: str | None, after: tuple[datetime, str] | None, limit: int
) -> list[Letter]:
    """Letters in the order in which they were drafted, behind a place in it.

    Args:
        state: as for `read_letters`.
        flag: only those about it.
        after: (drafted_at, id) of the last one that was seen.
    """
    read = select(letters).order_by(letters.c.drafted_at, letters.c.id).limit(limit)
    if flag is not None:
        read = read.where(letters.c.id.in_(select(letter_flags.c.letter).where(letter_flags.c.flag == flag)))
    if after is not None:
        at, id_ = after
        drafted = letters.c.drafted_at
        read = read.where(and_(drafted >= at, or_(drafted > at, letters.c.id > id_)))
    return _with_flags(connection, connection.execute(_in_state(read, state)).all())


def read_letter(connection: Connection, id_: str) -> Letter:
    """The letter of this id.

    Raises:
        UsageError: there is none.
    """
    found = _with_flags(connection, connection.execute(select(letters).where(letters.c.id == id_)).all())
    if not found:
        raise UsageError("there is no letter '%(id)s'", id=id_)
    return found[0]


def _with_flags(connection: Connection, rows: Sequence[Row[Any]]) -> list[Letter]:
    about: dict[str, list[str]] = {row.id: [] for row in rows}
    if rows:
        read = select(letter_flags).where(among(connection, letter_flags.c.letter, list(about)))
        for row in connection.execute(read.order_by(letter_flags.c.number)):
            about[row.letter].append(row.flag)
    return [_letter(row, tuple(about[row.id])) for row in rows]
