"""The recorded fact that publishers were told: what discharges `notify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.errors import UsageError, Word
from aggregator.model.output import Notified
from aggregator.service.withdraw import find_entry

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.service.world import World
    from aggregator.store import Store


NOTE_MAX = 2_000
"""Characters."""


async def record_told(
    name: str, output: str, note: str, by: str, world: World, store: Store, now: datetime
) -> Notified:
    """Records that everybody who asks for word of an entry was told that it stands, or will stand, in an output.

    Args:
        note: how, and what was answered.
    Raises:
        UsageError: there is no such entry or output, or the note is too long.
    """
    if len(note) > NOTE_MAX:
        raise UsageError(
            "the %(what)s is longer than %(text_max)s characters; shorten it", what=Word("note"), text_max=NOTE_MAX
        )
    world.pick_outputs([output])
    stored = await find_entry(store, name)
    told = Notified(entry=stored.key, output=output, at=now, by=by, note=note.strip())
    await store.tell(told)
    return told
