"""The few places where the two databases' SQL differs, and bulk statements without overhead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import ClauseElement, ColumnElement, Connection, Table, Text, any_, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

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
        """Executes the statement for each row; no rows, no statement."""
        if rows:
            connection.exec_driver_sql(self._text(connection), list(rows))

    def _text(self, connection: Connection) -> str:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            compiled = self._build(dialect.name).compile(dialect=dialect)
            if not isinstance(compiled, SQLCompiler) or compiled.positiontup != self._parameters:
                raise AssertionError(f"a bulk statement takes other parameters than its rows have: {compiled}")
            self._compiled[dialect.name] = str(compiled)
        return self._compiled[dialect.name]
