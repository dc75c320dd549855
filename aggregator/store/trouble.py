"""Trouble with the database: whose it is, whether it passes, and how it is told."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from aggregator.errors import StoreError

if TYPE_CHECKING:
    from aggregator.store.address import Address

SILENCE = 75.0
"""Seconds of one transaction after which the server is asked whether it still lives, and so again. It ends statements
itself before that; what this is for is a server that says nothing any more and holds its connections."""
_DISK_FULL = "53100"
_PASSING = ("locked", "busy", "is full", "disk I/O error")
"""What SQLite says of trouble around it, not in it: another process, or a file system that is full."""
TRANSIENT_SQLSTATES = ("08", "40", "53", "55P03", "57014", "57P")
"""Connection lost, deadlock or serialisation, out of resources, lock or statement timeout, shutting down."""


class UnavailableError(StoreError):
    """The database does not answer, or not in time: the same may succeed later."""


def is_trouble(error: Exception) -> bool:
    """Whether an error is the database's. SQLAlchemy wraps the driver's own, but for those of a connection that is
    being set up."""
    known = (SQLAlchemyError, UnicodeError, sqlite3.Error, TimeoutError)
    return isinstance(error, known) or _is_psycopgs(error)


def _is_psycopgs(error: object) -> bool:
    return type(error).__module__.startswith("psycopg")


def bars_writers_only(error: Exception) -> bool:
    """Whether readers may be answered all the same: then their success says nothing of it."""
    own = _own(error)
    return getattr(own, "sqlstate", None) == _DISK_FULL or isinstance(own, sqlite3.Error)


def is_transient(error: Exception) -> bool:
    """Whether the same transaction may succeed a little later."""
    if isinstance(error, PoolTimeoutError | TimeoutError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    own = _own(error)
    state = getattr(own, "sqlstate", None)
    if state is not None:
        return str(state).startswith(TRANSIENT_SQLSTATES)
    if _is_psycopgs(own):
        # Without a state the server was not reached, or the line went dead.
        return type(own).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout")
    return isinstance(own, sqlite3.Error) and any(passing in str(own) for passing in _PASSING)


def _own(error: BaseException) -> BaseException | None:
    """The driver's own error; None: it is not the driver's."""
    if isinstance(error, DBAPIError):
        return error.orig
    return error if isinstance(error, sqlite3.Error) or _is_psycopgs(error) else None


def told(address: Address, error: Exception) -> StoreError:
    """The error as one line: which database, what, and what to do."""
    kind = UnavailableError if is_transient(error) else StoreError
    reason = address.without_password(str(_own(error) or error) or f"no answer within {SILENCE:g} s")
    if address.file is not None:
        remedy = _sqlite_remedy(reason, address)
    elif is_transient(error):
        remedy = "check that the server runs and that name, user and password are right"
    else:
        remedy = "nothing of this was stored"
    return kind(f"database '{address.name}': {reason}; {remedy}")


def _sqlite_remedy(reason: str, address: Address) -> str:
    if "not a database" in reason or "malformed" in reason:
        return "restore it from a backup, or move it away and start with a new one"
    if "full" in reason:
        return "free some space; nothing of this was stored"
    if "I/O error" in reason:
        return "free some space, or look whether the disk or a limit on files fails; nothing of this was stored"
    if "locked" in reason:
        return "another process holds it for too long; end that one"
    if "unable to open" in reason or "readonly" in reason:
        return f"make folder '{address.file.parent if address.file else ''}' writable for this user"
    return "nothing of this was stored"
