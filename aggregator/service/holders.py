"""Who has an article: the subscribers that fetched a document in which it stood.

A public address asks nobody's name: those who read there are not known.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.model.archive import archive_name
from aggregator.store import archives
from aggregator.store import subscribers as on_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aggregator.model.output import Release
    from aggregator.model.subscriber import Fetch, Subscriber
    from aggregator.store import Store
    from aggregator.store.archives import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A subscriber that fetched a document in which an entry stood."""

    subscriber: str
    name: str
    url: str | None
    contact: str | None
    first_at: datetime
    last_at: datetime
    count: int
    """Requests, also those that were told that nothing had changed."""


async def holders_of(releases: Sequence[Release], store: Store) -> list[tuple[Holder, ...]]:
    """For each release of one entry, the subscribers that fetched a document in which it stood, by first fetch."""
    if not releases:
        return []
    outputs = sorted({release.output for release in releases})
    fetches = await store.read(on_record.fetched_of, outputs, min(release.opened_at for release in releases))
    archived = await _archived(releases, store)
    known = {one.id: one for one in (await store.read(on_record.read)).values()} if fetches or archived else {}
    presences = _presences(releases)
    return [
        _holders([*(fetch for fetch in fetches if _held(fetch, release, presences[place])), *archived[place]], known)
        for place, release in enumerate(releases)
    ]


async def _archived(releases: Sequence[Release], store: Store) -> dict[int, list[Fetch]]:
    """What was fetched of archive documents while the entry stood in them, by the place of the release that it is of:
    the last one that had begun when that version was written."""
    found: dict[int, list[Fetch]] = defaultdict(list)
    outputs = sorted({release.output for release in releases})
    begun = min(release.opened_at for release in releases)
    entry = releases[0].entry
    holding = (await store.read(archives.holding, outputs, [entry])).get(entry, ())
    documents = {archive_name(output, number): (output, gone_at) for output, number, gone_at in holding}
    fetches = await store.read(on_record.fetched_of, sorted(documents), begun) if documents else []
    for fetch in fetches:
        output, gone_at = documents[fetch.output]
        if not _archived_still(fetch, gone_at):
            continue
        places = [place for place, release in enumerate(releases) if release.output == output]
        before = [place for place in places if releases[place].opened_at <= fetch.modified_at + SECOND]
        found[(before or places)[-1 if before else 0]].append(fetch)
    return found


def _archived_still(fetch: Fetch, gone_at: datetime | None) -> bool:
    """Whether the version of an archive document that was fetched held an entry that was taken out at an instant.

    A version is told by its date, in whole seconds; the one without the entry has that of its end.
    """
    return gone_at is None or fetch.modified_at < gone_at.replace(microsecond=0)


async def takers_of(past: Mapping[str, Sequence[Release]], store: Store) -> dict[str, list[str]]:
    """The ids of subscribers that have copies of any of many entries, each with the keys of those.

    Args:
        past: the releases of each entry, by key, in the order of opening.
    """
    releases = [release for some in past.values() for release in some]
    if not releases:
        return {}
    outputs = sorted({release.output for release in releases})
    places = await store.read(archives.holding, outputs, list(past))
    names = {archive_name(output, number) for some in places.values() for output, number, _ in some}
    begun = min(release.opened_at for release in releases)
    documents, found = [*outputs, *sorted(names)], defaultdict[str, set[str]](set)
    for first in range(0, len(documents), DOCUMENTS_AT_ONCE):
        some, last = documents[first : first + DOCUMENTS_AT_ONCE], None
        while True:
            fetches = await store.read(on_record.fetched_after, some, begun, last, FETCHES_AT_ONCE)
            # Thousands of entries, times those who read them: others get their turn meanwhile.
            if fetches:
                await asyncio.to_thread(_taken, past, places, fetches, found)
                last = fetches[-1]
            if len(fetches) < FETCHES_AT_ONCE:
                break
    return {subscriber: [key for key in past if key in keys] for subscriber, keys in sorted(found.items())}


