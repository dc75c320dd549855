"""The few places where the two databases' SQL differs, and statements without overhead."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Connection,
    Table,
    Text,
    any_,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

_AT_ONCE = 100
"""Rows of one statement: to hand over so many takes 5 ms."""

Insert = postgresql.Insert | sqlite.Insert


def insert(dialect: str, table: Table) -> Insert:
    """The dialect's INSERT, which knows ON CONFLICT."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def among(connection: Connection, column: ColumnElement[str], values: Iterable[str]) -> ColumnElement[bool]:
    """`column IN values`, as one parameter however many there are: no limit, and one prepared statement."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(list(values), postgresql.ARRAY(Text)))
    listed = func.json_each(literal(text_of(list(values)))).table_valued("value")
    return column.in_(select(listed.c.value))


def text_of(value: Any) -> str:
    """JSON as text."""
    return msgspec.json.encode(value).decode()


def digest_of(value: str) -> int:
    """A signed 64-bit digest: an index over it is small, however long the text."""
    raw = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "big", signed=True)


class Bulk:
    """One statement for many rows, compiled once for each dialect.

    Rows are tuples in the database's own types, in the order of `parameters`; so a row costs little more than
    the driver's executemany itself (SQLAlchemy's handling of each row's parameters costs about as much again).
    """

    def __init__(self, build: Callable[[str], ClauseElement], parameters: Sequence[str]) -> None:
        self._build = build
        self._parameters = list(parameters)
        self._compiled: dict[str, str] = {}

    def run(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Executes the statement for each row; no rows, no statement.

        With PostgreSQL's driver the event loop does a part of the work, so others get their turn in between.
        """
        if not rows:
            return
        text = self._text(connection)
        if (sqlite_ := _sqlite(connection)) is not None:
            with _told(connection, text):
                sqlite_.executemany(text, rows)
            return
        at_once = _AT_ONCE if connection.dialect.name == "postgresql" else len(rows)
        for at in range(0, len(rows), at_once or 1):
            connection.exec_driver_sql(text, list(rows[at : at + at_once]))

    def _text(self, connection: Connection) -> str:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            compiled = _compiled(self._build(dialect.name), connection)
            if compiled.positiontup != self._parameters:
                raise AssertionError(f"a bulk statement takes other parameters than its rows have: {compiled}")
            self._compiled[dialect.name] = str(compiled)
        return self._compiled[dialect.name]


class Query:
    """One statement that polls or builds execute again and again, compiled once for each dialect.

    To put a statement together, to find it in SQLAlchemy's cache and to give each value its type takes longer than
    SQLite takes to answer it. So what is given and what comes back are the database's own types, and SQLite's driver is
    asked itself (a fifth of what SQLAlchemy's handling of a statement costs).
    """

    def __init__(self, build: Callable[[str], ClauseElement]) -> None:
        """
        Args:
            build: the statement, by the name of a dialect.
        """
        self._build = build
        self._compiled: dict[str, tuple[str, list[str], dict[str, Any]]] = {}

    def rows(self, connection: Connection, **given: Any) -> Sequence[Any]:
        """Executes it with these parameters, and gives all rows as tuples."""
        text, values = self._prepared(connection, given)
        if (sqlite_ := _sqlite(connection)) is not None:
            with _told(connection, text):
                found: Sequence[Any] = sqlite_.execute(text, values).fetchall()
                return found
        return connection.exec_driver_sql(text, values or None).all()

    def run(self, connection: Connection, **given: Any) -> None:
        """Executes a statement that gives no rows."""
        text, values = self._prepared(connection, given)
        if (sqlite_ := _sqlite(connection)) is None:
            connection.exec_driver_sql(text, values or None)
            return
        with _told(connection, text):
            sqlite_.execute(text, values)

    def _prepared(self, connection: Connection, given: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
        name = connection.dialect.name
        if name not in self._compiled:
            compiled = _compiled(self._build(name), connection)
            fixed = {key: bind.value for key, bind in compiled.binds.items() if not bind.required}
            self._compiled[name] = str(compiled), list(compiled.positiontup or ()), fixed
        text, names, values = self._compiled[name]
        values = {**values, **given}
        return text, tuple([values[name] for name in names])


def upsert(dialect: str, table: Table, key: Sequence[str], others: Sequence[str]) -> ClauseElement:
    """A row, in place of the one with the same key."""
    new = insert(dialect, table).values({name: bindparam(name) for name in (*key, *others)})
    return new.on_conflict_do_update(index_elements=key, set_={name: new.excluded[name] for name in others})


def _sqlite(connection: Connection) -> Any:
    """SQLite's own connection; None: it is another database, or somebody listens to what is executed."""
    if connection.dialect.name != "sqlite" or connection.dispatch.before_cursor_execute:
        return None
    return connection.connection.dbapi_connection


class _told:  # noqa: N801  used like a function; a generator would cost more than the statement
    """Tells of a driver's trouble as SQLAlchemy does."""

    __slots__ = ("_connection", "_text")

    def __init__(self, connection: Connection, text: str) -> None:
        self._connection = connection
        self._text = text

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            dialect = self._connection.dialect
            raise DBAPIError.instance(self._text, (), error, sqlite3.Error, dialect=dialect) from error


def _compiled(statement: ClauseElement, connection: Connection) -> SQLCompiler:
    compiled = statement.compile(dialect=connection.dialect)
    if not isinstance(compiled, SQLCompiler):
        raise AssertionError(f"this is no statement with parameters: {compiled}")
    return compiled


def one_of(dialect: str, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """`column IN values` for a prepared statement: the parameter of that name takes what `packed` gives."""
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=postgresql.ARRAY(Text)))
    listed = func.json_each(bindparam(name, type_=Text)).table_valued("value")
    return column.in_(select(listed.c.value))


def packed(connection: Connection, values: Iterable[str]) -> list[str] | str:
    """Many values as the one parameter of `one_of`."""
    return list(values) if connection.dialect.name == "postgresql" else text_of(list(values))
