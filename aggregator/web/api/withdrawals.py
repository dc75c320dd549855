"""Withdrawals: entries that are taken out everywhere, for good."""

from __future__ import annotations

from aggregator.model.account import Role
from aggregator.model.output import Withdrawal
from aggregator.service import withdraw as use
from aggregator.service import withdrawals as acts
from aggregator.web.api.operation import Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Instant, Name, Said, Text


class ScopeAsked(Asked):
    """Which entries are meant: exactly one of the four."""

    entry: Name | None = None
    """Any name of an entry: its key, `SOURCE:ID`, the feed's id, its address."""
    source: Name | None = None
    author: Name | None = None
    publisher: Name | None = None
    """Name, alias or policy id: all that it published or originated."""

    @property
    def scope(self) -> use.Scope:
        return use.Scope(entry=self.entry, source=self.source, author=self.author, publisher=self.publisher)


class WithdrawalAsked(ScopeAsked):
    """What is to be withdrawn, and why."""

    reason: Said
    """It stands in the ledger."""
    notice: Text | None = None
    """Words to the subscribers that have copies, beside what the letter says anyway; empty: the letter alone; left out:
    nobody is written to."""


class RestorationAsked(Asked):
    reason: Said


class ReachedRow(Answer):
    """An entry that a withdrawal reaches."""

    entry: str
    source: str
    title: str
    url: str | None
    outputs: tuple[str, ...]
    """In which it stands now."""
    copy_of_meant: bool
    """It is not meant itself, but is the same article as one that is."""
    withdrawn: bool
    """Whether it was withdrawn before."""


class CopiesShape(Answer):
    """A subscriber that has copies."""

    subscriber: str
    name: str
    url: str | None
    contact: str | None
    entries: tuple[str, ...]
    """Keys."""


class Reach(Answer):
    """All that a withdrawal would reach, newest first. Nothing was changed."""

    items: tuple[ReachedRow, ...]
    outputs: dict[str, int]
    """Output → entries that would leave it."""
    copies: tuple[CopiesShape, ...]
    """Subscribers that fetched documents with these entries."""
    unsearched: int
    """Always 0: it is looked for all entries who has them."""
    first_at: Instant | None
    """Since when any of them was public."""


class WithdrawalRow(Answer):
    """The end of an entry everywhere, by a person: it stays blocked."""

    entry: str
    at: Instant
    by: str
    reason: str


class WithdrawalPage(Page):
    items: tuple[WithdrawalRow, ...]


class Withdrawn(Answer):
    """The withdrawals; an earlier one where an entry was withdrawn before."""

    items: tuple[WithdrawalRow, ...]
    told: tuple[str, ...]
    """Names of the subscribers to whom a mail goes."""
    untold: tuple[str, ...]
    """Names of those that have copies, and cannot be written to from here."""


async def list_withdrawals(call: Call[Paged, None]) -> Reply:
    found = (await call.store.withdrawals()).values()
    shown, following = page_of(found, lambda one: one.entry, call.query, "withdrawals")
    return linked(call, WithdrawalPage(items=tuple(map(WithdrawalRow.model_validate, shown)), next=following))


async def preview_withdrawal(call: Call[None, ScopeAsked]) -> Reach:
    found = await acts.outlook(call.body.scope, call.world, call.store)
    return Reach(
        items=tuple(
            ReachedRow(
                entry=one.entry,
                source=one.source,
                title=one.title,
                url=one.url,
                outputs=one.outputs,
                copy_of_meant=one.copy,
                withdrawn=one.withdrawn,
            )
            for one in found.reached
        ),
        outputs=found.outputs,
        copies=tuple(
            CopiesShape(
                subscriber=one.holder.id,
                name=one.holder.name,
                url=one.holder.url,
                contact=one.holder.contact,
                entries=one.entries,
            )
            for one in found.copies
        ),
        unsearched=0,
        first_at=found.first_at,
    )


async def withdraw_entries(call: Call[None, WithdrawalAsked]) -> Withdrawn:
    asked = call.body
    done = await acts.withdraw_and_tell(
        asked.scope,
        asked.reason.strip(),
        asked.notice,
        call.by,
        call.world,
        call.store,
        call.desk.letters,
        call.now,
    )
    items = tuple(map(WithdrawalRow.model_validate, done.withdrawals))
    return Withdrawn(items=items, told=done.told, untold=done.untold)


async def get_withdrawal(call: Call[None, None]) -> WithdrawalRow:
    return WithdrawalRow.model_validate(await _withdrawal(call))


async def _withdrawal(call: Call[None, None] | Call[None, RestorationAsked]) -> Withdrawal:
    entry = call.named("entry")
    found = (await call.store.withdrawals()).get(entry)
    if found is None:
        raise missing(f"entry '{entry}' is not withdrawn")
    return found


async def restore_entry(call: Call[None, RestorationAsked]) -> WithdrawalRow:
    found = await _withdrawal(call)
    scope = use.Scope(entry=found.entry)
    await use.restore(scope, call.body.reason.strip(), call.by, call.world, call.store, call.now)
    return WithdrawalRow.model_validate(found)


OPERATIONS = (
    Operation(
        method="GET",
        path="/withdrawals",
        handler=list_withdrawals,
        summary="List the withdrawals",
        query=Paged,
        answer=WithdrawalPage,
    ),
    Operation(
        method="POST",
        path="/withdrawals",
        handler=withdraw_entries,
        summary="Take entries out everywhere",
        about=(
            "They leave within seconds, with tombstones, and do not come back with a poll or under another id. With a "
            "notice, subscribers that fetched copies are written to."
        ),
        role=Role.REVIEWER,
        body=WithdrawalAsked,
        answer=Withdrawn,
        status=201,
        creates=True,
    ),
    Operation(
        method="POST",
        path="/withdrawals/preview",
        handler=preview_withdrawal,
        summary="What a withdrawal would reach",
        body=ScopeAsked,
        answer=Reach,
    ),
    Operation(
        method="GET",
        path="/withdrawals/{entry}",
        handler=get_withdrawal,
        summary="One withdrawal",
        answer=WithdrawalRow,
    ),
    Operation(
        method="POST",
        path="/withdrawals/{entry}/restoration",
        handler=restore_entry,
        summary="End a withdrawal",
        about="The entry is decided anew at the next build.",
        role=Role.REVIEWER,
        body=RestorationAsked,
        answer=WithdrawalRow,
        creates=True,
    ),
)
