"""Flags: what is held back, why, whom to ask; looked at and worked on, alone and in bulk."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.model.decision import FlagKind
from aggregator.model.desk import Case, FlagState
from aggregator.service import desk as use
from aggregator.store.cases import Filter, count_states, read_after
from aggregator.web.api.operation import Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, cursor, cut, linked, place
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Day, Instant, Names, Said, Text, Truth, Word

States = Literal["waiting", "open", "requested", "granted", "refused", "dismissed", "closed", "all"]


class FlagRow(Answer):
    """An open question to a person."""

    id: str
    kind: str
    """`permission`, `third-party`, `no-policy`, `duty`, `condition`, `notice`, `review` or `gone` …"""
    state: str
    """`open`, `requested`, `granted`, `refused` or `dismissed`; whether its cause is gone tells `closed_at`."""
    subject: str
    """`entry:KEY` or `source:ID` …"""
    source: str
    entry: str | None
    title: str
    publisher: str
    contact: str | None
    """Whom to ask."""
    reason: str
    """A sentence."""
    rule: str
    where: str
    """file:line of the rule."""
    outputs: tuple[str, ...]
    """Those that wait for the answer."""
    assignee: str | None
    due_on: Day | None
    opened_at: Instant
    closed_at: Instant | None
    closed_because: str
    changed_at: Instant | None
    changed_by: str | None


class Comment(Answer):
    """What somebody said of a flag."""

    at: Instant
    by: str
    text: str


class Flag(FlagRow):
    """A flag with what was said and written about it."""

    comments: tuple[Comment, ...]
    requests: tuple[str, ...]
    """Ids of the letters about it, the newest first."""
    related: tuple[str, ...]
    """Ids of other waiting flags that the same publisher could answer: one letter may ask about all."""


class FlagPage(Page):
    items: tuple[FlagRow, ...]


class FlagCounts(Answer):
    """How many flags there are, those that are closed left out."""

    states: dict[str, int]
    """By state; `waiting` (open and requested) and `overdue` among them."""


class FlagQuery(Paged):
    state: States = "waiting"
    """`waiting` is open and requested; `closed`: the cause is gone."""
    kind: FlagKind | None = None
    output: Word = ""
    source: Word = ""
    publisher: Word = ""
    assignee: Word = ""
    """Name of an account; `-`: nobody."""
    text: Word = ""
    """Words in title, publisher or reason."""
    overdue: Truth = False


class FlagChange(Asked):
    """What is to become of a flag; what is left out stays."""

    state: Literal["open", "refused", "dismissed"] | None = None
    """Only a grant lets an entry out, so `granted` is none of them. `refused` records refusals, with the comment as
    evidence."""
    assignee: Word | None = None
    """Name of an account; empty: nobody."""
    due_on: Day | Literal[""] | None = None
    """Until when; empty: no day."""
    comment: Text = ""


class FlagsChange(FlagChange):
    """What is to become of several flags."""

    flags: Names = Field(min_length=1)
    """Ids."""


class CommentAsked(Asked):
    text: Said


class FlagsChanged(Answer):
    """The flags as they stand now."""

    items: tuple[FlagRow, ...]


def row(case: Case) -> FlagRow:
    """A flag as lists show it."""
    return FlagRow(**_fields(case))


def _fields(case: Case) -> dict[str, Any]:
    flag = case.flag
    names = ("id", "kind", "subject", "source", "entry", "title", "publisher", "contact", "reason", "rule", "where")
    return {
        **{name: getattr(flag, name) for name in names},
        "outputs": flag.outputs,
        "opened_at": flag.opened_at,
        "closed_at": flag.closed_at,
        "closed_because": flag.closed_because,
        "state": case.state.value,
        "assignee": case.assignee,
        "due_on": case.due_on,
        "changed_at": case.changed_at,
        "changed_by": case.changed_by,
    }


async def list_flags(call: Call[FlagQuery, None]) -> Reply:
    query = call.query
    wanted = Filter(
        state=query.state,
        kind=query.kind or "",
        output=query.output,
        source=query.source,
        publisher=query.publisher,
        assignee=query.assignee,
        text=query.text,
        overdue=query.overdue,
    )
    after = place("flags", query.after, datetime, str)
    found = await call.store.read(read_after, wanted, after, query.limit + 1, call.now.date())
    shown, following = cut(found, query.limit, lambda one: cursor("flags", one.flag.opened_at, one.flag.id))
    return linked(call, FlagPage(items=tuple(map(row, shown)), next=following))


async def count_flags(call: Call[None, None]) -> FlagCounts:
    return FlagCounts(states=await call.store.read(count_states, call.now.date()))


async def get_flag(call: Call[None, None]) -> Flag:
    return await _flag(call)


async def _flag(call: Call[Any, Any]) -> Flag:
    try:
        view = await use.look(call.named("id"), call.world, call.store)
    except UsageError as error:
        raise missing(error.worded()) from error
    return Flag(
        **_fields(view.case),
        comments=tuple(map(Comment.model_validate, view.comments)),
        requests=tuple(letter.id for letter in view.letters),
        related=tuple(case.flag.id for case in view.related),
    )


async def change_flag(call: Call[None, FlagChange]) -> Flag:
    before = await _flag(call)
    await _change(call, [before.id], call.body, {before.id: before})
    return await _flag(call)


async def change_flags(call: Call[None, FlagsChange]) -> FlagsChanged:
    ids = list(dict.fromkeys(call.body.flags))
    before = {id_: row(await use.find_case(id_, call.store)) for id_ in ids}
    await _change(call, ids, call.body, before)
    return FlagsChanged(items=tuple([row(await use.find_case(id_, call.store)) for id_ in ids]))


async def _change(call: Call[Any, Any], ids: list[str], asked: FlagChange, before: dict[str, Any]) -> None:
    given = asked.model_fields_set
    if asked.assignee:
        await call.desk.accounts.user(asked.assignee)
    if given & {"assignee", "due_on"}:
        for id_ in ids:
            old = before[id_]
            who = (asked.assignee or None) if "assignee" in given else old.assignee
            day = (asked.due_on or None) if "due_on" in given else old.due_on
            await use.assign([id_], who, day, call.by, call.store, call.now)
    if asked.state is not None:
        await use.settle(ids, FlagState(asked.state), asked.comment, call.by, call.store, call.now, call.world)
    elif asked.comment.strip():
        for id_ in ids:
            await use.comment(id_, asked.comment, call.by, call.store, call.now)


async def comment_flag(call: Call[None, CommentAsked]) -> Flag:
    before = await _flag(call)
    await use.comment(before.id, call.body.text, call.by, call.store, call.now)
    return await _flag(call)


OPERATIONS = (
    Operation(
        method="GET", path="/flags", handler=list_flags, summary="List the flags", query=FlagQuery, answer=FlagPage
    ),
    Operation(
        method="PATCH",
        path="/flags",
        handler=change_flags,
        summary="Work on several flags at once",
        role=Role.REVIEWER,
        body=FlagsChange,
        answer=FlagsChanged,
    ),
    Operation(
        method="GET", path="/flags/counts", handler=count_flags, summary="How many flags there are", answer=FlagCounts
    ),
    Operation(method="GET", path="/flags/{id}", handler=get_flag, summary="One flag", answer=Flag),
    Operation(
        method="PATCH",
        path="/flags/{id}",
        handler=change_flag,
        summary="Settle a flag, give it to somebody, set its day",
        about="What it holds back stays held, whatever its state: only a grant or another policy lets it out.",
        role=Role.REVIEWER,
        body=FlagChange,
        answer=Flag,
        careful=True,
    ),
    Operation(
        method="POST",
        path="/flags/{id}/comments",
        handler=comment_flag,
        summary="Say something of a flag",
        role=Role.REVIEWER,
        body=CommentAsked,
        answer=Flag,
        creates=True,
    ),
)
