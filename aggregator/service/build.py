"""One build of one output: decide what may stand in it now, render what is new, publish it in one transaction."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import structs

from aggregator import __version__
from aggregator.errors import RenderError
from aggregator.model.decision import FlagKind
from aggregator.model.output import Flag, Format, Laid, Release
from aggregator.publishing.compose import outbound_ids
from aggregator.publishing.frame import etag_of
from aggregator.publishing.render import Makings, Renderer, Rendering, Wanted
from aggregator.publishing.select import Stories
from aggregator.service.affected import NOBODY, Named, named
from aggregator.service.archive import count as count_archives
from aggregator.service.assess import (
    PAGE,
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
from aggregator.service.recall import KEPT, TOMBSTONES_MAX, tombstones
from aggregator.store import BuildResult, End, facts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.output import Output
    from aggregator.publishing.item import Place, Tombstone
    from aggregator.publishing.select import Placed
    from aggregator.service.round import Round
    from aggregator.service.world import World
    from aggregator.store import OutputFacts, Stamp, Store
    from aggregator.store.decisions import Made

_encode = msgspec.json.Encoder(order="deterministic", enc_hook=str).encode


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
) -> BuildReport:
    """Decides again on every candidate of one output and publishes what follows. What has not changed is not written.

    Raises:
        StoreError: the database could not be read or written; what was published stays as it is.
        TemplateError: a template cannot be used; likewise.
    """
    made = Build(output, world, store, renderer, now, (await gather_facts(store, [output.id], now))[output.id])
    await store.publish(await made.prepare())
    return made.report()


async def gather_facts(store: Store, ids: Sequence[str], now: datetime) -> dict[str, OutputFacts]:
    """What builds of these outputs begin with."""
    return await store.read(facts.gather, ids, now - KEPT, TOMBSTONES_MAX)


async def prove_output(
    output: Output, world: World, store: Store, renderer: Renderer, now: datetime
) -> list[EntryProof]:
    """Where the documents of an output discharge each duty of each entry; build it first.

    Raises:
        StoreError: the database could not be read.
        TemplateError: a template cannot be used.
    """
    facts = (await gather_facts(store, [output.id], now))[output.id]
    return await Build(output, world, store, renderer, now, facts).prove()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rendered:
    """What rendering came to."""

    rendering: Rendering | None
    """None: the documents stay as they are, because nothing has changed, or because there is a problem."""
    wanted: Sequence[Wanted]
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
    holding: Sequence[Verdict]
    """Those that something speaks against, in whatever form."""
    copies: frozenset[str]
    """Keys of those of them whose story another source's entry tells in it: nobody needs to be asked about them."""
    outcomes: Mapping[str, int]
    """How many there are of each."""
    held: int
    """Those that may not stand in it, in any form."""
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


class _Prepared(NamedTuple):
    """What a build has come to."""

    judged: Judged
    stand: Mapping[str, Wanted]
    opened: Sequence[Wanted]
    closed: Sequence[End]
    documents: Sequence[Laid]
    wake_at: datetime | None


