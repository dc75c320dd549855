"""What may stand in an output now: candidates read from the store, a decision for each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from aggregator.model.decision import Decision, FlagKind, Hold, Question, Reason
from aggregator.model.output import Ending, Flag, Withdrawals
from aggregator.model.policy import Effect
from aggregator.publishing.filling import Filling
from aggregator.publishing.select import addresses_of, needs_text, wanted
from aggregator.rights import times
from aggregator.rights.approval import approval_digest
from aggregator.rights.decide import decide
from aggregator.rights.foresee import foresee
from aggregator.rights.reasons import FORMS
from aggregator.service.aside import aside
from aggregator.service.evidence import said_of
from aggregator.service.shares import gather_shares
from aggregator.service.terms_watch import holds_of
from aggregator.store import End, facts, flag_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from aggregator.model.entry import StoredEntry
    from aggregator.model.evidence import Evidence
    from aggregator.model.output import Approval, Output
    from aggregator.model.policy import Grant
    from aggregator.publishing.select import Placed
    from aggregator.service.round import Round
    from aggregator.service.shares import Shares
    from aggregator.service.world import World
    from aggregator.store import Rulings, Store

PAGE = 200
ARRANGED_MAX = 500
"""Candidates that are arranged in the event loop, at most: some 10 ms, where each looks like another."""
SPARE = 20
"""Entries that a source may have beyond its share, to take the places of those of which another copy stands."""
SCAN_MAX = 20_000
"""Candidates looked at for one output at most: nobody misses what stands behind them in a feed of the newest."""

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What people have ruled, as far as one output is concerned."""

    grants: Sequence[Grant] = ()
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    withdrawals: Withdrawals = field(default_factory=Withdrawals)
    first_releases: Mapping[str, datetime] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    """Entries whose publishers were told that they stand in the output."""
    shares: Shares | None = None
    """None: no policy of its sources limits a share."""

    @property
    def rules_for_all(self) -> bool:
        """Whether nothing in it is about this output alone, but for first releases, which few policies count from: then
        others that ask the same get the same answer."""
        alone = self.approvals or self.told or self.shares is not None
        return not alone and not any(grant.outputs for grant in self.grants)

    def rules_alone(self, key: str) -> bool:
        """Whether an answer about an entry may depend on what concerns this output alone."""
        return self.shares is not None or key in self.approvals or key in self.told or key in self.first_releases


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A candidate with the answer that it got."""

    question: Question
    decision: Decision

    @property
    def stored(self) -> StoredEntry:
        return self.question.stored

    @property
    def digest(self) -> str:
        return decision_digest(self.decision)


def decision_digest(decision: Decision) -> str:
    """Hex digest of all that a copy depends on: outcome, form, duties, limits, removals, hops and causes.

    Times, versions and the trace are left out: the same answer for the same causes is the same decision.
    """
    core = (
        decision.outcome,
        decision.form,
        decision.reason,
        decision.duties,
        decision.duty_hops,
        decision.limits,
        decision.removed,
        tuple(decision.hops),
        decision.relied_on,
    )
    return blake2b(_encode(core), digest_size=16).hexdigest()


async def gather_desk(
    store: Store,
    output: Output,
    world: World,
    now: datetime,
    ruled: Rulings | None = None,
    *,
    firsts: bool = True,
) -> Desk:
    """What people have ruled for one output.

    Args:
        ruled: as the store has it, if that is known.
        firsts: whether to read when entries first stood in it, where any policy counts from that; else whoever asks
            does, once an answer may depend on it.
    """
    firsts = firsts and world.counts_from_release
    if ruled is None:
        known, opened = await store.read(facts.ruled, output.id, firsts)
    else:
        known, opened = ruled, await store.first_releases(output.id) if firsts else {}
    return Desk(
        grants=(*known.grants, *holds_of(known.unread, world)),
        approvals=known.approvals,
        withdrawals=known.withdrawals,
        first_releases=opened,
        told=known.told,
        shares=await gather_shares(store, output, world, now),
    )


def question_of(
    stored: StoredEntry,
    output: Output,
    world: World,
    desk: Desk,
    now: datetime,
    text: str | None,
    evidence: Mapping[str, Sequence[Evidence]],
) -> Question:
    """The question that an output asks about one entry.

    Args:
        evidence: what the site of its source says to machines, by source.
    """
    source = world.sources.get(stored.entry.source)
    approval = desk.approvals.get(stored.key)
    return Question(
        stored=stored,
        policy=source.policy if source else None,
        use=output.use,
        at=now,
        text=text,
        approved=approval is not None and not approval.rejected and approval.digest == approval_digest(stored.entry),
        released_at=desk.first_releases.get(stored.key),
        told=stored.key in desk.told,
        shares=desk.shares.of(stored) if desk.shares is not None else (),
        said=said_of(stored, source, evidence.get(stored.entry.source, ()), output.use),
    )


async def texts_for(page: Iterable[StoredEntry], output: Output, world: World, store: Store) -> dict[str, str]:
    """The visible text of those entries for which selection or a policy must look at it."""
    keys = [stored.key for stored in page if looks_at_text(stored, output, world)]
    return {key: content.text for key, content in (await store.contents(keys)).items()} if keys else {}


def looks_at_text(stored: StoredEntry, output: Output, world: World) -> bool:
    """Whether an output's selection, or a policy that is asked about an entry, looks at its text."""
    if needs_text(output.select):
        return True
    entry = stored.entry
    return world.looks_at_text and world.policies.needs_text(_policy_id(world, entry.source), entry.origins, entry.url)


