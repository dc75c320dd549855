"""How a database is: its version, its settings, whether it is sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import text

from aggregator.store.migrate import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

SQLITE_LEAST = (3, 35)
"""RETURNING, which claims are made with."""
POSTGRESQL_LEAST = 130_000
CHECKED_MAX = 2_000_000_000
"""Bytes of a file that is read whole: half a minute of a slow disk. 15 GB took minutes, in which nothing was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    state: Literal["ok", "warning", "problem"]
    what: str
    remedy: str = ""


def look_over(connection: Connection) -> list[Fact]:
    """What there is to say of a database whose schema is this program's."""
    looked = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    return [*looked(connection), Fact(state="ok", what=f"schema {HEAD}, as this program has it")]


def _sqlite(connection: Connection) -> Iterator[Fact]:
    version = str(connection.execute(text("SELECT sqlite_version()")).scalar_one())
    mode = str(connection.execute(text("PRAGMA journal_mode")).scalar_one())
    if tuple(int(part) for part in version.split(".")[:2]) < SQLITE_LEAST:
        remedy = "install a Python with SQLite 3.35 or newer"
        yield Fact(state="problem", what=f"SQLite {version} is too old", remedy=remedy)
    elif mode != "wal":
        yield Fact(
            state="warning",
            what=f"SQLite {version} with journal mode '{mode}': readers wait for writers",
            remedy="move the database to a local disk; the service sets WAL when it starts",
        )
    else:
        yield Fact(state="ok", what=f"SQLite {version}, write-ahead log")
    size = connection.execute(
        text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    ).scalar_one()
    if size > CHECKED_MAX:
        what = f"the file was not read page by page, for its {size / 1e9:.0f} GB; 'aggregator db backup' does that"
        yield Fact(state="ok", what=what)
        return
    faults = [str(row[0]) for row in connection.execute(text("PRAGMA quick_check(3)"))]
    if faults != ["ok"]:
        yield Fact(
            state="problem",
            what=f"the file is damaged: {' '.join(faults[0].split())}",
            remedy="stop the service and restore a backup: aggregator db restore FILE --force",
        )
    else:
        yield Fact(state="ok", what="the file is sound")


def _postgresql(connection: Connection) -> Iterator[Fact]:
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    version = connection.execute(text("SHOW server_version")).scalar_one()
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if number < POSTGRESQL_LEAST:
        yield Fact(state="problem", what=f"PostgreSQL {version} is too old", remedy="upgrade it to 13 or newer")
    else:
        yield Fact(state="ok", what=f"PostgreSQL {version}")
    if encoding != "UTF8":
        yield Fact(
            state="problem",
            what=f"the database's encoding is {encoding}",
            remedy="make it anew with ENCODING 'UTF8' and restore a backup into it",
        )
    used, most = connection.execute(
        text("SELECT (SELECT count(*) FROM pg_stat_activity), current_setting('max_connections')::int")
    ).one()
    if used > 0.8 * most:
        yield Fact(
            state="warning",
            what=f"{used} of {most} connections are in use",
            remedy="raise max_connections, or run fewer processes: each takes up to 8",
        )
