"""Edits of the configuration at the pages: written like any other, recorded with who and what, in force at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aggregator.config.edit import Edit
from aggregator.errors import UsageError
from aggregator.intake.opml import OpmlRefusedError, read_opml
from aggregator.service.sources import add_source, import_list, remove_source, save
from aggregator.store import happenings, ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.service.discover import Candidate
    from aggregator.service.house import House
    from aggregator.service.sources import Added, ImportReport, Wish


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
        await _record(subject, by, files, what, house)
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


async def take_out(source: str, by: str, house: House) -> tuple[str, ...]:
    """Takes a source out of the configuration; what it brought leaves all outputs, and stays stored.

    Returns:
        The files that were written.
    Raises:
        UsageError: there is none of this id, or an output would select everything without it.
        ConfigError, EditError, StoreError: as `amend`.
    """
    files = await asyncio.to_thread(remove_source, source, house.world)
    await _record(f"source:{source}", by, files, {"removed": True}, house)
    return files


async def take_list(
    body: bytes, by: str, house: House, *, tags: Sequence[str] = (), policy: str | None, enabled: bool, dry: bool
) -> ImportReport:
    """Takes the feeds of somebody's subscription list (OPML) into the configuration, all that can be, in one edit.

    Args:
        tags, policy, enabled, dry: as `import_list`.
    Raises:
        UsageError: it is no list, or the policy is not there.
        ConfigError, EditError, StoreError: as `amend`.
    """
    try:
        found = await asyncio.to_thread(read_opml, body)
    except OpmlRefusedError as error:
        raise UsageError("the list %(error)s", error=error) from error
    report = await asyncio.to_thread(
        lambda: import_list(found, house.world, tags=tags, policy=policy, enabled=enabled, dry=dry)
    )
    if report.added and not report.dry:
        await _record("sources", by, report.files, {"imported": report.list or "", "added": report.added}, house)
    return report


async def ask_at_home(source: str, by: str, house: House) -> str:
    """Asks for a source at its configured address again, where a permanent redirect was believed.

    Returns:
        The address that is believed no more.
    Raises:
        UsageError: there is no such source, or it has not moved.
    """
    (known,) = house.world.pick_sources([source])
    forgotten = await house.store.write(happenings.forget_move, source, f"by {by}", house.clock())
    if forgotten is None:
        raise UsageError("source '%(id)s' has not moved; it is asked for at %(feed)s", id=source, feed=known.feed)
    return forgotten


async def _record(subject: str, by: str, files: tuple[str, ...], what: dict[str, Any], house: House) -> None:
    """Notes who edited the configuration, and takes it into force."""
    note = ledger.Note(kind=ledger.CONFIG, subject=subject, body={"by": by, "files": files, **what})
    await house.store.write(ledger.append, [note], house.clock())
    await house.refresh()
