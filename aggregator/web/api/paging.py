"""Lists in pages: an opaque cursor names the last item that was seen, so nothing is skipped or told twice when the
list changes meanwhile."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from pydantic import Field

from aggregator.web.api.operation import Call, Reply
from aggregator.web.api.problem import Refused, Wrong
from aggregator.web.api.shapes import Answer, Number, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

LIMIT, LIMIT_MAX = 50, 200

T = TypeVar("T")
A = TypeVar("A", bound=Answer)


class Paged(Query):
    """Which part of a list."""

    limit: Number = Field(LIMIT, ge=1, le=LIMIT_MAX)
    """How many items at most."""
    after: str | None = Field(None, max_length=1000, pattern=r"^[A-Za-z0-9_-]*$")
    """`next` of the page before; left out: from the beginning."""


class Page(Answer):
    """A part of a list."""

    next: str | None
    """Where the list goes on: give it as `after`. Null: this is its end."""


def cursor(of: str, *place: str | int | datetime) -> str:
    """The cursor behind an item of a list."""
    told = [of, *((one.isoformat() if isinstance(one, datetime) else one) for one in place)]
    return base64.urlsafe_b64encode(orjson.dumps(told)).rstrip(b"=").decode()


def place(of: str, text: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """What a cursor of this list says; None: it was not given.

    A cursor gives nothing that its bearer could not ask for without it; so it is checked for sense, not signed.

    Raises:
        Refused: it is none of ours, or of another list.
    """
    if not text:
        return None
    try:
        told = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(told, list) or told[:1] != [of] or len(told) != len(kinds) + 1:
            raise ValueError
        return tuple(_as(kind, value) for kind, value in zip(kinds, told[1:], strict=True))
    except (ValueError, binascii.Error) as error:
        wrong = Wrong(detail="after: is no cursor of this list", parameter="after")
        raise Refused(409, "'after' is no cursor of this list; take 'next' of a page of it", [wrong]) from error


def _as(kind: type, value: Any) -> Any:
    if kind is datetime:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        if at is None or at.tzinfo is None:
            raise ValueError
        return at.astimezone(UTC)
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ValueError
    if (isinstance(value, int) and abs(value) > 2**53) or (isinstance(value, str) and "\0" in value):
        raise ValueError
    return value


def page_of(items: Iterable[T], key: Callable[[T], str], query: Paged, of: str) -> tuple[list[T], str | None]:
    """A page of a list that is in memory as a whole, by its key upwards."""
    after = place(of, query.after, str)
    ordered = sorted(items, key=key)
    if after is not None:
        ordered = [item for item in ordered if key(item) > after[0]]
    shown = ordered[: query.limit]
    return shown, cursor(of, key(shown[-1])) if len(ordered) > len(shown) else None


def cut(found: Sequence[T], limit: int, behind: Callable[[T], str]) -> tuple[list[T], str | None]:
    """The page and its cursor, of a list that was read one item longer than the page."""
    shown = list(found[:limit])
    return shown, behind(shown[-1]) if len(found) > limit else None


def linked(call: Call[Any, Any], page: Page) -> Reply:
    """A page, with the next one named in the header, too (RFC 8288)."""
    if page.next is None:
        return Reply(answer=page)
    url = call.request.rel_url.update_query({"after": page.next})
    address = f"{call.house.public_url()}{url.raw_path}?{url.raw_query_string}"
    return Reply(answer=page, headers={"Link": f'<{address}>; rel="next"'})
