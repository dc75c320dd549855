"""Rebuilding an output of 50 entries in all four formats after one of them has changed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from statistics import median
from typing import Any

import msgspec

from aggregator.model.entry import Content, StoredEntry
from aggregator.model.output import Output, Selector
from aggregator.model.poll import ChangeKind, EntryChange, IntakePlan, PollReport, PollState
from aggregator.model.source import Source
from aggregator.model.use import Audience, Form, Use
from aggregator.publishing.render import Renderer
from aggregator.service.build import build
from aggregator.service.world import World
from aggregator.store import Store
from benchmarks.house import NOW, ROOT, expect, fresh_database, open_store, world_of
from benchmarks.measure import Row, cost, cpu, promised
from benchmarks.storing import plan_of

ENTRIES = 50
FEEDS = 8
POLICY = "meridian-science"
"""Of the sample: full texts for community sites."""
PROMISE = 0.010
_content = msgspec.json.Decoder(Content)


async def rebuild(quick: bool) -> list[Row]:
    """One build after each of some edits; then the same again, stage by stage."""
    builds = 5 if quick else 40
    sources = [
        Source(id=f"paper-{feed}", feed=f"https://paper{feed}.example/feed", policy=POLICY) for feed in range(FEEDS)
    ]
    use = Use(output="all", form=Form.FULL, fallback=(Form.EXCERPT, Form.HEADLINE), audience=Audience.COMMUNITY)
    world = world_of(sources, [Output(id="all", title="All", select=Selector(newest=ENTRIES), use=use)])
    with fresh_database() as path:
        async with open_store(path) as store:
            await store.sync_sources(world.active, NOW)
            for feed in range(FEEDS):
                await store.apply(plan_of(feed))
            renderer = Renderer([ROOT / "templates"])
            report = await build(world.outputs["all"], world, store, renderer, NOW)
            expect(report.entries == ENTRIES, f"{report.entries} entries stand in the output, not {ENTRIES}")
            costs = [await _after_an_edit(store, world, renderer, number) for number in range(-3, builds)][3:]
            stages = await _stages(store, world, renderer, builds)
    parts = ", ".join(f"{name} {seconds * 1e3:.2f} ms" for name, seconds in stages.items())
    return [
        promised(
            costs,
            1,
            scenario="rebuild",
            what=f"{ENTRIES} entries in four formats after one changed",
            unit="build",
            promise=PROMISE,
            notes=(f"of a build: {parts}",),
        )
    ]


async def _after_an_edit(store: Store, world: World, renderer: Renderer, number: int) -> float:
    """CPU seconds of a build after one entry was edited; the edit itself is not counted."""
    await _edit(store, world, number)
    at = NOW + timedelta(seconds=number + 10)

    async def work(_: int) -> None:
        report = await build(world.outputs["all"], world, store, renderer, at)
        expect(len(report.changed) == 4, f"{len(report.changed)} documents changed, not all four")

    return await cost(work, number)


async def _edit(store: Store, world: World, number: int) -> None:
    """Another revision of one of the output's entries."""
    newest = await store.candidates(world.active, since=None, limit=ENTRIES)
    stored = newest[7 * number % ENTRIES]
    content = (await store.contents([stored.key]))[stored.key]
    state = (await store.poll_states([stored.entry.source]))[stored.entry.source]
    await store.apply(edited(stored, content, state, f"{number + 1_000:064x}"))


def edited(stored: StoredEntry, content: Content, state: PollState, revision: str) -> IntakePlan:
    entry = replace(stored.entry, revision=revision, title=f"{stored.entry.title} ({revision[-4:]})")
    change = EntryChange(
        kind=ChangeKind.REVISED,
        entry=entry,
        content=msgspec.json.encode(replace(content, body=f"{content.body}<p>{revision[-4:]}</p>")),
        first_seen_at=stored.first_seen_at,
        ordered_at=stored.ordered_at,
        earliest_at=stored.earliest_at,
        at=NOW,
    )
    report = PollReport(source=entry.source, outcome="changed", revised=1)
    return IntakePlan(state=state, changes=(change,), report=report, at=NOW)


class _Watched:
    """A stand-in that adds up the CPU seconds of what it passes on."""

    def __init__(self, inner: Any, names: Callable[[str], str], spent: defaultdict[str, float]) -> None:
        self._inner, self._names, self._spent = inner, names, spent

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found
        stage = self._names(name)

        @wraps(found)
        def called(*args: Any, **kwargs: Any) -> Any:
            before = time.process_time()
            result = found(*args, **kwargs)
            if hasattr(result, "__await__"):
                return self._awaited(result, stage, before)
            self._spent[stage] += time.process_time() - before
            return result

        return called

    async def _awaited(self, result: Any, stage: str, before: float) -> Any:
        value = await result
        self._spent[stage] += time.process_time() - before
        return value


async def _stages(store: Store, world: World, renderer: Renderer, builds: int) -> dict[str, float]:
    """CPU seconds of a build by stage, the median of some."""
    seen: list[dict[str, float]] = []
    for number in range(builds):
        await _edit(store, world, 10_000 + number)
        spent: defaultdict[str, float] = defaultdict(float)
        watched: Any = _Watched(store, lambda name: "publish" if name == "publish" else "store reads", spent)
        drawing: Any = _Watched(renderer, lambda _: "render and prove", spent)
        before = cpu()
        await build(world.outputs["all"], world, watched, drawing, NOW + timedelta(hours=1, seconds=number))
        spent["decide and the rest"] = cpu() - before - sum(spent.values())
        seen.append(spent)
    return {name: median(spent[name] for spent in seen) for name in seen[0]}
