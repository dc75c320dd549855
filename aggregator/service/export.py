"""All public outputs as files, for a web server that serves files."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from aggregator.errors import UsageError
from aggregator.model.output import Access
from aggregator.publishing.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from aggregator.service.world import World
    from aggregator.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export did."""

    folder: str
    written: tuple[str, ...]
    """Paths below the folder whose bytes are new."""
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    """Feeds of outputs that are no longer configured or no longer public."""


async def export(folder: Path, world: World, store: Store) -> ExportReport:
    """Writes `feeds/OUTPUT.FORMAT` for every public output; an output with nothing in it has its files too.

    The caller builds first: what is written is what may be shown now, not what could be shown at the last build.

    Raises:
        UsageError: the folder cannot be written.
    """
    written: list[str] = []
    unchanged: list[str] = []
    try:
        before = await asyncio.to_thread(_manifest, folder)
        for output in world.outputs.values():
            if output.access is not Access.PUBLIC:
                continue
            for format_ in output.formats:
                document = await store.document(output.id, format_)
                if document is None:
                    continue
                name = f"feeds/{output.id}.{format_}"
                changed = await asyncio.to_thread(write_atomically, folder / name, document.body)
                (written if changed else unchanged).append(name)
        now = {*written, *unchanged}
        removed = await asyncio.to_thread(_remove, folder, sorted(before - now))
        await asyncio.to_thread(write_atomically, folder / MANIFEST, orjson.dumps(sorted(now)))
    except OSError as error:
        raise UsageError(f"cannot write to '{folder}': {error.strerror or error}; name another folder") from error
    return ExportReport(folder=str(folder), written=tuple(written), unchanged=tuple(unchanged), removed=removed)


MANIFEST = "feeds/.exported.json"
"""Names the files that the last export wrote, so that only such are ever taken away."""

_NAME = re.compile(r"feeds/[a-z0-9-]+\.(rss|atom|json|html)")


def _manifest(folder: Path) -> set[str]:
    path = folder / MANIFEST
    if not path.is_file():
        return set()
    try:
        names = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return set()
    return (
        {name for name in names if isinstance(name, str) and _NAME.fullmatch(name)}
        if isinstance(names, list)
        else set()
    )


def _remove(folder: Path, names: list[str]) -> tuple[str, ...]:
    for name in names:
        (folder / name).unlink(missing_ok=True)
    return tuple(names)
