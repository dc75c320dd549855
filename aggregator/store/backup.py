"""Copies of a whole database, made while it is in use, and put back.

SQLite's are made by its own online backup and are one ordinary database file; PostgreSQL's by `pg_dump`, which must be
on the PATH. A copy is looked over before it is called one, and so is a file before it replaces anything.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, inspect, text

from aggregator.errors import StoreError, UsageError
from aggregator.store import backup_postgresql, ledger
from aggregator.store.address import SQLITE_MAGIC, locate, prepare_folder
from aggregator.store.migrate import HEAD, REVISIONS, upgrade

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from aggregator.store.address import Address

PAGES = 4096
"""Pages that SQLite copies at a time; writers get in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy that was made, or put back."""

    file: Path
    size: int
    """Bytes."""
    schema: str
    entries: int
    ledger: int
    """Records, each verified against the one before."""
    kept: Path | None = None
    """Where the database stands now that the copy has replaced; None: there was none, or it is PostgreSQL's."""


def back_up(url: str, file: Path, *, force: bool = False) -> Copied:
    """Copies a database into a file, while others read and write it.

    Raises:
        UsageError: the file is there already, and `force` is not set; `pg_dump` is missing.
        StoreError: the database cannot be read, or the copy is not sound; the file is then as it was before.
    """
    address = locate(url)
    if file.exists() and not force:
        raise UsageError(f"'{file}' is there already; name another file, or add --force to replace it")
    if not file.parent.is_dir():
        raise UsageError(f"folder '{file.parent}' is not there; make it, or name another file")
    part = file.with_name(f".{file.name}.part")
    try:
        if address.file is None:
            _begin(part)
            backup_postgresql.dump(address, part)
            found = _look(address)
        else:
            _copy_sqlite(address.file, part, "'aggregator doctor' looks it over")
            found = _examine(part)
        _durable(part)
        part.replace(file)
        _durable(file.parent)
    except OSError as error:
        raise StoreError(f"cannot write '{file}': {error.strerror or error}; name another place") from error
    finally:
        _remove(part)
    schema, entries, records = found
    return Copied(file=file, size=file.stat().st_size, schema=schema, entries=entries, ledger=records)


def restore(url: str, file: Path, *, force: bool = False) -> Copied:
    """Puts a copy in the place of the database, and brings it to this program's schema. Nothing may use it meanwhile.

    Raises:
        UsageError: there is a database already, and `force` is not set; the file is none; `pg_restore` is missing.
        StoreError: the copy is not sound, or the database is in use; the database is then as it was before.
    """
    address = locate(url)
    if not file.is_file():
        raise UsageError(f"there is no file '{file}'; name the one that 'aggregator db backup' wrote")
    kept: Path | None = None
    if address.file is None:
        with backup_postgresql.replaced(address, file, force):
            _, entries, records = _look(address)
            schema = upgrade(url)
    else:
        kept = _restore_sqlite(address, address.file, file, force)
        upgrade(url)
        schema, entries, records = _look(address)
    return Copied(file=file, size=file.stat().st_size, schema=schema, entries=entries, ledger=records, kept=kept)


# SQLite


def _copy_sqlite(source: Path, target: Path, remedy: str) -> None:
    _begin(target)
    try:
        with closing(_open_sqlite(source)) as ours, closing(sqlite3.connect(target)) as copy:
            ours.backup(copy, pages=PAGES, sleep=0.01)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    except sqlite3.Error as error:
        raise StoreError(f"'{source}' cannot be copied: {error}; {remedy}") from error


def _open_sqlite(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=10)
    connection.execute("PRAGMA busy_timeout = 10000")
    return connection


