"""What an edited configuration would change in what is published: asked of the engine that builds, writing nothing.

It speaks of the entries that are stored. What a poll would bring, and what would fail its proof in the bytes, only the
poll and the build can tell.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from aggregator.config import load
from aggregator.errors import ConfigError
from aggregator.model.decision import Decision
from aggregator.rights.reasons import FORMS
from aggregator.rights.wording import must
from aggregator.service.assess import gather_desk, judge, why_gone
from aggregator.service.policy_tests import run_policy_tests
from aggregator.service.world import World
from aggregator.store import Store, decisions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from aggregator.model.entry import StoredEntry
    from aggregator.model.output import Output, Release

_decode = msgspec.json.Decoder(Decision).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would happen to one entry in one output."""

    entry: str
    source: str
    title: str
    why: str
    """The decision, or what else takes it away, in a sentence."""
    rules: tuple[str, ...] = ()
    """The rules behind it, each with file and line."""
    before: str | None = None
    """Form in which it stands now; None: it does not, or an older program decided that."""
    after: str | None = None
    """Form in which it would stand; None: it would not."""
    differences: tuple[str, ...] = ()
    """Of an entry that stands and would go on standing: what would be another in its copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPlan:
    """What would happen to one output."""

    id: str
    status: str
    """`new` (never built), `kept`, or `removed` (no longer configured)."""
    before: int
    """Entries that stand in it now."""
    after: int
    held: int = 0
    """Candidates that it would like to carry and could not."""
    appears: tuple[Change, ...] = ()
    disappears: tuple[Change, ...] = ()
    changes: tuple[Change, ...] = ()
    formats_removed: tuple[str, ...] = ()
    """In which it is published now and would not be."""

    @property
    def is_as_before(self) -> bool:
        found = self.appears or self.disappears or self.changes or self.formats_removed
        return self.status == "kept" and not found


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The configuration on disk against what is published."""

    withdraws: bool
    """Whether an entry, an output or one of its formats would be taken away."""
    outputs: tuple[OutputPlan, ...]
    """In the order of the configuration, removed ones last."""
    sources_new: tuple[str, ...]
    """Polled from now on; what they carry is not known before their first poll."""
    sources_removed: tuple[str, ...]
    """Polled no longer: taken from the configuration, or disabled."""


async def read_plan(folder: Path, now: datetime) -> Plan:
    """What would happen if the configuration on disk came into force now.

    Raises:
        ConfigError: it would not come into force; every problem is named.
        StoreError: the database is not there, not of this version, or does not answer.
    """
    configuration = load(folder)
    world = World.of(configuration)
    failures = run_policy_tests(world)
    if failures:
        raise ConfigError(failures)
    store = await Store.open(configuration.settings.database)
    try:
        return await plan(world, store, now)
    finally:
        await store.close()


async def plan(world: World, store: Store, now: datetime, only: Collection[str] | None = None) -> Plan:
    """The same of a configuration that is loaded and a store that is open.

    Args:
        only: ids of the outputs that are looked at; None: all. Removed ones always are.
    """
    states = await store.output_states()
    plans = [
        await _output(output, world, store, now, output.id in states)
        for output in world.outputs.values()
        if only is None or output.id in only
    ]
    plans += [await _removed(output, store) for output in sorted(states.keys() - world.outputs.keys())]
    polled = await store.poll_states()
    return Plan(
        withdraws=any(one.disappears or one.formats_removed or one.status == "removed" for one in plans),
        outputs=tuple(plans),
        sources_new=tuple(id_ for id_ in world.active if id_ not in polled),
        sources_removed=tuple(sorted(polled.keys() - set(world.active))),
    )


