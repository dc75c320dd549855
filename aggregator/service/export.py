"""All that is public as files, for a web server or an object store that serves files."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import orjson

from aggregator.errors import UsageError
from aggregator.model.output import Access, Format
from aggregator.publishing.files import HALF, holds, remove, write_atomically
from aggregator.publishing.page import paged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from aggregator.service.world import World
    from aggregator.store import Store

    Pack = Callable[[bytes], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export did."""

    folder: str
    written: tuple[str, ...]
    """Paths below the folder whose bytes are new."""
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    """Those of the last export that are no longer public."""
    packed: int = 0
    """Files beside them that hold the same in another coding: `.gz`, `.br`, `.zst`."""


ENDINGS = {"gzip": ".gz", "br": ".br", "zstd": ".zst"}
"""What a coding is called in file names."""

MANIFEST = "feeds/.exported.json"
"""Names the files that the last export wrote, so that only such are ever taken away."""
UNFINISHED = "feeds/.unfinished"
"""There while files are written: where an export finds it, the last one was cut off, and a file and its codings may be
of two different exports."""
LOCK = "feeds/.lock"
"""Held while files are written: a second export waits, and then finds nothing to do."""

_WORD = r"[a-z0-9][a-z0-9-]*"
_NAME = re.compile(rf"(index\.html|outputs\.opml|(feeds|about)/({_WORD}/)*{_WORD}(\.{_WORD})?)(\.(gz|br|zst))?")
"""What an export may take away: a manifest is a file like any other, and may say anything."""


async def export(
    folder: Path, world: World, store: Store, pages: Mapping[str, bytes] | None = None, pack: Pack | None = None
) -> ExportReport:
    """Writes `feeds/OUTPUT.FORMAT` for every public output, and the pages around them.

    The caller builds first: what is written is what may be shown now, not what could be shown at the last build. An
    output with nothing in it has its files too. Each file is written whole or not at all; what has not changed is not
    touched; what the last export wrote and is no longer public is taken away. May run twice at once.

    Args:
        pages: further files by their path below the folder.
        pack: gives a body in other codings, by their names in HTTP; each becomes a file beside it. None: none does.
    Raises:
        UsageError: the folder cannot be written.
    """
    documents = {name: body async for name, body in _documents(world, store)}
    # A thread for all of it: many files, much compressing, and a lock to wait for.
    try:
        return await asyncio.to_thread(_write, folder, {**(pages or {}), **documents}, pack)
    except OSError as error:
        raise UsageError(
            "cannot write to '%(folder)s': %(error)s; name another folder", folder=folder, error=error.strerror or error
        ) from error


async def _documents(world: World, store: Store) -> AsyncIterator[tuple[str, bytes]]:
    for output in world.outputs.values():
        if output.access is not Access.PUBLIC:
            continue
        for format_ in output.formats:
            document = await store.document(output.id, format_)
            if document is None:
                continue
            if format_ is not Format.HTML:
                yield f"feeds/{output.id}.{format_}", without_hub(format_, document.body, world.own_hub)
                continue
            base = world.configuration.settings.server.public_url.rstrip("/")
            first, *others = paged(document.body, f"{base}/feeds/{output.id}", output.per_page)
            yield f"feeds/{output.id}.{format_}", first
            for number, body in enumerate(others, 2):
                yield f"feeds/{output.id}/page/{number}.{format_}", body


def without_hub(format_: Format, body: bytes, hub: str | None) -> bytes:
    """A document that does not name our own hub: where files are served, nobody takes subscriptions.

    Args:
        hub: its address; None: it names none of ours.
    """
    if hub is None:
        return body
    marks = {
        Format.RSS: f'<atom:link rel="hub" href="{escape(hub)}"/>',
        Format.ATOM: f'<link rel="hub" href="{escape(hub)}"/>',
        Format.JSON: f',"hubs":[{{"type":"WebSub","url":{orjson.dumps(hub).decode()}}}]',
    }
    # Its first place is the document's own head: entries come after it.
    return body.replace(marks[format_].encode(), b"", 1) if format_ in marks else body


def _write(folder: Path, files: Mapping[str, bytes], pack: Pack | None) -> ExportReport:
    packed = {f"{name}{ending}" for name in files for ending in ENDINGS.values()} if pack else set()
    now = {*files, *packed}
    with _alone(folder):
        before = _manifest(folder)
        cut_off = (folder / UNFINISHED).is_file()
        due = [name for name, body in files.items() if cut_off or not _is_there(folder, name, body, pack)]
        removed = sorted(before - now)
        written = set()
        if due or removed:
            # INVARIANT: whatever an export may leave behind is named before it is written, or, if this one is cut off,
            # the next would neither take away what is no longer public nor see which codings are of another body.
            write_atomically(folder / MANIFEST, orjson.dumps(sorted(before | now)))
            write_atomically(folder / UNFINISHED, b"")
            _take_away(folder, removed)
            if cut_off:
                _sweep(folder, before | now)
            written = {name for name in due if _put(folder, name, files[name], pack)}
        write_atomically(folder / MANIFEST, orjson.dumps(sorted(now)))
        remove(folder / UNFINISHED)
    return ExportReport(
        folder=str(folder),
        written=tuple(name for name in files if name in written),
        unchanged=tuple(name for name in files if name not in written),
        removed=tuple(name for name in removed if not name.endswith(tuple(ENDINGS.values()))),
        packed=len(packed),
    )


def _is_there(folder: Path, name: str, body: bytes, pack: Pack | None) -> bool:
    """Whether a file holds these bytes and has its codings beside it: they were written for it, by whoever did."""
    beside = ENDINGS.values() if pack else ()
    return holds(folder / name, body) and all((folder / f"{name}{ending}").is_file() for ending in beside)


def _put(folder: Path, name: str, body: bytes, pack: Pack | None) -> bool:
    """Writes a file and its codings; gives whether the file itself is new."""
    for coding, coded in pack(body).items() if pack else ():
        write_atomically(folder / f"{name}{ENDINGS[coding]}", coded)
    return write_atomically(folder / name, body)


def _take_away(folder: Path, removed: Sequence[str]) -> None:
    for name in removed:
        remove(folder / name)
    _leave_no_empty_folder(folder, removed)


def _sweep(folder: Path, names: Collection[str]) -> None:
    """Takes away what an export that was cut off had not put in its place yet."""
    for parent in {(folder / name).parent for name in names}:
        known = {PurePosixPath(name).name for name in (*names, MANIFEST, UNFINISHED)}
        for path in parent.glob(".*"):
            found = HALF.fullmatch(path.name)
            if found and found[1] in known:
                path.unlink(missing_ok=True)


def _leave_no_empty_folder(folder: Path, removed: Sequence[str]) -> None:
    """Takes away what held nothing but the files that were removed, such as the archive of an output that is gone."""
    parents = {parent for name in removed for parent in PurePosixPath(name).parents if len(parent.parts) > 1}
    for parent in sorted(parents, key=lambda one: len(one.parts), reverse=True):
        with contextlib.suppress(OSError):  # it holds something else, or somebody else took it away
            (folder / parent).rmdir()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Lets one export at a time write to a folder; it ends with the process, however that ends."""
    path = folder / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


try:
    import fcntl
except ImportError:  # not a Unix: each file is still whole, and the last export wins
    fcntl = None  # type: ignore[assignment]  # not on this system


def _manifest(folder: Path) -> set[str]:
    path = folder / MANIFEST
    if not path.is_file():
        return set()
    try:
        names = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return set()
    if not isinstance(names, list):
        return set()
    return {name for name in names if isinstance(name, str) and _NAME.fullmatch(name)}