DOCUMENTS_AT_ONCE = 200
FETCHES_AT_ONCE = 20_000
"""Of what subscribers took, that are looked at together: of a year of a busy house there may be millions."""
Versions = dict[str, dict[str, list["Fetch"]]]
"""Document → subscriber → what it fetched of it, by the date of the version."""


def _taken(
    past: Mapping[str, Sequence[Release]],
    places: Mapping[str, Sequence[Place]],
    fetches: Sequence[Fetch],
    found: dict[str, set[str]],
) -> None:
    """Notes in `found` who took what by these fetches."""
    versions: Versions = defaultdict(lambda: defaultdict(list))
    for fetch in sorted(fetches, key=_version):
        versions[fetch.output][fetch.subscriber].append(fetch)
    for key, releases in past.items():
        for subscriber in _takers(releases, places.get(key, ()), versions):
            found[subscriber].add(key)


def _takers(releases: Sequence[Release], places: Sequence[Place], versions: Versions) -> set[str]:
    found: set[str] = set()
    presences = _presences(releases)
    for place, release in enumerate(releases):
        begun, ended = presences[place]
        for subscriber, taken in versions.get(release.output, {}).items():
            # A version that is newer than the end of a presence does not hold it: only those between are looked at.
            first = bisect_left(taken, begun.replace(microsecond=0), key=_version)
            last = len(taken) if ended is None else bisect_right(taken, ended, key=_version)
            if subscriber not in found and any(_held(one, release, presences[place]) for one in taken[first:last]):
                found.add(subscriber)
    since = min((release.opened_at for release in releases), default=None)
    for output, number, gone_at in places:
        for subscriber, taken in versions.get(archive_name(output, number), {}).items():
            if any(_archived_still(one, gone_at) and since is not None and one.last_at >= since for one in taken):
                found.add(subscriber)
    return found


def _version(fetch: Fetch) -> datetime:
    return fetch.modified_at


def _holders(fetches: Sequence[Fetch], known: Mapping[str, Subscriber]) -> tuple[Holder, ...]:
    by_subscriber: dict[str, list[Fetch]] = {}
    for fetch in fetches:
        by_subscriber.setdefault(fetch.subscriber, []).append(fetch)
    return tuple(
        Holder(
            subscriber=id_,
            name=known[id_].name,
            url=known[id_].url,
            contact=known[id_].contact,
            first_at=min(fetch.first_at for fetch in found),
            last_at=max(fetch.last_at for fetch in found),
            count=sum(fetch.count for fetch in found),
        )
        for id_, found in by_subscriber.items()
    )


SECOND = timedelta(seconds=1)
Presence = tuple[datetime, datetime | None]
"""From when until when an entry stood in an output without a break, over all its revisions and decisions."""


def _presences(releases: Sequence[Release]) -> dict[int, Presence]:
    """The presence to which each release belongs, by its place in the list."""
    found: dict[int, Presence] = {}
    for output in {release.output for release in releases}:
        chain: list[int] = []
        for place in [place for place, release in enumerate(releases) if release.output == output]:
            if chain and releases[chain[-1]].closed_at != releases[place].opened_at:
                chain = []
            chain.append(place)
            presence = releases[chain[0]].opened_at, releases[place].closed_at
            found |= dict.fromkeys(chain, presence)
    return found


def _held(fetch: Fetch, release: Release, presence: Presence) -> bool:
    """Whether the version that was fetched held the entry under that release.

    A version is told by its date, in whole seconds. It was made while the entry stood; or it was fetched while it did,
    because a version may be older than a release that changed none of its bytes.
    """
    begun, ended = presence
    if fetch.output != release.output or fetch.modified_at < begun.replace(microsecond=0):
        return False
    if ended is not None and fetch.modified_at >= ended.replace(microsecond=0) and fetch.first_at >= ended:
        return False
    within = release.closed_at is None or release.closed_at == ended or fetch.first_at < release.closed_at
    return within and fetch.last_at >= release.opened_at
