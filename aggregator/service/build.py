"""One build of one output: decide what may stand in it now, render what is new, publish it in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from aggregator import __version__
from aggregator.errors import RenderError
from aggregator.model.output import Document, Flag, Format, Release
from aggregator.publishing.compose import outbound_ids
from aggregator.publishing.render import Renderer, Wanted, etag_of
from aggregator.service.affected import NOBODY, Named, named
from aggregator.service.archive import count as count_archives
from aggregator.service.assess import (
    Desk,
    Verdict,
    flags_of,
    gather_desk,
    judge,
    refusal_flag,
    why_gone,
)
from aggregator.service.held import held_back
from aggregator.service.place import head_of, place_of
from aggregator.service.proof import EntryProof, prove_entries
from aggregator.service.recall import KEPT, tombstones
from aggregator.store import BuildResult, End

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.output import Output
    from aggregator.publishing.item import Tombstone
    from aggregator.publishing.select import Placed
    from aggregator.service.round import Round
    from aggregator.service.world import World
    from aggregator.store import OutputState, Stamp, Standing, Store
    from aggregator.store.decisions import Made
    from aggregator.store.held import HeldBack

_encode = msgspec.json.Encoder(order="deterministic", enc_hook=str).encode
FEW = 2
"""Entries that are made anew rather than taken out of the documents of before: those must be read whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What one build of one output did."""

    output: str
    entries: int
    """That stand in it now."""
    held: int
    """Candidates that may not stand in it in the form asked for or a smaller one."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Decisions of this build by outcome."""
    added: tuple[str, ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    """(entry, why)."""
    recalled: tuple[Release, ...] = ()
    """Those of the removed that readers are to drop: a person's withdrawal, a deletion, rights that ended. Each with
    the ids under which it went out, when and why it ended."""
    changed: tuple[str, ...] = ()
    """Formats whose bytes are new."""
    flags: int = 0
    """Questions to an admin that it waits for."""
    wake_at: datetime | None = None
    """First instant at which it must be built again, whatever else happens."""
    problems: tuple[str, ...] = ()
    """Entries, or the whole document, that would have broken a promise and were kept out."""
    named: Named = NOBODY
    """Whom its candidates name: an edit of their policies concerns this output."""


async def build(
    output: Output,
    world: World,
    store: Store,
    renderer: Renderer,
    now: datetime,
    reads: Round | None = None,
    mark: Mark | None = None,
) -> BuildReport:
    """Decides again on every candidate and publishes what follows. What has not changed is not written.

    Args:
        reads: where outputs that are built one after the other share what they read; None: not.
        mark: of which moment it is, for other processes; None: they are not told.
    Raises:
        SupersededError: another process has built it meanwhile.
        StoreError: the database could not be read or written; what was published stays as it is.
        TemplateError: a template cannot be used; likewise.
    """
    return await _Build(output, world, store, renderer, now, reads, mark).run()


async def prove_output(
    output: Output, world: World, store: Store, renderer: Renderer, now: datetime
) -> list[EntryProof]:
    """Where the documents of an output discharge each duty of each entry; build it first.

    Raises:
        StoreError: the database could not be read.
        TemplateError: a template cannot be used.
    """
    return await _Build(output, world, store, renderer, now, None).prove()


@dataclass(slots=True)
class Mark:
    """What one build is, among those of all processes."""

    after: int
    """Number of the build that was the last one of the output when this one began."""
    stamp: Stamp
    number: int = 0
    """Its own; filled in when it is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rendered:
    """What rendering came to."""

    documents: dict[Format, bytes] | None
    """None: as they are, because nothing has changed, or because there is a problem."""
    wanted: list[Wanted]
    """What stands in the output from now on."""
    built_from: str
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the candidates of one output come to, and of all that ask for the same."""

    world: World
    desk: Desk
    at: datetime
    until: datetime | None
    """First instant after `at` at which it may be otherwise by time alone."""
    verdicts: Sequence[Verdict]
    by_key: Mapping[str, Verdict]
    wanted: Sequence[Wanted]
    named: Named

    def holds(self, world: World, desk: Desk, now: datetime) -> bool:
        """Whether it is so for another output that asks for the same now."""
        return (
            self.world is world
            and (self.until is None or now < self.until)
            and self.desk.grants == desk.grants
            and self.desk.withdrawals == desk.withdrawals
        )


class _Build:
    """One build, step by step: look, decide, render and prove, write."""

    def __init__(
        self,
        output: Output,
        world: World,
        store: Store,
        renderer: Renderer,
        now: datetime,
        reads: Round | None,
        mark: Mark | None = None,
    ) -> None:
        self.mark = mark
        self.output = output
        self.world = world
        self.store = store
        self.renderer = renderer
        self.now = now
        self.reads = reads
        self.problems: list[str] = []
        self.flags: dict[str, Flag] = {}
        self._ends: dict[str, End] = {}
        """Why entries do not stand any more, by entry: asked for once."""

    async def run(self) -> BuildReport:
        desk = await gather_desk(self.store, self.output, self.world, self.now)
        judged = await self._judged(desk)
        verdicts, by_key = judged.verdicts, judged.by_key
        for verdict in verdicts:
            if not verdict.decision.holds:
                continue
            for flag in flags_of(verdict, self.output, self.now):
                self.flags.setdefault(flag.id, flag)
        now = await self.store.standing(self.output.id)
        standing = now.releases
        wanted = await self._prove(judged.wanted, by_key)
        recalled = await self._recalled(wanted, standing, by_key, desk)
        archives = await count_archives(self.output, self.store, [one.key for one in wanted])
        rendered = self._render(wanted, standing, now.state, recalled, archives)
        stand = {one.key: one for one in rendered.wanted}
        opened = [one for one in rendered.wanted if not _stands(one, self.output.id, standing)]
        closed = [await self._why_gone(key, by_key, desk) for key in sorted(standing) if key not in stand]
        documents = self._changed(rendered, now.etags)
        wake_at = self._wake_at(verdicts, desk, recalled)
        await self._publish(rendered, opened, closed, documents, by_key, now, wake_at, held_back(verdicts, desk))
        if rendered.documents is not None:
            self.renderer.published(self.output, now.etags | {one.format: one.etag for one in documents})
        return BuildReport(
            output=self.output.id,
            entries=len(stand),
            held=sum(not verdict.decision.allowed for verdict in verdicts),
            outcomes=Counter(verdict.decision.outcome.value for verdict in verdicts),
            added=tuple(one.key for one in opened if one.key not in standing),
            removed=tuple((end.entry, end.reason) for end in closed),
            recalled=tuple(self._ended(standing[end.entry], end) for end in closed if end.ending.recalls),
            changed=tuple(document.format for document in documents),
            flags=len(self.flags),
            wake_at=wake_at,
            problems=tuple(self.problems),
            named=judged.named,
        )

    async def _judged(self, desk: Desk) -> Judged:
        """What the candidates come to. Outputs that ask for the same, for the same use, share the answers of a round,
        where nobody has ruled about one of them alone."""
        shared = self.reads.judged if self.reads is not None and desk.rules_for_all else None
        key = self.output.select, replace(self.output.use, output="")
        found = shared.get(key) if shared is not None else None
        if found is not None and found.holds(self.world, desk, self.now):
            return found
        verdicts, placed = await judge(self.output, self.world, desk, self.store, self.now, self.reads)
        by_key = {verdict.stored.key: verdict for verdict in verdicts}
        judged = Judged(
            world=self.world,
            desk=desk,
            at=self.now,
            until=self._wake_at(verdicts, desk, ()),
            verdicts=verdicts,
            by_key=by_key,
            wanted=await self._want(placed, by_key),
            named=named(verdict.stored.entry for verdict in verdicts),
        )
        if shared is not None and not self._counts_from_release(verdicts, desk):
            shared[key] = judged
        return judged

    def _counts_from_release(self, verdicts: Sequence[Verdict], desk: Desk) -> bool:
        """Whether an answer may depend on when an entry first stood in this very output."""
        counting = self.world.counting_from_release
        return bool(desk.first_releases) and any(
            hop.policy in counting for verdict in verdicts for hop in verdict.decision.hops
        )

    async def prove(self) -> list[EntryProof]:
        desk = await gather_desk(self.store, self.output, self.world, self.now)
        verdicts, placed = await judge(self.output, self.world, desk, self.store, self.now)
        wanted = await self._want(placed, {verdict.stored.key: verdict for verdict in verdicts})
        contents = await self.store.contents(sorted(one.key for one in wanted))
        stands = (await self.store.standing(self.output.id)).releases
        bodies = {}
        for format_ in self.output.formats:
            document = await self.store.document(self.output.id, format_)
            bodies[format_] = document.body if document else b""
        there = [one for one in wanted if one.key in stands and one.key in contents]
        return prove_entries(self.output, there, contents, bodies, self.renderer)

    async def _recalled(
        self, wanted: Sequence[Wanted], standing: Mapping[str, Release], by_key: Mapping[str, Verdict], desk: Desk
    ) -> tuple[Tombstone, ...]:
        """The tombstones of this build: of what earlier ones recalled, and of what this one will."""
        stands = frozenset(one.key for one in wanted)
        ends = [await self._why_gone(key, by_key, desk) for key in sorted(standing) if key not in stands]
        ended = [self._ended(standing[end.entry], end) for end in ends if end.ending.recalls]
        words = self.renderer.credits.dictionary.words(self.output.language)
        made = await tombstones(self.output, self.world, self.store, ended, stands, words, self.now, self.reads)
        if not made:
            return ()
        # Another copy may stand under the id of one that is gone.
        live = {id_ for one in wanted for id_ in outbound_ids(one.stored.entry, one.place)}
        return tuple(one for one in made if live.isdisjoint((one.id, one.atom_id)))

    async def _want(self, placed: Sequence[Placed], by_key: Mapping[str, Verdict]) -> list[Wanted]:
        sources = sorted({one.stored.entry.source for one in placed})
        feeds = await (self.reads or self.store).feeds(sources) if sources else {}
        return [
            Wanted(
                stored=one.stored,
                decision=one.decision,
                decision_digest=by_key[one.stored.key].digest,
                place=place_of(one, self.world, feeds),
            )
            for one in placed
        ]

    async def _prove(self, wanted: Sequence[Wanted], by_key: Mapping[str, Verdict]) -> list[Wanted]:
        """Renders and proves each new entry on its own: one that would break a promise stays out, with a flag."""
        if self.renderer.lost(self.output, wanted) > FEW:
            kept = [await self.store.document(self.output.id, format_) for format_ in self.output.formats]
            self.renderer.recall(self.output, [document for document in kept if document is not None])
        missing = set(self.renderer.missing(self.output, wanted))
        if not missing:
            return list(wanted)
        contents = await self.store.contents(sorted(missing))
        # An entry that another process has just taken away has no content any more.
        wanted = [one for one in wanted if one.key not in missing or one.key in contents]
        refused = self.renderer.refused(self.output, [one for one in wanted if one.key in missing], contents)
        for error in refused:
            self.problems.append(str(error))
            flag = refusal_flag(by_key[error.entry], error.what, self.output, self.now)
            self.flags.setdefault(flag.id, flag)
        out = {error.entry for error in refused}
        return [one for one in wanted if one.key not in out]

    def _render(
        self,
        wanted: list[Wanted],
        standing: Mapping[str, Release],
        state: OutputState | None,
        recalled: tuple[Tombstone, ...],
        archives: int,
    ) -> _Rendered:
        built_from = self._built_from(wanted, recalled, archives)
        if state is not None and state.problem is None and state.built_from == built_from:
            return _Rendered(documents=None, wanted=wanted, built_from=built_from)
        head = head_of(self.output, self.world, recalled, archives)
        try:
            documents = self.renderer.render(self.output, head, wanted, {})
            return _Rendered(documents=documents, wanted=wanted, built_from=built_from)
        except RenderError as error:
            self.problems.append(str(error))
            allowed = {one.key for one in wanted if _stands(one, self.output.id, standing)}
            kept = [one for one in wanted if one.key in allowed]
            if allowed.issuperset(standing):
                # The last good documents hold only what is allowed still: they stay.
                built_from = self._built_from(kept, recalled, archives)
                return _Rendered(documents=None, wanted=kept, built_from=built_from, problem=str(error))
            # They hold something that is no longer allowed: better an empty document than that.
            empty = self.renderer.render(self.output, head, [], {})
            return _Rendered(
                documents=empty, wanted=[], built_from=self._built_from([], recalled, archives), problem=str(error)
            )

    def _built_from(self, wanted: Sequence[Wanted], recalled: Sequence[Tombstone], archives: int) -> str:
        """Digest of all that the documents depend on."""
        settings = self.world.configuration.settings
        parts = (
            __version__,
            self.renderer.version,
            replace(self.output, where=""),
            settings.site.name,
            settings.site.url,
            settings.server.public_url,
            self.world.hubs,
            [(one.key, one.stored.entry.revision, one.decision_digest, one.place) for one in wanted],
            recalled,
            archives,
        )
        return blake2b(_encode(parts), digest_size=16).hexdigest()

    def _changed(self, rendered: _Rendered, etags: Mapping[Format, str]) -> list[Document]:
        """The documents whose bytes are new."""
        if rendered.documents is None:
            return []
        made = [
            Document(
                output=self.output.id,
                format=format_,
                body=body,
                etag=etag_of(body),
                modified_at=self.now.replace(microsecond=0),
                entries=len(rendered.wanted),
            )
            for format_, body in rendered.documents.items()
        ]
        return [document for document in made if etags.get(document.format) != document.etag]

    async def _why_gone(self, key: str, by_key: Mapping[str, Verdict], desk: Desk) -> End:
        if key not in self._ends:
            self._ends[key] = await why_gone(key, by_key, desk, self.output, self.world, self.store, self.now)
        return self._ends[key]

    def _ended(self, release: Release, end: End) -> Release:
        return replace(release, closed_at=self.now, reason=end.reason, ending=end.ending)

    def _wake_at(self, verdicts: Sequence[Verdict], desk: Desk, recalled: Sequence[Tombstone]) -> datetime | None:
        """The first instant at which the same candidates may be answered otherwise."""
        instants = [verdict.decision.valid_until for verdict in verdicts if verdict.decision.valid_until is not None]
        if self.output.select.max_age is not None:
            instants += [verdict.stored.ordered_at + self.output.select.max_age for verdict in verdicts]
        if desk.shares is not None and desk.shares.wake_at is not None:
            instants.append(desk.shares.wake_at)
        instants += [one.at + KEPT for one in recalled]
        return min((instant for instant in instants if instant > self.now), default=None)

    async def _publish(
        self,
        rendered: _Rendered,
        opened: Sequence[Wanted],
        closed: Sequence[End],
        documents: Sequence[Document],
        by_key: Mapping[str, Verdict],
        now: Standing,
        wake_at: datetime | None,
        held: tuple[HeldBack, ...],
    ) -> None:
        number = await self.store.publish(
            BuildResult(
                output=self.output.id,
                at=self.now,
                built_from=rendered.built_from,
                documents=tuple(documents),
                dropped_formats=tuple(now.etags.keys() - set(self.output.formats)),
                opened=tuple(self._release(one) for one in opened),
                closed=tuple(closed),
                decisions=tuple(self._record(one, by_key[one.key]) for one in opened),
                flags=tuple(self.flags.values()),
                wake_at=wake_at,
                problem=rendered.problem,
                held=held,
                after=self.mark.after if self.mark else 0,
                stamp=self.mark.stamp if self.mark else None,
            )
        )
        if self.mark is not None:
            self.mark.number = number

    def _release(self, one: Wanted) -> Release:
        outbound_id, atom_id = outbound_ids(one.stored.entry, one.place)
        return Release(
            output=self.output.id,
            entry=one.key,
            revision=one.stored.entry.revision,
            decision=_answer_digest(one, self.output.id),
            opened_at=self.now,
            outbound_id=outbound_id,
            atom_id=atom_id,
        )

    def _record(self, one: Wanted, verdict: Verdict) -> Made:
        return (
            _answer_digest(one, self.output.id),
            # Answers are shared by outputs under the same use: the question is this one's own.
            _encode(replace(verdict.question, use=self.output.use)),
            _encode(verdict.decision.told()),
            verdict.decision.policy_version,
        )


def _answer_digest(one: Wanted, output: str) -> str:
    """Hex digest that names the stored question and answer behind a release."""
    parts = (output, one.key, one.stored.entry.revision, one.decision_digest)
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _stands(one: Wanted, output: str, standing: Mapping[str, Release]) -> bool:
    release = standing.get(one.key)
    return release is not None and release.decision == _answer_digest(one, output)
