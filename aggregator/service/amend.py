"""Edits of the configuration at the pages: written like any other, recorded with who and what, in force at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aggregator.config.edit import Edit
from aggregator.service.sources import add_source, save
from aggregator.store import ledger

if TYPE_CHECKING:
    from aggregator.service.discover import Candidate
    from aggregator.service.house import House
    from aggregator.service.sources import Added, Wish


async def amend(edit: Edit, subject: str, by: str, what: dict[str, Any], house: House) -> tuple[str, ...]:
    """Saves an edit, records it, and takes it into force in this process; others see it by themselves.

    Args:
        subject: what the ledger's record is about: `policy:ID`, `source:ID`.
        what: its body, beside `by` and `files`.
    Returns:
        The files that were written, as the operator types them; none: nothing changed.
    Raises:
        ConfigError: the configuration could not be used afterwards; nothing was written.
        EditError: a file was changed by somebody else, or cannot be written; nothing was written.
        StoreError: the files are written, and the ledger could not be.
    """
    files = await asyncio.to_thread(save, edit)
    if files:
        note = ledger.Note(kind=ledger.CONFIG, subject=subject, body={"by": by, "files": files, **what})
        await house.store.write(ledger.append, [note], house.clock())
        await house.refresh()
    return files


async def take_in(candidate: Candidate, wish: Wish, by: str, house: House) -> Added:
    """Adds a feed that was found to the configuration.

    Raises:
        UsageError: its address or id is taken.
        ConfigError, EditError, StoreError: as `amend`.
    """
    now = house.clock()
    added = await asyncio.to_thread(add_source, candidate, wish, house.world, now)
    body = {"by": by, "files": added.files, "added": added.feed}
    notes = [ledger.Note(kind=ledger.CONFIG, subject=f"source:{added.id}", body=body)]
    if added.new_policy:
        notes.append(ledger.Note(kind=ledger.CONFIG, subject=f"policy:{added.policy}", body=body))
    await house.store.write(ledger.append, notes, now)
    await house.refresh()
    return added


async def set_enabled(source: str, enabled: bool, by: str, house: House) -> None:
    """Pauses a source (`enabled: false`: neither polled nor published), or resumes it.

    Raises:
        UsageError: there is none of this id.
        ConfigError, EditError, StoreError: as `amend`.
    """
    edit = Edit(house.world.configuration.folder)
    edit.change("sources", source, {"enabled": None if enabled else False})
    await amend(edit, f"source:{source}", by, {"enabled": enabled}, house)
