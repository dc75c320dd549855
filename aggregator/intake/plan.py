"""What one poll writes, as one value: the stored state, the outcome and the clock in, an `IntakePlan` out. Pure.

The service's way through a poll:

    state = remembered(state, digest := config_digest(…))      # before the fetch: what still holds of it
    outcome = await fetch(source, state.validators)
    FetchFailed              → plan_failed(state, outcome, …)
    NotModified, or Fetched with digest := body_digest(outcome.body) as in the state → plan_unchanged(state, outcome, …)
    Fetched → parse(known=known_digests(state), …)
        ParseFailed → plan_failed(state, failure_of(outcome, failed), …)
        ParsedFeed  → plan_parsed(state, outcome, brought.parsed, brought.known, …)   # as `service.bring` gives them
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import msgspec
from msgspec import structs

from aggregator.intake.prune import READER
from aggregator.model.entry import Entry
from aggregator.model.fetched import FailureKind, Fetched, FetchFailed, NotModified, Validators
from aggregator.model.parsed import FeedFacts, ParsedEntry, ParsedFeed, ParseFailed
from aggregator.model.poll import ChangeKind, EntryChange, IntakePlan, KnownEntry, PollReport, PollState

PLAUSIBLE_FROM = datetime(1990, 1, 1, tzinfo=UTC)
"""No article was published on the web before: an earlier date is a slip of software (1970 means zero)."""


DAY = timedelta(days=1)
EMPTY_FOR = timedelta(hours=48)
"""How long a complete feed must have been empty until its entries are taken for removed."""
EMPTY_SAID = "a complete feed that is empty: its entries stay until it has been so for 48 hours"
ITEMS_MAX = 5_000
"""Remembered of deltas, until the next whole document."""


def body_digest(body: bytes) -> str:
    """By which the same bytes under new validators are known."""
    return blake2b(body, digest_size=16).hexdigest()


def config_digest(
    feed: str,
    own_domains: Iterable[str],
    own_names: Iterable[str],
    others: Iterable[tuple[str, str]],
    *,
    detect_language: bool = False,
) -> str:
    """Of what the operator configured, and of the program, that the reading of a source depends on."""
    facts = [READER, feed, sorted(own_domains), sorted(own_names), sorted(others), *["language"] * detect_language]
    return blake2b(msgspec.json.encode(facts), digest_size=16).hexdigest()


def remembered(state: PollState, config: str) -> PollState:
    """The state as far as it still holds: under another configuration the document is asked for and read anew."""
    if state.config_digest == config:
        return state
    forgotten = tuple(("", entry_id) for _, entry_id in state.items)
    return structs.replace(state, validators=Validators(), body_digest=None, items=forgotten, config_digest=config)


def known_digests(state: PollState) -> frozenset[str]:
    """Digests of the items that need not be read again: `ParseRequest.known`."""
    return frozenset(digest for digest, _ in state.items if digest)


def ids_to_know(parsed: ParsedFeed, departed: Iterable[str]) -> tuple[str, ...]:
    """Ids of the entries that `plan_parsed` must know: those read, those named by tombstones, and, where absence means
    removal, those that left.

    Args:
        departed: what `departed_ids` gives.
    """
    ids = {entry.entry.id for entry in parsed.entries} | {stone.ref for stone in parsed.tombstones}
    return tuple(sorted(ids.union(departed) if parsed.feed.complete else ids))


def departed_ids(state: PollState, parsed: ParsedFeed) -> tuple[str, ...]:
    """Ids of entries that were in the document at the poll before, and are not in this one."""
    return _departed(state, items_of(state, parsed))


def failure_of(outcome: Fetched, failed: ParseFailed) -> FetchFailed:
    """An answer that could not be read, as the failure that it is for the schedule."""
    return FetchFailed(
        source=outcome.source,
        asked_at=outcome.asked_at,
        kind=FailureKind.PARSER if failed.killed else FailureKind.CONTENT,
        detail=failed.detail,
        status=outcome.status,
        retry_after=outcome.retry_after,
    )


def plan_unchanged(
    state: PollState, outcome: NotModified | Fetched, *, next_poll_at: datetime, why: str, now: datetime
) -> IntakePlan:
    """304, or the same bytes: validators and schedule, no entries."""
    kept = _succeeded(state, outcome, next_poll_at, why, now)
    if isinstance(outcome, Fetched):  # the same bytes under another header
        kept = structs.replace(kept, feed=_headed(state.feed, outcome, state.feed))
    report = PollReport(source=state.source, outcome="unchanged", next_poll_at=next_poll_at)
    return IntakePlan(state=kept, report=report, at=now)


def plan_failed(
    state: PollState, outcome: FetchFailed, *, next_poll_at: datetime, why: str, now: datetime
) -> IntakePlan:
    """Nothing usable: the schedule and the error. Entries, items and validators stay as they are (R11)."""
    failed = structs.replace(
        state,
        next_poll_at=next_poll_at,
        why_due=why,
        # What is no fault of the source's is told, and must not lengthen the wait after its next own one.
        failures=max(1, state.failures) if outcome.kind is FailureKind.OFFLINE else state.failures + 1,
        last_polled_at=outcome.asked_at,
        last_error=outcome.detail,
        last_error_kind=outcome.kind,
        last_status=outcome.status,
    )
    report = PollReport(source=state.source, outcome="failed", detail=outcome.detail, next_poll_at=next_poll_at)
    return IntakePlan(state=failed, report=report, at=now)


def plan_parsed(
    state: PollState,
    outcome: Fetched,
    parsed: ParsedFeed,
    known: Mapping[str, KnownEntry],
    *,
    next_poll_at: datetime,
    why: str,
    now: datetime,
    digest: str | None = None,
    is_partial: bool = False,
) -> IntakePlan:
    """A document that was read: what is new, revised, back or gone, and the state that goes with it.

    Args:
        state: as `remembered` gave it.
        known: by the feed's own id, at least for `ids_to_know`; entries of this source only.
        digest: of its body, by which the same bytes are known at the next poll; None: they are not.
        is_partial: whether entries of it were left for later: then it is asked for whole the next time.
    """
    items = items_of(state, parsed)
    if outcome.is_delta:
        items = _merged(items, state)
    if empty_since := _emptied(state, parsed, outcome, items, now):
        items, is_partial = tuple(state.items), True
        parsed = replace(
            parsed,
            feed=replace(parsed.feed, empty_since=empty_since, complete=False),
            warnings=(EMPTY_SAID, *parsed.warnings),
        )
    departed = _departed(state, items)
    buried = _buried(parsed, known, now)
    is_anew = bool(state.items) and not any(digest for digest, _ in state.items)
    changes = tuple(
        change
        for position, read in enumerate(parsed.entries)
        if read.entry.id not in buried
        and (change := _change(read, known.get(read.entry.id), position, now, is_anew=is_anew)) is not None
    )
    deleted = [
        (known[ref].key, min(when, now))
        for ref, when in buried.items()
        if ref in known and known[ref].deleted_at is None
    ]
    if parsed.feed.complete and not outcome.is_delta:
        gone = [known[ref] for ref in departed if ref in known and ref not in buried and known[ref].deleted_at is None]
        deleted += [(entry.key, now) for entry in gone]
    has_changed = bool(deleted or any(change.kind is not ChangeKind.READ_ANEW for change in changes))
    new = sum(change.kind is ChangeKind.NEW for change in changes)
    read_state = structs.replace(
        _succeeded(state, outcome, next_poll_at, why, now),
        validators=Validators() if is_partial else outcome.validators,
        body_digest=None if is_partial or outcome.is_delta else digest,
        items=items,
        feed=_counted(_facts(parsed.feed, outcome, state.feed), state.feed, new, now),
        last_changed_at=now if has_changed else state.last_changed_at,
    )
    anew = sum(change.kind is ChangeKind.READ_ANEW for change in changes)
    report = PollReport(
        source=state.source,
        outcome="changed" if has_changed else "unchanged",
        new=new,
        revised=len(changes) - new - anew,
        deleted=len(deleted),
        detail="; ".join(parsed.warnings[:3]),
        next_poll_at=next_poll_at,
        warnings=parsed.warnings,
    )
    return IntakePlan(
        state=read_state, changes=changes, deleted=tuple(deleted), departed=departed, report=report, at=now
    )


def _emptied(
    state: PollState, parsed: ParsedFeed, outcome: Fetched, items: tuple[tuple[str, str], ...], now: datetime
) -> datetime | None:
    """Since when a complete document has been empty that was not before, while that is not to be believed yet.

    By RFC 5005, 2 all of its entries are gone; by experience a database did not answer whoever wrote it. So it takes
    them with it only when it is still empty two days later.
    """
    if not parsed.feed.complete or outcome.is_delta or items or not state.items:
        return None
    since = state.feed.empty_since or now
    return since if now - since < EMPTY_FOR else None


def _succeeded(
    state: PollState, outcome: NotModified | Fetched, next_poll_at: datetime, why: str, now: datetime
) -> PollState:
    return structs.replace(
        state,
        next_poll_at=next_poll_at,
        why_due=why,
        validators=outcome.validators,
        failures=0,
        last_polled_at=outcome.asked_at,
        last_success_at=now,
        last_error=None,
        last_error_kind=None,
        last_status=outcome.status if isinstance(outcome, Fetched) else 304,
    )


def _facts(feed: FeedFacts, outcome: Fetched, before: FeedFacts) -> FeedFacts:
    """What the document says of its feed, and what the answer's header says before it (WebSub, 4: the header first)."""
    feed = _headed(feed, outcome, before)
    if before.twins and not feed.twins:
        feed = replace(feed, twins=True)
    if outcome.hubs:
        feed = replace(feed, hubs=outcome.hubs)
    if outcome.selves:
        feed = replace(feed, topic=outcome.selves[0] if len(outcome.selves) == 1 else None)
    return feed


