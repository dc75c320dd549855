"""What a document that was read brings: older parts of a new feed, and which of its entries are news."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.intake.churn import LOOKED_AT_MAX, recognised, suspects, within_a_day
from aggregator.intake.plan import departed_ids, ids_to_know, new_within_a_day
from aggregator.intake.twins import COMPARED_MAX, of_name, possible_ids, settled, told_apart
from aggregator.model.entry import entry_key
from aggregator.model.fetched import Fetched, Validators
from aggregator.model.parsed import ParsedEntry, ParsedFeed, ParseRequest
from aggregator.service.aside import MANY, aside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.entry import StoredEntry
    from aggregator.model.poll import KnownEntry, PollState
    from aggregator.model.source import Source
    from aggregator.service.poll import Polling
    from aggregator.store import Store

ENTRIES_MAX = 5_000
"""Entries of all parts of a new feed together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A document, and what is stored of its entries."""

    parsed: ParsedFeed
    known: dict[str, KnownEntry]
    is_partial: bool = False
    """Whether entries were left for later, so that the document must be asked for again."""


async def bring(source: Source, state: PollState, parsed: ParsedFeed, store: Store, now: datetime) -> Brought:
    """The document with known entries under the ids that they have here, and with no more news than a day may bring."""
    parsed = await under_own_ids(state, parsed, store)
    dated = [stone.ref for stone in parsed.tombstones]
    large = len(parsed.items) >= MANY
    departed = await aside(large, departed_ids, state, parsed)
    known = await store.known(source.id, await aside(large, ids_to_know, parsed, departed), dated)
    is_first = state.last_success_at is None
    found = await aside(large, suspects, parsed, state, known, departed)
    if found is not None:
        stored = await _candidates(source, departed, found.everywhere, store)
        staying = frozenset(entry_id for _, entry_id in parsed.items).intersection(known)
        parsed, count = await aside(large or len(stored) >= MANY, recognised, parsed, found, stored, staying)
        if count:
            parsed = _with_warning(parsed, f"{count} entries that were known came under other ids; they keep their own")
            departed = await aside(large, departed_ids, state, parsed)
            known = await store.known(source.id, await aside(large, ids_to_know, parsed, departed), dated)
    new = frozenset(read.entry.id for read in parsed.entries).difference(known)
    if is_first or not new:
        return Brought(parsed=parsed, known=known)
    brought = new_within_a_day(state.feed, now)
    parsed, beyond = await aside(large, within_a_day, parsed, new, brought, source.polling.daily_entries)
    if beyond:
        most = source.polling.daily_entries
        parsed = replace(parsed, feed=replace(parsed.feed, waiting=beyond))
        parsed = _with_warning(parsed, f"{beyond} new entries wait: a feed may bring {most} in a day (daily_entries)")
    return Brought(parsed=parsed, known=known, is_partial=beyond > 0)


async def under_own_ids(state: PollState, parsed: ParsedFeed, store: Store) -> ParsedFeed:
    """The document of a feed whose entries share ids or links, with each of them under the id that it has here."""
    if not parsed.entries or not (parsed.feed.twins or state.feed.twins):
        return parsed
    large = len(parsed.items) >= MANY
    possible = await aside(large, possible_ids, parsed)
    known = await store.known(parsed.source, sorted({one for names in possible.values() for one in names}))
    plain = {names[-1] for names in possible.values()}
    before = dict(state.items)
    elsewhere = {before[digest] for digest, entry_id in parsed.items if not entry_id and digest in before}
    holders = {*of_name((entry_id for _, entry_id in state.items), plain), *plain.intersection(known)} - elsewhere
    held = await store.entries_by_key([entry_key(parsed.source, one) for one in sorted(holders)[:COMPARED_MAX]])
    stored = {one.entry.id: one for one in held.values()}
    return await aside(large, settled, parsed, [one for _, one in state.items], elsewhere, known, stored)


async def _candidates(source: Source, departed: Sequence[str], everywhere: bool, store: Store) -> Sequence[StoredEntry]:
    if everywhere:
        return await store.list_entries(source=source.id, limit=LOOKED_AT_MAX)
    keys = [entry_key(source.id, entry_id) for entry_id in departed]
    return list((await store.entries_by_key(keys)).values())


def _with_warning(parsed: ParsedFeed, warning: str) -> ParsedFeed:
    """First, so that it is told where only few are."""
    return replace(parsed, warnings=(warning, *parsed.warnings))


async def with_older_parts(
    source: Source, parsed: ParsedFeed, request: ParseRequest, tools: Polling, now: datetime
) -> ParsedFeed:
    """The document of a feed that is read for the first time, with its archives or pages, as far as is configured.

    Each is asked for by the same fetcher, and read in the same workers. Where two have the same entry, the newer part
    has the newer entry (RFC 5005, 4.1). A part that cannot be had ends it; what there is, is kept.
    """
    seen, address = {request.url}, parsed.feed.earlier
    for _ in range(source.polling.archive_pages):
        if address is None or address in seen or source.feed.startswith("file:") or len(parsed.entries) >= ENTRIES_MAX:
            break
        seen.add(address)
        outcome = await tools.fetch(_at(source, address), Validators(), now)
        if not isinstance(outcome, Fetched):
            detail = getattr(outcome, "detail", "answered without a document")
            return _with_warning(parsed, f"older entries could not be had from {address}: {detail}")
        part = await tools.parse(
            replace(
                request,
                url=outcome.final_url,
                body=outcome.body,
                content_type=outcome.content_type,
                content_location=outcome.content_location,
                known=frozenset(),
            )
        )
        if not isinstance(part, ParsedFeed):
            return _with_warning(parsed, f"older entries could not be read from {address}: {part.detail}")
        parsed, address = _joined(parsed, part), part.feed.earlier
    return parsed


def _at(source: Source, address: str) -> Source:
    """The source at another address; what proves who we are goes to its own origin only."""
    if _origin(address) == _origin(source.feed):
        return replace(source, feed=address)
    return replace(source, feed=address, headers=(), cookies=(), basic_auth=None, bearer_auth=None)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _joined(parsed: ParsedFeed, part: ParsedFeed) -> ParsedFeed:
    """Both; its items are those of the first, which is the document that is polled."""
    if parsed.feed.twins or part.feed.twins:
        return _joined_apart(parsed, part)
    ids = {read.entry.id for read in parsed.entries}
    older = tuple(read for read in part.entries if read.entry.id not in ids)
    return _with_part(parsed, part, parsed.entries + older)


def _joined_apart(parsed: ParsedFeed, part: ParsedFeed) -> ParsedFeed:
    """Both, where entries share names: told apart over both, so that a name is shared or not for all of them."""
    both = parsed.entries + part.entries
    apart = told_apart(both, [], is_atom=parsed.feed.format.startswith("atom"))
    names = {read.entry.id: entry_id for read, entry_id in zip(parsed.entries, apart.ids, strict=False)}
    items = tuple((digest, names.get(entry_id, entry_id)) for digest, entry_id in parsed.items)
    feed = replace(parsed.feed, twins=parsed.feed.twins or apart.twins)
    return _with_part(replace(parsed, feed=feed, items=items), part, apart.entries)


def _with_part(parsed: ParsedFeed, part: ParsedFeed, entries: tuple[ParsedEntry, ...]) -> ParsedFeed:
    return replace(
        parsed,
        entries=entries[: max(ENTRIES_MAX, len(parsed.entries))],
        tombstones=parsed.tombstones + part.tombstones,
        warnings=parsed.warnings + part.warnings,
    )