def _policy_id(world: World, source_id: str) -> str | None:
    source = world.sources.get(source_id)
    return source.policy if source else None


def is_selected(stored: StoredEntry, output: Output, world: World, text: str | None, now: datetime) -> bool:
    """Whether an output's selection wants an entry, whatever its rights."""
    return (
        stored.deleted_at is None
        and stored.entry.source in world.sources_of(output.select)
        and wanted(output.select, stored, text, now)
    )


def awaits_pick(decision: Decision) -> bool:
    """Whether nothing but a person's pick stands in an entry's way (ruling 22)."""
    asked = [hold for hold in decision.holds if hold.effect is not Effect.ALLOW]
    return decision.outcome is Effect.ASK and all(hold.kind is FlagKind.REVIEW for hold in asked)


def ruled_out(stored: StoredEntry, desk: Desk) -> End | None:
    """Whether people have taken an entry out, by its id or as the same article, or out of this output; None: no."""
    withdrawal = desk.withdrawals.get(stored.key)
    if withdrawal is not None:
        return End(stored.key, f"withdrawn: {withdrawal.reason}", Ending.WITHDRAWN)
    if desk.withdrawals and (same := desk.withdrawals.of_article(sorted(addresses_of(stored.entry)))) is not None:
        why = f"withdrawn: {same.reason} (the same article as {same.entry})"
        return End(stored.key, why, Ending.WITHDRAWN)
    if (copied := desk.withdrawals.of_text(stored.entry.sketch)) is not None:
        why = f"withdrawn: {copied.reason} (the same text as {copied.entry})"
        return End(stored.key, why, Ending.WITHDRAWN)
    if rejected_now(stored, desk):
        reason = desk.approvals[stored.key].reason
        return End(stored.key, f"rejected for this output{': ' if reason else ''}{reason}", Ending.REJECTED)
    return None


def rejected_now(stored: StoredEntry, desk: Desk) -> bool:
    """Whether a person rejected it for this output, and neither its origin nor licence nor notice changed since."""
    ruled = desk.approvals.get(stored.key)
    return ruled is not None and ruled.rejected and ruled.digest == approval_digest(stored.entry)


async def judge_page(
    page: Sequence[StoredEntry],
    output: Output,
    world: World,
    desk: Desk,
    store: Store,
    now: datetime,
    reads: Round | None = None,
) -> list[Verdict]:
    """Decides those of a page of candidates that the output would like to carry."""
    texts = await texts_for(page, output, world, store)
    # Of a page's sources only: an output may take from thousands, and most sites say something.
    evidence = await (reads or store).evidence_said(sorted({stored.entry.source for stored in page})) if page else {}
    answered = world.answers.under(output.use, desk.grants)
    verdicts = []
    for stored in page:
        text, said = texts.get(stored.key), evidence.get(stored.entry.source, ())
        if ruled_out(stored, desk) is not None or not wanted(output.select, stored, text, now):
            continue
        alone = text is not None or desk.rules_alone(stored.key)
        verdict = None if alone else answered.find(stored, said, now)
        if verdict is None:
            question = question_of(stored, output, world, desk, now, text, evidence)
            verdict = Verdict(question=question, decision=decide(question, world.policies, desk.grants))
            if not alone:
                answered.verdicts[stored.key] = verdict, said
        verdicts.append(verdict)
        if desk.shares is not None and verdict.decision.allowed:
            desk.shares.take(stored)
    return verdicts


