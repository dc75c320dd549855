"""Entries that are read again and again: one value for as long as anybody has it.

Every build of every output reads its candidates anew, and nearly all of them are as they were. What is kept of entries
elsewhere (answers, pages, ways through hands) keeps the values that it was given: were each reading a value of its own,
all of those would stay, and an entry that ten builds looked at would be held ten times.
"""

from __future__ import annotations

from collections import deque
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.model.entry import StoredEntry

LAST = 4_096
"""How many of the entries that were made last are kept where nobody else has them: some 15 MB."""


class Same:
    """Makes entries of rows; those of equal rows are one."""

    def __init__(self, make: Callable[[tuple[Any, ...]], StoredEntry]) -> None:
        """
        Args:
            make: an entry from its row, whose first value is its facts, as text.
        """
        self._make = make
        self._alive: WeakValueDictionary[bytes, StoredEntry] = WeakValueDictionary()
        self._last: deque[StoredEntry] = deque(maxlen=LAST)

    def of(self, row: tuple[Any, ...]) -> StoredEntry:
        """The entry of a row in the database's own types. Any thread may ask."""
        # A digest: the row itself would take as much room again as the entry that is made of it.
        key = blake2b(f"{row[1:]}{row[0]}".encode(), digest_size=16).digest()
        found = self._alive.get(key)
        if found is None:
            found = self._alive[key] = self._make(row)
            self._last.append(found)
        return found