def _examine(path: Path) -> tuple[str, int, int]:
    """Schema, entries and ledger records of an SQLite file that is sound, down to its last page.

    Raises:
        StoreError: it is not.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"'{path}' cannot be read as a database: {error}; use another copy") from error
    if faults != ["ok"] or broken:
        what = faults[0] if faults != ["ok"] else "a row refers to one that is not there"
        raise StoreError(f"'{path}' is damaged: {' '.join(str(what).split())}; use another copy")
    engine = create_engine(f"sqlite:///{path.absolute()}")
    try:
        with engine.connect() as looked:
            return _known(looked, str(path))
    finally:
        engine.dispose()


def _restore_sqlite(address: Address, place: Path, file: Path, force: bool) -> Path | None:
    prepare_folder(address)
    if place.exists() and not force:
        raise UsageError(
            f"database '{address.name}' is there already; stop the service and add --force to replace it "
            "(it is kept beside the new one)"
        )
    with file.open("rb") as opened:
        if opened.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
            raise StoreError(f"'{file}' is no SQLite database; for a copy of PostgreSQL's set 'database' to that")
    part = place.with_name(f".{place.name}.part")
    try:
        _copy_sqlite(file, part, "use another copy")
        _examine(part)
        _hand_over(part, place)
        _durable(part)
        kept = _set_aside(place) if place.exists() else None
        part.replace(place)
        _durable(place.parent)
    except OSError as error:
        raise StoreError(f"cannot write '{place}': {error.strerror or error}; make its folder writable") from error
    finally:
        _remove(part)
    return kept


def _hand_over(part: Path, place: Path) -> None:
    """Gives the new database to whom the old one belongs, or its folder: root may restore for the service's user."""
    there = place.exists()
    old = (place if there else place.parent).stat()
    if there:
        part.chmod(stat.S_IMODE(old.st_mode))
    if (part.stat().st_uid, part.stat().st_gid) != (old.st_uid, old.st_gid):
        with suppress(PermissionError):  # who may not give it away keeps it
            os.chown(part, old.st_uid, old.st_gid)


def _set_aside(place: Path) -> Path:
    """Moves a database away that nobody uses; one that is damaged, too.

    Raises:
        StoreError: somebody uses it.
    """
    try:
        with closing(_open_sqlite(place)) as connection:
            # Leaving WAL needs the file for oneself: with a service on it this is refused.
            connection.execute("PRAGMA busy_timeout = 500")
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        if mode is None or str(mode[0]).lower() != "delete":
            raise StoreError(f"database '{place}' is in use; stop the service first")
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise StoreError(f"database '{place}' is in use; stop the service first") from error
    except sqlite3.DatabaseError:  # damaged: that is why it is being replaced
        pass
    aside = place.with_name(f"{place.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    number = 1
    while aside.exists():
        number += 1
        aside = place.with_name(f"{place.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{number}")
    for ending in ("-wal", "-shm", ""):
        beside = place.with_name(place.name + ending)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + ending))
    return aside


# Both


def _look(address: Address) -> tuple[str, int, int]:
    engine = create_engine(address.url)
    try:
        with engine.connect() as connection:
            return _known(connection, address.name)
    finally:
        engine.dispose()


def _known(connection: Connection, name: str) -> tuple[str, int, int]:
    """Schema, entries and ledger records, where they are this program's and the chain holds.

    Raises:
        StoreError: they are not, or it does not.
    """
    if not inspect(connection).has_table("alembic_version"):
        raise StoreError(f"'{name}' holds no installation of this program; use another copy")
    schema = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    if schema not in REVISIONS:
        raise StoreError(
            f"'{name}' was written by a newer aggregator (schema '{schema}', this one knows '{HEAD}'); "
            "install that version"
        )
    breaks = ledger.verify(connection)
    if breaks:
        raise StoreError(f"'{name}': the ledger does not hold: {breaks[0]}; use another copy")
    entries = connection.execute(text("SELECT count(*) FROM entries")).scalar_one()
    records = connection.execute(text("SELECT count(*) FROM ledger")).scalar_one()
    return schema, entries, records


def _begin(path: Path) -> None:
    """An empty file that nobody else may read: copies hold letters, accounts and addresses."""
    _remove(path)
    path.touch(mode=0o600, exist_ok=False)


def _durable(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).unlink()
