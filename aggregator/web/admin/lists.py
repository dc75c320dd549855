"""Lists in pages: what an address says of order, filter and place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Generic, TypeVar

T = TypeVar("T")

PAGE = 50
_WORD_MAX = 200


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """One page of a list that is counted."""

    rows: Sequence[T]
    total: int
    """Of all pages."""
    page: int
    """From 1."""
    size: int = PAGE
    """Rows of a full page."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def paged(rows: Sequence[T], page: int) -> Paged[T]:
    """A page of a list; one behind the last is the last."""
    page = min(max(page, 1), max(1, -(-len(rows) // PAGE)))
    return Paged(rows[(page - 1) * PAGE : page * PAGE], len(rows), page)


def said(query: Mapping[str, str], name: str) -> str:
    """A text of an address, trimmed."""
    return query.get(name, "").strip()[:_WORD_MAX]


def one_of(query: Mapping[str, str], name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A word of an address that is one of those that are known."""
    value = query.get(name, otherwise)
    return value if value in set(known) else otherwise


def page_of(query: Mapping[str, str]) -> int:
    """The number of a page; what is no number is the first."""
    number = query.get("page", "1")
    return int(number) if number.isdecimal() and number.isascii() and len(number) < 7 else 1


def ordered(rows: Iterable[T], order: str, keys: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """Rows by the column that an order names; `-` before it turns it round. Of an unknown one they stay as they are."""
    key = keys.get(order.removeprefix("-"))
    return list(rows) if key is None else sorted(rows, key=key, reverse=order.startswith("-"))


def holds(words: str, *texts: str) -> bool:
    """Whether each word stands in one of the texts, whatever its case."""
    whole = "\n".join(texts).casefold()
    return all(word in whole for word in words.casefold().split())


def day_start(text: str, after: int = 0) -> datetime | None:
    """Midnight (UTC) of a day as a form sends it, so many days later; None: it is no day."""
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=after), time(), UTC)
    except (ValueError, OverflowError):
        return None