async def judge(
    output: Output, world: World, desk: Desk, store: Store, now: datetime, reads: Round | None = None
) -> tuple[list[Verdict], list[Placed]]:
    """Looks at candidates, newest first, until the output is full or there are none left.

    Args:
        reads: where outputs that are built one after the other share what they read; None: not.
    """
    select = output.select
    sources = world.sources_of(select)
    since = now - select.max_age if select.max_age else None
    verdicts: list[Verdict] = []
    filling = Filling(world.configuration.settings.site.url, select.newest, select.per_source)
    # Of a source that has its share, no more are asked about, but for a few in case copies of some stand nearer.
    enough = None if select.per_source is None else select.per_source + SPARE
    taken_of: Counter[str] = Counter()
    after: tuple[datetime, str] | None = None
    # Most outputs are full after a few more candidates than they take: the first page is small.
    limit = min(PAGE, select.newest + select.newest // 4)
    for _ in range(SCAN_MAX // PAGE):
        page = await (reads or store).candidates(sources, since=since, limit=limit, after=after)
        open_ = [stored for stored in page if enough is None or taken_of[stored.entry.source] < enough]
        verdicts += (judged := await judge_page(open_, output, world, desk, store, now, reads))
        allowed = [verdict for verdict in judged if verdict.decision.allowed]
        taken_of.update(verdict.stored.entry.source for verdict in allowed)
        last = len(page) < limit
        # To arrange thousands, again and again until it is known where they are full, takes seconds.
        if await aside(len(filling) + len(allowed) >= ARRANGED_MAX, _fill, filling, allowed, last) or last:
            break
        after, limit = (page[-1].ordered_at, page[-1].key), PAGE
    else:
        await aside(len(filling) >= ARRANGED_MAX, filling.settle, last=True)
    return _until_full(verdicts, filling.count), filling.placed


def _fill(filling: Filling, allowed: Sequence[Verdict], last: bool) -> bool:
    return any(filling.add(one.stored, one.decision) for one in allowed) or filling.settle(last=last)


def _until_full(verdicts: list[Verdict], count: int | None) -> list[Verdict]:
    """The verdicts up to the one that fills the output: what is older would not stand in it if it were allowed.

    Args:
        count: so many of those that are allowed fill it; None: all of them do not.
    """
    if count is None:
        return verdicts
    allowed = 0
    for place, verdict in enumerate(verdicts):
        allowed += verdict.decision.allowed
        if allowed == count:
            return verdicts[: place + 1]
    return verdicts


async def why_gone(
    key: str, by_key: Mapping[str, Verdict], desk: Desk, output: Output, world: World, store: Store, now: datetime
) -> End:
    """Why an entry that stood in the output does so no longer, for the ledger and for those who took it."""
    if (withdrawal := desk.withdrawals.get(key)) is not None:
        return End(key, f"withdrawn: {withdrawal.reason}", Ending.WITHDRAWN)
    verdict = by_key.get(key)
    if verdict is not None:
        if not verdict.decision.allowed:
            return End(key, verdict.decision.sentence, Ending.RIGHTS)
        return End(key, "another copy of it stands, or it failed its proof", Ending.COPY)
    stored = (await store.entries_by_key([key])).get(key)
    if stored is None or stored.deleted_at is not None:
        return End(key, "deleted by its publisher", Ending.DELETED)
    if (ruled := ruled_out(stored, desk)) is not None:
        return ruled
    if stored.entry.source not in world.active:
        return End(key, "its source is no longer configured, or is disabled", Ending.SOURCE)
    text = (await texts_for([stored], output, world, store)).get(key)
    if is_selected(stored, output, world, text, now):
        return End(key, "newer entries took its place", Ending.NEWER)
    return End(key, "the output no longer selects it", Ending.SELECTION)


def flags_of(verdict: Verdict, output: Output, world: World, desk: Desk, now: datetime) -> list[Flag]:
    """The questions to an admin that a verdict raises; none where the answer is a plain no (ruling 24).

    Of an obstacle that goes by itself, such as an embargo, the flag says when: nobody has to ask about it.
    """
    # Of changed terms one flag stands for all entries: the watch raises it.
    holds = [one for one in _asking(verdict.decision) if one.reason is not Reason.TERMS_CHANGED]
    if holds and (later := foresee(verdict.question, world.policies, desk.grants, verdict.decision)) is not None:
        staying = {(one.kind, one.publisher) for one in _asking(later.decision)}
        coming = f"from {times.written(later.at)} on, {FORMS[later.decision.form]} may be shown"
        coming += ", without anybody doing anything; until then, "
        holds = [
            one if (one.kind, one.publisher) in staying else replace(one, sentence=coming + one.sentence)
            for one in holds
        ]
    flags: dict[str, Flag] = {}
    for hold in holds:
        flag = _flag(verdict, hold, output, now)
        flags.setdefault(flag.id, flag)
    return list(flags.values())


def _asking(decision: Decision) -> list[Hold]:
    return [hold for hold in decision.holds if hold.effect is Effect.ASK]


def refusal_flag(verdict: Verdict, what: str, output: Output, now: datetime) -> Flag:
    """The question that an entry raises which may be carried, but whose copy failed its proof."""
    source = verdict.decision.hops[-1]
    hold = Hold(
        kind=FlagKind.DUTY,
        reason=Reason.DUTY_UNMET,
        effect=Effect.ASK,
        hop=len(verdict.decision.hops) - 1,
        publisher=source.name,
        contact=verdict.decision.contact,
        rule="",
        where="",
        sentence=f"The copy failed its proof: {what}.",
    )
    return _flag(verdict, hold, output, now)


def _flag(verdict: Verdict, hold: Hold, output: Output, now: datetime) -> Flag:
    entry = verdict.stored.entry
    whole_source = hold.kind is FlagKind.NO_POLICY
    subject = f"source:{entry.source}" if whole_source else f"entry:{verdict.stored.key}"
    return Flag(
        id=flag_id(subject, hold.publisher, hold.kind),
        kind=hold.kind,
        subject=subject,
        source=entry.source,
        entry=None if whole_source else verdict.stored.key,
        title=entry.source if whole_source else entry.title,
        publisher=hold.publisher,
        contact=hold.contact,
        reason=hold.sentence,
        rule=hold.rule,
        where=hold.where,
        outputs=(output.id,),
        opened_at=now,
    )