async def _output(output: Output, world: World, store: Store, now: datetime, built: bool) -> OutputPlan:
    desk = await gather_desk(store, output, world, now)
    verdicts, placed = await judge(output, world, desk, store, now)
    standing = await store.standing(output.id)
    answers = {verdict.stored.key: verdict for verdict in verdicts}
    stands = {one.stored.key: one for one in placed}
    gone = await store.entries_by_key([key for key in standing.releases if key not in stands])
    appears = [
        _change(one.stored, one.decision.sentence, _relied_on(one.decision), after=one.decision.form)
        for key, one in stands.items()
        if key not in standing.releases
    ]
    disappears = []
    for key in standing.releases.keys() - stands.keys():
        why = (await why_gone(key, answers, desk, output, world, store, now)).reason
        rules = _held_by(answers[key].decision) if key in answers else ()
        before = await _answer(standing.releases[key], store)
        disappears.append(_lost(key, gone, why, rules, before))
    changes = []
    for key, one in stands.items():
        before = await _answer(standing.releases[key], store) if key in standing.releases else None
        differences = tuple(_differences(before, one.decision)) if before else ()
        if before and differences:
            change = _change(
                one.stored,
                one.decision.sentence,
                _relied_on(one.decision),
                before=before.form,
                after=one.decision.form,
                differences=differences,
            )
            changes.append(change)
    return OutputPlan(
        id=output.id,
        status="kept" if built else "new",
        before=len(standing.releases),
        after=len(stands),
        held=sum(not verdict.decision.allowed for verdict in verdicts),
        appears=tuple(appears),
        disappears=tuple(sorted(disappears, key=_order)),
        changes=tuple(changes),
        formats_removed=tuple(sorted(standing.etags.keys() - set(output.formats))),
    )


async def _removed(output: str, store: Store) -> OutputPlan:
    """An output that is built and no longer configured: everything in it would go."""
    standing = await store.standing(output)
    entries = await store.entries_by_key(list(standing.releases))
    lost = [
        _lost(key, entries, "the output is no longer configured", (), await _answer(release, store))
        for key, release in standing.releases.items()
    ]
    return OutputPlan(
        id=output,
        status="removed",
        before=len(lost),
        after=0,
        disappears=tuple(sorted(lost, key=_order)),
        formats_removed=tuple(sorted(standing.etags)),
    )


def _order(change: Change) -> tuple[str, str, str]:
    return change.why, change.source, change.title


def _change(
    stored: StoredEntry,
    why: str,
    rules: tuple[str, ...],
    *,
    before: str | None = None,
    after: str | None = None,
    differences: tuple[str, ...] = (),
) -> Change:
    entry = stored.entry
    return Change(
        entry=stored.key,
        source=entry.source,
        title=entry.title or entry.id,
        why=why,
        rules=rules,
        before=before,
        after=after,
        differences=differences,
    )


def _lost(
    key: str, entries: Mapping[str, StoredEntry], why: str, rules: tuple[str, ...], before: Decision | None
) -> Change:
    form = before.form if before else None
    stored = entries.get(key)
    if stored is None:
        return Change(entry=key, source="", title=key, why=why, rules=rules, before=form)
    return _change(stored, why, rules, before=form)


async def _answer(release: Release, store: Store) -> Decision | None:
    """The decision under which an entry stands; None where an older program wrote it in another shape."""
    kept = await store.read(decisions.by_digest, release.decision)
    try:
        return _decode(kept[1]) if kept else None
    except msgspec.ValidationError:
        return None


def _relied_on(decision: Decision) -> tuple[str, ...]:
    return _with_places(decision.relied_on, decision)


def _held_by(decision: Decision) -> tuple[str, ...]:
    return _with_places(decision.held_by, decision)


def _with_places(rules: Sequence[str], decision: Decision) -> tuple[str, ...]:
    """`herald:2 (config/policies/herald.yaml:14)`, each once."""
    places = {step.rule: step.where for step in decision.trace if step.where}
    places |= {hold.rule: hold.where for hold in decision.holds if hold.where}
    return tuple(dict.fromkeys(f"{rule} ({places[rule]})" if rule in places else rule for rule in rules))


def _differences(before: Decision, after: Decision) -> Iterator[str]:
    """What a reader would notice: form, whom it credits, what accompanies it, pictures."""
    if before.form is not after.form:
        yield f"{FORMS[after.form]} instead of {FORMS[before.form]}"
    chains = [" > ".join(hop.name for hop in decision.hops) for decision in (before, after)]
    if chains[0] != chains[1]:
        yield f"credit to {chains[1]} instead of {chains[0]}"
    had, has = ([must(duty) for duty in decision.duties] for decision in (before, after))
    yield from (f"now it must {duty}" for duty in has if duty not in had)
    yield from (f"it need no longer {duty}" for duty in had if duty not in has)
    taken = Counter(after.removed)
    taken.subtract(before.removed)
    if out := sum(count > 0 for count in taken.values()):
        yield f"{_count(out, 'picture or medium', 'pictures or media')} fewer"
    if back := sum(count < 0 for count in taken.values()):
        yield f"{_count(back, 'picture or medium', 'pictures or media')} more"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