class Build:
    """One build of one output: look, decide, render and prove; then whoever asked for it publishes the result."""

    def __init__(
        self,
        output: Output,
        world: World,
        store: Store,
        renderer: Renderer,
        now: datetime,
        facts: OutputFacts,
        reads: Round | None = None,
        stamp: Stamp | None = None,
    ) -> None:
        """
        Args:
            facts: of the output, as the database has them.
            reads: where outputs that are built one after the other share what they read; None: not.
            stamp: of which moment it is, for other processes; None: they are not told.
        """
        self.output = output
        self.world = world
        self.store = store
        self.renderer = renderer
        self.now = now
        self.facts = facts
        self.reads = reads
        self.stamp = stamp
        self.problems: list[str] = []
        self.flags: dict[str, Flag] = {}
        self._ends: dict[str, End] = {}
        """Why entries do not stand any more, by entry: asked for once."""
        self._tombstones: tuple[Tombstone, ...] = ()
        self._prepared: _Prepared | None = None

    async def prepare(self) -> BuildResult:
        """All that the build changes, to be published in one transaction.

        Raises:
            StoreError: the database could not be read.
            TemplateError: a template cannot be used.
        """
        desk = await self._desk()
        judged = await self._judged(desk)
        by_key = judged.by_key
        for verdict in judged.holding:
            is_copy = verdict.stored.key in judged.copies
            for flag in flags_of(verdict, self.output, self.world, desk, self.now):
                if not (is_copy and flag.kind in _ABOUT_AN_ENTRY):
                    self.flags.setdefault(flag.id, flag)
        before = self.facts.standing
        rendered = await self._rendered(judged, desk)
        stand = {one.key: one for one in rendered.wanted}
        opened = [one for one in rendered.wanted if not _stands(one, self.output.id, before.releases)]
        closed = [await self._why_gone(key, by_key, desk) for key in sorted(before.releases.keys() - stand.keys())]
        wake_at = self._wake_at(judged.verdicts, desk, self._tombstones)
        documents = self._documents(rendered, before.etags)
        self._prepared = _Prepared(judged, stand, opened, closed, documents, wake_at)
        return BuildResult(
            output=self.output.id,
            at=self.now,
            built_from=rendered.built_from,
            documents=documents,
            bodies=rendered.rendering.bodies if rendered.rendering is not None else {},
            dropped_formats=tuple(before.etags.keys() - set(self.output.formats)),
            opened=tuple([self._release(one) for one in opened]),
            closed=tuple(closed),
            decisions=await self._records(opened, by_key),
            flags=tuple(self.flags.values()),
            wake_at=wake_at,
            problem=rendered.problem,
            held=held_back(judged.verdicts, desk),
            after=self.facts.number if self.stamp else 0,
            stamp=self.stamp,
        )

    def report(self) -> BuildReport:
        """What was done, after it has been published."""
        done = self._prepared
        if done is None:
            raise AssertionError("a build is prepared, then published, then reported")
        before = self.facts.standing.releases
        return BuildReport(
            output=self.output.id,
            entries=len(done.stand),
            held=done.judged.held,
            outcomes=done.judged.outcomes,
            added=tuple(one.key for one in done.opened if one.key not in before),
            removed=tuple((end.entry, end.reason) for end in done.closed),
            recalled=tuple(self._ended(before[end.entry], end) for end in done.closed if end.ending.recalls),
            changed=tuple(document.format for document in done.documents),
            flags=len(self.flags),
            wake_at=done.wake_at,
            problems=tuple(self.problems),
            named=done.judged.named,
        )

    def forget(self) -> None:
        """After the store has lost bytes that it was given: the next build makes them anew."""
        if self._prepared is not None:
            self.renderer.forget(self.output, tuple(self._prepared.stand.values()))

    async def _judged(self, desk: Desk) -> Judged:
        """What the candidates come to. Outputs that ask for the same, for the same use, share the answers of a round,
        where nobody has ruled about one of them alone."""
        shared = self.reads.judged if self.reads is not None and desk.rules_for_all else None
        key = self.output.select, replace(self.output.use, output="")
        found = shared.get(key) if shared is not None else None
        if found is not None and found.holds(self.world, desk, self.now):
            return found
        verdicts, placed = await judge(self.output, self.world, desk, self.store, self.now, self.reads)
        counts = self._counts_from_release(verdicts)
        if counts and not desk.first_releases:
            desk = await self._desk(firsts=True)
            verdicts, placed = await judge(self.output, self.world, desk, self.store, self.now, self.reads)
        by_key = {verdict.stored.key: verdict for verdict in verdicts}
        holding = tuple(verdict for verdict in verdicts if verdict.decision.holds)
        judged = Judged(
            world=self.world,
            desk=desk,
            at=self.now,
            until=self._wake_at(verdicts, desk, ()),
            verdicts=verdicts,
            by_key=by_key,
            holding=holding,
            copies=_copies(holding, placed),
            outcomes=Counter(verdict.decision.outcome.value for verdict in verdicts),
            held=sum(not verdict.decision.allowed for verdict in verdicts),
            wanted=await self._want(placed, by_key, desk),
            named=named(verdict.stored.entry for verdict in verdicts),
        )
        # Another output may have carried for long what this one has not carried yet.
        if shared is not None and not counts:
            shared[key] = judged
        return judged

    async def _desk(self, *, firsts: bool | None = None) -> Desk:
        """What people have ruled, with the first releases where a policy of its own sources counts from them: they are
        many, and third parties' policies rarely do."""
        if firsts is None:
            counting = self.world.counting_from_release
            sources = self.world.sources_of(self.output.select) if counting else ()
            firsts = any(self.world.sources[id_].policy in counting for id_ in sources)
        return await gather_desk(self.store, self.output, self.world, self.now, self.facts.rulings, firsts=firsts)

    def _counts_from_release(self, verdicts: Sequence[Verdict]) -> bool:
        """Whether an answer may depend on when an entry first stood in this very output."""
        counting = self.world.counting_from_release
        return bool(counting) and any(hop.policy in counting for verdict in verdicts for hop in verdict.decision.hops)

    async def prove(self) -> list[EntryProof]:
        """Where each duty of what stands is discharged in the documents."""
        desk = await self._desk()
        judged = await self._judged(desk)
        contents = await self.store.contents(sorted(one.key for one in judged.wanted))
        bodies = {}
        for format_ in self.output.formats:
            document = await self.store.document(self.output.id, format_)
            bodies[format_] = document.body if document else b""
        stands = self.facts.standing.releases
        there = [one for one in judged.wanted if one.key in stands and one.key in contents]
        return prove_entries(self.output, there, contents, bodies, self.renderer)

    async def _recalled(self, wanted: Sequence[Wanted], judged: Judged, desk: Desk) -> tuple[Tombstone, ...]:
        """The tombstones of this build: of what earlier ones recalled, and of what this one will."""
        standing = self.facts.standing.releases
        stands = frozenset([one.key for one in wanted])
        ends = [await self._why_gone(key, judged.by_key, desk) for key in sorted(standing.keys() - stands)]
        ended = [self._ended(standing[end.entry], end) for end in ends if end.ending.recalls]
        words = self.renderer.words_of(self.output)
        past = (*self.facts.recalled, *ended)
        made = await tombstones(self.output, self.world, self.store, past, stands, words, self.reads)
        if not made:
            return ()
        # Another copy may stand under the id of one that is gone.
        live = {id_ for one in wanted for id_ in outbound_ids(one.stored.entry, one.place)}
        return tuple(one for one in made if live.isdisjoint((one.id, one.atom_id)))

    async def _want(self, placed: Sequence[Placed], by_key: Mapping[str, Verdict], desk: Desk) -> list[Wanted]:
        sources = sorted({one.stored.entry.source for one in placed})
        feeds = await (self.reads or self.store).feeds(sources) if sources else {}
        answered = self.world.answers.under(self.output.use, desk.grants)
        places: dict[tuple[str, str | None], Place] = {}
        wanted = []
        for one in placed:
            where = one.stored.entry.source, one.outbound_id
            if where not in places:
                places[where] = place_of(one, self.world, feeds)
            wanted.append(answered.want(by_key[one.stored.key], places[where]))
        return wanted

    async def _rendered(self, judged: Judged, desk: Desk) -> _Rendered:
        """The documents, unless they would be what they are: then nothing is loaded, made or proved."""
        wanted: Sequence[Wanted] = judged.wanted
        self._tombstones = await self._recalled(wanted, judged, desk)
        archives = await count_archives(self.output, self.store, [one.key for one in wanted])
        built_from = self._built_from(wanted, archives)
        if self._is_built_from(built_from):
            return _Rendered(rendering=None, wanted=wanted, built_from=built_from)
        makings = await self._make(wanted, judged)
        if len(makings.entries) < len(wanted):
            wanted = [one for one in wanted if one.key in makings.entries]
            self._tombstones = await self._recalled(wanted, judged, desk)
            archives = await count_archives(self.output, self.store, [one.key for one in wanted])
            built_from = self._built_from(wanted, archives)
            if self._is_built_from(built_from):
                return _Rendered(rendering=None, wanted=wanted, built_from=built_from)
        return self._render(wanted, makings, archives, built_from)

    def _is_built_from(self, built_from: str) -> bool:
        """Whether the documents that are there were made, and proved, from just this."""
        state, there = self.facts.standing.state, self.facts.standing.etags
        if state is None or state.problem is not None or not there.keys() >= set(self.output.formats):
            return False
        return state.built_from == built_from

    async def _make(self, wanted: Sequence[Wanted], judged: Judged) -> Makings:
        """Makes and proves the bytes of each new entry on its own: one that would break a promise stays out, with a
        flag."""
        missing = set(self.renderer.missing(self.output, wanted))
        makings = self.renderer.make(self.output, [one for one in wanted if one.key not in missing], {})
        if not missing:
            return makings
        contents = await self.store.contents(sorted(missing))
        for one in wanted:
            # An entry that another process has just taken away has no content any more.
            if one.key in missing and one.key in contents:
                makings.add(self.renderer.make(self.output, [one], contents))
                await asyncio.sleep(0)  # each takes milliseconds: others must not wait for all of them
        for error in makings.refused:
            self.problems.append(str(error))
            flag = refusal_flag(judged.by_key[error.entry], error.what, self.output, self.now)
            self.flags.setdefault(flag.id, flag)
        return makings

    def _render(self, wanted: Sequence[Wanted], makings: Makings, archives: int, built_from: str) -> _Rendered:
        head = head_of(self.output, self.world, self.renderer.words_of(self.output), self._tombstones, archives)
        standing = self.facts.standing.releases
        try:
            rendering = self.renderer.render(self.output, head, wanted, makings)
            return _Rendered(rendering=rendering, wanted=wanted, built_from=built_from)
        except RenderError as error:
            self.problems.append(str(error))
            allowed = {one.key for one in wanted if _stands(one, self.output.id, standing)}
            kept = [one for one in wanted if one.key in allowed]
            if allowed.issuperset(standing):
                # The last good documents hold only what is allowed still: they stay.
                built_from = self._built_from(kept, archives)
                return _Rendered(rendering=None, wanted=kept, built_from=built_from, problem=str(error))
            # They hold something that is no longer allowed: better an empty document than that.
            empty = self.renderer.render(self.output, head, [], Makings())
            return _Rendered(rendering=empty, wanted=[], built_from=self._built_from([], archives), problem=str(error))

    def _built_from(self, wanted: Sequence[Wanted], archives: int) -> str:
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
            settings.contact,
            settings.subscribe,
            b"".join([one.core for one in wanted]),
            self._tombstones,
            archives,
        )
        return blake2b(_encode(parts), digest_size=16).hexdigest()

    def _documents(self, rendered: _Rendered, etags: Mapping[Format, str]) -> tuple[Laid, ...]:
        """The documents whose bytes are new."""
        if rendered.rendering is None:
            return ()
        made = [
            Laid(
                output=self.output.id,
                format=format_,
                opening=frame.opening,
                between=frame.between,
                closing=frame.closing,
                parts=parts,
                etag=etag_of(frame, parts),
                modified_at=self.now.replace(microsecond=0),
            )
            for format_, (frame, parts) in rendered.rendering.documents.items()
        ]
        return tuple([one for one in made if etags.get(one.format) != one.etag])

    async def _why_gone(self, key: str, by_key: Mapping[str, Verdict], desk: Desk) -> End:
        if key not in self._ends:
            self._ends[key] = await why_gone(key, by_key, desk, self.output, self.world, self.store, self.now)
        return self._ends[key]

    def _ended(self, release: Release, end: End) -> Release:
        return structs.replace(release, closed_at=self.now, reason=end.reason, ending=end.ending)

    def _wake_at(self, verdicts: Sequence[Verdict], desk: Desk, recalled: Sequence[Tombstone]) -> datetime | None:
        """The first instant at which the same candidates may be answered otherwise."""
        instants = [verdict.decision.valid_until for verdict in verdicts if verdict.decision.valid_until is not None]
        if self.output.select.max_age is not None:
            instants += [verdict.stored.ordered_at + self.output.select.max_age for verdict in verdicts]
        if desk.shares is not None and desk.shares.wake_at is not None:
            instants.append(desk.shares.wake_at)
        instants += [one.at + KEPT for one in recalled]
        return min((instant for instant in instants if instant > self.now), default=None)

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

    async def _records(self, opened: Sequence[Wanted], by_key: Mapping[str, Verdict]) -> tuple[Made, ...]:
        made = []
        for place, one in enumerate(opened, 1):
            made.append(self._record(one, by_key[one.key]))
            if place % PAGE == 0:  # a new output of thousands would keep the loop for half a second
                await asyncio.sleep(0)
        return tuple(made)

    def _record(self, one: Wanted, verdict: Verdict) -> Made:
        return (
            _answer_digest(one, self.output.id),
            # Answers are shared by outputs under the same use: the question is this one's own.
            _encode(replace(verdict.question, use=self.output.use)),
            _encode(verdict.decision.told()),
            verdict.decision.policy_version,
        )


_ABOUT_AN_ENTRY = frozenset(
    {FlagKind.PERMISSION, FlagKind.THIRD_PARTY, FlagKind.DUTY, FlagKind.CONDITION, FlagKind.REVIEW}
)
"""What a person would be asked for the sake of one entry; the others speak of its source or of what it says."""


def _copies(holding: Sequence[Verdict], placed: Sequence[Placed]) -> frozenset[str]:
    """Keys of held entries whose story stands in the output by another source's entry."""
    if not holding or not placed:
        return frozenset()
    stories, there = Stories(), {one.stored.key for one in placed}
    for one in placed:
        stories.is_new(one.stored.entry)
    aside = (verdict.stored for verdict in holding if verdict.stored.key not in there)
    return frozenset(stored.key for stored in aside if stories.is_known(stored.entry))


def _answer_digest(one: Wanted, output: str) -> str:
    """Hex digest that names the stored question and answer behind a release."""
    parts = (output, one.key, one.stored.entry.revision, one.decision_digest)
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _stands(one: Wanted, output: str, standing: Mapping[str, Release]) -> bool:
    release = standing.get(one.key)
    return release is not None and release.decision == _answer_digest(one, output)
