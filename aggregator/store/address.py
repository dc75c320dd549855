"""Where the database is: the operator's URL, checked, and how it is named to people (never with its password)."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from aggregator.errors import StoreError

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "ceph", "glusterfs"})
"""SQLite's write-ahead log needs memory that all its processes share, and locks that hold."""
SQLITE_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A database that this program can use."""

    url: URL
    """With the driver."""
    name: str
    """For messages: the URL without its password."""
    file: Path | None
    """The SQLite file; None: PostgreSQL."""

    def without_password(self, message: str) -> str:
        """The first line of a driver's message, which may quote the connection string."""
        line = next((line.strip() for line in message.splitlines() if line.strip()), "no reason given")
        password = self.url.password
        return line.replace(str(password), "***") if password else line


def locate(url: str) -> Address:
    """Reads the operator's URL.

    Args:
        url: `sqlite:///PATH` or `postgresql://USER@HOST/NAME`.
    Raises:
        StoreError: it is neither.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text is not shown: whatever it is, it may hold a password.
        raise StoreError(f"the database address cannot be read; {_SHAPES}") from error
    backend = "postgresql" if parsed.drivername == "postgres" else parsed.get_backend_name()
    name = parsed.render_as_string(hide_password=True)
    if backend == "postgresql":
        return Address(url=parsed.set(drivername="postgresql+psycopg"), name=name, file=None)
    if backend != "sqlite":
        raise StoreError(f"database '{name}': '{backend}' is not supported; {_SHAPES}")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError(f"database '{name}' names no file; {_SHAPES}")
    return Address(url=parsed.set(drivername="sqlite"), name=name, file=Path(parsed.database))


_SHAPES = "write 'sqlite:///PATH' or 'postgresql://USER@HOST/NAME'"


def prepare_folder(address: Address) -> None:
    """Creates the folder of an SQLite file.

    Raises:
        StoreError: it cannot be created.
    """
    if address.file is None:
        return
    try:
        # Letters, accounts and what is held back are nobody's business who merely has an account on this machine.
        address.file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"database '{address.name}': folder '{address.file.parent}' cannot be created ({error.strerror}); "
            "create it, or name another file under 'database'"
        ) from error


def create_file(address: Address) -> None:
    """Creates an SQLite file that is not there yet, for its owner and group alone; the files beside it follow it."""
    if address.file is not None:
        with suppress(OSError):  # it is there, or SQLite says in a moment what is the matter
            os.close(os.open(address.file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640))


def check_file(address: Address) -> None:
    """Refuses a path that cannot be an SQLite database, before a driver says so in its own words.

    Raises:
        StoreError: a folder, a file that is no database, or a place where SQLite cannot be durable.
    """
    path = address.file
    if path is None:
        return
    if path.is_dir():
        raise StoreError(f"database '{address.name}' is a folder; name a file, such as '{path / 'aggregator.db'}'")
    kind = _file_system(path)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StoreError(
            f"database '{address.name}' is on a network file system ({kind}), where SQLite can lose data; "
            "use a local folder or PostgreSQL"
        )
    try:
        with path.open("rb") as file:
            head = file.read(len(SQLITE_MAGIC))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(
            f"database '{address.name}' cannot be read ({error.strerror}); make it readable and writable for this user"
        ) from error
    if head and head != SQLITE_MAGIC:
        raise StoreError(
            f"database '{address.name}' is no SQLite database; "
            "name another file, or move this one away ('aggregator db restore' brings back a copy)"
        )


def _file_system(path: Path) -> str:
    """Kind of the file system that holds a path, as Linux names it; empty where that is not known."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""  # not Linux
    place = path.absolute()
    points = [(fields[1].replace("\\040", " "), fields[2]) for fields in map(str.split, mounts) if len(fields) > 2]
    within = [(len(point), kind) for point, kind in points if place.is_relative_to(point)]
    return max(within, default=(0, ""))[1]
