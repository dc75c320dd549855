"""Changes to a configuration folder: gathered, checked whole, then written, or not at all.

    edit = Edit(folder)
    edit.add("sources", [{"id": "herald", "feed": "https://herald.example/rss"}])
    edit.save()

What is not changed keeps its bytes: comments, order, quoting, blank lines (see `splice`). Nothing that `load` would
refuse is ever written, nor over what somebody else has changed in the meantime.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aggregator.config import splice
from aggregator.config.load import files_of, load
from aggregator.config.read import BODY_BYTES_MAX, VALUES_MAX
from aggregator.config.settings import Configuration
from aggregator.errors import ConfigError, EditError, Problem, UsageError, Word

KINDS = ("sources", "policies", "outputs")
"""What has ids."""
_LISTED = frozenset({"sources", "outputs"})
"""Kinds that people keep in one list; of the others each has a file of its own."""
_BOM = "\ufeff"


@dataclass(slots=True)
class _File:
    path: Path
    before: bytes | None
    """As it was when it was read; None: it was not there."""
    text: str | None
    """As it shall be; None: it shall not be there."""
    bom: bool = False

    def body(self) -> bytes | None:
        return None if self.text is None else ((_BOM if self.bom else "") + self.text).encode()


@dataclass(slots=True)
class Edit:
    """Changes to one configuration folder that belong together. Nothing is written before `save`."""

    folder: Path
    _files: dict[Path, _File] = field(default_factory=dict)
    _typed: Path = field(init=False)

    def __post_init__(self) -> None:
        self._typed = self.folder
        self.folder = Path(os.path.abspath(self.folder))  # noqa: PTH100 -- a link to the folder keeps its own name

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────

    def files(self, kind: str) -> list[Path]:
        """The files that hold documents of a kind, as they will be."""
        new = [
            file.path for file in self._files.values() if file.before is None and _is_of(file.path, kind, self.folder)
        ]
        found = [*files_of(self.folder, kind), *(path for path in new)]
        return [path for path in dict.fromkeys(found) if self._file(path).text is not None]

    def documents(self, kind: str) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Every document of a kind as written, with its file.

        Raises:
            ConfigError: a file cannot be read as what it should be.
        """
        for path in self.files(kind):
            for document in self._told(path, splice.documents):
                yield path, document

    def place(self, kind: str, name: str) -> Path:
        """The file that holds a document.

        Raises:
            UsageError: there is none of this id.
            ConfigError: a file is not readable as it is.
        """
        return self._find(kind, name)[0]

    def text(self, path: Path) -> str:
        """The text of a file as it will be; empty where there is none."""
        return self._file(path).text or ""

    # ── changing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, kind: str, documents: Sequence[dict[str, Any]], path: Path | None = None) -> tuple[Path, ...]:
        """Adds documents behind all others of their kind.

        Args:
            kind: one of `KINDS`.
            documents: with their ids, in order.
            path: the file to write to; else the last list of sources or outputs, or `policies/ID.yaml` for a policy.
        Returns:
            The files that hold them.
        Raises:
            UsageError: an id is taken.
            ConfigError: a file is not readable as it is.
        """
        taken = {str(document.get("id")): file for file, document in self.documents(kind)}
        for document in documents:
            name = str(document["id"])
            if name in taken:
                raise UsageError(
                    "%(kind)s '%(name)s' is there already, in %(file)s; give another id",
                    kind=Word(_one(kind)),
                    name=name,
                    file=self.shown(taken[name]),
                )
            taken[name] = self.folder
        if path is None and self._each_alone(kind, len(documents)):
            return tuple(self._alone(kind, document) for document in documents)
        place = path or self._list_of(kind)
        written = []
        for part in _portions(documents, self._room(place)):
            if part:
                if self._file(place).text is None:
                    self._set(place, self._head(kind, place))
                self._set(place, self._told(place, partial(splice.append, new=part)))
                written.append(place)
            place = self._next(kind)
        return tuple(written)

    def remove(self, kind: str, name: str) -> Path:
        """Takes one document out. A file that held nothing else but it is deleted, unless it is a list.

        Raises:
            UsageError: there is none of this id.
            ConfigError: a file is not readable as it is.
        """
        path, index, _ = self._find(kind, name)
        if self.text(path).strip() and not self._is_list(path):
            self._set(path, None)
        else:
            self._set(path, self._told(path, lambda text: splice.remove(text, index)))
        return path

    def replace(self, kind: str, name: str, document: dict[str, Any]) -> Path:
        """Makes one document say something else; what stays the same in it keeps its comments and place.

        Raises:
            UsageError: there is none of this id.
            ConfigError: a file is not readable as it is, or would lose a comment.
        """
        path, index, _ = self._find(kind, name)
        self._set(path, self._told(path, lambda text: splice.replace(text, index, document)))
        return path

    def change(self, kind: str, name: str, keys: dict[str, Any]) -> Path:
        """Sets some keys of one document; None takes a key out."""
        _, _, document = self._find(kind, name)
        merged = {key: value for key, value in {**document, **keys}.items() if keys.get(key, "") is not None}
        return self.replace(kind, name, merged)

    def write(self, path: Path, text: str | None) -> None:
        """Gives a file a text as a person wrote it; None deletes it. `check` says what is wrong with it.

        Raises:
            UsageError: the path leads out of the folder, or to no configuration file.
        """
        whole = Path(os.path.abspath(self.folder / path))  # noqa: PTH100  likewise
        inside = whole.is_relative_to(self.folder) and whole.parent.resolve().is_relative_to(self.folder.resolve())
        if not inside or whole.suffix not in {".yaml", ".yml"} or whole.name.startswith("."):
            raise UsageError("'%(path)s' is no configuration file; name one such as policies/herald.yaml", path=path)
        self._set(whole, text)

    # ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def changed(self) -> tuple[Path, ...]:
        """Files that will be written or deleted, in the order of their first change."""
        return tuple(file.path for file in self._files.values() if file.body() != file.before)

    def check(self) -> Configuration:
        """The configuration as it will be.

        Raises:
            ConfigError: it could not be used; every problem is named.
        """
        return load(self._typed, {path: self._files[path].body() for path in self.changed})

    def save(self, judge: Callable[[Configuration], Sequence[Problem]] = lambda _: ()) -> tuple[str, ...]:
        """Checks everything, then writes: each file whole or not at all, in the order of the changes.

        Args:
            judge: names further problems, such as policy tests that fail.
        Returns:
            The files written, as the operator types them.
        Raises:
            ConfigError: the configuration could not be used afterwards; nothing was written.
            EditError: a file was changed by somebody else, or cannot be written; nothing was written.
        """
        if not self.changed:
            return ()
        problems = tuple(judge(self.check()))
        if problems:
            raise ConfigError(problems)
        files = [self._files[path] for path in self.changed]
        with self._alone_here():
            for file in files:
                if _body(file.path) != file.before:
                    raise EditError(
                        "%(file)s: was changed by somebody else meanwhile; nothing was written, try again",
                        file=self.shown(file.path),
                    )
            self._write(files)
        for file in files:
            file.before = file.body()
        return tuple(self.shown(file.path) for file in files)

    def shown(self, path: Path) -> str:
        """The path as the operator types it."""
        here = Path.cwd()
        near = self.folder.relative_to(here) if self.folder.is_relative_to(here) else self._typed
        return (near / path.relative_to(self.folder)).as_posix() if path.is_relative_to(self.folder) else str(path)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _file(self, path: Path) -> _File:
        if path not in self._files:
            body = _body(path)
            try:
                text = None if body is None else body.decode()
            except UnicodeDecodeError as error:
                raise ConfigError((self._problem(path, f"is not UTF-8 ({error.reason}); save it as UTF-8"),)) from error
            bom = text is not None and text.startswith(_BOM)
            self._files[path] = _File(path, body, text.removeprefix(_BOM) if text is not None else None, bom)
        return self._files[path]

    def _set(self, path: Path, text: str | None) -> None:
        self._file(path).text = text

    def _told(self, path: Path, change: Callable[[str], Any]) -> Any:
        """What a change makes of a file's text; its complaint with the file's name."""
        try:
            return change(self.text(path))
        except EditError as error:
            raise ConfigError((self._problem(path, str(error)),)) from error

    def _problem(self, path: Path, message: str) -> Problem:
        return Problem(file=self.shown(path), line=None, message=message)

    def _find(self, kind: str, name: str) -> tuple[Path, int, dict[str, Any]]:
        known = []
        for path in self.files(kind):
            for index, document in enumerate(self._told(path, splice.documents)):
                if document.get("id") == name:
                    return path, index, document
                known.append(f"'{document.get('id')}'")
        there = ", ".join(known[:20]) or "none"
        raise UsageError(
            "%(kind)s '%(name)s' is not configured; there is: %(there)s", kind=Word(_one(kind)), name=name, there=there
        )

    def _is_list(self, path: Path) -> bool:
        return bool(self._told(path, splice.is_list))

    def _each_alone(self, kind: str, count: int) -> bool:
        """Whether a document goes into a file of its own: policies do, and others where all of them have one."""
        files = self.files(kind)
        if kind not in _LISTED:
            return self.folder / f"{kind}.yaml" not in files
        return count == 1 and bool(files) and not any(map(self._is_list, files))

    def _alone(self, kind: str, document: dict[str, Any]) -> Path:
        path = self.folder / kind / f"{document['id']}.yaml"
        if self._file(path).text is not None:
            raise UsageError("%(file)s is there already; give another id", file=self.shown(path))
        self._set(path, self._head(kind, path) + splice.written(document))
        return path

    def _head(self, kind: str, path: Path) -> str:
        """The first line of a new file, by which editors know its keys; where the schemas lie in the folder."""
        if not (self.folder / "schemas").is_dir():
            return ""
        schema = os.path.relpath(self.folder / "schemas" / f"{kind}.json", path.parent)
        return f"# yaml-language-server: $schema={Path(schema).as_posix()}\n"

    def _list_of(self, kind: str) -> Path:
        """The last file of a kind that is a list; a new one where there is none."""
        lists = [path for path in self.files(kind) if self._is_list(path)]
        if lists:
            single = self.folder / f"{kind}.yaml"
            return single if single in lists else lists[-1]
        path = self.folder / f"{kind}.yaml"
        beside = (self.folder / kind).is_dir() or self._file(path).text is not None
        return self._next(kind) if beside else path

    def _next(self, kind: str) -> Path:
        """A new file in the kind's folder."""
        number = 1
        while self._file(place := self.folder / kind / f"more-{number}.yaml").text is not None:
            number += 1
        return place

    def _room(self, path: Path) -> tuple[int, int]:
        """How many (characters, values) a file may still take, with some to spare for edits by hand."""
        text = self.text(path)
        values = sum(_values(document) for document in self._told(path, splice.documents)) if text else 0
        return int(BODY_BYTES_MAX * 0.8) - len(text.encode()), int(VALUES_MAX * 0.8) - values

    @contextlib.contextmanager
    def _alone_here(self) -> Iterator[None]:
        """Lets one process at a time write to the folder."""
        try:
            handle = os.open(self.folder, os.O_RDONLY)
        except OSError as error:
            raise EditError(
                "%(file)s: cannot be opened: %(strerror)s", file=self._typed, strerror=error.strerror
            ) from error
        try:
            with contextlib.suppress(OSError):  # some network file systems know no locks; the comparison is left
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _write(self, files: Sequence[_File]) -> None:
        """Everything beside its place first, then each into its place by one rename."""
        ready: list[tuple[Path | None, Path]] = []
        try:
            for file in files:
                body = file.body()
                target = file.path.resolve() if file.path.is_symlink() else file.path
                ready.append((None if body is None else _beside(target, body), target))
            for made, target in ready:
                target.unlink() if made is None else made.replace(target)
        except OSError as error:
            _undo(files)
            place = self.shown(Path(error.filename or self.folder).parent)
            raise EditError(
                "%(place)s: cannot be written: %(strerror)s; give this user the right to write there, and try again",
                place=place,
                strerror=error.strerror,
            ) from error
        finally:
            for made, _ in ready:
                if made is not None:
                    made.unlink(missing_ok=True)
        for folder in {target.parent for _, target in ready}:
            _sync(folder)


