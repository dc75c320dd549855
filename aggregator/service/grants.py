"""Written permissions: recorded by a person, ended by a person."""

from __future__ import annotations

import secrets
from asyncio import to_thread
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.errors import UsageError, Word
from aggregator.model.policy import DutyName, Effect, Grant, LimitName
from aggregator.publishing.mail import one_line
from aggregator.rights.grants import covers_use, has_author, has_category
from aggregator.rights.names import fold
from aggregator.rights.times import written
from aggregator.service.withdraw import find_entry
from aggregator.store import desk as rulings
from aggregator.store import evidence_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from aggregator.model.entry import Entry
    from aggregator.service.world import World
    from aggregator.store import Store

ENTRIES_LOOKED_AT = 5_000
"""Newest entries among which an author or category of a new grant is looked for."""
EVIDENCE_BYTES_MAX = 10_000_000
WAIVABLE = frozenset(name.value for name in DutyName)
LIFTABLE = frozenset(name.value for name in LimitName) | {"non-commercial"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantSummary:
    """A grant as lists show it."""

    grant: Grant
    state: str
    """`in force`, `not yet`, `expired` or `revoked`."""
    idle: UsageError | None = None
    """Why one that is in force or not yet covers nothing so far; None: it covers something, or nobody looked."""


async def add_grant(
    asked: Grant, evidence_file: Path | None, by: str, world: World, store: Store, now: datetime
) -> Grant:
    """Records a written permission; it acts at the next build.

    Args:
        asked: as it was typed: `entry` may be any name of an entry, `id` is empty, names are unchecked.
        evidence_file: the letter itself; it is kept, and its name and digest are recorded with the text.
        by: who records it; it stands with the evidence in the ledger.
    Raises:
        UsageError: something named in it does not exist, it has no scope at all, or nothing proves it.
    """
    [grant] = await add_grants(asked, (asked.entry,), evidence_file, by, world, store, now)
    return grant


async def add_grants(
    asked: Grant,
    entries: Sequence[str | None],
    evidence_file: Path | None,
    by: str,
    world: World,
    store: Store,
    now: datetime,
) -> list[Grant]:
    """Records one written permission for each of several entries: all of them or none.

    Args:
        entries: any name of each; None: not bound to an entry.
    Raises:
        UsageError: as `add_grant`.
    """
    letter = read_letter(evidence_file)
    told = " ".join(filter(None, (asked.evidence.strip(), described(letter))))
    check_scope(asked, world, "grant")
    proof = f"{told} (recorded by {by})"
    found = [await find_entry(store, name) if name else None for name in entries]
    grants = [
        replace(
            asked,
            id=f"g-{secrets.token_hex(4)}",
            entry=entry.key if entry else None,
            policy=asked.policy or _giver(asked, entry.entry.source if entry else asked.source, world),
            evidence=proof,
            given_at=now,
        )
        for entry in found
    ]
    for grant in grants:
        if grant.policy is None and grant.publisher is None and grant.source is None and grant.entry is None:
            raise UsageError(
                "a grant needs a giver or a scope", command="name --policy, --publisher, --source or --entry"
            )
    if not told:
        raise UsageError(
            "what proves it? Say who wrote what, and when, or give the letter",
            command="use --evidence 'Letter of Jane Roe, 2026-11-20', or --evidence-file",
        )
    await store.write(rulings.add_grants, grants, now, letter)
    return grants


def check_scope(asked: Grant, world: World, what: str) -> None:
    """Looks whether all that a grant or refusal names is there.

    Args:
        what: `grant` or `refusal`, for the message.
    Raises:
        UsageError: something is not, or its dates are the wrong way round.
    """
    if asked.since and asked.until and asked.until < asked.since:
        raise UsageError(
            "the %(what)s would end on %(until)s before it begins on %(since)s; swap the dates",
            what=Word(what),
            until=asked.until,
            since=asked.since,
        )
    for name in ("publisher", "author", "category"):
        value = getattr(asked, name)
        if value is not None and not value.strip():
            raise UsageError(
                "'%(name)s' is empty, so the %(what)s would cover nothing; give a name or leave it out",
                name=name,
                what=Word(what),
            )
    if asked.policy is not None and asked.publisher is not None:
        raise UsageError(
            "a %(what)s has one giver: a policy, or a publisher that has none, not both",
            command="give --policy or --publisher",
            what=Word(what),
        )
    if asked.policy is not None and world.policies.by_id(asked.policy) is None:
        known = ", ".join(f"'{policy.id}'" for policy in world.configuration.policies) or "none"
        raise UsageError("policy '%(policy)s' is not configured; there is: %(known)s", policy=asked.policy, known=known)
    if asked.source is not None:
        world.pick_sources([asked.source])
    if asked.outputs:
        world.pick_outputs(asked.outputs)
    _check_terms("duty", asked.waive, WAIVABLE)
    _check_terms("limit", asked.lift, LIFTABLE)


def _check_terms(kind: str, named: Iterable[str], known: frozenset[str]) -> None:
    for name in sorted(named):
        if name not in known:
            raise UsageError(
                "%(kind)s '%(name)s' is not known; use one of: %(known)s",
                kind=Word(kind),
                name=name,
                known=", ".join(sorted(known)),
            )


def _giver(asked: Grant, source: str | None, world: World) -> str | None:
    """The policy whose publisher gives it, where only a source or an entry is named: the polled publisher's own."""
    if asked.publisher is not None or source is None:
        return None
    configured = world.sources.get(source)
    return configured.policy if configured else None


def read_letter(path: Path | None) -> tuple[str, bytes] | None:
    """(name, bytes) of a letter's file; None: there is none.

    Raises:
        UsageError: it cannot be read, or is too large.
    """
    if path is None:
        return None
    try:
        if path.stat().st_size > EVIDENCE_BYTES_MAX:
            raise UsageError("evidence file '%(path)s' is larger than 10 MB; name a smaller copy", path=path)
        body = path.read_bytes()
    except OSError as error:
        raise UsageError(
            "evidence file '%(path)s' cannot be read: %(strerror)s", path=path, strerror=error.strerror or error
        ) from error
    return path.name, body


def described(letter: tuple[str, bytes] | None) -> str:
    """A file as evidence: its name, size and digest, with which whoever keeps it can prove that it is the one; empty
    where there is none.

    Raises:
        UsageError: it is too large.
    """
    if letter is None:
        return ""
    name, body = one_line(letter[0]), letter[1]
    if len(body) > EVIDENCE_BYTES_MAX:
        raise UsageError("the file '%(name)s' is larger than 10 MB; give a smaller copy", name=name[:100])
    return f"[file {name[:200]}, {len(body)} bytes, sha256 {sha256(body).hexdigest()}]"


async def write_letters(id_: str, folder: Path, store: Store) -> list[Path]:
    """Writes the files that prove a permission or refusal into a folder, which is made if it is not there.

    Returns:
        Where they are; none: no file was given with it.
    Raises:
        UsageError: nothing of that id is recorded, a file of that name is there, or it cannot be written.
    """
    if id_ not in {grant.id for grant in await store.grants()}:
        raise UsageError("no permission and no refusal is recorded as '%(id)s'", id=id_)
    return await to_thread(_write, folder, await store.read(evidence_files.of_grant, id_))


def _write(folder: Path, files: Sequence[tuple[str, bytes]]) -> list[Path]:
    written_to = []
    for name, body in files:
        path = folder / Path(name).name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(body)
        except FileExistsError as error:
            raise UsageError("'%(path)s' is there already; name another folder", path=path) from error
        except OSError as error:
            raise UsageError(
                "'%(path)s' cannot be written: %(strerror)s", path=path, strerror=error.strerror or error
            ) from error
        written_to.append(path)
    return written_to


async def revoke_grant(id_: str, store: Store, now: datetime, by: str = "", reason: str = "") -> Grant:
    """Ends a grant; what it carried leaves at the next build.

    Args:
        by: who ends it; empty: the ledger does not say.
        reason: why, for the ledger; empty: it does not say.
    Raises:
        UsageError: there is no such grant, or it was revoked before.
    """
    known = {grant.id: grant for grant in await store.grants()}
    if id_ not in known or known[id_].effect is not Effect.ALLOW:
        raise UsageError(
            "grant '%(id)s' is not recorded", command="'aggregator grants list' shows those that are", id=id_
        )
    if not await store.revoke_grant(id_, now, by, reason):
        raise UsageError(
            "grant '%(id)s' was revoked before, at %(revoked_at)s",
            id=id_,
            revoked_at=written(known[id_].revoked_at or now),
        )
    return replace(known[id_], revoked_at=now)


async def without_effect(
    grant: Grant, world: World, store: Store, read: dict[str | None, list[Entry]] | None = None
) -> UsageError | None:
    """Why a grant covers nothing so far, which may be meant, or a slip of who typed it; None: it covers something.

    Args:
        read: the newest entries by source, so that those of one source are read once for many grants.
    """
    outputs = world.configuration.outputs
    if not any(covers_use(grant, form, replace(one.use, output=one.id)) for one in outputs for form in one.use.forms):
        return UsageError("no output has such a use: %(count)s have others", count=len(outputs))
    if grant.entry is not None or (grant.author is None and grant.category is None):
        return None
    read = {} if read is None else read
    if grant.source not in read:
        stored = await store.list_entries(source=grant.source, limit=ENTRIES_LOOKED_AT)
        read[grant.source] = [one.entry for one in stored]
    newest = read[grant.source]
    if not newest:
        return UsageError("nothing is stored yet that it could be about")
    named = [one for one in newest if has_author(grant, [fold(author.name) for author in one.authors])]
    if not named:
        return UsageError(
            "no entry of the newest %(count)s has the author '%(name)s'", count=len(newest), name=grant.author
        )
    if not any(has_category(grant, list(map(fold, one.categories))) for one in named):
        return UsageError(
            "no entry of the newest %(count)s has the category '%(name)s'", count=len(newest), name=grant.category
        )
    return None


async def list_grants(store: Store, now: datetime, world: World | None = None) -> list[GrantSummary]:
    """All grants, in order of id; refusals have a list of their own.

    Args:
        world: to look which of them cover nothing; None: nobody looks.
    """
    found = [
        GrantSummary(grant=one, state=state_of(one, now)) for one in await store.grants() if one.effect is Effect.ALLOW
    ]
    return found if world is None else await looked_through(found, world, store)


async def looked_through(found: Sequence[GrantSummary], world: World, store: Store) -> list[GrantSummary]:
    """The same grants, with why some of them cover nothing so far."""
    read: dict[str | None, list[Entry]] = {}
    return [
        replace(one, idle=await without_effect(one.grant, world, store, read))
        if one.state in ("in force", "not yet")
        else one
        for one in found
    ]


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
