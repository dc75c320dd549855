"""All that is known of one entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

import msgspec

from aggregator.errors import StoreError
from aggregator.publishing.select import addresses_of
from aggregator.service.evidence import said_of
from aggregator.service.holders import holders_of
from aggregator.service.withdraw import find_entry
from aggregator.store import decisions, dossier, entries

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.model.entry import Content, Entry, Notice, StoredEntry
    from aggregator.model.output import Notified, Release, Withdrawal, Withdrawals
    from aggregator.service.holders import Holder
    from aggregator.service.world import World
    from aggregator.store import Store
    from aggregator.store.dossier import Dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionSummary:
    revision: str
    seen_at: datetime
    title: str


class _Sentence(msgspec.Struct):
    """What is read of a stored decision, whichever program wrote it."""

    sentence: str = ""


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
    holders: tuple[tuple[Holder, ...], ...] = ()
    """For each release, the subscribers that fetched a document in which it stood; empty unless asked for."""
    decisions: tuple[str, ...] = ()
    """For each release, the decision under which it stood, in a sentence; likewise."""
    told: tuple[Notified, ...] = ()
    """That its publishers were told that it stands in an output."""
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
        lines += [f"  {_stood(one)}" for one in self.releases]
        if self.told:
            lines.append("Its publishers were told:")
            lines += [f"  {one.output}: {_at(one.at)} by {one.by} {one.note}".rstrip() for one in self.told]
        return lines

    def release_lines(self) -> list[str]:
        """For a person who asks who has it: each release, its decision, and who fetched it."""
        lines = [f"{self.stored.entry.title or '(no title)'} ({self.key})"]
        if not self.releases:
            return [*lines, "It never stood in an output: nobody has it from here."]
        for release, decision, holders in zip(self.releases, self.decisions, self.holders, strict=True):
            lines += [_stood(release), f"  {decision}", f"  decision {release.decision}"]
            lines += [f"  fetched by {_holder(one)}" for one in holders] or ["  no subscriber fetched it"]
        return [*lines, "Readers of public addresses are not known by name."]


def _stood(release: Release) -> str:
    until = _at(release.closed_at, "now")
    return f"{release.output}: {_at(release.opened_at)} to {until}" + (f" ({release.reason})" if release.reason else "")


def _holder(holder: Holder) -> str:
    who = " ".join(filter(None, (holder.name, f"({holder.subscriber})", holder.url, holder.contact)))
    return f"{who}: {_at(holder.first_at)} to {_at(holder.last_at)}, {holder.count} requests"


def _at(instant: datetime | None, none: str = "-") -> str:
    """UTC, to the second."""
    return none if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _text(entry: Entry) -> str:
    if entry.size:
        return f"{entry.size.words} words"
    return "summary only" if entry.has_summary else "none"


async def entry_detail(name: str, world: World, store: Store, *, with_holders: bool = False) -> EntryDetail:
    """All that is known of the entry of that name.

    Args:
        with_holders: also under which decision each release stood, and which subscribers fetched it.
    Raises:
        UsageError: there is none, or more than one.
    """
    stored = await find_entry(store, name)
    known = await store.read(dossier.read, stored.key)
    if known is None:
        raise StoreError(f"entry '{name}' was deleted at this moment; ask again")
    return await detail_of(known, world, store, with_holders=with_holders)


async def detail_of(known: Dossier, world: World, store: Store, *, with_holders: bool = False) -> EntryDetail:
    """The same of an entry of which all is read but its former revisions."""
    stored, releases = known.stored, known.releases
    source = stored.entry.source
    withdrawal = _withdrawal_of(stored, known.rulings.withdrawals)
    history = await store.read(entries.history, stored.key)
    return EntryDetail(
        key=stored.key,
        source_title=world.name_of(source),
        stored=stored,
        content=known.content,
        revisions=tuple(
            RevisionSummary(revision=one.entry.revision, seen_at=one.seen_at, title=one.entry.title) for one in history
        ),
        releases=releases,
        holders=tuple(await holders_of(releases, store)) if with_holders else (),
        decisions=tuple([await _sentence(one, store) for one in releases]) if with_holders else (),
        told=tuple(known.told.values()),
        said=said_of(stored, world.sources.get(source), known.said),
        withdrawn=withdrawal.reason if withdrawal else None,
    )


def _withdrawal_of(stored: StoredEntry, withdrawals: Withdrawals) -> Withdrawal | None:
    """Its own, or that of the same article under another id or address."""
    entry = stored.entry
    own, same = withdrawals.get(stored.key), withdrawals.of_article(sorted(addresses_of(entry)))
    return own or same or withdrawals.of_text(entry.sketch)


async def _sentence(release: Release, store: Store) -> str:
    """The decision behind a release in a sentence."""
    found = await store.read(decisions.by_digest, release.decision)
    return _decision.decode(found[1]).sentence if found else "the decision was made by an older program"


_decision = msgspec.json.Decoder(_Sentence)