def _beside(target: Path, body: bytes) -> Path:
    """A new file next to the target with the same rights, on the disk for good."""
    target.parent.mkdir(exist_ok=True)
    made = target.parent / f".{target.name}.{secrets.token_hex(4)}"
    try:
        old = target.stat()
    except FileNotFoundError:
        old = None
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            if old is not None:
                os.fchmod(stream.fileno(), stat.S_IMODE(old.st_mode))
                with contextlib.suppress(PermissionError):  # only root may give a file away
                    os.fchown(stream.fileno(), old.st_uid, old.st_gid)
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        made.unlink(missing_ok=True)
        raise
    return made


def _undo(files: Sequence[_File]) -> None:
    """Puts back what was written before something failed."""
    for file in files:
        with contextlib.suppress(OSError):  # what cannot be written was not written
            if file.path.exists() and file.before is None:
                file.path.unlink()
            elif file.before is not None and _body(file.path) != file.before:
                file.path.write_bytes(file.before)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # a file system that cannot: the files themselves are safe
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _body(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EditError("%(path)s: cannot be read: %(strerror)s", path=path, strerror=error.strerror) from error


def _is_of(path: Path, kind: str, folder: Path) -> bool:
    return path.parent == folder / kind or path == folder / f"{kind}.yaml"


def _one(kind: str) -> str:
    return "policy" if kind == "policies" else kind.removesuffix("s")


def _values(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_values, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(_values, value))
    return 1


def _portions(documents: Sequence[dict[str, Any]], room: tuple[int, int]) -> Iterator[list[dict[str, Any]]]:
    """The documents in portions that fit a file each, the first one into the room that is left."""
    characters, values = room
    portion: list[dict[str, Any]] = []
    for document in documents:
        size, count = len(repr(document).encode()) + 20, _values(document)
        if (characters < size or values < count) and (portion or room == (characters, values)):
            yield portion
            portion, characters, values = [], int(BODY_BYTES_MAX * 0.8), int(VALUES_MAX * 0.8)
        portion.append(document)
        characters, values = characters - size, values - count
    yield portion
