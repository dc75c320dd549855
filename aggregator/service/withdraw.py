"""What people rule by hand: an entry is picked for an output, or taken out everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.errors import UsageError
from aggregator.model.output import Approval, Withdrawal
from aggregator.rights.approval import approval_digest

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.model.entry import StoredEntry
    from aggregator.service.world import World
    from aggregator.store import Store


async def find_entry(store: Store, name: str) -> StoredEntry:
    """The one entry of that name (ruling 25).

    Args:
        name: internal id, `SOURCE:ID`, the feed's own id, or the entry's URL.
    Raises:
        UsageError: there is none, or more than one.
    """
    found = await store.find(name)
    if not found:
        raise UsageError(f"no entry is called '{name}'; 'aggregator entries list' shows those that there are")
    if len(found) > 1:
        names = ", ".join(f"{stored.key} ({stored.entry.source})" for stored in found[:10])
        raise UsageError(f"'{name}' names {len(found)} entries; say which by its internal id: {names}")
    return found[0]


async def approve(name: str, output: str, by: str, world: World, store: Store, now: datetime) -> Approval:
    """Picks an entry for an output, until its origin, licence or notice changes (ruling 22).

    Raises:
        UsageError: there is no such entry or output.
    """
    world.pick_outputs([output])
    stored = await find_entry(store, name)
    approval = Approval(entry=stored.key, output=output, digest=approval_digest(stored.entry), at=now, by=by)
    await store.approve(approval)
    return approval


async def withdraw(name: str, reason: str, by: str, store: Store, now: datetime) -> Withdrawal:
    """Takes an entry out of every output for good; it cannot come back with the next poll (ruling 17).

    Raises:
        UsageError: there is no such entry.
    """
    stored = await find_entry(store, name)
    withdrawal = Withdrawal(entry=stored.key, at=now, by=by, reason=reason)
    await store.withdraw(withdrawal)
    return withdrawal
