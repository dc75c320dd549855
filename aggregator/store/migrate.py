"""The schema: is it ours, and bring it up to date. Alembic, from inside the package: there is no ini file."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from aggregator.errors import SchemaError
from aggregator.store.address import Address, check_file, create_file, locate, prepare_folder
from aggregator.store.session import set_up_sqlite
from aggregator.store.trouble import is_transient, told

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
    "0021",
)
"""All that this program knows, oldest first. Written here too, so that a start with a schema that is up to date need
not load Alembic (0.2 s)."""
HEAD = REVISIONS[-1]
LOCK = 0x61676772
"""Number of PostgreSQL's advisory lock under which one process at a time changes the schema."""
_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps its context in module variables."""

UPGRADE = "run 'aggregator db upgrade' (or start with 'aggregator run', which does it)"


BEFORE_RESTORE = "before_restore"
"""The schema of PostgreSQL in which tables stand while a copy takes their place. Another schema of the copy, `jobs`,
becomes `before_restore_jobs`."""


def upgrade(url: str) -> str:
    """Brings the schema up to date; creates the folder and file of an SQLite database. May be run again, and by two
    processes at once.

    Returns:
        The revision that the schema has now.
    Raises:
        SchemaError: it was written by a newer program.
        StoreError: the database cannot be used.
    """
    address = locate(url)
    prepare_folder(address)
    check_file(address)
    create_file(address)
    engine = _engine(address)
    try:
        # SQLite does not wait where two processes turn one new file into a WAL database at once: it says "locked".
        for pause in (0.1, 0.3, 1.0, None):
            try:
                _upgrade(engine, address)
            except SQLAlchemyError as error:
                if pause is None or address.file is None or not is_transient(error):
                    raise told(address, error) from error
                time.sleep(pause)
            else:
                break
    finally:
        engine.dispose()
    return HEAD


def _upgrade(engine: Engine, address: Address) -> None:
    with _ONE_AT_A_TIME, engine.begin() as connection:
        # SQLite: the transaction began IMMEDIATE, so another process waits here, and then finds nothing to do.
        if address.file is None:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if _found(connection, address) != HEAD:
            _run(connection)


def check_exists(address: Address) -> None:
    """Refuses an SQLite file that is not there, which a driver would create empty.

    Raises:
        SchemaError: there is none.
    """
    if address.file is not None and not address.file.exists():
        raise SchemaError(f"database '{address.name}' does not exist yet; {UPGRADE}")


def check(connection: Connection, address: Address) -> None:
    """Refuses a schema that this program does not know.

    Raises:
        SchemaError: missing, older or newer.
    """
    found = _found(connection, address)
    if found is None:
        raise SchemaError(f"database '{address.name}' has no tables yet; {UPGRADE}")
    if found != HEAD:
        raise SchemaError(f"database '{address.name}' has the older schema '{found}'; {UPGRADE}")


def _found(connection: Connection, address: Address) -> str | None:
    """The schema's revision; None: there is none."""
    there = inspect(connection)
    if not there.has_table("alembic_version"):
        if address.file is None and BEFORE_RESTORE in there.get_schema_names():
            raise SchemaError(
                f"database '{address.name}' is in the middle of a restore that was broken off; what was there stands "
                f"in the schema '{BEFORE_RESTORE}', and 'aggregator db restore FILE' takes it from there"
            )
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if found is not None and found not in REVISIONS:
        raise SchemaError(
            f"database '{address.name}' was written by a newer aggregator (schema '{found}', this one knows '{HEAD}'); "
            "install that version, or restore a backup made by this one"
        )
    return None if found is None else str(found)


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _engine(address: Address) -> Engine:
    if address.file is None:
        return create_engine(address.url, connect_args={"connect_timeout": 10, "application_name": "aggregator"})
    engine = create_engine(address.url, connect_args={"isolation_level": None, "timeout": 10})
    set_up_sqlite(engine, "BEGIN IMMEDIATE")
    return engine
