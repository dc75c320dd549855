"""What an output tells its readers to drop: a tombstone for each entry that was recalled, for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.model.output import Ending, Format
from aggregator.publishing.ids import is_iri, tag_id
from aggregator.publishing.item import FeedOfOrigin, Tombstone
from aggregator.publishing.text import legal, line, web_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from aggregator.model.entry import StoredEntry
    from aggregator.model.output import Output, Release
    from aggregator.model.parsed import FeedFacts
    from aggregator.publishing.words import Words
    from aggregator.service.round import Round
    from aggregator.service.world import World
    from aggregator.store import Store

KEPT = timedelta(days=30)
"""How long a tombstone stands. A reader that looks less often than that has lost more than this."""
TOMBSTONES_MAX = 200
"""Of one output; the newest stay."""
_CARRIERS = frozenset({Format.ATOM, Format.JSON})
_WORDS = {Ending.WITHDRAWN: "gone-withdrawn", Ending.REJECTED: "gone-withdrawn", Ending.DELETED: "gone-deleted"}


async def tombstones(
    output: Output,
    world: World,
    store: Store,
    ended: Iterable[Release],
    stands: frozenset[str],
    words: Words,
    reads: Round | None = None,
) -> tuple[Tombstone, ...]:
    """The tombstones that stand in an output's documents now, newest first.

    Args:
        ended: releases that readers are to drop, each with its end, the older before the newer: those that earlier
            builds ended, and those that this one does.
        stands: keys of the entries that stand in the output from now on.
        words: of the output's language.
        reads: where outputs that are built one after the other share what they read; None: not.
    """
    if not _CARRIERS & set(output.formats):
        return ()
    gone = {release.entry: release for release in ended if release.entry not in stands}
    return (await tombstones_of(gone, world, store, words, reads))[:TOMBSTONES_MAX]


async def tombstones_of(
    gone: Mapping[str, Release], world: World, store: Store, words: Words, reads: Round | None = None
) -> tuple[Tombstone, ...]:
    """A tombstone for each of these releases, newest first; none where nobody knows under which id it went out.

    Args:
        gone: by entry, each with its end.
    """
    named = {key: (release, at) for key, release in gone.items() if release.atom_id and (at := release.closed_at)}
    if not named:
        return ()
    entries = await store.entries_by_key(sorted(named))
    feeds = await (reads or store).feeds(sorted({stored.entry.source for stored in entries.values()}))
    made = [_tombstone(release, at, entries.get(key), world, feeds, words) for key, (release, at) in named.items()]
    return tuple(sorted(made, key=lambda one: (one.at, one.id), reverse=True))


def _tombstone(
    release: Release,
    at: datetime,
    stored: StoredEntry | None,
    world: World,
    feeds: Mapping[str, FeedFacts],
    words: Words,
) -> Tombstone:
    site = world.configuration.settings.site
    source = _source(stored, world, feeds)
    by_publisher = release.ending is Ending.DELETED
    # What an admin wrote about it is for the ledger: here stands what may be said to everybody.
    comment = words.say(_WORDS.get(release.ending or Ending.RIGHTS, "gone-rights"), site=line(site.name))
    return Tombstone(
        id=release.outbound_id,
        atom_id=release.atom_id,
        at=at.replace(microsecond=0),
        by=source.title if by_publisher else line(site.name),
        comment=comment,
        source=source,
    )


def _source(stored: StoredEntry | None, world: World, feeds: Mapping[str, FeedFacts]) -> FeedOfOrigin:
    """The feed that the entry came from, as far as it is still known."""
    site = world.configuration.settings.site
    name = stored.entry.source if stored else "unknown"
    facts = feeds.get(name)
    source = world.sources.get(name)
    address = web_address(source.feed) if source else None
    id_ = legal((facts.feed_id if facts else None) or address or "")
    return FeedOfOrigin(
        id=id_ if is_iri(id_) else tag_id(site.url, f"source/{name}"),
        title=(world.name_of(name) if source else "") or line(facts.title or "" if facts else "") or name,
        url=web_address(facts.url) if facts else None,
        feed=address,
        rights=None,
    )
