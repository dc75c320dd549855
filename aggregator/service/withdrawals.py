"""Withdrawals as acts: what one will reach, the act with a notice to those who have copies, all acts, their undoing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from aggregator.errors import UsageError
from aggregator.model.decision import FlagKind
from aggregator.publishing.mail import one_line
from aggregator.service import post
from aggregator.service.holders import takers_of
from aggregator.service.withdraw import Reached, Scope, reach, withdraw_all
from aggregator.store import outputs, outside, withdrawing
from aggregator.store import subscribers as on_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from aggregator.model.hub import Outgoing
    from aggregator.model.output import Withdrawal
    from aggregator.model.subscriber import Subscriber
    from aggregator.publishing.credit import Templates
    from aggregator.service.world import World
    from aggregator.store import Store

REASON_MAX = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """A subscriber that has copies."""

    holder: Subscriber
    entries: tuple[str, ...]
    """Keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a withdrawal will reach."""

    reached: tuple[Reached, ...]
    """Newest first."""
    outputs: dict[str, int]
    """Output → entries that will leave it."""
    releases: int
    """That stand now, or have stood."""
    copies: tuple[Copies, ...]
    """Subscribers that fetched documents with these entries, those with most of them first."""
    first_at: datetime | None = None
    """Since when any of them was public."""

    @property
    def fresh(self) -> int:
        """Entries that are not withdrawn already."""
        return sum(not one.withdrawn for one in self.reached)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a withdrawal did."""

    withdrawals: tuple[Withdrawal, ...]
    told: tuple[str, ...] = ()
    """Names of the subscribers to whom a mail goes."""
    untold: tuple[str, ...] = ()
    """Names of those that have copies, and cannot be written to from here."""
    act: str = ""
    """Id of the act; empty: all of it was withdrawn before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of withdrawal that still stands."""

    id: str
    at: datetime
    by: str
    reason: str
    entries: tuple[str, ...]
    titles: tuple[str, ...] = field(default=())
    """Of the first few."""


async def outlook(scope: Scope, world: World, store: Store) -> Outlook:
    """What a withdrawal of this scope will reach; changes nothing.

    Raises:
        UsageError: not exactly one scope is given, or it names what there is not.
    """
    reached = await reach(scope, world, store)
    standing = Counter(output for one in reached for output in one.outputs)
    past = await store.read(outputs.releases_of_all, [one.entry for one in reached])
    taken = await takers_of(past, store)
    known = {one.id: one for one in (await store.read(on_record.read)).values()} if taken else {}
    copies = [Copies(holder=known[id_], entries=tuple(keys)) for id_, keys in taken.items() if id_ in known]
    releases = [release for some in past.values() for release in some]
    return Outlook(
        reached=tuple(reached),
        outputs=dict(sorted(standing.items())),
        releases=len(releases),
        copies=tuple(sorted(copies, key=lambda one: (-len(one.entries), one.holder.name))),
        first_at=min((release.opened_at for release in releases), default=None),
    )


async def withdraw_and_tell(
    scope: Scope,
    reason: str,
    notice: str | None,
    by: str,
    world: World,
    store: Store,
    templates: Templates,
    now: datetime,
) -> Done:
    """Takes all of a scope out of every output for good, and writes to the subscribers that have copies.

    Webhooks, hubs and tombstones tell the rest by themselves.

    Args:
        notice: words to those who have copies, beside what the letter says anyway; None: nobody is written to.
    Raises:
        UsageError: as `outlook`, or no reason is given.
        TemplateError: the letter cannot be written; nothing is withdrawn then.
    """
    reason = reason.strip()
    if not reason:
        raise UsageError("why? The reason stands in the ledger, and tells those who look at it next year")
    if len(reason) > REASON_MAX or len(notice or "") > REASON_MAX:
        raise UsageError("the text is longer than %(reason_max)s characters; shorten it", reason_max=REASON_MAX)
    seen = await outlook(scope, world, store)
    fresh = [one for one in seen.reached if not one.withdrawn]
    if not seen.reached:
        raise UsageError("nothing is stored that this scope names")
    spoken = await store.read(outside.languages) if notice is not None and seen.copies else {}
    mails, told, untold = _notices(seen, notice, reason, spoken, world, templates, now)
    done = await withdraw_all(scope, reason, by, world, store, now)
    keys = [one.entry for one in seen.reached]
    await store.write(withdrawing.settle, keys, FlagKind.TAKEDOWN.value, mails, told, now)
    return Done(
        withdrawals=tuple(done),
        told=tuple(name for name, _ in told),
        untold=tuple(untold),
        act=act_id(now, by, reason) if fresh else "",
    )