def _counted(feed: FeedFacts, before: FeedFacts, new: int, now: datetime) -> FeedFacts:
    """With how many entries were new within a day."""
    counted = new_within_a_day(before, now)
    if not new:
        return replace(feed, day_since=before.day_since, day_new=before.day_new)
    return replace(feed, day_since=before.day_since if counted else now, day_new=counted + new)


def new_within_a_day(feed: FeedFacts, now: datetime) -> int:
    """How many entries of a source were new in the day that has begun; 0 where none has."""
    return feed.day_new if feed.day_since is not None and now - feed.day_since < DAY else 0


def _headed(feed: FeedFacts, outcome: Fetched, before: FeedFacts) -> FeedFacts:
    """With what the answer's header says of rights; what a hub pushes takes nothing back that the feed itself said."""
    if outcome.said is None:
        licences, said = before.licences, before.said
    else:
        licences, said = outcome.licences, outcome.said
    if (licences, said) == (feed.licences, feed.said):
        return feed
    return replace(feed, licences=licences, said=said)


def items_of(state: PollState, parsed: ParsedFeed) -> tuple[tuple[str, str], ...]:
    """In its order, (digest, entry id) of the document's items; those that were not read again keep the id they had."""
    before = {digest: entry_id for digest, entry_id in state.items if digest}
    named = ((digest, entry_id or before.get(digest, "")) for digest, entry_id in parsed.items)
    return tuple(dict.fromkeys((digest, entry_id) for digest, entry_id in named if entry_id))


