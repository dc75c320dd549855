"""procrastinate's own tables: in a schema of their own, brought up to date by our command, looked at in plain SQL."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from procrastinate.schema import SchemaManager

from aggregator.errors import SchemaError, StoreError
from aggregator.store.address import locate
from aggregator.store.migrate import LOCK

if TYPE_CHECKING:
    import procrastinate

SCHEMA = "procrastinate"
_VERSION = re.compile(r"(\d\d)\.(\d\d)\.(\d\d)_(\d\d)_\w+\.sql")
Version = tuple[int, int, int]


def conninfo(url: str) -> str:
    """The configured address as libpq reads it."""
    return locate(url).url.set(drivername="postgresql").render_as_string(hide_password=False)


async def configure(connection: psycopg.AsyncConnection[Any]) -> None:
    """Sets a new connection up. Not by start-up options: connection poolers refuse those."""
    # Whose line goes dead between a statement and its commit would keep the job it just took from all others.
    await connection.set_autocommit(True)
    await connection.execute(b"SET search_path TO procrastinate")
    await connection.execute("SET lock_timeout = '20s'")
    await connection.execute("SET statement_timeout = '30s'")


def upgrade(url: str) -> None:
    """Creates procrastinate's tables, or brings them to the installed version. May be run again, and by two at once.

    Raises:
        SchemaError: they were made by a newer procrastinate.
        StoreError: the database cannot be used, or this user may not create a schema.
    """
    address = locate(url)
    try:
        with psycopg.connect(conninfo(url), connect_timeout=10, application_name="aggregator") as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            _upgrade(connection)
    except psycopg.Error as error:
        told = address.without_password(str(error))
        raise StoreError(
            f"database '{address.name}': {told}; the user needs the right to create the schema '{SCHEMA}'"
        ) from error


def _upgrade(connection: psycopg.Connection[Any]) -> None:
    newest = max((version for version, _ in _migrations()), default=(0, 0, 0))
    found = _found(connection)
    if found is not None and found > newest:
        raise SchemaError(f"schema '{SCHEMA}' was made by a newer procrastinate {_text(found)}; install that version")
    if found == newest:
        return
    connection.execute(b"CREATE SCHEMA IF NOT EXISTS procrastinate")
    connection.execute(b"SET LOCAL search_path TO procrastinate")
    if found is None:
        connection.execute(SchemaManager.get_schema().encode())
        connection.execute("CREATE TABLE installed (version text NOT NULL)")
        connection.execute("INSERT INTO installed VALUES (%s)", [_text(newest)])
        return
    for version, file in _migrations():
        if version > found:
            connection.execute(file.read_text(encoding="utf-8").encode())
    connection.execute("UPDATE installed SET version = %s", [_text(newest)])


def _found(connection: psycopg.Connection[Any]) -> Version | None:
    """The version of the tables that are there; None: there are none."""
    row = connection.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.installed"]).fetchone()
    if row is None or row[0] is None:
        return None
    version = connection.execute(b"SELECT version FROM procrastinate.installed").fetchone()
    major, minor, patch = (str(version[0]) if version else "0.0.0").split(".")
    return int(major), int(minor), int(patch)


def _migrations() -> list[tuple[Version, Path]]:
    """procrastinate's own, oldest first; within a version, those that go before its code first."""
    found = []
    for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
        if match := _VERSION.fullmatch(path.name):
            major, minor, patch, _ = map(int, match.groups())
            found.append(((major, minor, patch), path))
    return found


def _text(version: Version) -> str:
    return ".".join(map(str, version))


async def fill(app: procrastinate.App, most: int = 10_000) -> int:
    """How many jobs wait, counted up to a bound."""
    waiting = await app.connector.execute_query_one_async(
        "SELECT count(*) AS count FROM (SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' LIMIT %(most)s) AS w",
        most=most,
    )
    return int(waiting["count"])


async def forget_stuck(app: procrastinate.App, after: timedelta) -> None:
    """Deletes jobs that have been running for longer than any lease: their worker could not say that they had ended."""
    await app.connector.execute_query_async(
        """
        DELETE FROM procrastinate_jobs WHERE status = 'doing' AND id IN (
          SELECT job_id FROM procrastinate_events WHERE type = 'started' AND job_id IN (
            SELECT id FROM procrastinate_jobs WHERE status = 'doing'
          ) GROUP BY job_id HAVING max(at) < now() - make_interval(secs => %(seconds)s)
        )
        """,
        seconds=after.total_seconds(),
    )
