"""Entries, revisions, releases, flags and the ledger, in SQLite or PostgreSQL.

Takes plans and build results, each one transaction, and gives plain values of `model`. `tables` is the schema,
`migrate` brings it up to date, `session` holds connections, transactions and their errors, `writer` lets polls share a
commit; then a module per aggregate of functions that take a connection. `Store` is the door to all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, text

from aggregator.errors import StoreError
from aggregator.model.entry import Content, StoredEntry
from aggregator.model.evidence import Evidence
from aggregator.model.output import Approval, Document, Flag, Format, Notified, Release, Withdrawal, Withdrawals
from aggregator.model.parsed import FeedFacts
from aggregator.model.policy import Grant
from aggregator.model.poll import IntakePlan, KnownEntry, PollState
from aggregator.store import (
    batches,
    desk,
    documents,
    entries,
    evidence,
    happenings,
    holds,
    ledger,
    notes,
    outputs,
    signal,
    sources,
)
from aggregator.store.address import Address, check_file, locate
from aggregator.store.apply import prepare
from aggregator.store.asking import GroupReader
from aggregator.store.batches import Batch
from aggregator.store.builds import Built, Stamp, SupersededError
from aggregator.store.desk import Rulings, flag_id
from aggregator.store.documents import DocumentInfo, FragmentsLostError
from aggregator.store.entries import After, Revision
from aggregator.store.facts import OutputFacts
from aggregator.store.hubs import Hubs
from aggregator.store.ledger import Record
from aggregator.store.migrate import check, check_exists, upgrade
from aggregator.store.outputs import BuildResult, Carried, End, OutputState, Standing
from aggregator.store.session import P, Session, T, Work, patience
from aggregator.store.trouble import UnavailableError
from aggregator.store.writer import GroupWriter

__all__ = [
    "PING_SECONDS",
    "After",
    "Batch",
    "BuildResult",
    "Built",
    "Carried",
    "DocumentInfo",
    "End",
    "FragmentsLostError",
    "Hubs",
    "OutputFacts",
    "OutputState",
    "Record",
    "Revision",
    "Rulings",
    "Stamp",
    "Standing",
    "Store",
    "SupersededError",
    "UnavailableError",
    "flag_id",
    "patience",
    "upgrade",
]

_MANY = 500
"""Entries of a plan from which its rows are made in a thread."""
_LARGE = 500_000
"""Bytes of their texts from which they are."""


PING_SECONDS = 3.0
"""A database that takes longer to say that it is there is not there."""


class Store:
    """The database, for one event loop. Every method raises `StoreError` where the database cannot be used."""

    def __init__(self, session: Session) -> None:
        """For `open`."""
        self._session = session
        self.hubs = Hubs(session)
        self._claimed: dict[str, PollState] = {}
        """What the database holds of the sources that this process polls now."""
        self._more_due = False
        """Whether the last claim was given as many as it asked for: then the next need not look whether any are due."""
        self._writer = GroupWriter(session, lambda: len(self._claimed))
        self._asking = GroupReader(session, lambda: len(self._claimed))

    @classmethod
    async def open(cls, url: str, *, migrate: bool = False) -> Store:
        """Opens a database.

        Args:
            url: `sqlite:///PATH` or `postgresql://USER@HOST/NAME`.
            migrate: whether to create it, or bring its schema up to date, first.
        Raises:
            SchemaError: its schema is missing, older or newer than this program.
            StoreError: it cannot be reached or used.
        """
        address = locate(url)
        if migrate:
            await asyncio.to_thread(upgrade, url)
        check_file(address)
        check_exists(address)
        session = Session(address)
        try:
            await session.read(check, address)
        except BaseException:
            await session.close()
            raise
        return cls(session)

    async def close(self) -> None:
        """Writes what waits, and ends the connections. May be called twice."""
        await self._asking.close()
        await self._writer.close()
        await self._session.close()

    def hasten(self, seconds: float) -> None:
        """Has nobody wait for the database any longer than this from now on: for a process that is asked to end."""
        self._session.hasten(seconds)

    @property
    def address(self) -> Address:
        """Where the database is."""
        return self._session.address

    @property
    def healthy(self) -> bool:
        """False while the database does not answer: nothing is lost then, but nothing new is stored either."""
        return self._session.problem is None

    @property
    def problem(self) -> str | None:
        """Why it does not answer, one line; None: it does."""
        return self._session.problem

    async def try_to_write(self, now: datetime) -> None:
        """Stores a small fact, to see whether more can be stored.

        Raises:
            StoreError: it cannot.
        """
        await self.write(notes.write, "try", b"true", now)

    async def ping(self) -> None:
        """Asks the database for a sign of life.

        Raises:
            StoreError: it gave none within three seconds.
        """
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self._session.read(_ping)
        except TimeoutError as error:
            name = self._session.address.name
            raise UnavailableError(f"database '{name}': gave no sign of life for {PING_SECONDS:g} s") from error

    @property
    def is_shared(self) -> bool:
        """Whether processes on other machines may use it, too."""
        return self._session.address.file is None

    async def listen(self, heard: Callable[[], None]) -> None:
        """Calls `heard` whenever another process may have changed something, until it is cancelled. Returns at once for
        a database that gives no signals."""
        await signal.listen(self._session.address, heard)

    # Any module of this package

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Does a function of this package in one durable transaction, as `store.write(accounts.add_user, user, …)`.

        Raises:
            StoreError: the database cannot be used; nothing was written.
        """
        return await self._session.write(work, *args, **kwargs)

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Does a function of this package that only reads, in one transaction.

        Raises:
            StoreError: the database cannot be used.
        """
        return await self._session.read(work, *args, **kwargs)

    # Sources

    async def sync_sources(self, ids: Sequence[str], now: datetime, *, feeds: Mapping[str, str] | None = None) -> None:
        """Makes exactly these sources active: new ones get their rows, others are retired (their entries stay),
        returning ones go on where they stopped.

        Args:
            feeds: configured address by id, where known: a source whose address was edited is due at once, and what
                was believed of the old one (a move, that it is gone) is forgotten.
        """
        await self._session.write(_sync_sources, ids, now, feeds)

    async def claim_due(self, now: datetime, *, lease: timedelta, owner: str, limit: int) -> list[PollState]:
        """Leases active sources that are due, the longest due first; no two processes get the same.

        Args:
            now: sources with `next_poll_at` at or before it, or that were never polled, are due.
            lease: after which others may have them, should this process die; longer than any poll.
            owner: this process, for `apply`.
            limit: how many at most.
        """
        if not self._more_due and not await self._session.read(sources.some_due, now):
            return []  # most ticks: no write, so no lock and no commit
        claimed = await self._session.write(sources.claim, now, lease, owner, limit)
        self._more_due = len(claimed) == limit
        for state in claimed:
            self._claimed[state.source] = state
        return claimed

    async def claim_named(
        self, ids: Sequence[str], now: datetime, *, lease: timedelta, owner: str
    ) -> dict[str, PollState]:
        """Leases these sources, due or not, by id; one that another process polls at this moment is missing."""
        claimed = await self._session.write(sources.claim_named, ids, now, lease, owner)
        for state in claimed:
            self._claimed[state.source] = state
        return {state.source: state for state in claimed}

    async def take_batch(
        self, batch: Batch, job: int, attempt: int, now: datetime, lease: timedelta
    ) -> batches.Taken | None:
        """Begins a batch of sources of one host (see `batches.take`); None: another job is at this host."""
        taken = await self._session.write(batches.take, batch, job, attempt, now, lease)
        for state in taken.states if taken is not None else ():
            self._claimed[state.source] = state
        return taken

    async def finish_batch(self, batch: Batch, run: str, keep: Sequence[str] = ()) -> None:
        """Ends a batch (see `batches.finish`)."""
        for source in batch.sources:
            self._claimed.pop(source, None)
        await self._session.write(batches.finish, batch, run, keep)

    async def poll_states(self, ids: Sequence[str] | None = None) -> dict[str, PollState]:
        """What is remembered of these sources, by id; None: of all active ones. A source without a row is missing."""
        return await self._session.read(sources.states, ids)

    async def feeds(self, ids: Sequence[str]) -> dict[str, FeedFacts]:
        """What the last documents of these sources say of their feeds, by id; a source without a row is missing."""
        return await self._session.read(sources.feeds, ids)

    async def apply(self, plan: IntakePlan, owner: str | None = None) -> bool:
        """Writes all that one poll brought, or nothing of it; returns when it is durable.

        Plans that come at about the same time share a transaction; one that fails does not harm the others.

        Args:
            plan: what to write.
            owner: whose lease must still hold; None: of no interest.
        Returns:
            False if the lease was lost, so that nothing was written.
        Raises:
            StoreError: nothing was written.
        """
        source = plan.state.source
        remembered = self._claimed.pop(source, None) if owner is not None else None
        try:
            if len(plan.changes) < _MANY and sum(len(change.content) for change in plan.changes) < _LARGE:
                prepared = prepare(plan, owner, remembered)
            else:
                prepared = await asyncio.to_thread(prepare, plan, owner, remembered)
        except ValueError as error:
            raise StoreError(f"source '{source}': what its poll brought cannot be stored: {error}") from error
        return await self._writer.submit(prepared)

    async def release_leases(self, owner: str) -> None:
        """Gives back every lease of a process that ends."""
        self._claimed.clear()
        await self._session.write(sources.release, owner)

    async def give_back(self, source: str, owner: str) -> None:
        """Ends the lease of one source of which there is nothing to write."""
        self._claimed.pop(source, None)
        await self._session.write(sources.give_back, source, owner)

    async def set_pushed(self, source: str, until: datetime | None, now: datetime) -> None:
        """Notes until when a hub delivers a source: it is polled seldom until then. None: it has stopped, and the
        source is due at once."""
        await self._session.write(sources.push, source, until, now)

    async def revive(self, source: str, why: str, now: datetime) -> bool:
        """Polls a source again that was gone (410), at once; closes its flag. False: it was not gone."""
        return await self._session.write(happenings.revive, source, why, now)

    # What their sites say to machines

    async def evidence(self, source: str) -> list[Evidence]:
        """All documents of a source's site that were asked for, silent ones too."""
        return await self._session.read(evidence.of_source, source)

    async def evidence_said(self, ids: Sequence[str]) -> dict[str, tuple[Evidence, ...]]:
        """The documents of these sources' sites that say something, by source; a source without any is missing."""
        return await self._session.read(evidence.said, ids)

    async def keep_evidence(self, source: str, rows: Sequence[Evidence]) -> bool:
        """Makes these all that is known of a source's site, in one transaction.

        Returns:
            Whether something else is said now: then the outputs that hold the source's entries are stale.
        """
        return await self._session.write(evidence.keep, source, rows)

    # Entries

    async def known(self, source: str, ids: Sequence[str], dated: Sequence[str] = ()) -> dict[str, KnownEntry]:
        """What is stored of a source's entries with these ids, by id; deleted ones too.

        Who asks at about the same time shares a transaction.

        Args:
            dated: those of them whose own date of update is wanted, too.
        """
        return await self._asking.known(source, ids, dated)

    async def candidates(
        self, sources: Sequence[str], *, since: datetime | None, limit: int, after: After | None = None
    ) -> list[StoredEntry]:
        """The newest entries of these sources that were not deleted upstream: by `ordered_at`, then key, downwards.

        Args:
            sources: ids; none gives none.
            since: entries placed before it are left out; None: none is.
            limit: how many at most.
            after: (ordered_at, key) of the last entry of the page before.
        """
        return await self._session.read(entries.candidates, sources, since, limit, after)

    async def entries_by_key(self, keys: Sequence[str]) -> dict[str, StoredEntry]:
        """The entries with these keys, deleted ones too."""
        return await self._session.read(entries.by_key, keys)

    async def contents(self, keys: Sequence[str]) -> dict[str, Content]:
        """The content of the newest revision of these entries."""
        return await self._session.read(entries.contents, keys)

    async def find(self, name: str) -> list[StoredEntry]:
        """The entries that a person may mean: by internal id or `SOURCE:ID`, else the feed's id, else URL.

        Several: the name is ambiguous.
        """
        return await self._session.read(entries.find, name)

    async def list_entries(
        self, *, source: str | None = None, limit: int, after: After | None = None
    ) -> list[StoredEntry]:
        """Entries newest first, deleted ones too."""
        return await self._session.read(entries.listed, source, limit, after)

    async def count_entries(self, source: str | None = None) -> dict[str, int]:
        """How many entries each source has, without those deleted upstream; a source without any is missing."""
        return await self._session.read(sources.entry_counts, None if source is None else [source])

    # Outputs

    async def publish(self, result: BuildResult) -> int:
        """Writes what one build changes, in one transaction; gives its number, if it has a stamp.

        Raises:
            SupersededError: another process has built the output meanwhile; nothing was written.
            StoreError: nothing was written; also where an entry that would stand was withdrawn meanwhile.
        """
        return await self._session.write(outputs.publish, result)

    async def publish_all(self, results: Sequence[BuildResult]) -> list[int | StoreError]:
        """The same for several outputs, in one transaction where that can be.

        Returns:
            Of each its number, or why nothing was written of it; the others do not suffer for it.
        """
        if len(results) > 1:
            try:
                return [*await self._session.write(outputs.publish_all, results)]
            except StoreError:
                pass  # of all nothing was written; of those that are sound it will be
        made: list[int | StoreError] = []
        for result in results:
            try:
                made.append(await self.publish(result))
            except StoreError as error:
                made.append(error)
        return made

    async def output_state(self, output: str) -> OutputState | None:
        """What is known of its last build; None: never built."""
        return (await self._session.read(outputs.states, output)).get(output)

    async def output_states(self) -> dict[str, OutputState]:
        """What is known of each output's last build, by id."""
        return await self._session.read(outputs.states, None)

    async def standing(self, output: str) -> Standing:
        """What an output is now: its last build, its releases, the validators of its documents, of one moment."""
        return await self._session.read(outputs.standing, output)

    async def open_releases(self, output: str) -> dict[str, Release]:
        """What stands in an output, by entry."""
        return await self._session.read(outputs.open_releases, output)

    async def first_releases(self, output: str, keys: Sequence[str] | None = None) -> dict[str, datetime]:
        """When each entry first stood in an output; entries that never did are missing. None: all entries."""
        return await self._session.read(outputs.first_releases, output, keys)

    async def releases_of(self, entry: str) -> list[Release]:
        """Where an entry stands or stood, in the order of opening."""
        return await self._session.read(outputs.releases_of, entry)

    async def recalled(self, output: str, *, since: datetime, limit: int) -> list[Release]:
        """The last release of each entry that was recalled from an output (`Ending.recalls`) and does not stand there
        again, newest end first: what tombstones tell. One that newer entries had crowded out and that was withdrawn or
        deleted since is among them.

        Args:
            since: ends before it are left out.
            limit: how many at most.
        """
        return await self._session.read(outputs.recalled, output, since, limit)

    async def documents(self) -> list[DocumentInfo]:
        """All documents, without their bytes."""
        return await self._session.read(documents.infos)

    async def document(self, output: str, form: Format) -> Document | None:
        """The ready bytes of an output in one format; None: there are none."""
        return await self._session.read(documents.one, output, form)

    # The permission desk

    async def sync_flags(self, output: str, flags: Sequence[Flag], now: datetime) -> None:
        """Makes these all the flags that the output waits for; as `publish` does, without a build."""
        await self._session.write(_sync_flags, output, flags, now)

    async def flags(self, *, open_only: bool = True) -> list[Flag]:
        """Flags in the order in which they were opened; `outputs` are those that wait now."""
        return await self._session.read(desk.read_flags, open_only)

    async def approve(self, approval: Approval) -> None:
        """Stores a person's pick of an entry for an output, or rejection; a newer one replaces it."""
        await self._session.write(desk.approve, approval)

    async def tell(self, told: Notified) -> None:
        """Records that an entry's publishers were told that it stands in an output; a newer record replaces it."""
        await self._session.write(desk.tell, told)

    async def withdraw(self, *withdrawals: Withdrawal) -> list[str]:
        """Blocks entries for good, all or none; their releases end at the next build. The first withdrawal stands.

        Returns:
            Keys of those that were not withdrawn before.
        """
        return await self._session.write(desk.withdraw, withdrawals)

    async def restore(self, entries: Sequence[str], by: str, reason: str, now: datetime) -> list[str]:
        """Ends withdrawals; gives the keys of those entries that were withdrawn."""
        return await self._session.write(desk.restore, entries, by, reason, now)

    async def withdrawals(self) -> Withdrawals:
        """All withdrawals, by entry."""
        return await self._session.read(desk.read_withdrawals)

    async def grants(self) -> list[Grant]:
        """All grants, revoked ones too, by id."""
        return await self._session.read(desk.read_grants)

    async def revoke_grant(self, grant: str, now: datetime, by: str = "", reason: str = "") -> bool:
        """Ends a grant or refusal; False: there is none such, or it was revoked before."""
        return await self._session.write(desk.revoke_grant, grant, now, by, reason)

    # The ledger

    async def note_config(self, version: str, now: datetime, what: Mapping[str, object] | None = None) -> bool:
        """Records that another configuration is in force.

        Args:
            what: what is another in it, as far as that is known.
        Returns:
            False if the last record says the same, so that nothing was recorded.
        """
        return await self._session.write(_note_config, version, now, what or {})

    async def ledger(self, after: int = 0, limit: int = 1000) -> list[Record]:
        """Records with numbers above `after`, in order."""
        return await self._session.read(ledger.records, after, limit)

    async def verify_ledger(self, noted: Sequence[tuple[int, str]] = ()) -> list[str]:
        """What is wrong with the chain, a line for each break; empty: it is whole.

        Args:
            noted: (number, hash) of records as they were noted elsewhere.
        """
        return await self._session.read(ledger.verify, noted)


def _ping(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))


def _sync_flags(connection: Connection, output: str, flags: Sequence[Flag], now: datetime) -> None:
    ledger.lock(connection)
    ledger.append(connection, desk.sync_flags(connection, output, flags, now), now)


def _note_config(connection: Connection, version: str, now: datetime, what: Mapping[str, object]) -> bool:
    ledger.lock(connection)
    last = ledger.last_of(connection, ledger.CONFIG, ledger.CONFIG_SUBJECT)
    if last is not None and msgspec.json.decode(last.body).get("version") == version:
        return False
    ledger.append(
        connection,
        [ledger.Note(kind=ledger.CONFIG, subject=ledger.CONFIG_SUBJECT, body={"version": version, **what})],
        now,
    )
    return True


def _sync_sources(connection: Connection, ids: Sequence[str], now: datetime, feeds: Mapping[str, str] | None) -> None:
    sources.sync(connection, ids, now)
    holds.forget(connection, now)
    if feeds is not None:
        happenings.edited(connection, dict(feeds), now)
        batches.place(connection, feeds)