def _merged(items: tuple[tuple[str, str], ...], state: PollState) -> tuple[tuple[str, str], ...]:
    """The items of a delta (RFC 3229), and those of before that it does not speak of: absence means nothing there."""
    spoken = {entry_id for _, entry_id in items}
    kept = tuple((digest, entry_id) for digest, entry_id in state.items if entry_id not in spoken)
    return (*items, *kept)[:ITEMS_MAX]


def _departed(state: PollState, items: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    staying = {entry_id for _, entry_id in items}
    return tuple(dict.fromkeys(entry_id for _, entry_id in state.items if entry_id and entry_id not in staying))


def _buried(parsed: ParsedFeed, known: Mapping[str, KnownEntry], now: datetime) -> dict[str, datetime]:
    """Ids whose tombstone holds, with its time: of entries of this source, and not older than the entry as it stands.

    A tombstone whose time cannot be read holds where the entry is gone from the document (RFC 6721, 3 and 4).
    """
    beside = {read.entry.id: read.entry.updated_at or read.entry.published_at for read in parsed.entries}
    buried: dict[str, datetime] = {}
    for stone in parsed.tombstones:
        if stone.ref not in known and stone.ref not in beside:
            continue
        if stone.when is None and stone.ref in beside:
            continue
        when = stone.when or now
        updated = beside[stone.ref] if stone.ref in beside else known[stone.ref].updated_at
        if updated is None or when >= updated:
            buried[stone.ref] = max(when, buried.get(stone.ref, when))
    return buried


def _change(
    read: ParsedEntry, known: KnownEntry | None, position: int, now: datetime, *, is_anew: bool
) -> EntryChange | None:
    """What is to be written of an entry that was read; None where it is stored as it is.

    Args:
        is_anew: whether the document is read again for another reason than its own: then what is no part of the
            revision, and may be missing, is written as well.
    """
    entry = read.entry
    if known is None:
        kind = ChangeKind.NEW
    elif known.deleted_at is not None:
        kind = ChangeKind.RETURNED
    elif known.revision != entry.revision:
        kind = ChangeKind.REVISED
    elif is_anew and (entry.sketch or entry.detected_language):
        kind = ChangeKind.READ_ANEW
    else:
        return None
    first_seen_at = now if known is None else known.first_seen_at
    dates = [date for date in (entry.published_at, entry.updated_at) if date is not None and date >= PLAUSIBLE_FROM]
    if known is not None and known.earliest_at is not None:
        dates.append(known.earliest_at)
    return EntryChange(
        kind=kind,
        entry=entry,
        content=read.content,
        first_seen_at=first_seen_at,
        ordered_at=_ordered_at(entry, first_seen_at, position),
        earliest_at=min(dates, default=None),
        at=now,
    )


def _ordered_at(entry: Entry, first_seen_at: datetime, position: int) -> datetime:
    """The entry's place: its date if that can be, else its first sighting, in the order of the document (R13).

    A second apart, so that undated entries keep their order also where only whole seconds are written.
    """
    date = entry.published_at or entry.updated_at
    if date is not None and PLAUSIBLE_FROM <= date <= first_seen_at:
        return date
    return first_seen_at - timedelta(seconds=position)
