"""Recorded refusals: a publisher, an author or the law said no; a person records it, and it stays out until it ends."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.errors import UsageError
from aggregator.model.policy import Effect, Grant
from aggregator.service.grants import GrantSummary, check_scope, described, read_letter, state_of
from aggregator.service.withdraw import find_entry
from aggregator.store import cases, desk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from aggregator.model.desk import Case, Letter
    from aggregator.service.world import World
    from aggregator.store import Store

SCOPE = ("policy", "publisher", "source", "entry", "author", "category")
"""Fields of which a refusal needs at least one."""
EVIDENCE_MAX = 20_000
"""Characters."""


async def add_refusal(
    asked: Grant, evidence_file: Path | None, by: str, world: World, store: Store, now: datetime
) -> Grant:
    """Records a refusal; what it covers leaves its outputs at the next build, and stays out.

    Args:
        asked: as it was typed: `entry` may be any name of an entry, `id` is empty, names are unchecked.
        evidence_file: the letter itself; it is kept, and its name and digest are recorded with the text.
        by: who records it.
    Raises:
        UsageError: something named in it does not exist, it has no scope, or nothing proves it.
    """
    check_scope(asked, world, "refusal")
    if all(getattr(asked, name) is None for name in SCOPE):
        raise UsageError(
            "a refusal needs a scope", command="name --policy, --publisher, --source, --entry, --author or --category"
        )
    letter = read_letter(evidence_file)
    told = " ".join(filter(None, (asked.evidence.strip(), described(letter))))
    if not told:
        raise UsageError(
            "what proves it? Say who said no, and when, or give the letter",
            command="use --evidence, or --evidence-file",
        )
    if len(told) > EVIDENCE_MAX:
        raise UsageError(
            "the evidence is longer than %(evidence_max)s characters; shorten it, or give it as a file",
            evidence_max=EVIDENCE_MAX,
        )
    entry = await find_entry(store, asked.entry) if asked.entry else None
    refusal = replace(
        asked,
        id=f"r-{secrets.token_hex(4)}",
        effect=Effect.DENY,
        entry=entry.key if entry else None,
        evidence=f"{told} (recorded by {by})",
        given_at=now,
    )
    await store.write(desk.add_grants, [refusal], now, letter)
    return refusal


async def revoke_refusal(id_: str, by: str, reason: str, store: Store, now: datetime) -> Grant:
    """Ends a refusal; what nothing else bars comes back at the next build.

    Raises:
        UsageError: there is no such refusal, or it was ended before.
    """
    known = {one.id: one for one in await store.grants() if one.effect is Effect.DENY}
    if id_ not in known:
        raise UsageError(
            "refusal '%(id)s' is not recorded", command="'aggregator refusals list' shows those that are", id=id_
        )
    if not await store.revoke_grant(id_, now, by, reason.strip()):
        raise UsageError(
            "refusal '%(id)s' was ended before, at %(revoked_at)s UTC",
            id=id_,
            revoked_at=f"{known[id_].revoked_at:%Y-%m-%d %H:%M}",
        )
    return replace(known[id_], revoked_at=now)


async def list_refusals(store: Store, now: datetime) -> list[GrantSummary]:
    """All refusals, the newest first."""
    found = [one for one in await store.grants() if one.effect is Effect.DENY]
    found.sort(key=lambda one: (one.given_at or now, one.id), reverse=True)
    return [GrantSummary(grant=one, state=state_of(one, now)) for one in found]


def refusal_for(case: Case, world: World, evidence: str = "") -> Grant:
    """The refusal that the answer "no" to a flag comes to: its publisher, its entry or source, the outputs that wait.

    Narrow on purpose: what else they refuse, a person must say.
    """
    flag = case.flag
    policy = next((one.id for one in world.configuration.policies if one.publisher.name == flag.publisher), None)
    return Grant(
        id="",
        effect=Effect.DENY,
        policy=policy,
        publisher=None if policy else flag.publisher,
        entry=flag.entry,
        source=None if flag.entry else flag.source,
        outputs=tuple(output for output in flag.outputs if output in world.outputs),
        evidence=evidence,
    )


async def refuse_flags(
    flags: Sequence[str], evidence: str, by: str, world: World, store: Store, now: datetime
) -> list[Grant]:
    """Records the refusals that keep out what flags are about, in one transaction. Closed flags are passed over."""
    found = await store.read(cases.read_cases, list(dict.fromkeys(flags)))
    told = evidence.strip() or "they said no"
    refusals = [
        replace(
            refusal_for(case, world),
            id=f"r-{secrets.token_hex(4)}",
            evidence=f"{told} (flag {case.flag.id}, recorded by {by})",
            given_at=now,
        )
        for case in found
        if case.flag.closed_at is None
    ]
    await store.write(desk.add_grants, refusals, now)
    return refusals


async def proposed_refusal(letter: Letter, world: World, store: Store) -> Grant | None:
    """The refusal that an answered letter gives reason for; None: nothing is known any more of what it was about."""
    found = await store.read(cases.read_cases, list(letter.flags))
    if not found:
        return None
    said = " ".join(filter(None, (letter.answer, letter.answer_file)))
    narrow = refusal_for(found[0], world, f"Answer to letter {letter.id}: {said}")
    outputs = sorted({output for case in found for output in case.flag.outputs if output in world.outputs})
    if len(found) == 1:
        return replace(narrow, outputs=tuple(outputs))
    return replace(narrow, entry=None, source=None, outputs=tuple(outputs))
