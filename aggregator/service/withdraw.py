"""What people rule by hand: an entry is picked for an output or kept out of it, or taken out everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.errors import UsageError
from aggregator.model.decision import Question
from aggregator.model.output import Approval, Withdrawal
from aggregator.model.story import Texts
from aggregator.model.use import Use
from aggregator.publishing.select import addresses_of, is_by
from aggregator.rights.approval import approval_digest
from aggregator.rights.decide import decide
from aggregator.rights.names import fold
from aggregator.service.assess import awaits_pick, gather_desk, judge, rejected_now
from aggregator.store import desk as desk_rows
from aggregator.store import entries as entry_rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from aggregator.model.entry import StoredEntry
    from aggregator.service.assess import Verdict
    from aggregator.service.world import World
    from aggregator.store import Store

PAGE = 1000
SHARED = 3
"""Entries of one source with one address and different titles: then it is no article's address, but a page's."""


async def find_entry(store: Store, name: str) -> StoredEntry:
    """The one entry of that name (ruling 25).

    Args:
        name: internal id, `SOURCE:ID`, the feed's own id, or the entry's URL.
    Raises:
        UsageError: there is none, or more than one.
    """
    found = await store.find(name)
    if not found:
        raise UsageError(
            "no entry is called '%(name)s'", command="'aggregator entries list' shows those that there are", name=name
        )
    if len(found) > 1:
        names = ", ".join(f"{stored.key} ({stored.entry.source})" for stored in found[:10])
        raise UsageError(
            "'%(name)s' names %(count)s entries; say which by its internal id: %(names)s",
            name=name,
            count=len(found),
            names=names,
        )
    return found[0]


# Picks


async def approve(name: str, output: str, by: str, world: World, store: Store, now: datetime) -> Approval:
    """Picks an entry for an output, until its origin, licence or notice changes (ruling 22).

    Raises:
        UsageError: there is no such entry or output.
    """
    return await _rule(name, output, by, world, store, now, rejected=False, reason="")


async def reject(name: str, output: str, reason: str, by: str, world: World, store: Store, now: datetime) -> Approval:
    """Keeps an entry out of an output, until its origin, licence or notice changes; others may carry it.

    Raises:
        UsageError: there is no such entry or output.
    """
    return await _rule(name, output, by, world, store, now, rejected=True, reason=reason)


async def _rule(
    name: str, output: str, by: str, world: World, store: Store, now: datetime, *, rejected: bool, reason: str
) -> Approval:
    world.pick_outputs([output])
    stored = await find_entry(store, name)
    approval = Approval(
        entry=stored.key,
        output=output,
        digest=approval_digest(stored.entry),
        at=now,
        by=by,
        rejected=rejected,
        reason=reason,
    )
    await store.approve(approval)
    return approval


async def unpick(name: str, output: str, by: str, world: World, store: Store, now: datetime) -> str:
    """Forgets that an entry was picked for an output, or rejected; gives its key.

    Raises:
        UsageError: there is no such entry or output, or nothing was ruled on it.
    """
    world.pick_outputs([output])
    stored = await find_entry(store, name)
    if not await store.write(desk_rows.unpick, stored.key, output, by, now):
        raise UsageError(
            "entry '%(name)s' was neither picked for output '%(output)s' nor rejected; nothing to undo",
            name=name,
            output=output,
        )
    return stored.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry in an output's queue."""

    entry: str
    source: str
    title: str
    url: str | None
    published_at: datetime | None
    state: str
    """`waiting` (a pick would let it in), `approved`, `lapsed` (picked once, then its origin, licence or notice
    changed), `rejected`, `carried` (an automatic output needs no pick) or `held` (a pick would not help)."""
    why: str
    """What stands in its way, or why it was rejected."""
    by: str | None
    """Who ruled last; None: nobody."""
    at: datetime | None


