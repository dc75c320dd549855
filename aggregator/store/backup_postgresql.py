"""PostgreSQL's part of copies: its own tools, and what was there before kept until the copy has proved itself."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from aggregator.errors import StoreError, UsageError
from aggregator.store.migrate import BEFORE_RESTORE
from aggregator.store.trouble import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from aggregator.store.address import Address

TOOL_SECONDS = 24 * 3600
REPLACED = "replaced_by_restore"
"""What `BEFORE_RESTORE` is called once the copy has proved itself, until it is dropped: nobody takes it back then."""

_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
_OTHERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
AND application_name LIKE 'aggregator%' AND pid <> pg_backend_pid()
"""


def dump(address: Address, target: Path) -> None:
    """Writes a copy of the whole database.

    Raises:
        UsageError: `pg_dump` is missing.
        StoreError: it does not end well.
    """
    _run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"], address)


@contextlib.contextmanager
def replaced(address: Address, file: Path, force: bool) -> Iterator[None]:
    """Puts a copy in the place of what is there, to be looked over: if that raises, all is as it was before.

    `pg_restore --clean` will not do: it drops what the copy knows, and a newer program's tables, which refer to older
    ones, are in its way.

    Raises:
        UsageError: there is a database already, and `force` is not set; `pg_restore` is missing.
        StoreError: the copy is not sound, or the database is in use.
    """
    with file.open("rb") as opened:
        if opened.read(5) != b"PGDMP":
            raise StoreError(f"'{file}' is no copy made by pg_dump; for one of SQLite set 'database' to a file")
    # Readable to its table of contents, before anything is touched.
    listed = _run("pg_restore", ["--list", str(file)], None)
    schemas = re.findall(r"^\d+; \d+ \d+ SCHEMA - (\S+)", listed, re.MULTILINE)
    with _connected(address) as connection:
        if others := connection.execute(text(_OTHERS)).scalar_one():
            raise StoreError(f"database '{address.name}' is in use by {others} connections; stop the service first")
        _drop(connection, _named(connection, REPLACED))  # of one that was broken off when all was done
        _take_back(connection)  # of one that was broken off before
        if inspect(connection).has_table("alembic_version") and not force:
            raise UsageError(
                f"database '{address.name}' holds an installation already; "
                "stop the service and add --force to replace it"
            )
        _set_aside(connection, schemas)
    try:
        options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        _run("pg_restore", [*options, f"--dbname={address.url.database}", str(file)], address)
        yield
    except BaseException:
        with _connected(address) as connection:
            _take_back(connection)
        raise
    with _connected(address) as connection:
        for schema in _named(connection, BEFORE_RESTORE):
            done = REPLACED + schema.removeprefix(BEFORE_RESTORE)
            connection.execute(text(f"ALTER SCHEMA {_quoted(schema)} RENAME TO {_quoted(done)}"))
    with _connected(address) as connection:
        _drop(connection, _named(connection, REPLACED))


def _set_aside(connection: Connection, schemas: Sequence[str]) -> None:
    """Moves what is there out of the way; that copies no row."""
    connection.execute(text(f"CREATE SCHEMA {BEFORE_RESTORE}"))
    for table in _tables(connection, "public"):
        connection.execute(text(f"ALTER TABLE public.{_quoted(table)} SET SCHEMA {BEFORE_RESTORE}"))
    there = set(inspect(connection).get_schema_names())
    for schema in sorted(there.intersection(schemas)):
        connection.execute(text(f"ALTER SCHEMA {_quoted(schema)} RENAME TO {_quoted(f'{BEFORE_RESTORE}_{schema}')}"))


def _take_back(connection: Connection) -> None:
    """Undoes that, wherever it was broken off: what stands in its place came out of the copy."""
    aside = _named(connection, BEFORE_RESTORE)
    if BEFORE_RESTORE not in aside:
        return
    for table in _tables(connection, "public"):
        connection.execute(text(f"DROP TABLE public.{_quoted(table)} CASCADE"))
    for table in _tables(connection, BEFORE_RESTORE):
        connection.execute(text(f"ALTER TABLE {BEFORE_RESTORE}.{_quoted(table)} SET SCHEMA public"))
    for schema in aside:
        if schema == BEFORE_RESTORE:
            _drop(connection, [BEFORE_RESTORE])
        else:
            was = schema.removeprefix(f"{BEFORE_RESTORE}_")
            connection.execute(text(f"DROP SCHEMA IF EXISTS {_quoted(was)} CASCADE"))
            connection.execute(text(f"ALTER SCHEMA {_quoted(schema)} RENAME TO {_quoted(was)}"))


def _named(connection: Connection, head: str) -> list[str]:
    return [name for name in inspect(connection).get_schema_names() if re.fullmatch(rf"{head}(_.+)?", name)]


def _drop(connection: Connection, schemas: Sequence[str]) -> None:
    for schema in schemas:
        connection.execute(text(f"DROP SCHEMA {_quoted(schema)} CASCADE"))


def _tables(connection: Connection, schema: str) -> list[str]:
    """This user's, without those of extensions."""
    return list(connection.execute(text(_TABLES), {"schema": schema}).scalars())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextlib.contextmanager
def _connected(address: Address) -> Iterator[Connection]:
    """One transaction.

    Raises:
        StoreError: the server does not answer, or says no.
    """
    engine = create_engine(address.url, connect_args={"connect_timeout": 10, "application_name": "aggregator"})
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise told(address, error) from error
    finally:
        engine.dispose()


def _run(tool: str, options: Sequence[str], address: Address | None) -> str:
    """Runs one of PostgreSQL's own tools, and gives what it prints. Where and as whom stands in its environment:
    arguments are for all to see."""
    path = shutil.which(tool)
    if path is None:
        raise UsageError(
            f"'{tool}' is not on the PATH; install PostgreSQL's client programs of the server's version, "
            "or make the copy where they are (docs/operating.md)"
        )
    environ = dict(os.environ) if address is None else {**os.environ, **_connection(address)}
    # The path is the operator's own PATH's, the options are ours; there is no shell.
    done = subprocess.run(  # noqa: S603  see above
        [path, *options], env=environ, capture_output=True, text=True, timeout=TOOL_SECONDS, check=False
    )
    if done.returncode != 0:
        said = done.stderr if address is None else address.without_password(done.stderr)
        raise StoreError(f"{_in_a_line(tool, said) or f'{tool}: ended with {done.returncode}'}; nothing was changed")
    return done.stdout


def _in_a_line(tool: str, said: str) -> str:
    """What a tool said, without what it says in front of each line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if not lines:
        return ""
    first = re.sub(rf"^({tool}: )?(error: )?", "", lines[0])
    if "version mismatch" in first:
        # On the next line: "detail: server version: 18.4; pg_dump version: 15.18".
        versions = next((match[1] for line in lines if (match := re.search(r"detail: (.*)", line))), first)
        return f"{tool} is older than the server ({versions}); put the server's own version first on the PATH"
    if "unsupported version" in first:
        return f"{tool}: {first}; the copy was made by a newer pg_dump: put that version first on the PATH"
    return f"{tool}: {first}"


def _connection(address: Address) -> Mapping[str, str]:
    url = address.url
    host = url.host or url.query.get("host")
    given = {
        "PGHOST": host if isinstance(host, str) else None,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password is not None else None,
        "PGDATABASE": url.database,
        "PGCONNECT_TIMEOUT": "10",
    }
    more = {f"PG{key.upper()}": value for key, value in url.query.items() if key in ("sslmode", "sslrootcert")}
    return {key: str(value) for key, value in (given | more).items() if value is not None}
