"""Written permissions: recorded by a person, ended by a person."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from aggregator.errors import UsageError
from aggregator.model.policy import DutyName, Effect, Grant, LimitName
from aggregator.service.withdraw import find_entry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from aggregator.service.world import World
    from aggregator.store import Store

EVIDENCE_BYTES_MAX = 10_000_000
WAIVABLE = frozenset(name.value for name in DutyName)
LIFTABLE = frozenset(name.value for name in LimitName) | {"non-commercial"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantSummary:
    """A grant as lists show it."""

    grant: Grant
    state: str
    """`in force`, `not yet`, `expired` or `revoked`."""


async def add_grant(asked: Grant, evidence_file: Path | None, world: World, store: Store, now: datetime) -> Grant:
    """Records a written permission; it acts at the next build.

    Args:
        asked: as it was typed: `entry` may be any name of an entry, `id` is empty, names are unchecked.
        evidence_file: the letter itself; its name and digest are recorded with the text.
    Raises:
        UsageError: something named in it does not exist, or it has no scope at all.
    """
    check_scope(asked, world, "grant")
    entry = (await find_entry(store, asked.entry)) if asked.entry else None
    grant = replace(
        asked,
        id=f"g-{secrets.token_hex(4)}",
        entry=entry.key if entry else None,
        policy=asked.policy or _giver(asked, entry.entry.source if entry else asked.source, world),
        evidence=" ".join(filter(None, (asked.evidence, described(evidence_file)))),
        given_at=now,
    )
    if grant.policy is None and grant.publisher is None and grant.source is None and grant.entry is None:
        raise UsageError("a grant needs a giver or a scope: name --policy, --publisher, --source or --entry")
    await store.add_grant(grant, now)
    return grant


def check_scope(asked: Grant, world: World, what: str) -> None:
    """Looks whether all that a grant or refusal names is there.

    Args:
        what: `grant` or `refusal`, for the message.
    Raises:
        UsageError: something is not, or its dates are the wrong way round.
    """
    if asked.since and asked.until and asked.until < asked.since:
        raise UsageError(f"the {what} would end on {asked.until} before it begins on {asked.since}; swap the dates")
    for name in ("publisher", "author", "category"):
        value = getattr(asked, name)
        if value is not None and not value.strip():
            raise UsageError(f"--{name} is empty, so the {what} would cover nothing; give a name or leave it out")
    if asked.policy is not None and asked.publisher is not None:
        raise UsageError(f"a {what} has one giver: name --policy, or --publisher where it has no policy, not both")
    if asked.policy is not None and world.policies.by_id(asked.policy) is None:
        known = ", ".join(f"'{policy.id}'" for policy in world.configuration.policies) or "none"
        raise UsageError(f"policy '{asked.policy}' is not configured; there is: {known}")
    if asked.source is not None:
        world.pick_sources([asked.source])
    if asked.outputs:
        world.pick_outputs(asked.outputs)
    _check_terms("duty", asked.waive, WAIVABLE)
    _check_terms("limit", asked.lift, LIFTABLE)


def _check_terms(kind: str, named: Iterable[str], known: frozenset[str]) -> None:
    for name in sorted(named):
        if name not in known:
            raise UsageError(f"{kind} '{name}' is not known; use one of: {', '.join(sorted(known))}")


def _giver(asked: Grant, source: str | None, world: World) -> str | None:
    """The policy whose publisher gives it, where only a source or an entry is named: the polled publisher's own."""
    if asked.publisher is not None or source is None:
        return None
    configured = world.sources.get(source)
    return configured.policy if configured else None


def described(path: Path | None) -> str:
    """A letter's file as evidence: name, size and digest; empty where there is none.

    Raises:
        UsageError: it cannot be read, or is too large.
    """
    if path is None:
        return ""
    try:
        if path.stat().st_size > EVIDENCE_BYTES_MAX:
            raise UsageError(f"evidence file '{path}' is larger than 10 MB; name a smaller copy")
        body = path.read_bytes()
    except OSError as error:
        raise UsageError(f"evidence file '{path}' cannot be read: {error.strerror or error}") from error
    return f"[file {path.name}, {len(body)} bytes, sha256 {sha256(body).hexdigest()}]"


async def revoke_grant(id_: str, store: Store, now: datetime, by: str = "") -> Grant:
    """Ends a grant; what it carried leaves at the next build.

    Args:
        by: who ends it; empty: the ledger does not say.
    Raises:
        UsageError: there is no such grant, or it was revoked before.
    """
    known = {grant.id: grant for grant in await store.grants()}
    if id_ not in known or known[id_].effect is not Effect.ALLOW:
        raise UsageError(f"grant '{id_}' is not recorded; 'aggregator grants list' shows those that are")
    if not await store.revoke_grant(id_, now, by):
        raise UsageError(f"grant '{id_}' was revoked before, at {known[id_].revoked_at}")
    return replace(known[id_], revoked_at=now)


async def list_grants(store: Store, now: datetime) -> list[GrantSummary]:
    """All grants, in order of id; refusals have a list of their own."""
    found = await store.grants()
    return [GrantSummary(grant=one, state=state_of(one, now)) for one in found if one.effect is Effect.ALLOW]


def state_of(grant: Grant, now: datetime) -> str:
    """`in force`, `not yet`, `expired` or `revoked`."""
    today = now.date()
    if grant.revoked_at is not None and grant.revoked_at <= now:
        return "revoked"
    if grant.until is not None and grant.until < today:
        return "expired"
    if grant.since is not None and grant.since > today:
        return "not yet"
    return "in force"