def _notices(
    seen: Outlook,
    notice: str | None,
    reason: str,
    spoken: Mapping[str, str],
    world: World,
    templates: Templates,
    now: datetime,
) -> tuple[list[Outgoing], list[tuple[str, str]], list[str]]:
    """The mails to subscribers that have copies, (name, id) of those, and the names of those that get none.

    Args:
        spoken: by subscriber, in which language it applied.
    """
    settings = world.configuration.settings
    if notice is None:
        return [], [], []
    mails, told, untold = [], [], []
    known = {one.entry: one for one in seen.reached}
    for one in seen.copies:
        if not one.holder.contact or not post.can_mail(settings):
            untold.append(one.holder.name)
            continue
        mail = post.write_mail(
            "withdrawal",
            one.holder.contact,
            spoken.get(one.holder.id),
            settings,
            templates,
            name=one_line(one.holder.name),
            notice=notice.strip(),
            entries=[
                {"title": one_line(known[key].title) or "(untitled)", "url": known[key].url or ""}
                for key in one.entries[:50]
            ],
            total=len(one.entries),
        )
        mails.append(post.outgoing(mail, f"withdrawal:{act_id(now, one.holder.id, reason)}", now))
        told.append((one.holder.name, one.holder.id))
    return mails, told, untold


def act_id(at: datetime, by: str, reason: str) -> str:
    """The id of an act: 16 hex digits."""
    return blake2b(f"{at.isoformat()}\0{by}\0{reason}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


async def acts(store: Store, titles: int = 3) -> list[Act]:
    """All withdrawals that stand, as the acts that they were, the newest first.

    Args:
        titles: how many of each act's entries are named.
    """
    found: dict[str, list[Withdrawal]] = {}
    for one in (await store.withdrawals()).values():
        found.setdefault(act_id(one.at, one.by, one.reason), []).append(one)
    wanted = [one.entry for some in found.values() for one in some[:titles]]
    stored = await store.entries_by_key(sorted(wanted)) if wanted else {}
    made = [
        Act(
            id=id_,
            at=some[0].at,
            by=some[0].by,
            reason=some[0].reason,
            entries=tuple(one.entry for one in some),
            titles=tuple(stored[one.entry].entry.title for one in some[:titles] if one.entry in stored),
        )
        for id_, some in found.items()
    ]
    return sorted(made, key=lambda act: (act.at, act.id), reverse=True)


async def undo(id_: str, entries: Sequence[str], reason: str, by: str, store: Store, now: datetime) -> list[str]:
    """Ends the withdrawals of an act, or of some of its entries: they are decided anew at the next build.

    Returns:
        Keys of the entries.
    Raises:
        UsageError: there is no such act, or none of its entries is withdrawn any more.
    """
    act = next((one for one in await acts(store, 0) if one.id == id_), None)
    if act is None:
        raise UsageError("this withdrawal does not stand any more; somebody may have undone it")
    chosen = [key for key in act.entries if not entries or key in entries]
    restored = await store.restore(chosen, by, reason.strip()[:REASON_MAX], now)
    if not restored:
        raise UsageError("none of these entries is withdrawn; there is nothing to undo")
    return restored