async def queue(output_id: str, world: World, store: Store, now: datetime) -> list[Candidate]:
    """The entries that an output would like, newest first, each with what was ruled on it.

    Raises:
        UsageError: there is no such output.
    """
    [output] = world.pick_outputs([output_id])
    desk = await gather_desk(store, output, world, now)
    verdicts, _ = await judge(output, world, desk, store, now)
    found = [_candidate(verdict, desk.approvals.get(verdict.stored.key)) for verdict in verdicts]
    refused = {key: approval for key, approval in desk.approvals.items() if approval.rejected}
    stored = await store.entries_by_key(sorted(refused)) if refused else {}
    found += [
        _ruled(entry, refused[key], "rejected", refused[key].reason)
        for key, entry in stored.items()
        if rejected_now(entry, desk) and entry.deleted_at is None
    ]
    order = {verdict.stored.key: verdict.stored.ordered_at for verdict in verdicts}
    order |= {key: entry.ordered_at for key, entry in stored.items()}
    return sorted(found, key=lambda one: (order[one.entry], one.entry), reverse=True)


def _candidate(verdict: Verdict, approval: Approval | None) -> Candidate:
    decision = verdict.decision
    if decision.allowed:
        state = "approved" if verdict.question.approved else "carried"
    elif awaits_pick(decision):
        state = "lapsed" if approval is not None and not approval.rejected else "waiting"
    else:
        state = "held"
    return _ruled(verdict.stored, approval, state, "" if decision.allowed else decision.sentence)


def _ruled(stored: StoredEntry, approval: Approval | None, state: str, why: str) -> Candidate:
    return Candidate(
        entry=stored.key,
        source=stored.entry.source,
        title=stored.entry.title,
        url=stored.entry.url,
        published_at=stored.entry.published_at,
        state=state,
        why=why,
        by=approval.by if approval else None,
        at=approval.at if approval else None,
    )


# Withdrawals


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which entries are meant; exactly one is given."""

    entry: str | None = None
    """Any name of one (ruling 25)."""
    source: str | None = None
    author: str | None = None
    """Whole, as the byline or as a name within it."""
    publisher: str | None = None
    """Name, alias or policy id: all that it published or originated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """An entry that an act reaches."""

    entry: str
    source: str
    title: str
    url: str | None
    outputs: tuple[str, ...]
    """In which it stands now."""
    copy: bool
    """True: it is not meant itself, but is the same article as one that is."""
    withdrawn: bool
    """Whether it was withdrawn before."""


async def reach(scope: Scope, world: World, store: Store) -> list[Reached]:
    """The entries that a scope names and the copies of them that stand anywhere, newest first; changes nothing.

    Raises:
        UsageError: not exactly one scope is given, or it names what there is not.
    """
    meant = await _meant(scope, world, store)
    withdrawn = await store.withdrawals()
    standing = await _standing(world, store)
    addresses = frozenset().union(*[await _addresses(stored, store) for stored in meant.values()])
    texts = Texts((stored.entry.sketch, key) for key, stored in meant.items())
    others = sorted(standing.keys() - meant.keys())
    copies = {
        key: stored
        for key, stored in (await store.entries_by_key(others) if others and meant else {}).items()
        if not addresses.isdisjoint(addresses_of(stored.entry)) or texts.find(stored.entry.sketch) is not None
    }
    everyone = sorted((meant | copies).items(), key=lambda pair: (pair[1].ordered_at, pair[0]), reverse=True)
    return [
        Reached(
            entry=key,
            source=stored.entry.source,
            title=stored.entry.title,
            url=stored.entry.url,
            outputs=tuple(standing.get(key, ())),
            copy=key in copies,
            withdrawn=key in withdrawn,
        )
        for key, stored in everyone
    ]


async def _standing(world: World, store: Store) -> dict[str, list[str]]:
    """Entry → the outputs in which it stands."""
    found: dict[str, list[str]] = {}
    for output in world.outputs:
        for key in await store.open_releases(output):
            found.setdefault(key, []).append(output)
    return found


async def _meant(scope: Scope, world: World, store: Store) -> dict[str, StoredEntry]:
    given = [name for name in ("entry", "source", "author", "publisher") if getattr(scope, name) is not None]
    if len(given) != 1:
        raise UsageError(
            "name one entry, or one of source, author and publisher",
            command="give ENTRY, --source, --author or --publisher",
        )
    if scope.entry is not None:
        stored = await find_entry(store, scope.entry)
        return {stored.key: stored}
    if scope.source is not None:
        return {stored.key: stored async for stored in _all(store, scope.source, world)}
    if scope.author is not None:
        if not scope.author.strip():
            raise UsageError("the author is empty; give a name")
        wanted = (scope.author,)
        return {one.key: one async for one in _all(store, None, world) if is_by(wanted, one.entry.author_names)}
    test = _of_publisher(str(scope.publisher), world)
    return {stored.key: stored async for stored in _all(store, None, world) if test(stored)}


