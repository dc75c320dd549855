"""All that is known of one entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from aggregator.service.evidence import said_of
from aggregator.service.withdraw import find_entry

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.model.entry import Content, Entry, Notice, StoredEntry
    from aggregator.model.output import Release
    from aggregator.service.world import World
    from aggregator.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionSummary:
    revision: str
    seen_at: datetime
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetail:
    """One entry with its history."""

    key: str
    source_title: str
    stored: StoredEntry
    content: Content | None
    revisions: tuple[RevisionSummary, ...]
    """Oldest first; the last one stands."""
    releases: tuple[Release, ...]
    """Where it stands or stood."""
    said: tuple[Notice, ...]
    """What RSL inside the item, and its source's site, say to machines."""
    withdrawn: str | None
    """The reason of its withdrawal; None if it was not withdrawn."""

    def lines(self) -> list[str]:
        """For a person."""
        entry = self.stored.entry
        lines = [
            entry.title or "(no title)",
            f"  entry      {self.key}",
            f"  source     {entry.source} ({self.source_title})",
            f"  id         {entry.id}",
            f"  link       {entry.url or '-'}",
            f"  by         {', '.join(entry.author_names) or '-'}",
            f"  published  {_at(entry.published_at)}",
            f"  first seen {_at(self.stored.first_seen_at)}",
            f"  language   {entry.language or '-'}",
            f"  text       {_text(entry)}",
        ]
        if self.stored.deleted_at:
            lines.append(f"  deleted upstream {_at(self.stored.deleted_at)}")
        if self.withdrawn is not None:
            lines.append(f"  withdrawn: {self.withdrawn}")
        if entry.origins:
            lines.append("Provenance, as the feed tells it (originator first):")
            lines += [
                f"  {origin.name or origin.url or '?'} [{origin.carrier}, {origin.certainty}] {origin.evidence}"
                for origin in entry.origins
            ]
        if entry.notices:
            lines.append("What it says of its own rights:")
            lines += [f"  {notice.kind} ({notice.level}, {notice.carrier}): {notice.value}" for notice in entry.notices]
        if self.said:
            lines.append("What it and its site say to machines:")
            lines += [f"  {notice.kind} ({notice.level}, {notice.carrier}): {notice.value}" for notice in self.said]
        if entry.components:
            lines.append("Images and media:")
            lines += [f"  {part.kind} {part.url} credit: {part.credit or '-'}" for part in entry.components]
        lines.append("Revisions:")
        lines += [f"  {_at(one.seen_at)} {one.revision[:12]} {one.title}" for one in self.revisions]
        lines.append("Releases:" if self.releases else "It never stood in an output.")
        lines += [
            f"  {one.output}: {_at(one.opened_at)} to {_at(one.closed_at, 'now')}"
            + (f" ({one.reason})" if one.reason else "")
            for one in self.releases
        ]
        return lines


def _at(instant: datetime | None, none: str = "-") -> str:
    """UTC, to the second."""
    return none if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _text(entry: Entry) -> str:
    if entry.size:
        return f"{entry.size.words} words"
    return "summary only" if entry.has_summary else "none"


async def entry_detail(name: str, world: World, store: Store) -> EntryDetail:
    """All that is known of the entry of that name.

    Raises:
        UsageError: there is none, or more than one.
    """
    stored = await find_entry(store, name)
    withdrawal = (await store.withdrawals()).get(stored.key)
    history = await store.revisions(stored.key)
    source = stored.entry.source
    evidence = (await store.evidence_said([source])).get(source, ())
    return EntryDetail(
        key=stored.key,
        source_title=world.name_of(stored.entry.source),
        stored=stored,
        content=(await store.contents([stored.key])).get(stored.key),
        revisions=tuple(
            RevisionSummary(revision=one.entry.revision, seen_at=one.seen_at, title=one.entry.title) for one in history
        ),
        releases=tuple(await store.releases_of(stored.key)),
        said=said_of(stored, world.sources.get(source), evidence),
        withdrawn=withdrawal.reason if withdrawal else None,
    )
