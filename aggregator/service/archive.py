"""The archive of an output (RFC 5005, 4): what ever stood in it, in documents that keep their place and their bytes.

Which document an entry belongs to follows from the order in which entries first stood in the output, which the releases
remember: document 1 has the first so many, and only full ones exist. A document is written once, when it is full, and
never again for a correction: whoever has read it need not read it a second time. The one exception are withdrawals, in
the widest sense: what may not be shown any more is taken out, with a tombstone where readers are to drop it, whatever
took it away; what comes back, because an act was undone, is put back. INVARIANT: whether each entry may stand is asked
whenever a document is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog
from msgspec import structs

from aggregator.model.archive import ArchiveDocument, Member
from aggregator.model.output import Document, Ending, Format
from aggregator.publishing import atom
from aggregator.publishing.item import EntryRefused
from aggregator.publishing.render import NEVER, Wanted
from aggregator.publishing.select import Placed
from aggregator.publishing.text import legal
from aggregator.publishing.verify import verify_fragment
from aggregator.publishing.verify_document import BETWEEN, verify_document
from aggregator.rights.decide import decide
from aggregator.service.assess import Desk, Verdict, gather_desk, question_of, ruled_out, texts_for, why_gone
from aggregator.service.place import head_of, place_of
from aggregator.service.recall import KEPT, TOMBSTONES_MAX, tombstones_of
from aggregator.store import archives

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from aggregator.model.output import Output, Release
    from aggregator.publishing.item import Tombstone
    from aggregator.publishing.render import Renderer
    from aggregator.service.world import World
    from aggregator.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """One archive document as it may be served now."""

    document: Document
    until: datetime | None
    """First instant at which a decision in it may differ; None: never by time alone."""


async def count(output: Output, store: Store, opened: Sequence[str] = ()) -> int:
    """How many archive documents an output has.

    Args:
        opened: entries that are about to stand in it.
    """
    if not output.archive:
        return 0
    return await store.read(archives.count_carried, output.id, opened) // output.archive


async def settle(output: Output, world: World, store: Store, renderer: Renderer, now: datetime) -> None:
    """Writes the documents that have become full, and anew those that hold an entry which was recalled since.

    Raises:
        StoreError: the database could not be read or written.
        RenderError: a document would break a promise.
        TemplateError: a template cannot be used.
    """
    if not output.archive:
        return
    there = await store.read(archives.numbers, output.id, output.archive)
    due = set(range(1, await count(output, store) + 1)) - there
    gone = {one.entry for one in await store.recalled(output.id, since=now - KEPT, limit=TOMBSTONES_MAX)}
    if gone:
        order = await _order(output, store)
        due |= {place // output.archive + 1 for place, key in enumerate(order) if key in gone}
    for number in sorted(due):
        await archived(output, number, world, store, renderer, now)


async def _order(output: Output, store: Store) -> list[str]:
    """All entries that ever stood in an output, in the order in which they first did."""
    firsts = await store.first_releases(output.id)
    return sorted(firsts, key=lambda key: (firsts[key], key))


async def archived(
    output: Output, number: int, world: World, store: Store, renderer: Renderer, now: datetime
) -> Archived | None:
    """One document of an output's archive; None: there is none of that number.

    Args:
        number: from 1, the oldest.
    Raises:
        StoreError: the database could not be read.
        RenderError: the document would break a promise.
        TemplateError: a template cannot be used.
    """
    last = await count(output, store)
    if not output.archive or not 1 <= number <= last:
        return None
    return await _Archive(output, number, world, store, renderer, now).current()


class _Archive:
    """One document: look at what was written, decide about each entry of it, write it anew if one has gone."""

    def __init__(
        self, output: Output, number: int, world: World, store: Store, renderer: Renderer, now: datetime
    ) -> None:
        self.output = output
        self.number = number
        self.world = world
        self.store = store
        self.renderer = renderer
        self.now = now
        self.words = renderer.words_of(output)
        self.head = replace(head_of(output, world, self.words), hubs=(), language=None, archive=number)
        self.base = self.head.archive_url(0).removesuffix("/archive/0.atom")

    async def current(self) -> Archived:
        desk = await gather_desk(self.store, self.output, self.world, self.now)
        written = await self.store.read(archives.one, self.output.id, self.number)
        size = self.output.archive or 0
        if written is not None and written.size != size:
            await self.store.write(archives.drop, [self.output.id], size)
            written = None
        if written is not None:
            keys = [member.entry for member in written.members]
        else:
            keys = (await _order(self.output, self.store))[(self.number - 1) * size : self.number * size][::-1]
        verdicts = await self._decide(keys, desk)
        stands = {one.stored.key: one for one in verdicts if one.decision.allowed}
        if written is None or written.base != self.base or self._changed(written, stands):
            written = await self._write(written, keys, stands, {one.stored.key: one for one in verdicts}, desk)
        instants = [one.decision.valid_until for one in verdicts if one.decision.valid_until is not None]
        document = Document(
            output=self.output.id,
            format=Format.ATOM,
            body=written.body,
            etag=written.etag,
            modified_at=written.modified_at,
            entries=sum(member.gone_at is None for member in written.members),
        )
        return Archived(document=document, until=min((at for at in instants if at > self.now), default=None))

    def _changed(self, written: ArchiveDocument, stands: Mapping[str, Verdict]) -> bool:
        """Whether an entry has gone since, or has come back. One that failed its proof stays out."""
        return any(
            (member.gone_at is None) != (member.entry in stands)
            for member in written.members
            if member.ending is not Ending.COPY or member.entry not in stands
        )

    async def _decide(self, keys: Sequence[str], desk: Desk) -> list[Verdict]:
        """In their order, without those that are gone whatever the policies say."""
        known = await self.store.entries_by_key(sorted(keys))
        page = [
            known[key]
            for key in keys
            if key in known
            and known[key].deleted_at is None
            and ruled_out(known[key], desk) is None
            and known[key].entry.source in self.world.active
        ]
        texts = await texts_for(page, self.output, self.world, self.store)
        evidence = await self.store.evidence_said(sorted({stored.entry.source for stored in page})) if page else {}
        questions = [
            question_of(stored, self.output, self.world, desk, self.now, texts.get(stored.key), evidence)
            for stored in page
        ]
        return [Verdict(question=one, decision=decide(one, self.world.policies, desk.grants)) for one in questions]

    async def _write(
        self,
        written: ArchiveDocument | None,
        keys: Sequence[str],
        stands: Mapping[str, Verdict],
        by_key: Mapping[str, Verdict],
        desk: Desk,
    ) -> ArchiveDocument:
        before = {member.entry: member for member in written.members} if written else {}
        fragments, ids, updated = await self._fragments(written, before, stands)
        closed: dict[str, Release] = {}
        members = []
        for key in keys:
            if key in fragments:
                members.append(Member(entry=key, atom_id=ids[key], length=len(fragments[key])))
                continue
            member = before.get(key)
            if member is None or member.gone_at is None:
                end = await why_gone(key, by_key, desk, self.output, self.world, self.store, self.now)
                id_ = member.atom_id if member is not None else ""
                member = Member(entry=key, atom_id=id_, gone_at=self.now, ending=end.ending)
            members.append(replace(member, start=0, length=0))
            release = await self._last_release(key)
            if release is not None and member.ending is not None and member.ending.recalls:
                closed[key] = structs.replace(release, closed_at=member.gone_at, ending=member.ending)
        tombstones = await tombstones_of(closed, self.world, self.store, self.words)
        body = self._body(members, fragments, tombstones, max(updated, default=NEVER))
        made = ArchiveDocument(
            output=self.output.id,
            number=self.number,
            size=self.output.archive or 0,
            base=self.base,
            body=body,
            etag=f'"{sha256(body).hexdigest()[:32]}"',
            modified_at=self.now.replace(microsecond=0),
            members=_placed(members, fragments, body),
        )
        await self.store.write(archives.keep, made)
        return made

    def _body(
        self,
        members: Sequence[Member],
        fragments: Mapping[str, bytes],
        tombstones: Sequence[Tombstone],
        updated: datetime,
    ) -> bytes:
        """The document, proved. Its date is that of the newest thing in it: an entry, or the end of one."""
        ids = [member.atom_id for member in members if member.gone_at is None]
        dead = tuple(one for one in tombstones if one.atom_id not in ids)
        at = max((updated, *(one.at for one in dead)))
        body = atom.document(
            replace(self.head, updated_at=at if at > NEVER else self.now.replace(microsecond=0), tombstones=dead),
            [fragments[member.entry] for member in members if member.gone_at is None],
        )
        verify_document(Format.ATOM, body, ids)
        return body

    async def _fragments(
        self, written: ArchiveDocument | None, before: Mapping[str, Member], stands: Mapping[str, Verdict]
    ) -> tuple[dict[str, bytes], dict[str, str], list[datetime]]:
        """Bytes and ids of the entries that stand, and their dates: out of the document where they stood in it."""
        fragments: dict[str, bytes] = {}
        ids: dict[str, str] = {}
        updated = []
        new = []
        for key, verdict in stands.items():
            member = before.get(key)
            if written is not None and member is not None and member.length:
                fragments[key] = written.body[member.start : member.start + member.length]
                ids[key] = member.atom_id
                updated.append(atom.updated_in(fragments[key]))
            else:
                new.append(verdict)
        contents = await self.store.contents(sorted(one.stored.key for one in new))
        for one in await self._wanted(new):
            if one.key not in contents:
                continue
            try:
                item, made = self.renderer.examine(replace(self.output, formats=(Format.ATOM,)), one, contents[one.key])
                verify_fragment(Format.ATOM, made[Format.ATOM], item)
            except EntryRefused as error:
                log.error(
                    "entry left out of an archive", output=self.output.id, archive=self.number, problem=str(error)
                )
                continue
            fragments[one.key], ids[one.key] = made[Format.ATOM], item.atom_id
            updated.append(item.updated_at)
        return fragments, ids, updated

    async def _wanted(self, verdicts: Sequence[Verdict]) -> list[Wanted]:
        """As a build wants them, each under the id under which it went out."""
        feeds = (
            await self.store.feeds(sorted({verdict.stored.entry.source for verdict in verdicts})) if verdicts else {}
        )
        found = []
        for verdict in verdicts:
            stored = verdict.stored
            release = await self._last_release(stored.key)
            derived = release.outbound_id if release is not None and release.outbound_id else None
            placed = Placed(
                stored=stored,
                decision=verdict.decision,
                outbound_id=None if derived == legal(stored.entry.id) else derived,
            )
            found.append(
                Wanted(
                    stored=stored,
                    decision=verdict.decision,
                    decision_digest=verdict.digest,
                    place=place_of(placed, self.world, feeds),
                )
            )
        return found

    async def _last_release(self, key: str) -> Release | None:
        """The entry's newest release in this output that tells under which ids it went out."""
        told = [one for one in await self.store.releases_of(key) if one.output == self.output.id and one.outbound_id]
        return told[-1] if told else None


def _placed(members: Sequence[Member], fragments: Mapping[str, bytes], body: bytes) -> tuple[Member, ...]:
    """The members with the places of their bytes, which stand one after the other."""
    first = next((fragments[member.entry] for member in members if member.gone_at is None), None)
    at = body.index(first) if first else 0
    placed = []
    for member in members:
        if member.gone_at is not None:
            placed.append(member)
            continue
        placed.append(replace(member, start=at))
        at += member.length + len(BETWEEN[Format.ATOM])
    return tuple(placed)