async def _all(store: Store, source: str | None, world: World) -> AsyncIterator[StoredEntry]:
    """All stored entries, or those of a source, newest first.

    Raises:
        UsageError: there is no such source, neither configured nor stored.
    """
    after: tuple[datetime, str] | None = None
    seen = False
    while page := await store.list_entries(source=source, limit=PAGE, after=after):
        seen = True
        for stored in page:
            yield stored
        after = page[-1].ordered_at, page[-1].key
    if source is not None and not seen:
        world.pick_sources([source])


def _of_publisher(name: str, world: World) -> Callable[[StoredEntry], bool]:
    """Whether an entry passed through a publisher's hands: as its source, or as any hop before.

    Raises:
        UsageError: the name is empty.
    """
    if not name.strip():
        raise UsageError("the publisher is empty; give a name")
    wanted = fold(name)
    policies = {
        policy.id
        for policy in world.configuration.policies
        if name == policy.id or wanted in map(fold, (policy.publisher.name, *policy.publisher.aliases))
    }

    def test(stored: StoredEntry) -> bool:
        source = world.sources.get(stored.entry.source)
        policy = source.policy if source else None
        question = Question(stored=stored, policy=policy, use=Use(output=""), at=stored.first_seen_at, text=None)
        hops = decide(question, world.policies, ()).hops
        return any(hop.policy in policies or fold(hop.name) == wanted for hop in hops)

    return test


async def withdraw_all(
    scope: Scope, reason: str, by: str, world: World, store: Store, now: datetime
) -> list[Withdrawal]:
    """Takes all entries of a scope out of every output for good, in one act.

    None of them comes back with a poll (ruling 17), nor does the same article under another id or from another source.

    Returns:
        The withdrawals, an earlier one where an entry was withdrawn before.
    Raises:
        UsageError: as `reach`.
    """
    meant = await _meant(scope, world, store)
    asked = [await _withdrawal(stored, reason, by, store, now) for stored in meant.values()]
    await store.withdraw(*asked)
    # The first withdrawal of an entry stands: it is that which is told.
    standing = await store.withdrawals()
    return [standing[withdrawal.entry] for withdrawal in asked]


async def withdraw(name: str, reason: str, by: str, store: Store, now: datetime) -> Withdrawal:
    """Takes an entry out of every output for good; it cannot come back with the next poll (ruling 17).

    Raises:
        UsageError: there is no such entry.
    """
    stored = await find_entry(store, name)
    withdrawal = await _withdrawal(stored, reason, by, store, now)
    await store.withdraw(withdrawal)
    return withdrawal


async def _withdrawal(stored: StoredEntry, reason: str, by: str, store: Store, now: datetime) -> Withdrawal:
    return Withdrawal(
        entry=stored.key,
        at=now,
        by=by,
        reason=reason,
        addresses=tuple(sorted(await _addresses(stored, store))),
        sketch=stored.entry.sketch,
    )


async def restore(scope: Scope, reason: str, by: str, world: World, store: Store, now: datetime) -> list[str]:
    """Ends the withdrawals of a scope; its entries are decided anew at the next build.

    Returns:
        Keys of the entries that were withdrawn.
    Raises:
        UsageError: as `reach`, or none of them was withdrawn.
    """
    meant = await _meant(scope, world, store)
    restored = await store.restore(sorted(meant), by, reason, now)
    if not restored:
        raise UsageError("none of these entries is withdrawn; there is nothing to undo")
    return restored


async def _addresses(stored: StoredEntry, store: Store) -> frozenset[str]:
    """The addresses under which an article is known, unless many other articles of its source have the same."""
    found = addresses_of(stored.entry)
    if not found or stored.entry.url is None:
        return found
    titles = {one.entry.title for one in await store.read(entry_rows.at_url, stored.entry.source, stored.entry.url)}
    return frozenset() if len(titles) >= SHARED else found
